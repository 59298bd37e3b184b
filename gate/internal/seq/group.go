package seq

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/store"
)

// run commits groups until Close, then what is left.
func (q *Sequencer) run() {
	defer close(q.done)
	for {
		select {
		case j := <-q.queue:
			q.gather()
			q.commit(q.group(j))
		case <-q.stop:
			for {
				select {
				case j := <-q.queue:
					q.commit(q.group(j))
				default:
					return
				}
			}
		}
	}
}

// gather lets the senders that are at work finish their part and queue, so that one sync serves them too. It never waits for the
// network: a single sender finds nobody at work.
func (q *Sequencer) gather() {
	for range gatherTurns {
		n := len(q.queue)
		runtime.Gosched()
		if len(q.queue) == n {
			return
		}
	}
}

// group takes what has queued behind first, without waiting for more: a single sender is not made to wait for others.
func (q *Sequencer) group(first *job) []*job {
	jobs, bytes := []*job{first}, len(first.letter.Sealed)
	for len(jobs) < maxGroup && bytes < maxGroupBytes {
		select {
		case j := <-q.queue:
			jobs, bytes = append(jobs, j), bytes+len(j.letter.Sealed)
		default:
			return jobs
		}
	}
	return jobs
}

// commit makes one group durable and answers everybody in it.
func (q *Sequencer) commit(jobs []*job) {
	defer q.waiting.Add(-int64(len(jobs)))
	held, fresh, err := q.append(jobs)
	for _, j := range jobs {
		h, ok := held[j.letter.ID]
		switch {
		case ok:
			j.answer <- outcome{held: h, first: fresh[j.letter.ID] == j}
		case err != nil:
			j.answer <- outcome{err: err}
		default:
			j.answer <- outcome{err: errors.New("accepting a letter: it was lost between queue and store")}
		}
	}
}

// append stores what is new among jobs. held are all letters of jobs that are durable, also after an error: those that were before.
// fresh says which job brought in a new letter.
func (q *Sequencer) append(jobs []*job) (held map[wire.LetterID]store.Held, fresh map[wire.LetterID]*job, err error) {
	ctx := context.Background() // a group outlives any one sender
	ids := make([]wire.LetterID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.letter.ID
	}
	if held, err = q.store.Known(ctx, ids); err != nil {
		return nil, nil, fmt.Errorf("accepting letters: %w", err)
	}
	batch, fresh, err := q.batch(ctx, jobs, held)
	if err == nil && (len(batch.Letters) > 0 || len(batch.Boxes) > 0) {
		err = q.store.Append(ctx, batch)
	}
	if err != nil {
		// The commit may have happened before the fault. What was not known before stays unanswered: the sender asks again.
		q.resync(ctx)
		return held, nil, fmt.Errorf("accepting letters: %w", err)
	}
	for _, l := range batch.Letters {
		held[l.ID] = l.Held
	}
	q.grow(batch.First + int64(len(batch.Letters)))
	return held, fresh, nil
}

// batch numbers the new letters and computes their tree hashes. A letter that comes twice in one group counts once.
func (q *Sequencer) batch(ctx context.Context, jobs []*job, held map[wire.LetterID]store.Held) (store.Batch, map[wire.LetterID]*job, error) {
	// Asked each time, not remembered: after a fault the memory could be wrong, and the question costs microseconds.
	first, err := q.store.Size(ctx)
	if err != nil {
		return store.Batch{}, nil, err
	}
	b := store.Batch{First: first}
	fresh := map[wire.LetterID]*job{}
	hashes := &tail{Store: q.store, from: tlog.StoredHashIndex(0, first)}
	for _, j := range jobs {
		if j.box != nil {
			b.Boxes = append(b.Boxes, *j.box)
		}
		id := j.letter.ID
		if _, old := held[id]; old || fresh[id] != nil {
			continue
		}
		fresh[id] = j
		n := first + int64(len(b.Letters))
		more, err := tlog.StoredHashesForRecordHash(n, ledger.LeafHash(j.letter.Commitment), hashes)
		if err != nil {
			return store.Batch{}, nil, fmt.Errorf("hashing entry %d: %w", n, err)
		}
		hashes.new = append(hashes.new, more...)
		b.Letters = append(b.Letters, j.letter)
	}
	b.Hashes = hashes.new
	return b, fresh, nil
}

// A tail reads stored hashes, those not stored yet too.
type tail struct {
	Store
	from int64
	new  []tlog.Hash
}

// ReadHashes implements tlog.HashReader.
func (t *tail) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var ask []int64
	var where []int
	for i, x := range indexes {
		if x >= t.from {
			out[i] = t.new[x-t.from]
			continue
		}
		ask, where = append(ask, x), append(where, i)
	}
	if len(ask) == 0 {
		return out, nil
	}
	got, err := t.Store.ReadHashes(ask)
	if err != nil {
		return nil, err
	}
	for i, h := range got {
		out[where[i]] = h
	}
	return out, nil
}

// resync learns the size after a fault that may have been committed.
func (q *Sequencer) resync(ctx context.Context) {
	if size, err := q.store.Size(ctx); err == nil {
		q.grow(size)
	}
}

// grow publishes a new size and wakes who waits for news.
func (q *Sequencer) grow(size int64) {
	if size <= q.size.Load() {
		return
	}
	q.growMu.Lock()
	defer q.growMu.Unlock()
	q.size.Store(size)
	close(q.grown)
	q.grown = make(chan struct{})
}

// Grown returns the size, and a channel that is closed as soon as it is larger.
func (q *Sequencer) Grown() (size int64, next <-chan struct{}) {
	q.growMu.Lock()
	defer q.growMu.Unlock()
	return q.size.Load(), q.grown
}

// Checkpoint returns the signed checkpoint of the log as it is durable now, and its size.
func (q *Sequencer) Checkpoint() ([]byte, int64, error) {
	q.checkMu.Lock()
	defer q.checkMu.Unlock()
	size := q.size.Load()
	if size == q.checkSize {
		return q.checkpoint, size, nil
	}
	root, err := tlog.TreeHash(size, q.store)
	if err != nil {
		return nil, 0, fmt.Errorf("hashing the log at %d: %w", size, err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Tree{Size: size, Root: root}, q.signer)
	if err != nil {
		return nil, 0, err
	}
	if size > q.checkSize {
		// Kept so that a later restore of an older copy can be told from this log. A full disk must not stop the desks from reading.
		_ = q.keep(signed)
	}
	q.checkpoint, q.checkSize = signed, size
	return signed, size, nil
}
