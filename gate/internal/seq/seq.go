// Package seq is the one appender of a gate's log: it makes letters durable in groups and answers each with its promise.
//
// Many senders queue, one goroutine commits what has queued in one synced transaction (letters, mailboxes, commitments, tree
// hashes), then all of them are answered: the disk's sync is paid once for a group. Nothing is answered before it is
// durable. An error means that the caller does not know; asking again is always safe, because a letter that is already held
// gets its first answer.
package seq

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/store"
)

// A Store keeps the log. Append is all or nothing, and synced when it returns nil; an error other than store.ErrFull and
// store.ErrMoved may have happened after the commit, and the sequencer copes with both.
type Store interface {
	tlog.HashReader
	Size(ctx context.Context) (int64, error)
	Known(ctx context.Context, ids []wire.LetterID) (map[wire.LetterID]store.Held, error)
	Append(ctx context.Context, b store.Batch) error
}

// Bounds of one group: letters, and bytes of them. A group is what queued while the last one was being synced, and what comes while
// others have their turn.
const (
	maxGroup      = 256
	maxGroupBytes = 16 << 20
	maxQueue      = 4096
	gatherTurns   = 3
)

// ErrClosed says that the sequencer has stopped, or the queue is full: nothing was kept.
var ErrClosed = errors.New("the gate takes no letters at the moment")

// A Request is one letter to be accepted.
type Request struct {
	ID     wire.LetterID // of Sealed; the caller has checked that and the shape
	Sealed []byte        // not to be changed until Accept returns
	Box    *store.Box    // opened or kept alive in the same commit; nil for none
	Org    string        // fingerprint that the promise names
}

// A Sequencer appends. It is safe for concurrent use.
type Sequencer struct {
	store  Store
	signer note.Signer
	now    func() time.Time
	keep   func(checkpoint []byte) error

	queue   chan *job
	waiting atomic.Int64 // jobs queued or being committed
	stop    chan struct{}
	once    sync.Once
	done    chan struct{}

	size   atomic.Int64  // of the log, as far as it is durable
	grown  chan struct{} // closed and replaced when size grows
	growMu sync.Mutex    // guards grown

	checkMu    sync.Mutex // guards the two below
	checkpoint []byte
	checkSize  int64
}

type job struct {
	letter store.Letter
	box    *store.Box
	answer chan outcome // buffered: the writer never waits for a caller
}

type outcome struct {
	held  store.Held
	first bool // accepted now, not before
	err   error
}

// New starts a sequencer over s. signer is the gate's key; keep is handed every checkpoint before anybody sees it, and a
// fault of it is of no consequence for the desks. Close stops the sequencer.
func New(s Store, signer note.Signer, now func() time.Time, keep func(checkpoint []byte) error) (*Sequencer, error) {
	size, err := s.Size(context.Background())
	if err != nil {
		return nil, fmt.Errorf("starting the sequencer: %w", err)
	}
	q := &Sequencer{
		store: s, signer: signer, now: now, keep: keep,
		queue: make(chan *job, maxQueue), stop: make(chan struct{}), done: make(chan struct{}),
		grown: make(chan struct{}), checkSize: -1,
	}
	q.size.Store(size)
	go q.run()
	return q, nil
}

// Close stops taking letters, commits what has queued and waits for it.
func (q *Sequencer) Close() {
	q.once.Do(func() { close(q.stop) })
	<-q.done
}

// Waiting is how many letters are queued or being committed: the load that proof of work follows.
func (q *Sequencer) Waiting() int64 { return q.waiting.Load() }

// Size is the number of durable entries.
func (q *Sequencer) Size() int64 { return q.size.Load() }

// Accept makes a letter durable and returns its answer; first is false when the letter was held already, and the answer is the
// one it got then. When ctx ends first, the letter may or may not be kept. The error wraps store.ErrFull, ErrClosed or
// the fault of the store.
func (q *Sequencer) Accept(ctx context.Context, r Request) (a wire.Accepted, first bool, err error) {
	letter, err := q.prepare(r)
	if err != nil {
		return wire.Accepted{}, false, err
	}
	j := &job{letter: letter, box: r.Box, answer: make(chan outcome, 1)}
	q.waiting.Add(1)
	select {
	case <-q.stop:
		q.waiting.Add(-1)
		return wire.Accepted{}, false, ErrClosed
	case q.queue <- j:
	default:
		q.waiting.Add(-1)
		return wire.Accepted{}, false, fmt.Errorf("%w: %d letters wait", ErrClosed, maxQueue)
	}
	select {
	case o := <-j.answer:
		if o.err != nil {
			return wire.Accepted{}, false, o.err
		}
		return answer(o.held), o.first, nil
	case <-q.done:
		// Queued in the instant of closing: the last group may have held it.
		select {
		case o := <-j.answer:
			return answer(o.held), o.first, o.err
		default:
			return wire.Accepted{}, false, ErrClosed
		}
	case <-ctx.Done():
		return wire.Accepted{}, false, fmt.Errorf("waiting for a letter to be durable: %w", ctx.Err())
	}
}

func answer(h store.Held) wire.Accepted {
	return wire.Accepted{ID: h.ID.String(), Commitment: h.Commitment[:], Key: h.Key[:], Record: h.Record, Promise: h.Promise}
}

// promiseTime is how long a gate gives itself to show a letter to the desks.
const promiseTime = 24 * time.Hour

// prepare draws the key and signs the promise, in the caller's goroutine: the writer only writes. A letter that turns out to
// be held already wastes this work, and only this.
func (q *Sequencer) prepare(r Request) (store.Letter, error) {
	now := q.now().UTC()
	h := store.Held{ID: r.ID}
	_, _ = rand.Read(h.Key[:]) // never fails since Go 1.24
	h.Record = ledger.Record{Letter: r.ID, Size: int64(len(r.Sealed)), Hour: now.Truncate(time.Hour)}.String()
	h.Commitment = ledger.Commit(h.Key, h.Record)
	// Rounded up to the hour, so that the promise does not tell the minute of sending.
	deadline := now.Add(promiseTime + time.Hour - 1).Truncate(time.Hour)
	var err error
	h.Promise, err = ledger.SignPromise(ledger.Promise{Org: r.Org, Commitment: h.Commitment, Deadline: deadline}, q.signer)
	return store.Letter{Held: h, Sealed: r.Sealed}, err
}
