// Package api is the gate's HTTP interface for programs: letters in, mailboxes, and the desks' sync. docs/formats.md,
// section 4, is its contract.
//
// It reads nothing of a letter but its shape, keys nothing on where a request comes from, and bounds every body and wait.
// Every answer is complete only after what it tells is durable.
package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/seal"
	"panah/core/wire"
	"panah/gate/internal/mailbox"
	"panah/gate/internal/organisation"
	"panah/gate/internal/rendezvous"
	"panah/gate/internal/seq"
	"panah/gate/internal/store"
	"panah/gate/internal/work"
)

// A Log is what the desks read.
type Log interface {
	tlog.HashReader
	Size(ctx context.Context) (int64, error)
	Known(ctx context.Context, ids []wire.LetterID) (map[wire.LetterID]store.Held, error)
	Entries(ctx context.Context, from int64, n, maxBytes int) ([]wire.Entry, error)
	Delete(ctx context.Context, ids []wire.LetterID) (int, error)
}

// SetupAnswer proves the gate's key to the desk.
type SetupAnswer struct{ VKey, Proof string }

// Limits bound what the interface holds at once. Zero values mean the defaults.
type Limits struct {
	InFlight   int64 // bytes of bodies in memory, all senders together: 96 MiB
	Queue      int64 // letters that wait to be durable: 2048 count as full load
	Pieces     int   // unfinished uploads: 4096
	PieceBytes int64 // their bytes on disk: 256 MiB
}

func (l Limits) withDefaults() Limits {
	set := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	set(&l.InFlight, 96<<20)
	set(&l.Queue, 2048)
	set(&l.PieceBytes, 256<<20)
	if l.Pieces == 0 {
		l.Pieces = 4096
	}
	return l
}

// Config is what an API works with. All fields but Limits and Witnesses are required.
type Config struct {
	Seq       *seq.Sequencer
	Log       Log
	Mailboxes *mailbox.Mailboxes
	Org       *organisation.Organisation
	// Setup takes the founding roster from somebody who proves to know the setup code. first is false when it was there already. A
	// refusal is a *wire.Error.
	Setup     func(ctx context.Context, signed []byte, proof string) (a SetupAnswer, first bool, err error)
	Origin    string        // the gate's name, as desks sign it
	Witnesses Witnesses     // nil: the gate takes no witnesses
	Gate      note.Verifier // what the gate signs is checked with; for Witnesses
	Site      []byte        // site.json
	Board     Board         // when somebody is on duty
	PieceDir  string        // for unfinished uploads: ciphertext only
	// Room refuses bytes that would eat into the disk's reserve, with store.ErrFull.
	Room   func(bytes int) error
	Now    func() time.Time
	Limits Limits
	// Fault is told what went wrong inside, at most once a request. It gets no datum of a person.
	Fault func(attempt string, err error)
}

// API serves the routes of routes.go. It is safe for concurrent use.
type API struct {
	c        Config
	limits   Limits
	mux      *http.ServeMux
	meter    *work.Meter
	pieces   *pieces
	rooms    *rendezvous.Rooms
	inFlight atomic.Int64

	woken chan struct{} // closed by Wake
	wake  sync.Once
}

// New returns the API, with the unfinished uploads that an earlier run left.
func New(c Config) (*API, error) {
	a := &API{c: c, limits: c.Limits.withDefaults(), meter: work.New(c.Now), rooms: rendezvous.New(), woken: make(chan struct{})}
	var err error
	if a.pieces, err = openPieces(c.PieceDir, a.limits.Pieces, a.limits.PieceBytes, c.Room, c.Now); err != nil {
		return nil, err
	}
	a.routes()
	return a, nil
}

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Sweep forgets unfinished uploads older than a day, and rooms that are over.
func (a *API) Sweep() { a.pieces.sweep(); a.rooms.Sweep() }

// Wake ends every wait for news and for messages, now and from now on: a gate that stops keeps nobody waiting.
func (a *API) Wake() { a.wake.Do(func() { close(a.woken) }) }

// Load is how busy the gate is; 1 is all that it takes.
func (a *API) Load() float64 {
	return max(
		float64(a.c.Seq.Waiting())/float64(a.limits.Queue),
		float64(a.inFlight.Load())/float64(a.limits.InFlight),
		a.pieces.load(),
	)
}

// Accept checks a letter of the public and makes it durable: the one way in, for this interface and for the pages. box is opened or
// kept alive in the same commit. first is false when the letter was held. A refusal is a *wire.Error.
func (a *API) Accept(ctx context.Context, sealed []byte, box *wire.MailboxKey) (ac wire.Accepted, first bool, err error) {
	if !a.c.Org.Taking() {
		return wire.Accepted{}, false, errClosed()
	}
	return a.acceptAs(ctx, wire.IDOf(sealed), sealed, box)
}

// acceptAs is Accept for bytes whose id the caller has computed, of a sender whose letters are taken.
func (a *API) acceptAs(ctx context.Context, id wire.LetterID, sealed []byte, box *wire.MailboxKey) (ac wire.Accepted, first bool, err error) {
	_, org, ok := a.c.Org.Roster()
	if !ok {
		return wire.Accepted{}, false, errClosed()
	}
	if err := seal.CheckShape(sealed); err != nil {
		return wire.Accepted{}, false, refuse(wire.CodeShape, err.Error()+"; seal it again with the organisation's key")
	}
	req := seq.Request{ID: id, Sealed: sealed, Org: org.Org}
	if box != nil {
		b := a.c.Mailboxes.Box(*box)
		req.Box = &b
	}
	ac, first, err = a.c.Seq.Accept(ctx, req)
	if err != nil {
		return wire.Accepted{}, false, a.explain("accepting a letter", err)
	}
	return ac, first, nil
}

// explain turns what went wrong inside into what a sender is told, and tells the operator when it is a fault.
func (a *API) explain(attempt string, err error) *wire.Error {
	var told *wire.Error
	if e := explainKeys(err); e != nil {
		return e
	}
	switch {
	case errors.As(err, &told):
		return told
	case errors.Is(err, store.ErrFull):
		a.c.Fault(attempt, err)
		return refuse(wire.CodeFull, "the gate has no room left and kept nothing; try again later, or reach the organisation another way")
	case errors.Is(err, seq.ErrClosed):
		return errBusy()
	case errors.Is(err, store.ErrNoMailbox):
		return refuse(wire.CodeNoMailbox, "there is no mailbox with this code; check the digits, or ask the organisation for a new code")
	case errors.Is(err, store.ErrMailboxFull):
		return refuse(wire.CodeTooLarge, "the mailbox is full; the person has to erase it or get a new code")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return errBusy()
	}
	a.c.Fault(attempt, err)
	return refuse(wire.CodeInternal, "something went wrong inside the gate; try again in a few minutes")
}
