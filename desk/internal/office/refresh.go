package office

import "context"

// Refresh follows the organisation's keys once, now: for a command, which does not wait for the work behind an open desk. Errors as for Roll.
func (o *Office) Refresh(ctx context.Context) error {
	return o.council(ctx, func(ctx context.Context, r *room) error { return r.keep.Round(ctx) })
}

// Rehearsed reports whether this desk knows that its custodians' sheets were tried.
func (k Keys) Rehearsed() bool { return !k.Custodians.Rehearsed.IsZero() }
