package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"panah/core/duty"
	"panah/core/pathway"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// clockTime is how often clocks are looked at when nothing changes.
const clockTime = 20 * time.Second

// Bounds of one look: what is left over is done at the next.
const (
	clockBite  = 500
	clockBites = 40
)

// settingRoster is what the clocks were last counted with.
const settingRoster = "duty.counted"

// every is how often clocks are looked at.
func (o *Office) every() time.Duration {
	if o.c.LookEvery > 0 {
		return o.c.LookEvery
	}
	return clockTime
}

// clocks keeps reply clocks, and calls somebody when one of minutes has run out, until ctx ends.
func (r *room) clocks(ctx context.Context) {
	for {
		if err := r.clockPass(ctx); err != nil && ctx.Err() == nil {
			r.o.c.Log.Error("keeping the reply clocks", "error", err)
		}
		if err := r.callPass(ctx); err != nil && ctx.Err() == nil {
			r.o.c.Log.Error("calling somebody", "error", err)
		}
		t := time.NewTimer(r.o.every())
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-r.wakeClock:
		case <-t.C:
		}
		t.Stop()
	}
}

// clockPass gives a clock to whoever waits without one, and marks those whose clock has run out.
func (r *room) clockPass(ctx context.Context) error {
	all, _, err := r.staff(ctx)
	if err != nil {
		return err
	}
	now, shifts := r.o.c.Now(), rosterOf(all.Shifts)
	if err := r.countAnew(ctx, shifts); err != nil {
		return err
	}
	set := 0
	for range clockBites {
		n, err := r.setClocks(ctx, shifts, now)
		if err != nil {
			return err
		}
		if set += n; n < clockBite {
			break
		}
	}
	late, err := r.db.Escalate(ctx, now.Add(-r.o.clock(casedb.UrgencyMinutes).Escalate))
	if err != nil {
		return err
	}
	if len(late) > 0 {
		if err := r.want(ctx, now); err != nil {
			return err
		}
	}
	if set > 0 || len(late) > 0 {
		r.o.hub.say(Change{Kind: ChangeThreads}, Change{Kind: ChangeStatus})
	}
	return nil
}

// countAnew forgets the clocks when the roster is not the one that they were counted with.
func (r *room) countAnew(ctx context.Context, shifts duty.Roster) error {
	h := sha256.New()
	for _, s := range shifts {
		fmt.Fprintf(h, "%d %d\n", s.From.Unix(), s.To.Unix())
	}
	mark := hex.EncodeToString(h.Sum(nil))
	if had, err := r.db.Setting(ctx, settingRoster); err != nil || had == mark {
		return err
	}
	if err := r.db.ForgetClocks(ctx); err != nil {
		return err
	}
	return r.db.SetSetting(ctx, settingRoster, mark)
}

// setClocks says by when the next ones who wait are to be answered, and how many got a clock.
func (r *room) setClocks(ctx context.Context, shifts duty.Roster, now time.Time) (int, error) {
	waiting, err := r.db.WaitingWithoutClock(ctx, clockBite)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	clocks := make([]casedb.Clock, len(waiting))
	for i, w := range waiting {
		clocks[i] = casedb.Clock{Waiter: w, By: shifts.ReplyBy(received(w.Since, now), r.o.clock(w.Urgency).Reply)}
	}
	return r.db.GiveClocks(ctx, clocks)
}

// received is when a letter of an hour reached this desk, at the latest: gates tell no finer time. A desk that is awake sees it within seconds.
func received(hour, now time.Time) time.Time {
	if end := hour.Add(time.Hour); end.Before(now) {
		return end
	}
	return now
}

// clock is how long an urgency leaves.
func (o *Office) clock(u casedb.Urgency) pathway.Clock {
	name := map[casedb.Urgency]pathway.Urgency{casedb.UrgencyMinutes: pathway.Minutes, casedb.UrgencyHours: pathway.Hours}[u]
	if name == "" {
		name = pathway.Days
	}
	if c, ok := o.c.Clocks[name]; ok {
		return c
	}
	return defaultClocks[name]
}

// defaultClocks are for an office that was given none. What people see comes from rules/pathways/_common.yaml.
var defaultClocks = map[pathway.Urgency]pathway.Clock{
	pathway.Minutes: {Reply: 15 * time.Minute, Act: time.Hour, Escalate: 10 * time.Minute},
	pathway.Hours:   {Reply: 2 * time.Hour, Act: 24 * time.Hour, Escalate: time.Hour},
	pathway.Days:    {Reply: 24 * time.Hour, Act: 72 * time.Hour, Escalate: 24 * time.Hour},
}

// Escalated says how many cases of minutes nobody has answered within their clock, of those that the actor may see. A desk that locks meanwhile has none.
func (o *Office) Escalated(ctx context.Context) (e casedb.Escalated, err error) {
	err = o.in(func(r *room) error {
		a := ActorOf(ctx)
		e, err = r.db.Escalations(ctx, a.Staff, a.Role == string(roster.RoleKeeper))
		return err
	})
	if errors.Is(err, ErrLocked) {
		return casedb.Escalated{}, nil
	}
	return e, err
}
