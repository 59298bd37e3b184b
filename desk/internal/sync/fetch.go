package sync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// Bounds of what is in memory at once: a chunk ends at so many entries or bytes; so many bytes are on their way, and so many chunks.
const (
	chunkEntries = 32
	chunkBytes   = 1 << 20
	chunksAhead  = 64               // 2,048 ordinary letters: enough to go on opening while a batch is being committed
	bytesAhead   = 32 << 20         // sealed; what they open to is as large again
	idleTime     = 60 * time.Second // without a frame, the stream is dead
	maxStreams   = 1 << 20          // of one round
)

// An item is the next thing in the log's order: a checkpoint, a chunk of entries, or the reason why there is no more.
type item struct {
	checkpoint []byte
	chunk      *chunk
	err        error
}

// A chunk is entries on their way through the openers. done is closed when opened is filled.
type chunk struct {
	entries []wire.Entry
	bytes   int
	opened  []casedb.Incoming
	done    chan struct{}
	room    *semaphore.Weighted
	charge  int64 // to be given back to room by whoever takes the chunk
}

// fetch reads streams from index from on until one reaches its checkpoint, and opens letters on all cores. The channel
// is closed after the last item; it must be drained after ctx ends.
func (s *Syncer) fetch(ctx context.Context, from int64) <-chan item {
	cores := runtime.GOMAXPROCS(0)
	items := make(chan item, chunksAhead)
	jobs := make(chan *chunk, chunksAhead)
	room := semaphore.NewWeighted(bytesAhead)
	for range cores {
		go func() {
			for c := range jobs {
				s.open(ctx, c)
			}
		}()
	}
	go func() {
		defer close(items)
		defer close(jobs)
		f := &fetcher{s: s, next: from, items: items, jobs: jobs, room: room}
		if err := f.run(ctx); err != nil {
			select {
			case items <- item{err: err}:
			case <-ctx.Done():
			}
		}
	}()
	return items
}

// A fetcher reads streams, one after the other, ahead of the openers.
type fetcher struct {
	s     *Syncer
	next  int64 // index expected
	size  int64 // of the last checkpoint
	items chan<- item
	jobs  chan<- *chunk
	room  *semaphore.Weighted // bytes that may be on their way
	chunk *chunk
}

func (f *fetcher) run(ctx context.Context) error {
	for range maxStreams {
		before := f.next
		if err := f.stream(ctx); err != nil {
			return err
		}
		if f.next >= f.size {
			return nil
		}
		if f.next == before {
			return fmt.Errorf("%w: it signed %d entries and sends none after %d", line.ErrOffline, f.size, f.next)
		}
	}
	return fmt.Errorf("%w: no end of its log", line.ErrOffline)
}

// stream reads one stream to its end.
func (f *fetcher) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := time.AfterFunc(idleTime, cancel)
	defer idle.Stop()
	body, err := f.s.c.Line.Sync(ctx, f.next)
	if err != nil {
		return err
	}
	defer body.Close()
	r := bufio.NewReaderSize(body, 256<<10)
	for first := true; ; first = false {
		idle.Reset(idleTime)
		kind, payload, err := wire.ReadFrame(r)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return errors.Join(f.flush(ctx), fmt.Errorf("%w: the stream was cut", line.ErrOffline))
		case err != nil:
			return errors.Join(f.flush(ctx), fmt.Errorf("%w: %v", line.ErrOffline, err))
		case first != (kind == wire.FrameCheckpoint):
			return fmt.Errorf("%w: a stream begins with its checkpoint", line.ErrOffline)
		case kind == wire.FrameEnd:
			return f.flush(ctx)
		}
		if err := f.frame(ctx, kind, payload); err != nil {
			return err
		}
	}
}

func (f *fetcher) frame(ctx context.Context, kind byte, payload []byte) error {
	switch kind {
	case wire.FrameCheckpoint:
		// The size steers only how far to read; the follower judges the signature before it believes anything.
		if t, err := ledger.ParseCheckpoint(payload, f.s.gate); err == nil {
			f.size = t.Size
		}
		return f.send(ctx, item{checkpoint: payload})
	case wire.FrameEntry:
		e, err := wire.ParseEntry(payload)
		if err != nil {
			return fmt.Errorf("%w: %v", line.ErrOffline, err)
		}
		return f.entry(ctx, e, len(payload))
	}
	return fmt.Errorf("%w: a frame of an unknown type; this desk may be too old", line.ErrOffline)
}

func (f *fetcher) entry(ctx context.Context, e wire.Entry, n int) error {
	if f.chunk == nil {
		f.chunk = &chunk{done: make(chan struct{})}
	}
	f.chunk.entries = append(f.chunk.entries, e)
	f.chunk.bytes += n
	f.next = e.Index + 1 // a wrong index is the follower's alarm
	if len(f.chunk.entries) >= chunkEntries || f.chunk.bytes >= chunkBytes {
		return f.flush(ctx)
	}
	return nil
}

// flush hands the chunk to the openers and, in order, to the follower.
func (f *fetcher) flush(ctx context.Context) error {
	c := f.chunk
	f.chunk = nil
	if c == nil {
		return nil
	}
	c.charge = min(int64(c.bytes), bytesAhead)
	if err := f.room.Acquire(ctx, c.charge); err != nil {
		return err
	}
	c.room = f.room
	select {
	case f.jobs <- c:
	case <-ctx.Done():
		return ctx.Err()
	}
	return f.send(ctx, item{chunk: c})
}

func (f *fetcher) send(ctx context.Context, it item) error {
	select {
	case f.items <- it:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open checks and opens a chunk.
func (s *Syncer) open(ctx context.Context, c *chunk) {
	defer close(c.done)
	c.opened = make([]casedb.Incoming, len(c.entries))
	for i := range c.entries {
		c.opened[i] = s.openEntry(ctx, &c.entries[i])
	}
	c.entries = nil
}
