package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/rulebook"
	"panah/core/wire"
)

// Errors of adopting a rulebook.
var (
	ErrBook     = errors.New("this rulebook has errors; nothing was changed")
	ErrBookSize = errBookSize
	ErrSameBook = errors.New("this is the rulebook that holds already")
)

// A BookTrial is what a rulebook would be before anybody adopts it.
type BookTrial struct {
	Version  string
	Book     *rulebook.Book     // nil: it has errors
	Problems []rulebook.Problem // errors and warnings
	Misfit   string             // what of it a case could not keep; "" for nothing
	Unshown  string             // why the public page could not answer by it, English; "" when it can
	Tests    BookTests
	Changes  []BookChange // against the rulebook in use
	Older    bool         // its sources were read earlier than those of the one in use
	Same     bool         // it is the one in use
}

// Good reports whether it can be adopted.
func (t BookTrial) Good() bool { return t.Book != nil && t.Misfit == "" && t.Unshown == "" && !t.Same }

// TryRulebook reads three files and says what would change. A file that is empty stays as it is in the rulebook in use. The error wraps ErrKeeper.
func (o *Office) TryRulebook(ctx context.Context, files rulebook.Source) (t BookTrial, whole rulebook.Source, err error) {
	err = o.asKeeper(ctx, func(r *room) error {
		now, had, _, err := r.rulebook(ctx)
		if err != nil {
			return err
		}
		whole = completed(files, had)
		t, err = tried(whole, now)
		return err
	})
	return t, whole, err
}

// completed is src with the files that it lacks.
func completed(src, had rulebook.Source) rulebook.Source {
	for _, f := range []struct{ to, from *[]byte }{{&src.Papers, &had.Papers}, {&src.Rules, &had.Rules}, {&src.Sources, &had.Sources}} {
		if len(*f.to) == 0 {
			*f.to = slices.Clone(*f.from)
		}
	}
	return src
}

func tried(files rulebook.Source, now *rulebook.Book) (t BookTrial, err error) {
	t = BookTrial{Version: files.Version()}
	t.Same = t.Version == now.Version()
	t.Book, t.Problems = rulebook.Parse(files)
	if t.Book == nil {
		return t, nil
	}
	t.Misfit = misfit(t.Book)
	if _, err := t.Book.Table(); err != nil {
		t.Unshown = err.Error()
	}
	if t.Tests, err = testBook(t.Book); err != nil {
		return t, err
	}
	t.Changes = changes(now, t.Book)
	t.Older = t.Book.ReadOn().Before(now.ReadOn())
	return t, nil
}

// AdoptRulebook makes three files the organisation's rulebook, signed by this keeper's desk, for every desk and for the public page. The errors wrap ErrKeeper, ErrBook, ErrBookSize, ErrSameBook,
// event.ErrMalformed (a reason that is too long).
func (o *Office) AdoptRulebook(ctx context.Context, files rulebook.Source, why string) error {
	return o.asKeeper(ctx, func(r *room) error {
		now, _, _, err := r.rulebook(ctx)
		if err != nil {
			return err
		}
		t, err := tried(files, now)
		switch {
		case err != nil:
			return err
		case t.Same:
			return ErrSameBook
		case !t.Good():
			return fmt.Errorf("adopting a rulebook: %w", ErrBook)
		}
		signed, err := r.signBook(files)
		if err != nil {
			return err
		}
		packed, err := packBook(signed)
		if err != nil {
			return err
		}
		body := event.BookSet{Version: t.Version, Read: dayText(t.Book.ReadOn()), Files: packed, Why: strings.TrimSpace(why)}
		return r.putBook(ctx, body)
	})
}

// ShippedRulebook goes back to the rulebook that each desk's program brings. Errors as of AdoptRulebook.
func (o *Office) ShippedRulebook(ctx context.Context, why string) error {
	return o.asKeeper(ctx, func(r *room) error {
		_, _, by, err := r.rulebook(ctx)
		if err != nil {
			return err
		}
		if by == nil {
			return ErrSameBook
		}
		return r.putBook(ctx, event.BookSet{Why: strings.TrimSpace(why)})
	})
}

// asKeeper runs f for a keeper at a keeper's desk; ErrKeeper for others.
func (o *Office) asKeeper(ctx context.Context, f func(*room) error) error {
	return o.in(func(r *room) error {
		if err := r.adopts(ctx); err != nil {
			return err
		}
		return f(r)
	})
}

// adopts is ErrKeeper unless who acts is a keeper at a keeper's desk.
func (r *room) adopts(ctx context.Context) error {
	if _, ok := r.keys.KeeperSigner(); !ok {
		return ErrKeeper
	}
	if a := ActorOf(ctx); a.Role != fold.RoleKeeper && (a.Role != "" || a.Staff != "") {
		return ErrKeeper
	}
	return r.mayWrite()
}

// signBook signs files in this keeper's name.
func (r *room) signBook(files rulebook.Source) (wire.Rulebook, error) {
	signer, ok := r.keys.KeeperSigner()
	if !ok {
		return wire.Rulebook{}, ErrKeeper
	}
	signed, err := wire.SignRulebook(signer, r.keys.Org, r.o.c.Now(), files.Papers, files.Rules, files.Sources)
	if errors.Is(err, wire.ErrRulebook) {
		return signed, fmt.Errorf("%w: %w", ErrBookSize, err)
	}
	if err != nil {
		return signed, err
	}
	if _, err := signed.Open(r.keys.Newest()); err != nil { // a keeper whom the roster does not have yet: nobody would believe it
		return signed, fmt.Errorf("%w: %w", ErrKeeper, err)
	}
	return signed, nil
}

func (r *room) putBook(ctx context.Context, body event.BookSet) error {
	if err := r.putOffice(ctx, ActorOf(ctx).Staff, body); err != nil {
		return err
	}
	r.o.hub.say(Change{Kind: ChangeStatus})
	return r.publishAnew(ctx)
}
