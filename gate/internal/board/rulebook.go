package board

import (
	"errors"
	"fmt"
	"time"

	"panah/core/roster"
	"panah/core/rulebook"
	"panah/core/wire"
)

// bookName is where the rulebook stands among the gate's own values.
const bookName = "rulebook"

// clockSlack is how far ahead of the gate's clock a keeper may have signed: a desk's clock and a gate's may be that far apart.
const clockSlack = wire.RequestWindow

// A Rulebook is what the public check answers by: files that a keeper signed, read.
type Rulebook struct {
	Signed wire.Rulebook
	At     time.Time       // when the keeper signed
	Table  *rulebook.Table // of the book that the files are
}

// ErrRulebook says that the kept rulebook is not one for this release: a keeper has to sign one again.
var ErrRulebook = errors.New("the rulebook that is kept cannot be read by this release")

// openBook reads the rulebook that is kept, if one is.
func (b *Board) openBook() error {
	kept, err := b.words.Meta(bookName)
	if err != nil || kept == "" {
		return err
	}
	signed, err := wire.ParseRulebook([]byte(kept))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRulebook, err)
	}
	read, e := ReadRulebook(signed)
	if e != nil {
		return fmt.Errorf("%w: %s", ErrRulebook, e.Say)
	}
	b.book = read
	return nil
}

// ReadRulebook reads the files of a rulebook. What is wrong with them is told in the words of core/rulebook, the first mistake only; who signed them is not looked at.
func ReadRulebook(signed wire.Rulebook) (*Rulebook, *wire.Error) {
	at, err := signed.SignedAt()
	if err != nil {
		return nil, errBook(err.Error())
	}
	book, problems := rulebook.Parse(rulebook.Source{Papers: []byte(signed.Papers), Rules: []byte(signed.Rules), Sources: []byte(signed.Sources)})
	for _, p := range problems {
		if !p.Warning {
			return nil, errBook(fmt.Sprintf("%s:%d:%d: %s %s", p.File, p.Line, p.Column, p.Text, p.Next))
		}
	}
	if book == nil {
		return nil, errBook("these files are not a rulebook; run panah rules lint")
	}
	table, err := book.Table()
	if err != nil {
		return nil, errBook(err.Error())
	}
	return &Rulebook{Signed: signed, At: at, Table: table}, nil
}

func errBook(say string) *wire.Error {
	return &wire.Error{Code: wire.CodeRulebook, Status: 422, Say: say}
}

// Rulebook is the one that a keeper signed last; nil when none has.
func (b *Board) Rulebook() *Rulebook {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.book
}

// PutRulebook keeps a rulebook, durably, when a keeper of r signed it, no later one is kept, and it can be read. A refusal is a *wire.Error.
func (b *Board) PutRulebook(signed wire.Rulebook, r roster.Roster, now time.Time) error {
	s, err := signed.Open(r)
	switch {
	case err != nil:
		return errBook(err.Error())
	case s.At.After(now.Add(clockSlack)):
		return errBook("this rulebook is signed in the future; set the desk's clock and let a keeper sign it again")
	}
	b.books.Lock() // reading takes a while: one at a time, and nobody who asks waits for it
	defer b.books.Unlock()
	if old := b.Rulebook(); old != nil {
		if old.Signed == signed {
			return nil
		}
		if !s.At.After(old.At) {
			return &wire.Error{Code: wire.CodeRulebook, Status: 409, Say: "a rulebook that was signed later is here already; read that one first, then let a keeper sign yours again"}
		}
	}
	read, e := ReadRulebook(signed)
	if e != nil {
		return e
	}
	if err := b.words.SetMeta(bookName, string(signed.Bytes())); err != nil {
		return fmt.Errorf("keeping the rulebook: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.book = read
	return nil
}
