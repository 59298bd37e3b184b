package office

import (
	"context"
	"errors"
	"fmt"

	"panah/desk/internal/casedb"
	"panah/desk/internal/council"
	"panah/desk/internal/line"
	"panah/desk/internal/wraps"
)

// convene makes the room's part in the organisation's keys.
func (r *room) convene() *council.Council {
	return council.New(council.Config{
		Keys: r.keys, Line: r.line, Now: r.o.c.Now, Changed: r.keysChanged, Removed: r.removed, Checkpoint: r.checkpoint, Raise: r.raise,
		Wraps: readFirst{r, wraps.New(wraps.Config{DB: r.db, Gate: r.line, Keys: r.keys, Now: r.o.c.Now})},
	})
}

// errUnread says that the log was not read to its end.
var errUnread = fmt.Errorf("%w: the log has not been read to its end", line.ErrOffline)

// readFirst wraps open cases for an epoch in force only when everything that older keys open was read: council destroys those keys next. A new epoch does not wait: a
// desk must be removed also while something is wrong with the log.
type readFirst struct {
	r *room
	w *wraps.Wrapper
}

// WrapPass makes readFirst a council.Wraps.
func (f readFirst) WrapPass(ctx context.Context, epoch int) error {
	if epoch <= f.r.keys.Epoch() && !f.r.contactNow().read {
		return errUnread
	}
	return f.w.WrapPass(ctx, epoch)
}

// attend does what there is to do about keys.
func (r *room) attend(ctx context.Context) error {
	err := r.keep.Round(ctx)
	if err == nil {
		err = r.keep.Public(ctx)
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return nil
	case errors.Is(err, council.ErrChain), errors.Is(err, casedb.ErrBehind), errors.Is(err, wraps.ErrWithheld):
		return nil // an alarm says it, or it passes with the next round
	case errors.Is(err, errUnread):
		return nil
	}
	return fmt.Errorf("attending to the organisation's keys: %w", err)
}

// raise tells people of a finding.
func (r *room) raise(ctx context.Context, f casedb.Finding) error {
	if err := r.db.Raise(ctx, f, r.o.c.Now()); err != nil {
		return err
	}
	r.o.hub.say(Change{Kind: ChangeAlarms}, Change{Kind: ChangeStatus})
	return nil
}

// checkpoint is the newest one that this desk has verified to its end.
func (r *room) checkpoint(ctx context.Context) []byte {
	c, err := r.db.Cursor(ctx)
	if err != nil || c.Verified.Size() != c.Edge.Size() {
		return nil
	}
	return c.Checkpoint
}

// keysChanged makes the desk read again what it could not open.
func (r *room) keysChanged() {
	r.mu.Lock()
	r.newKeys = true
	r.mu.Unlock()
	r.o.hub.say(Change{Kind: ChangeKeys}, Change{Kind: ChangeStatus})
	wake(r.wakeBook) // who may adopt a rulebook may be somebody else now
}
