package office

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"

	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// ErrSpecialist says that a desk that was named is not a specialist's.
var ErrSpecialist = errors.New("a case is locked for specialists' desks only; ask a keeper to make it one")

// Specialists lists the desks that a case may be locked for.
func (o *Office) Specialists(context.Context) (list []Desk, err error) {
	err = o.in(func(r *room) error {
		s, now := r.keys.State(), r.keys.Newest()
		for _, m := range s.Members {
			if m.Role == roster.RoleSpecialist && slices.Contains(now.Devices, m.Hash()) {
				list = append(list, r.desk(s, m))
			}
		}
		return nil
	})
	return list, err
}

// LockCase locks a case for the desks of named specialists: this desk keeps it only when it is one of them, the others destroy their copies when they read of it. The errors wrap
// ErrRole, ErrSpecialist, ErrNotFound, or ErrState: the case is locked or closed, or an answer has not gone out.
func (o *Office) LockCase(ctx context.Context, thread int64, specialists []string) error {
	return o.change(thread, func(r *room) error {
		if _, err := r.db.SpecialistsOf(ctx, thread); err == nil {
			return fmt.Errorf("%w: it is locked already", ErrState)
		}
		named, err := r.specialists(specialists)
		if err != nil {
			return err
		}
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return fmt.Errorf("making the case's key: %w", err)
		}
		return r.db.LockCase(ctx, casedb.Lock{Thread: thread, Specialists: named, Recipient: id.Recipient().String(), Identity: id.String(), Me: r.me()})
	})
}

// NameSpecialist lets one more specialist's desk read a locked case. Only a desk that reads it can; errors as of LockCase.
func (o *Office) NameSpecialist(ctx context.Context, thread int64, desk string) error {
	return o.change(thread, func(r *room) error {
		now, err := r.db.SpecialistsOf(ctx, thread)
		if err != nil {
			return err
		}
		more, err := r.specialists([]string{desk})
		if err != nil {
			return err
		}
		if slices.Contains(now, more[0]) {
			return nil
		}
		return r.db.LockCase(ctx, casedb.Lock{Thread: thread, Specialists: append(now, more...), Me: r.me()})
	})
}

// specialists finds desks by what addresses of pages call them.
func (r *room) specialists(ids []string) ([]casedb.Device, error) {
	if len(ids) == 0 {
		return nil, ErrSpecialist
	}
	var out []casedb.Device
	for _, id := range ids {
		m, err := r.member(id)
		if err != nil {
			return nil, err
		}
		if m.Role != roster.RoleSpecialist {
			return nil, ErrSpecialist
		}
		if !slices.Contains(out, casedb.Device(m.Hash())) {
			out = append(out, m.Hash())
		}
	}
	return out, nil
}
