package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/rulebook"
	"panah/rules"
)

// The rulebook of the papers check. Every desk brings the one that its program was built with; a keeper may adopt another for the whole organisation (docs/formats-events.md, section 7).

// shipped reads the program's own rulebook, once.
var shipped = sync.OnceValues(rules.Rulebook)

// An AdoptedBook is a rulebook that somebody adopted.
type AdoptedBook struct {
	Version string
	Read    string // day on which its sources were read last; may be ""
	By      string // name; "" for a desk that nobody is named at
	At      time.Time
	Why     string // in the adopter's words
}

// A PassedOver is a rulebook that somebody adopted and that counts for nothing here.
type PassedOver struct {
	AdoptedBook
	Reason string     // "desk", "left", "unsigned", "broken", "person"
	Hash   event.Hash // of its event
	Again  bool       // it is good but for who sent it: a keeper may adopt it
}

// RulebookState is which rulebook holds, and why.
type RulebookState struct {
	Book    *rulebook.Book
	Files   rulebook.Source
	Adopted *AdoptedBook // nil: the program's own
	Shipped string       // version of the program's own
	Newer   bool         // the sources of the program's own were read later than those of the adopted one
	Passed  []PassedOver // said since the one that holds was adopted; newest first
	Public  PublicBook
	Keeper  bool // who looks may put another in its place
}

// Rulebook is the rulebook that this desk uses now: the one that a keeper adopted, else the program's own.
func (o *Office) Rulebook(ctx context.Context) (book *rulebook.Book, err error) {
	err = o.in(func(r *room) error {
		book, _, _, err = r.rulebook(ctx)
		return err
	})
	return book, err
}

// RulebookState tells which rulebook holds, who adopted it, and which do not count.
func (o *Office) RulebookState(ctx context.Context) (s RulebookState, err error) {
	err = o.in(func(r *room) error {
		s, err = r.rulebookState(ctx)
		s.Keeper = r.adopts(ctx) == nil
		return err
	})
	return s, err
}

// rulebook is the book in use, with its files, and the event that adopted it (nil: the program's own).
func (r *room) rulebook(ctx context.Context) (book *rulebook.Book, files rulebook.Source, by *fold.Book, err error) {
	_, sure, err := r.staff(ctx)
	if err != nil {
		return nil, files, nil, err
	}
	adopted, ok := sure.Book()
	if !ok {
		book, err = shipped()
		return book, rules.RulebookFiles(), nil, err
	}
	book, files, err = r.shelf(adopted)
	return book, files, &adopted, err
}

// shelf is an adopted book, read once as long as it is the one in use.
func (r *room) shelf(adopted fold.Book) (*rulebook.Book, rulebook.Source, error) {
	r.staffing.mu.Lock()
	defer r.staffing.mu.Unlock()
	l := &r.staffing.books
	if l.book != nil && l.inUse == adopted.Hash {
		return l.book, l.files, nil
	}
	b, err := unpackBook(adopted.Files)
	if err != nil {
		return nil, rulebook.Source{}, err
	}
	files := filesOf(b)
	book, problems := rulebook.Parse(files)
	if book == nil { // it was read when its event came in
		return nil, files, fmt.Errorf("reading the adopted rulebook: %v", problems)
	}
	l.inUse, l.book, l.files = adopted.Hash, book, files
	return book, files, nil
}

func (r *room) rulebookState(ctx context.Context) (s RulebookState, err error) {
	own, err := shipped()
	if err != nil {
		return s, err
	}
	book, files, by, err := r.rulebook(ctx)
	if err != nil {
		return s, err
	}
	names, err := r.names(ctx)
	if err != nil {
		return s, err
	}
	s = RulebookState{Book: book, Files: files, Shipped: own.Version()}
	since := time.Time{}
	if by != nil {
		a := adoptedBook(by.BookSet, by.By, by.At, names)
		s.Adopted, since = &a, by.At
		s.Newer = own.ReadOn().After(book.ReadOn())
	}
	if s.Passed, err = r.passedOver(ctx, since, names); err != nil {
		return s, err
	}
	s.Public, err = r.publicBook(ctx)
	return s, err
}

func adoptedBook(b event.BookSet, by event.Staff, at time.Time, names map[event.Staff]string) AdoptedBook {
	return AdoptedBook{Version: b.Version, Read: b.Read, By: names[by], At: at, Why: b.Why}
}

// passedOver lists what was said since a moment and does not count, newest first.
func (r *room) passedOver(ctx context.Context, since time.Time, names map[event.Staff]string) (list []PassedOver, err error) {
	_, sure, err := r.staff(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range sure.Books {
		if b.Refused != "" {
			list = append(list, PassedOver{AdoptedBook: adoptedBook(b.BookSet, b.By, b.At, names), Reason: bookPerson, Hash: b.Hash})
		}
	}
	r.staffing.mu.Lock()
	for _, p := range r.staffing.passed {
		if b, is := p.Body.(event.BookSet); is {
			_, err := unpackBook(b.Files)
			list = append(list, PassedOver{AdoptedBook: adoptedBook(b, p.Author, p.At, names), Reason: p.why, Hash: p.Hash, Again: p.why == bookLeft && err == nil})
		}
	}
	r.staffing.mu.Unlock()
	list = slices.DeleteFunc(list, func(p PassedOver) bool { return !p.At.After(since) })
	slices.SortStableFunc(list, func(a, b PassedOver) int { return b.At.Compare(a.At) })
	return list, nil
}

// errPassed says that there is no such rulebook to adopt again.
var errPassed = errors.New("this rulebook was not passed over")

// PassedFiles are the files of a rulebook that was passed over because its desk left: a keeper may look at them and adopt them anew. The error wraps ErrNotFound.
func (o *Office) PassedFiles(ctx context.Context, h event.Hash) (files rulebook.Source, err error) {
	err = o.in(func(r *room) error {
		if _, _, err := r.staff(ctx); err != nil {
			return err
		}
		r.staffing.mu.Lock()
		defer r.staffing.mu.Unlock()
		for _, p := range r.staffing.passed {
			b, is := p.Body.(event.BookSet)
			if !is || p.Hash != h || p.why != bookLeft {
				continue
			}
			signed, err := unpackBook(b.Files)
			files = filesOf(signed)
			return err
		}
		return fmt.Errorf("%w: %w", ErrNotFound, errPassed)
	})
	return files, err
}
