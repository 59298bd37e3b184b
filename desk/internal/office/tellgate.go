package office

import (
	"context"
	"errors"
	"slices"
	"time"

	"panah/desk/internal/line"
)

// keepTelling runs a pass that tells the gate something and looks whether it passes it on: at once, when woken, every announceTime, and after an error sooner, until ctx ends. Errors are logged as
// what, but for a gate that is out of reach and those that are expected.
func (r *room) keepTelling(ctx context.Context, woken <-chan struct{}, what string, pass func(context.Context) error, expected ...error) {
	expected = append(expected, line.ErrOffline)
	retry := firstWait
	for {
		wait := announceTime
		err := pass(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			retry = firstWait
		} else {
			wait, retry = retry, min(2*retry, longWait)
			if !slices.ContainsFunc(expected, func(e error) bool { return errors.Is(err, e) }) {
				r.o.c.Log.Error(what, "error", err)
			}
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-t.C:
		}
		t.Stop()
	}
}

// afterTelling keeps what a pass found under a setting, and tells pages when it is another than before. problem is the one of now.
func afterTelling[T comparable](ctx context.Context, r *room, setting string, before T, now *T, problem *string, err error, expected ...error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case slices.ContainsFunc(expected, func(e error) bool { return errors.Is(err, e) }):
	case errors.Is(err, line.ErrOffline):
		*problem = "offline"
	case err != nil:
		*problem = "refused"
	}
	if *now != before {
		r.o.hub.say(Change{Kind: ChangeStatus})
		err = errors.Join(err, r.keepJSON(ctx, setting, *now))
	}
	return err
}
