package web

import (
	"sync"
	"time"
)

// Attempts at the passphrase: the first few are free, for people mistype; then each failure doubles the wait.
const (
	freeAttempts = 3
	maxWait      = time.Minute
)

// attempts slows guessing at the passphrase. It counts for the whole desk, because whoever has the launch URL can
// open as many sessions as they like. The zero value is ready.
type attempts struct {
	mu     sync.Mutex
	failed int
	until  time.Time // no attempt is looked at before
	busy   bool      // one attempt at a time: parallel guesses would get round the wait
}

// begin reports how long to wait before an attempt may be made; 0 means now, and then finish must be called.
func (a *attempts) begin() (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := time.Until(a.until); wait > 0 {
		return wait
	}
	if a.busy {
		return time.Second
	}
	a.busy = true
	return 0
}

// finish says how the attempt ended. Only a wrong passphrase counts as wrong, not a full disk.
func (a *attempts) finish(wrong, right bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = false
	switch {
	case right:
		a.failed = 0
	case wrong:
		a.failed++
		if over := a.failed - freeAttempts; over >= 0 {
			a.until = time.Now().Add(min(maxWait, time.Second<<min(over, 10)))
		}
	}
}
