package council

import (
	"bytes"
	"context"
	"errors"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// Public compares the roster that the gate serves to everybody, which people's letters are sealed to, with the one that it serves to this desk. Call it after Round.
func (c *Council) Public(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	served, err := c.c.Line.Roster(ctx)
	if err != nil {
		return err
	}
	have := link{signed: c.c.Keys.Roster(), now: c.c.Keys.Newest()}
	if bytes.Equal(served, have.signed) {
		return nil
	}
	r, err := roster.Reopen(served)
	var f casedb.Finding
	switch {
	case err != nil || r.Org != have.now.Org:
		f = differs(have, served)
	case r.Serial < have.now.Serial:
		f = casedb.Finding{
			Kind: casedb.AlarmRosterBack, Args: map[string]int64{"had": int64(have.now.Serial), "has": int64(r.Serial)},
			Evidence: []string{string(have.signed), string(served)},
		}
	case r.Serial == have.now.Serial:
		f = fork(r.Serial, have.signed, served)
	case r.Serial == have.now.Serial+1:
		if _, err := roster.OpenNext(served, have.signed, have.now); err == nil {
			return nil // it came this moment
		}
		f = differs(have, served)
	default:
		return nil // some came this moment: the next round follows them
	}
	return c.tell(ctx, []casedb.Finding{f})
}

// IsOffline reports whether an error only says that the gate did not answer, or that the clocks differ: nothing is wrong with the chain.
func IsOffline(err error) bool {
	return errors.Is(err, line.ErrOffline) || errors.Is(err, line.ErrClock)
}
