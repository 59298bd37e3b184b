package fold_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

func retired() event.Retired {
	return event.Retired{
		Source: "letter", Since: "2026-09-01T08:00:00Z", Opened: "2026-09-01T09:00:00Z", OpenedBy: ana, Owner: ana, Team: []event.Staff{bilal}, Barred: []event.Staff{chen},
		Pathways: []string{"medical"}, Fields: map[string]string{"name": "M."}, Outcome: "advised", Reason: "goal-reached", Closed: "2026-10-01T09:00:00Z", ClosedBy: ana,
	}
}

// What is left of a case whose events are gone says what they said, also on a desk that never saw them.
func TestRetiredStandsForWhatIsGone(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(retired())
	c := d.fold()
	if !c.Opened || c.Closure == nil || c.Closure.Outcome != "advised" || c.Closure.By != ana || c.Retired.IsZero() || c.Owner.Text() != string(ana) {
		t.Errorf("%+v", c.Closure)
	}
	if diff := cmp.Diff([]string{"M.", "medical"}, append([]string{c.Fields["name"].Text()}, c.Pathways...)); diff != "" {
		t.Error(diff)
	}
	if _, out := c.Barred[chen]; !out || !slices.Contains(c.Team, bilal) {
		t.Error("who is kept out, or on the team, was lost")
	}
	d.say(event.Reopened{Why: "wrote again"})
	if c := d.fold(); c.Closure != nil || !c.Opened {
		t.Error("the case cannot be opened again")
	}
	d.say(set(event.FieldName, "Mina"))
	if got := d.fold().Fields["name"]; got.Text() != "Mina" || got.Conflict() {
		t.Errorf("%v", got)
	}
}

func TestOnlyAClosedCaseRetires(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(opened())
	if err := d.fold().May(fold.Actor{}, retired(), *d.now); err == nil {
		t.Error("an open case was retired")
	}
	d.say(event.Closed{Outcome: "advised", Reason: "goal-reached"})
	if err := d.fold().May(fold.Actor{}, retired(), *d.now); err != nil {
		t.Error(err)
	}
	d.say(retired())
	if c := d.fold(); c.Closure == nil || c.OpenedAt.IsZero() {
		t.Error("a case that retired is open, or never was")
	}
}

func TestOfTwoRetentionsTheLongerHolds(t *testing.T) {
	body := event.Retention{Text: 30, Identity: 90, Locked: 30, Lost: 60, List: 7, Why: "the law asks"}
	other := event.Retention{Text: 60, Identity: 60, Locked: 10, Lost: 60, List: 14, Why: "less"}
	var entries []fold.Entry
	for i, b := range []event.Retention{body, other} {
		entries = append(entries, fold.Entry{Signed: event.Signed{Event: event.Event{Body: b, Author: ana}, Hash: event.Hash{byte(i + 1)}}, Place: int64(i)})
	}
	got := fold.OfficeOf(entries).Retention
	if got.Text != 60 || got.Identity != 90 || got.Locked != 30 || got.List != 14 {
		t.Errorf("%+v", got)
	}
}
