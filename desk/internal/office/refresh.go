package office

import (
	"context"
	"errors"
	"time"
)

// lookAgain is how often Refresh looks whether the log was read: nobody is told of that.
const lookAgain = 20 * time.Millisecond

// Refresh reads the log to its end and follows the organisation's keys once, now: for a command, which does not wait for the work behind an open desk.
// Errors as for Roll.
func (o *Office) Refresh(ctx context.Context) error {
	return o.council(ctx, func(ctx context.Context, r *room) error {
		tick := time.NewTicker(lookAgain)
		defer tick.Stop()
		for c := r.contactNow(); !c.read && c.problem == ""; c = r.contactNow() {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		// With a problem, this round says what it is.
		if err := r.keep.Round(ctx); !errors.Is(err, errUnread) {
			return err
		}
		return nil
	})
}
