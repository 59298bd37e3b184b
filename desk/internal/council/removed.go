package council

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// outside is what a desk does whom the gate does not count among the organisation's. The gate may lie: only a chain that enough keepers signed, and that has this
// device no more, makes the desk forget its keys. refused is what the gate said; it is returned unless that is so.
func (c *Council) outside(ctx context.Context, refused error) error {
	top := link{signed: c.c.Keys.Roster(), now: c.c.Keys.Newest()}
	var findings []casedb.Finding
	for range maxClimbs {
		rosters, err := c.c.Line.Rosters(ctx, top.now.Serial)
		if err != nil {
			return errors.Join(refused, err)
		}
		from := top.now.Serial
		top, findings = climb(top, from, rosters)
		if len(findings) > 0 || len(rosters) < wire.MaxRosters {
			break
		}
	}
	if !slices.Contains(top.now.Devices, c.me) {
		return c.out(ctx)
	}
	if err := c.tell(ctx, findings); err != nil {
		return errors.Join(refused, err)
	}
	return refused
}

// out destroys the keys that open anything, then lets the rest be wiped.
func (c *Council) out(context.Context) error {
	err := c.c.Keys.Update(func(s *keyring.State) error {
		s.Removed = true
		s.Epochs, s.Began, s.DeviceIdentities, s.Cards = nil, nil, nil, nil
		s.Keeper, s.Plan, s.Rehearsal, s.Members = "", nil, nil, nil
		return nil
	})
	c.c.Removed() // also when the disk is full: wiping needs no room
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRemoved, err)
	}
	return ErrRemoved
}
