package office

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"panah/core/duty"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
)

// What can go wrong with the duty roster that a page has words for.
var (
	ErrShift    = errors.New("a shift begins before it ends, lasts at most a week, has somebody on it, and lies within the next half year")
	ErrShiftOld = errors.New("what is over stays as it was")
)

// Bounds of a roster.
const (
	maxShift      = 7 * 24 * time.Hour
	maxShiftAhead = 183 * 24 * time.Hour
	maxShiftStaff = 64
	maxRepeat     = 26 // weeks
)

// A DutyPlan is the duty roster as its page shows it.
type DutyPlan struct {
	Now    DutyNow
	Shifts []fold.OnDuty // of the time that was asked for, by their beginning
	People []fold.Person // who can be put on duty
	Names  map[event.Staff]string
	Ends   time.Time // when the last shift ends; zero: there is none
	Edit   bool      // who asks may change it
	Zone   string    // whose local time the public page shows; "" for UTC
	Public PublicDuty
}

// Duty reads the roster of a time.
func (o *Office) Duty(ctx context.Context, from, to time.Time) (p DutyPlan, err error) {
	err = o.in(func(r *room) error {
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		p.Names = map[event.Staff]string{}
		for _, one := range all.People {
			p.Names[one.Staff] = one.Name
			if _, ok := r.deskOf(one.Device); ok && one.Active && one.Role != string(roster.RoleReader) {
				p.People = append(p.People, one)
			}
		}
		for _, s := range all.Shifts {
			if s.To.After(p.Ends) {
				p.Ends = s.To
			}
			if s.To.After(from) && s.From.Before(to) {
				p.Shifts = append(p.Shifts, s)
			}
		}
		p.Now = dutyNow(all.Shifts, o.c.Now())
		p.Edit = r.mayPlan(ctx) == nil
		if p.Zone, err = r.db.Setting(ctx, settingZone); err != nil {
			return err
		}
		p.Public, err = r.publicDuty(ctx)
		return err
	})
	return p, err
}

// DutyNow says who is on duty at a time.
func (o *Office) DutyNow(ctx context.Context, now time.Time) (d DutyNow, err error) {
	err = o.in(func(r *room) error {
		all, _, err := r.staff(ctx)
		d = dutyNow(all.Shifts, now)
		return err
	})
	return d, err
}

func dutyNow(shifts []fold.OnDuty, now time.Time) (d DutyNow) {
	_, until, known := rosterOf(shifts).At(now)
	d.Set = known
	if known {
		d.Until = until
	}
	for _, s := range shifts {
		if now.Before(s.From) || !now.Before(s.To) {
			continue
		}
		for _, who := range s.Staff {
			if !slices.Contains(d.On, who) {
				d.On = append(d.On, who)
			}
		}
	}
	return d
}

// rosterOf is the shifts as core/duty counts with them.
func rosterOf(shifts []fold.OnDuty) duty.Roster {
	spans := make([]duty.Span, len(shifts))
	for i, s := range shifts {
		spans[i] = duty.Span{From: s.From, To: s.To}
	}
	return duty.Of(spans)
}

// mayPlan refuses readers, people and desks.
func (r *room) mayPlan(ctx context.Context) error {
	if ActorOf(ctx).Role == string(roster.RoleReader) {
		return ErrRole
	}
	return r.mayWrite()
}

// SetShift puts people on duty. An empty ID makes a new shift; a shift without people is taken off. The error wraps ErrShift, ErrShiftOld, ErrRole.
func (o *Office) SetShift(ctx context.Context, s fold.OnDuty) error {
	return o.planning(ctx, func(r *room, all fold.Office) ([]event.Body, error) {
		now := o.c.Now()
		if old := slices.IndexFunc(all.Shifts, func(a fold.OnDuty) bool { return a.ID == s.ID }); s.ID != "" {
			if old < 0 {
				return nil, ErrNotFound
			}
			if !all.Shifts[old].To.After(now) {
				return nil, ErrShiftOld
			}
			if len(s.Staff) == 0 {
				s.From, s.To = all.Shifts[old].From, all.Shifts[old].To
			}
		}
		if s.ID == "" || len(s.Staff) > 0 {
			if err := r.checkShift(s, all, now); err != nil {
				return nil, err
			}
		}
		return []event.Body{shiftEvent(s)}, nil
	})
}

// checkShift refuses what cannot be meant.
func (r *room) checkShift(s fold.OnDuty, all fold.Office, now time.Time) error {
	if !s.To.After(s.From) || s.To.Sub(s.From) > maxShift || !s.To.After(now) || s.To.After(now.Add(maxShiftAhead)) || len(s.Staff) == 0 || len(s.Staff) > maxShiftStaff {
		return ErrShift
	}
	for _, who := range s.Staff {
		if !slices.ContainsFunc(all.People, func(p fold.Person) bool { return p.Staff == who && p.Active && p.Role != string(roster.RoleReader) }) {
			return ErrShift
		}
	}
	return nil
}

func shiftEvent(s fold.OnDuty) event.Shift {
	if s.ID == "" {
		var id [8]byte
		_, _ = rand.Read(id[:]) // never fails since Go 1.24
		s.ID = hex.EncodeToString(id[:])
	}
	staff := slices.Compact(slices.Sorted(slices.Values(s.Staff)))
	if staff == nil {
		staff = []event.Staff{}
	}
	return event.Shift{ID: s.ID, From: stamp(s.From), To: stamp(s.To), Staff: staff}
}

// RepeatWeekly writes the shifts of the week that begins at week into each of the next weeks, at the same local times; a shift that is there already is not written again. It returns how many
// were written. The error wraps ErrShift, ErrRole.
func (o *Office) RepeatWeekly(ctx context.Context, week time.Time, weeks int) (written int, err error) {
	if weeks < 1 || weeks > maxRepeat {
		return 0, ErrShift
	}
	err = o.planning(ctx, func(r *room, all fold.Office) ([]event.Body, error) {
		now := o.c.Now()
		var bodies []event.Body
		for n := 1; n <= weeks; n++ {
			for _, s := range all.Shifts {
				if s.From.Before(week) || !s.From.Before(week.AddDate(0, 0, 7)) {
					continue
				}
				// Local days, not times of 24 hours: a clock that is put forward must not move everybody's morning.
				again := fold.OnDuty{From: s.From.In(week.Location()).AddDate(0, 0, 7*n), To: s.To.In(week.Location()).AddDate(0, 0, 7*n)}
				again.Staff = append(again.Staff, s.Staff...)
				if !slices.ContainsFunc(all.Shifts, func(a fold.OnDuty) bool { return sameShift(a, again) }) && r.checkShift(again, all, now) == nil {
					bodies = append(bodies, shiftEvent(again))
				}
			}
		}
		written = len(bodies)
		return bodies, nil
	})
	return written, err
}

func sameShift(a, b fold.OnDuty) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && slices.Equal(slices.SortedFunc(slices.Values(a.Staff), cmp.Compare[event.Staff]), slices.SortedFunc(slices.Values(b.Staff), cmp.Compare[event.Staff]))
}

// planning records what f makes of the roster, and has clocks and public page follow.
func (o *Office) planning(ctx context.Context, f func(r *room, all fold.Office) ([]event.Body, error)) error {
	err := o.in(func(r *room) error {
		if err := r.mayPlan(ctx); err != nil {
			return err
		}
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		bodies, err := f(r, all)
		if err != nil || len(bodies) == 0 {
			return err
		}
		if err := r.putOffice(ctx, ActorOf(ctx).Staff, bodies...); err != nil {
			return fmt.Errorf("writing the roster: %w", err)
		}
		wake(r.wakePost)
		wake(r.wakeClock)
		return r.announceAnew(ctx)
	})
	if err == nil {
		o.hub.say(Change{Kind: ChangeStatus})
	}
	return err
}

// SetZone says whose local time the public page shows; "" for UTC. The error wraps ErrZone, ErrRole.
func (o *Office) SetZone(ctx context.Context, zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" || len(zone) > 40 {
		return ErrZone
	}
	return o.in(func(r *room) error {
		if err := r.mayPlan(ctx); err != nil {
			return err
		}
		if err := r.db.SetSetting(ctx, settingZone, zone); err != nil {
			return err
		}
		return r.announceAnew(ctx)
	})
}

// ErrZone says that there is no such time zone.
var ErrZone = errors.New("there is no time zone of this name; they are like Asia/Kabul")

// settingZone is the setting of SetZone.
const settingZone = "duty.zone"
