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
		f = instead(have, r.Serial, served)
	default: // newer than what this desk has just followed
		reached, err := c.reaches(ctx, have, served)
		if err != nil || reached {
			return err
		}
		f = differs(have, served)
	}
	return c.tell(ctx, []casedb.Finding{f})
}

// reaches reports whether keepers' signatures lead from what this desk has to a newer roster that the public is served: some may have come this moment.
func (c *Council) reaches(ctx context.Context, have link, served []byte) (bool, error) {
	rosters, err := c.c.Line.Rosters(ctx, have.now.Serial)
	if err != nil {
		return false, err
	}
	top, _ := climb(have, have.now.Serial, rosters)
	return bytes.Equal(top.signed, served), nil
}

// IsOffline reports whether an error only says that the gate did not answer, or that the clocks differ: nothing is wrong with the chain.
func IsOffline(err error) bool {
	return errors.Is(err, line.ErrOffline) || errors.Is(err, line.ErrClock)
}
