// Package organisation is whom a gate serves: a chain of rosters, and what a gate keeps for the keys of its devices (docs/formats-keys.md,
// section 4).
//
// It believes a roster only when the keepers of the one before signed it, now and again at each start. It opens nothing: grants,
// recovery files and wraps are sealed to somebody else, and names and roles of devices are unknown to it.
package organisation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/store"
)

// A Store keeps rosters and proposals. PutPackage is all or nothing, and synced when it returns nil.
type Store interface {
	Rosters(ctx context.Context, from, n int) ([][]byte, error)
	PutPackage(ctx context.Context, p store.Package) error
	Proposals(ctx context.Context, since int64) ([]store.Proposal, error)
	PutProposal(ctx context.Context, p store.Proposal) error
	DropProposal(ctx context.Context, text [32]byte) error
}

// A Shelf keeps what belongs to the newest roster.
type Shelf interface {
	Grant(ctx context.Context, device [32]byte) ([]byte, error)
	Cards(ctx context.Context) ([]store.Card, error)
	PutCard(ctx context.Context, card store.Card) error
	File(ctx context.Context, name string) ([]byte, error)
	PutFiles(ctx context.Context, files []wire.File) error
}

// Wraps keeps what open cases outlive their epochs by.
type Wraps interface {
	PutWraps(ctx context.Context, epoch int, wraps []wire.Wrap) error
	Wraps(ctx context.Context, epoch int, after []byte, maxBytes int) (wraps []wire.Wrap, more bool, err error)
	DropWraps(ctx context.Context, epoch int) error
}

// A Flag keeps single words of the gate itself.
type Flag interface {
	Meta(name string) (string, error)
	SetMeta(name, value string) error
}

// Stores is all that an Organisation keeps things in.
type Stores interface {
	Store
	Shelf
	Wraps
	Flag
}

var (
	// ErrFollow says that a roster does not follow the one in force.
	ErrFollow = errors.New("the roster does not follow the one in force")
	// ErrShape says that a package is not what it has to be.
	ErrShape = errors.New("not a roster that is signed as it must be, with grants for its devices")
	// ErrFounded says that the gate has an organisation already.
	ErrFounded = errors.New("the gate has an organisation already")
	// ErrNobody says that the gate has none.
	ErrNobody = errors.New("the gate has no organisation yet")
)

// An Organisation is safe for concurrent use.
type Organisation struct {
	s   Stores
	now func() time.Time

	mu     sync.Mutex // one change at a time
	state  atomic.Pointer[current]
	intake atomic.Bool

	newsMu  sync.Mutex // guards the two below
	changes int64
	next    chan struct{} // closed and replaced at each change
}

type current struct {
	signed []byte
	roster roster.Roster
}

// flagIntake is the name of the word that says whether letters are taken.
const (
	flagIntake = "intake"
	wordOpen   = "open"
	wordClosed = "closed"
)

// Open reads the chain that s holds, and checks all of it; none is no error.
func Open(ctx context.Context, s Stores, now func() time.Time) (*Organisation, error) {
	// The count begins anywhere, so that a desk that waits for a change notices that the gate has been away.
	o := &Organisation{s: s, now: now, next: make(chan struct{}), changes: rand.Int64N(1 << 48)}
	err := o.each(ctx, func(signed []byte) error {
		r, err := o.follows(signed)
		if err == nil {
			o.state.Store(&current{signed, r})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	word, err := s.Meta(flagIntake)
	o.intake.Store(word == wordOpen)
	return o, err
}

// each hands f the rosters of the store, oldest first.
func (o *Organisation) each(ctx context.Context, f func(signed []byte) error) error {
	for serial := 1; ; {
		some, err := o.s.Rosters(ctx, serial, 32)
		if err != nil {
			return err
		}
		for _, signed := range some {
			if err := f(signed); err != nil {
				return fmt.Errorf("checking roster %d: %w", serial, err)
			}
			serial++
		}
		if len(some) == 0 {
			return nil
		}
	}
}

// follows checks that signed comes next, or founds the organisation.
func (o *Organisation) follows(signed []byte) (roster.Roster, error) {
	if c := o.state.Load(); c != nil {
		return roster.OpenNext(signed, c.signed, c.roster)
	}
	return roster.OpenFounding(signed)
}

// Roster is the one in force, with its signed bytes; ok is false while there is none.
func (o *Organisation) Roster() (signed []byte, r roster.Roster, ok bool) {
	c := o.state.Load()
	if c == nil {
		return nil, roster.Roster{}, false
	}
	return c.signed, c.roster, true
}

// Chain returns at most wire.MaxRosters signed rosters from serial from on, oldest first.
func (o *Organisation) Chain(ctx context.Context, from int) ([][]byte, error) {
	return o.s.Rosters(ctx, from, wire.MaxRosters)
}

// Taking reports whether the public's letters are taken: there is an organisation, and it has opened its intake.
func (o *Organisation) Taking() bool { return o.state.Load() != nil && o.intake.Load() }

// SetTaking opens or closes intake, durably.
func (o *Organisation) SetTaking(open bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.setTaking(open)
}

// setTaking is SetTaking for a caller who holds mu.
func (o *Organisation) setTaking(open bool) error {
	word := wordClosed
	if open {
		word = wordOpen
	}
	if err := o.s.SetMeta(flagIntake, word); err != nil {
		return err
	}
	if o.intake.Swap(open) != open {
		o.changed()
	}
	return nil
}

// Follow makes signed the roster in force, durably, without grants; first is false when it is part of the chain already. open is what
// intake becomes when nobody has set it yet. The error wraps those of core/roster when signed does not come next.
func (o *Organisation) Follow(ctx context.Context, signed []byte, open bool) (first bool, err error) {
	err = o.each(ctx, func(have []byte) error {
		if bytes.Equal(have, signed) {
			return errKnown
		}
		return nil
	})
	if errors.Is(err, errKnown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r, err := o.follows(signed)
	if err != nil {
		return false, err
	}
	// The word first: a gate that dies before the roster is there is asked again, and says so again.
	word, err := o.s.Meta(flagIntake)
	if err == nil && word == "" {
		err = o.setTaking(open)
	}
	if err != nil {
		return false, err
	}
	return true, o.accept(ctx, wire.Package{Roster: signed}, r)
}

var errKnown = errors.New("part of the chain already")

// accept puts a checked roster into force with its package. The caller holds mu.
func (o *Organisation) accept(ctx context.Context, p wire.Package, r roster.Roster) error {
	devices := make([][32]byte, len(r.Devices))
	for i, d := range r.Devices {
		devices[i] = d
	}
	signed := bytes.Clone(p.Roster) // it aliases a body
	err := o.s.PutPackage(ctx, store.Package{Serial: r.Serial, Roster: signed, Devices: devices, Grants: p.Grants, Files: p.Files})
	if err != nil {
		return err
	}
	o.state.Store(&current{signed, r})
	o.changed()
	return nil
}

// changed tells who waits.
func (o *Organisation) changed() {
	o.newsMu.Lock()
	defer o.newsMu.Unlock()
	o.changes++
	close(o.next)
	o.next = make(chan struct{})
}

// Changed returns a number that is another one after each change of what this package keeps, and a channel that is closed at the next.
func (o *Organisation) Changed() (n int64, next <-chan struct{}) {
	o.newsMu.Lock()
	defer o.newsMu.Unlock()
	return o.changes, o.next
}
