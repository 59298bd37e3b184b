package gate

import (
	"log/slog"
	"sync"
	"time"
)

// faults tells the operator what goes wrong inside, each kind at most once a minute: a full disk under load would otherwise fill
// the log with itself.
type faults struct {
	log *slog.Logger

	mu   sync.Mutex // guards the two below
	last map[string]time.Time
	more map[string]int
}

func newFaults(log *slog.Logger) *faults {
	return &faults{log: log, last: map[string]time.Time{}, more: map[string]int{}}
}

// tell logs err, or counts it. attempt is one of a few fixed sentences.
func (f *faults) tell(attempt string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.last[attempt]) < time.Minute {
		f.more[attempt]++
		return
	}
	f.log.Error("the gate could not finish something", "attempt", attempt, "because", scrub(err.Error()), "before", f.more[attempt])
	f.last[attempt], f.more[attempt] = time.Now(), 0
}
