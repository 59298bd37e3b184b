package office

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"panah/core/duty"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// Times of telling the public when somebody is on duty.
const (
	announceTime = 30 * time.Minute    // between looks at what the gate shows
	announceOld  = 24 * time.Hour      // when the same is said again
	settleTime   = time.Hour           // how long another desk's word stands before this desk, which may not have heard why, says otherwise
	compareAhead = 30 * 24 * time.Hour // what has to be the same
)

// settingSaid is what this desk told the gate last; settingChanged, that the roster was changed at this desk since: another value with each change.
const (
	settingSaid    = "duty.said"
	settingChanged = "duty.changed"
)

// A said is when this desk told the gate of its times of duty, and what it found since.
type said struct {
	At      int64  `json:"at"`      // of the Duty, unix seconds; 0: never
	Problem string `json:"problem"` // see PublicDuty
}

// PublicDuty is what the public is told of the roster.
type PublicDuty struct {
	At      time.Time // when this desk said it last; zero: never
	Problem string    // "", "offline", "refused", "withheld": the gate shows something else than it was told
	Gate    bool      // there is a gate to tell
}

func (r *room) told(ctx context.Context) (s said, err error) {
	text, err := r.db.Setting(ctx, settingSaid)
	if err != nil || text == "" {
		return s, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("reading what the gate was told of duty: %w", err)
	}
	return s, nil
}

func (r *room) publicDuty(ctx context.Context) (PublicDuty, error) {
	s, err := r.told(ctx)
	p := PublicDuty{Problem: s.Problem, Gate: r.line != nil}
	if s.At > 0 {
		p.At = time.Unix(s.At, 0).UTC()
	}
	return p, err
}

// announceAnew has the gate told at once of what changed at this desk.
func (r *room) announceAnew(ctx context.Context) error {
	defer wake(r.wakeDuty)
	return r.db.SetSetting(ctx, settingChanged, rand.Text())
}

// announce tells the gate when somebody is on duty, and looks whether it passes that on, until ctx ends.
func (r *room) announce(ctx context.Context) {
	r.keepTelling(ctx, r.wakeDuty, "telling the gate when somebody is on duty", r.announcePass)
}

func (r *room) announcePass(ctx context.Context) error {
	before, err := r.told(ctx)
	if err != nil {
		return err
	}
	now := before
	err = r.tell(ctx, &now)
	return afterTelling(ctx, r, settingSaid, before, &now, &now.Problem, err)
}

// tell compares what the gate shows with what it was told, and tells it what is so now.
func (r *room) tell(ctx context.Context, s *said) error {
	notice, there, err := r.line.Duty(ctx)
	if err != nil {
		return err
	}
	shown, ours, err := r.shown(ctx, notice, there, s)
	if err != nil {
		return err
	}
	changed, err := r.db.Setting(ctx, settingChanged)
	if err != nil {
		return err
	}
	all, _, err := r.staff(ctx)
	if err != nil {
		return err
	}
	zone, err := r.db.Setting(ctx, settingZone)
	if err != nil {
		return err
	}
	if zone == "" {
		zone = shown.Zone
	}
	now := r.o.c.Now()
	want := wire.NewDuty(rosterOf(all.Shifts), zone, now)
	if r.mayWrite() != nil {
		return nil
	}
	if !due(shown, ours, want, changed != "", now) {
		if changed != "" && sameDuty(shown, want, now) {
			return r.announced(ctx, changed)
		}
		return nil
	}
	var e *wire.Error
	if err := r.line.PostDuty(ctx, want); errors.As(err, &e) && e.Code == wire.CodeDuty {
		return nil // another desk was quicker; the next look compares
	} else if err != nil {
		return err
	}
	s.At, s.Problem = want.At, ""
	return r.announced(ctx, changed)
}

// announced takes off the mark that the roster was changed, unless it was changed again in the meantime: then another pass follows.
func (r *room) announced(ctx context.Context, changed string) error {
	if again, err := r.db.Setting(ctx, settingChanged); err != nil || again != changed {
		return err
	}
	return r.db.SetSetting(ctx, settingChanged, "")
}

// due reports whether the gate has to be told. What another desk told it a moment ago may be newer than what this one has heard of.
func due(shown wire.Duty, ours bool, want wire.Duty, changed bool, now time.Time) bool {
	if shown.At == 0 && len(want.Spans) == 0 {
		return false
	}
	age := now.Sub(time.Unix(shown.At, 0))
	if !ours || age > announceOld {
		return true
	}
	return !sameDuty(shown, want, now) && (changed || age > settleTime)
}

// sameDuty compares what comes.
func sameDuty(a, b wire.Duty, now time.Time) bool {
	until := now.Add(compareAhead)
	return a.Zone == b.Zone && slices.EqualFunc(a.Roster().Within(now, until), b.Roster().Within(now, until), func(a, b duty.Span) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) })
}

// shown checks what the gate shows. ours is false for what no desk of the organisation as it is now said. A gate that makes times up, or keeps back what it has taken, is an alarm.
func (r *room) shown(ctx context.Context, n line.Notice, there bool, s *said) (d wire.Duty, ours bool, err error) {
	var evidence []string
	if there {
		said, from, err := wire.CheckDuty(n.Body, n.Signed, r.keys.Gate().Origin)
		if err == nil {
			d = said
			ours = slices.ContainsFunc(r.keys.State().Members, func(m roster.Member) bool { return slices.Equal(m.Device, from) })
		} else {
			evidence = []string{string(n.Body), n.Signed.Device, n.Signed.Date, n.Signed.Signature}
		}
	}
	if evidence == nil && (s.At == 0 || d.At >= s.At) {
		if s.Problem == "withheld" {
			s.Problem = ""
		}
		return d, ours, nil
	}
	if s.Problem == "withheld" { // it is told again each time
		return d, false, nil
	}
	s.Problem = "withheld"
	r.o.hub.say(Change{Kind: ChangeAlarms})
	if evidence == nil {
		evidence = []string{string(n.Body)}
	}
	return d, false, r.db.Raise(ctx, casedb.Finding{Kind: casedb.AlarmDuty, Evidence: evidence}, r.o.c.Now())
}
