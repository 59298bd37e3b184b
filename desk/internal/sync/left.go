package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"

	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// specialistsLeft gives locked cases a new key when a desk that is named for them is no specialist's any more: what comes from now on is not for it. The first of
// those who stay does it; after a recovery, when nobody is left, the desk that the custodians gave the key to.
func (s *Syncer) specialistsLeft(ctx context.Context) error {
	members := map[casedb.Device]bool{}
	now := s.c.Keys.Newest()
	for _, m := range s.c.Keys.State().Members {
		if m.Role == roster.RoleSpecialist && slices.Contains(now.Devices, m.Hash()) {
			members[m.Hash()] = true
		}
	}
	if len(members) == 0 && s.c.Keys.Role() == "" {
		return nil // nobody has told this desk who is who
	}
	left, err := s.c.DB.SpecialistsLeft(ctx, members, s.me)
	if err != nil {
		return err
	}
	for _, l := range left {
		if len(l.Specialists) == 0 {
			l.Specialists = []casedb.Device{s.me}
		}
		first := slices.MinFunc(l.Specialists, func(a, b casedb.Device) int { return bytes.Compare(a[:], b[:]) })
		if first != s.me {
			continue
		}
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return fmt.Errorf("making a locked case's new key: %w", err)
		}
		l.Identity, l.Recipient, l.Me = id.String(), id.Recipient().String(), s.me
		if err := s.c.DB.LockCase(ctx, l); err != nil && !errors.Is(err, casedb.ErrState) {
			return fmt.Errorf("giving a locked case a new key: %w", err)
		}
	}
	return nil
}
