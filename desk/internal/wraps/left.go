package wraps

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

// SpecialistsLeft gives locked cases a new key when a desk that is named for them is no specialist's any more: what comes from now on is not for it. The first of
// those who stay does it; after a recovery, when nobody is left, the desk that the custodians gave the key to.
func (w *Wrapper) SpecialistsLeft(ctx context.Context) error {
	left, err := w.left(ctx)
	if err != nil {
		return err
	}
	for _, l := range left {
		first := slices.MinFunc(l.Specialists, func(a, b casedb.Device) int { return bytes.Compare(a[:], b[:]) })
		if first != w.me() {
			continue
		}
		if err := w.renew(ctx, l); err != nil && !errors.Is(err, casedb.ErrState) {
			return err
		}
	}
	return nil
}

// BeforeAnswer does the same for one case, whoever is the first: an answer tells the person whom to seal the next letter to, and must not name somebody who left. renewed says that the
// case has another key than a moment ago.
func (w *Wrapper) BeforeAnswer(ctx context.Context, thread int64) (renewed bool, err error) {
	left, err := w.left(ctx)
	if err != nil {
		return false, err
	}
	for _, l := range left {
		if l.Thread == thread && slices.Contains(l.Specialists, w.me()) {
			err := w.renew(ctx, l)
			if errors.Is(err, casedb.ErrState) { // closed or erased meanwhile
				return false, nil
			}
			return err == nil, err
		}
	}
	return false, nil
}

// left lists locked cases of this desk with somebody named who is no specialist any more, each with those who stay.
func (w *Wrapper) left(ctx context.Context) ([]casedb.Lock, error) {
	members := map[casedb.Device]bool{}
	now := w.c.Keys.Newest()
	for _, m := range w.c.Keys.State().Members {
		if m.Role == roster.RoleSpecialist && slices.Contains(now.Devices, m.Hash()) {
			members[m.Hash()] = true
		}
	}
	if len(members) == 0 && w.c.Keys.Role() == "" {
		return nil, nil // nobody has told this desk who is who
	}
	list, err := w.c.DB.SpecialistsLeft(ctx, members, w.me())
	for i := range list {
		if len(list[i].Specialists) == 0 {
			list[i].Specialists = []casedb.Device{w.me()}
		}
	}
	return list, err
}

func (w *Wrapper) renew(ctx context.Context, l casedb.Lock) error {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("making a locked case's new key: %w", err)
	}
	l.Identity, l.Recipient, l.Me = id.String(), id.Recipient().String(), w.me()
	if err := w.c.DB.LockCase(ctx, l); err != nil {
		return fmt.Errorf("giving a locked case a new key: %w", err)
	}
	return nil
}
