package door

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// places bounds how many do something at once; who comes too late waits, as long as the request lives.
type places chan struct{}

func (p places) enter(ctx context.Context) error {
	select {
	case p <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a turn: %w", context.Cause(ctx))
	}
}

func (p places) leave() { <-p }

// A budget bounds the bytes of files that all drafts hold together. Bytes are taken as they arrive, so a slow phone
// holds only what it has sent. When nothing is left, one sender at a time may go on beyond the bound (by at most one
// letter) until it is done and gives its bytes back: without that, many half-read letters could wait for each other.
type budget struct {
	total    int64
	patience time.Duration
	beyond   places // the one that may go on

	mu   sync.Mutex
	used int64         // guarded by mu
	gave chan struct{} // guarded by mu; closed and replaced whenever bytes come back
}

func newBudget(total int64, patience time.Duration) *budget {
	return &budget{total: total, patience: patience, beyond: make(places, 1), gave: make(chan struct{})}
}

// A share is what one draft holds of the budget. It belongs to one goroutine.
type share struct {
	from   *budget
	bytes  int64
	beyond bool // holds the place beyond the bound
}

// take adds n bytes to the share. It waits when the budget is used up; after its patience, or when ctx ends, it
// returns an error that wraps ErrBusy.
func (s *share) take(ctx context.Context, n int64) error {
	ctx, cancel := context.WithTimeout(ctx, s.from.patience)
	defer cancel()
	for {
		gave, ok := s.from.try(n, s.beyond)
		if ok {
			s.bytes += n
			return nil
		}
		select {
		case <-gave:
		case s.from.beyond <- struct{}{}:
			s.beyond = true
		case <-ctx.Done():
			return ErrBusy
		}
	}
}

func (b *budget) try(n int64, beyond bool) (gave <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if beyond || b.used+n <= b.total {
		b.used += n
		return nil, true
	}
	return b.gave, false
}

// giveBack returns everything; it may be called again.
func (s *share) giveBack() {
	if s.from == nil {
		return
	}
	if s.beyond {
		s.beyond = false
		s.from.beyond.leave()
	}
	if s.bytes == 0 {
		return
	}
	b := s.from
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= s.bytes
	s.bytes = 0
	close(b.gave)
	b.gave = make(chan struct{})
}
