package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// ErrSpecialist says that a desk that was named is not a specialist's.
var ErrSpecialist = errors.New("a case is locked for specialists' desks only; ask a keeper to make it one")

// ErrNotOut says that the gate did not take in time what a case's lock waits for: the case is as it was.
var ErrNotOut = fmt.Errorf("%w: the gate did not take in time who may open the case", ErrState)

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

// LockCase is LockCaseFor where nobody has said who works at the desks.
func (o *Office) LockCase(ctx context.Context, thread int64, specialists []string) error {
	return o.LockCaseFor(ctx, thread, specialists, nil)
}

// LockCaseFor locks a case for the desks of named specialists: this desk keeps it only when it is one of them, the others destroy their copies when they read of it. At a desk where several people
// work, only those of people see it: a specialist and a deputy. The errors wrap ErrRole, ErrSpecialist, ErrNamePeople, ErrNotFound, ErrWall, or ErrState: the case is locked or closed, an answer has not gone out, or (ErrNotOut) the gate
// did not answer in time. A case that could not be locked is given back as it was: "locked" by word alone would keep its people out and seal nothing.
func (o *Office) LockCaseFor(ctx context.Context, thread int64, specialists []string, people []event.Staff) error {
	var named []casedb.Device
	var back []event.Body
	err := o.changes(ctx, thread, func(r *room) (err error) {
		if _, err := r.db.SpecialistsOf(ctx, thread); err == nil {
			return fmt.Errorf("%w: it is locked already", ErrState)
		}
		if named, err = r.specialists(specialists); err != nil {
			return err
		}
		if err := r.namable(ctx, named, people, true); err != nil {
			return err
		}
		if len(people) > 0 && !slices.Contains(named, casedb.Device(r.me())) && !r.contactNow().reachable {
			return fmt.Errorf("%w: this desk keeps no copy and cannot tell the others now", ErrState)
		}
		c, err := r.folded(ctx, thread)
		if err != nil {
			return err
		}
		back = asBefore(c, people)
		// Before the lock: this desk may not keep the case, and could not name anybody afterwards.
		return r.namePeople(ctx, thread, people, true)
	})
	if err != nil {
		return err
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("making the case's key: %w", err)
	}
	lock := casedb.Lock{Thread: thread, Specialists: named, Recipient: id.Recipient().String(), Identity: id.String()}
	if len(people) == 0 {
		return o.lockNow(ctx, lock)
	}
	if err = o.lockSoon(ctx, lock); err == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // a browser that went away must not leave the case between two states
	undone := o.change(thread, func(r *room) error { return r.put(ctx, thread, ActorOf(ctx).Staff, back...) })
	return errors.Join(err, undone)
}

// asBefore are the events that take back what namePeople writes for a lock.
func asBefore(c fold.Case, people []event.Staff) []event.Body {
	bodies := []event.Body{
		event.Set{Field: event.FieldSensitivity, Value: c.Fields[event.FieldSensitivity].Text()}, event.Assigned{Staff: event.Staff(c.Owner.Text())},
	}
	for _, who := range people {
		if !slices.Contains(c.Team, who) {
			bodies = append(bodies, event.Team{Staff: who})
		}
	}
	for _, who := range c.Team {
		if !slices.Contains(people, who) {
			bodies = append(bodies, event.Team{Staff: who, On: true})
		}
	}
	return bodies
}

func (o *Office) lockNow(ctx context.Context, l casedb.Lock) error {
	return o.change(l.Thread, func(r *room) error {
		l.Me = r.me()
		return r.db.LockCase(ctx, l)
	})
}

// outTime is how long locking waits for the names to reach the gate: a desk that keeps no copy can send nothing of the case any more.
const outTime = 20 * time.Second

// lockSoon locks when what names the people has gone out.
func (o *Office) lockSoon(ctx context.Context, l casedb.Lock) error {
	ctx, cancel := context.WithTimeout(ctx, outTime)
	defer cancel()
	changes, stop := o.Subscribe()
	defer stop()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		err := o.lockNow(ctx, l)
		if !errors.Is(err, ErrState) {
			return err
		}
		select {
		case <-ctx.Done():
			return ErrNotOut
		case _, ok := <-changes:
			if !ok {
				return err
			}
		case <-again.C:
		}
	}
}

// NamePeople lets further specialists at the desks that read a locked case open it. Errors as of LockCaseFor.
func (o *Office) NamePeople(ctx context.Context, thread int64, people []event.Staff) error {
	return o.changes(ctx, thread, func(r *room) error {
		now, err := r.db.SpecialistsOf(ctx, thread)
		if err != nil {
			return err
		}
		if err := r.namable(ctx, now, people, false); err != nil {
			return err
		}
		return r.namePeople(ctx, thread, people, false)
	})
}

// NameSpecialist lets one more specialist's desk read a locked case. Only a desk that reads it can; errors as of LockCase.
func (o *Office) NameSpecialist(ctx context.Context, thread int64, desk string) error {
	return o.changes(ctx, thread, func(r *room) error {
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

// namable makes sure that the people work at the desks and are specialists there, and, when each must have one, that every desk with specialists has one who is named: else nobody there could open the case.
func (r *room) namable(ctx context.Context, desks []casedb.Device, people []event.Staff, each bool) error {
	all, _, err := r.staff(ctx)
	if err != nil {
		return err
	}
	for _, who := range people {
		ok := slices.ContainsFunc(all.People, func(p fold.Person) bool {
			return p.Staff == who && p.Active && p.Role == string(roster.RoleSpecialist) && slices.ContainsFunc(desks, func(d casedb.Device) bool { return deviceText(roster.DeviceHash(d)) == p.Device })
		})
		if !ok {
			return ErrSpecialist
		}
	}
	for _, d := range desks {
		here := func(p fold.Person) bool {
			return p.Active && p.Role == string(roster.RoleSpecialist) && p.Device == deviceText(roster.DeviceHash(d))
		}
		named := func(p fold.Person) bool { return here(p) && slices.Contains(people, p.Staff) }
		if each && slices.ContainsFunc(all.People, here) && !slices.ContainsFunc(all.People, named) {
			return ErrNamePeople
		}
	}
	return nil
}

// namePeople writes into a case who may open it, and, when it is being locked, that it is and who has it.
func (r *room) namePeople(ctx context.Context, thread int64, people []event.Staff, lock bool) error {
	if len(people) == 0 {
		return nil
	}
	var bodies []event.Body
	if lock {
		c, err := r.folded(ctx, thread)
		if err != nil {
			return err
		}
		// The first who is named has the case; whoever had it, or worked on it, and is not named, is outside.
		bodies = append(bodies, event.Set{Field: event.FieldSensitivity, Value: "locked"}, event.Assigned{Staff: people[0]})
		for _, who := range c.Team {
			if !slices.Contains(people, who) {
				bodies = append(bodies, event.Team{Staff: who})
			}
		}
	}
	for _, who := range people {
		bodies = append(bodies, event.Team{Staff: who, On: true})
	}
	return r.put(ctx, thread, ActorOf(ctx).Staff, bodies...)
}

// SpecialistPeople lists the specialists that a case may be locked for: people at specialists' desks.
func (o *Office) SpecialistPeople(ctx context.Context) ([]Colleague, error) {
	staff, err := o.StaffList(ctx)
	return slices.DeleteFunc(staff, func(c Colleague) bool { return !c.Active || c.Role != string(roster.RoleSpecialist) }), err
}
