package wraps_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// does signs what a person at this desk says happened, as the office does.
func (s *seat) does(thread int64, bodies ...event.Body) {
	s.w.t.Helper()
	ctx := context.Background()
	id, err := s.db.CaseID(ctx, thread)
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, b := range bodies {
		entries, err := s.db.Events(ctx, thread)
		if err != nil {
			s.w.t.Fatal(err)
		}
		e := event.Event{Org: s.keys.Org, Epoch: s.keys.Epoch(), Case: id, Author: s.staff(), At: time.Now(), Body: b}
		if id == event.Office {
			e.Parents = fold.OfficeOf(entries).Heads
		} else {
			e.Parents = fold.Of(id, entries).Heads
		}
		c, err := s.db.Cursor(ctx)
		if err != nil {
			s.w.t.Fatal(err)
		}
		tree, err := c.Verified.Tree()
		if err != nil {
			s.w.t.Fatal(err)
		}
		e.Tree = fmt.Sprintf("%d %s", tree.Size, tree.Root)
		signed, err := event.Sign(e, s.keys.Device())
		if err != nil {
			s.w.t.Fatal(err)
		}
		if err := s.db.Record(ctx, thread, []event.Signed{signed}); err != nil {
			s.w.t.Fatal(err)
		}
	}
}

// staff is who sits at this desk.
func (s *seat) staff() event.Staff {
	h := roster.HashDevice(pub(s.keys.Device()))
	return event.Staff(fmt.Sprintf("%x", h[:8]))
}

func (s *seat) file(thread int64) fold.Case {
	s.w.t.Helper()
	id, err := s.db.CaseID(context.Background(), thread)
	if err != nil {
		s.w.t.Fatal(err)
	}
	entries, err := s.db.Events(context.Background(), thread)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return fold.Of(id, entries)
}

func (s *seat) row(thread int64) casedb.CaseRow {
	s.w.t.Helper()
	r, err := s.db.Row(context.Background(), thread)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return r
}

func notes(c fold.Case) (out []string) {
	for _, n := range c.Notes {
		out = append(out, n.Text)
	}
	return out
}

var opened = event.Opened{Source: "letter", Since: "2026-11-20T10:00:00Z"}

// Two desks work on one case, hear of each other, and part: each works alone, and nothing of either is lost.
func TestTwoDesksWorkOnOneCase(t *testing.T) {
	_, a := newTown(t)
	p := a.person()
	p.writes(a, 1, "my card ends")
	a.round()
	b := a.join("second", roster.RoleCaseworker)
	b.round()
	a.round()
	at, bt := a.thread("my card ends"), b.thread("my card ends")
	a.does(at, opened, event.Set{Field: event.FieldName, Value: "Ahmad"}, event.Set{Field: event.FieldUrgency, Value: "minutes"}, event.Followed{Pathway: "paper-expiring", On: true},
		event.TaskAdded{Task: "paper-expiring/call", Do: "Call them", Due: "2026-12-01T10:00:00Z", Basis: "law"}, event.Claimed{})
	a.round()
	b.round()
	r := b.row(bt)
	if r.Stage != casedb.StageOpen || r.Name != "Ahmad" || r.Urgency != casedb.UrgencyMinutes || r.Owner != a.staff() || !slices.Equal(r.Pathways, []string{"paper-expiring"}) || r.OpenTasks != 1 || r.DueTask != "Call them" {
		t.Errorf("the second desk has %+v", r)
	}
	if tasks, err := b.db.TasksDue(context.Background(), casedb.TaskFilter{}); err != nil || len(tasks) != 1 || tasks[0].Owner != a.staff() || tasks[0].Name != "Ahmad" {
		t.Errorf("tasks %d %v", len(tasks), err)
	}

	// Both say something without hearing the other.
	a.does(at, event.Noted{Text: "from a"}, event.Set{Field: event.FieldDistrict, Value: "herat"})
	b.does(bt, event.Noted{Text: "from b"}, event.Set{Field: event.FieldDistrict, Value: "kabul"})
	for range 2 {
		a.round()
		b.round()
	}
	ca, cb := a.file(at), b.file(bt)
	if len(notes(ca)) != 2 || !slices.Equal(notes(ca), notes(cb)) {
		t.Errorf("notes %q and %q", notes(ca), notes(cb))
	}
	if !a.row(at).Conflict || !b.row(bt).Conflict || len(ca.Fields[event.FieldDistrict]) != 2 {
		t.Errorf("the desks do not ask which district it is: %v", ca.Conflicts())
	}
	if a.row(at).District != b.row(bt).District {
		t.Errorf("they show %q and %q", a.row(at).District, b.row(bt).District)
	}
	b.does(bt, event.Set{Field: event.FieldDistrict, Value: "herat"})
	b.round()
	a.round()
	if a.row(at).Conflict || a.row(at).District != "herat" {
		t.Error("what a human decided does not hold at the other desk")
	}
	a.noAlarms()
	b.noAlarms()
}

// A case without a letter crosses, gets a code, and its person answers.
func TestCaseWithoutALetter(t *testing.T) {
	_, a := newTown(t)
	b := a.join("second", roster.RoleCaseworker)
	b.round()
	id := event.Case{9, 8, 7}
	at, err := a.db.Begin(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.does(at, event.Opened{Source: "person", Since: "2026-11-20T10:00:00Z"}, event.Set{Field: event.FieldName, Value: "Maryam"})
	a.round()
	b.round()
	a.round()
	rows, err := b.db.Queue(context.Background(), casedb.CaseFilter{})
	if err != nil || len(rows) != 1 || rows[0].Name != "Maryam" || rows[0].First.IsZero() {
		t.Fatalf("the second desk's queue: %d %v", len(rows), err)
	}
	p := a.person()
	if err := a.db.Reissue(context.Background(), at, p.keys.Mailbox, p.keys.Recipient().String(), p.keys.MAC); err != nil {
		t.Fatal(err)
	}
	a.round()
	b.round()
	p.writes(a, 1, "I found a telephone")
	a.round()
	b.round()
	for _, s := range []*seat{a, b} {
		if r := s.row(s.thread("I found a telephone")); r.Name != "Maryam" || !r.Waiting {
			t.Errorf("%s shows %q, waiting %v", s.name, r.Name, r.Waiting)
		}
		if got, err := s.db.CaseID(context.Background(), s.thread("I found a telephone")); err != nil || got != id {
			t.Errorf("%s names the case %x: %v", s.name, got, err)
		}
		s.noAlarms()
	}
}

// A newcomer reads what was said of an open case, and of a closed one, under keys that are gone; and the office's own stream.
func TestNewcomerReadsOldEvents(t *testing.T) {
	_, a := newTown(t)
	a.person().writes(a, 1, "my card ends")
	a.person().writes(a, 1, "my wages")
	a.round()
	at, closed := a.thread("my card ends"), a.thread("my wages")
	a.does(at, opened, event.Noted{Text: "she has a lawyer"})
	a.does(closed, opened, event.Closed{Outcome: "helped", Reason: "done"})
	office, err := a.db.OfficeThread(context.Background(), a.keys.Org)
	if err != nil {
		t.Fatal(err)
	}
	a.does(office, event.StaffIs{Staff: a.staff(), Name: "Ann", Role: "keeper", Active: true})
	a.round()
	for range 3 {
		a.roll()
	}
	b := a.join("late", roster.RoleCaseworker)
	b.round()
	a.round()
	if got := notes(b.file(b.thread("my card ends"))); !slices.Equal(got, []string{"she has a lawyer"}) {
		t.Errorf("the newcomer reads %q", got)
	}
	if r := b.row(b.thread("my wages")); r.Stage != casedb.StageClosed || r.Waiting {
		t.Errorf("the newcomer has the closed case as %s, waiting %v", r.Stage, r.Waiting)
	}
	theirs, err := b.db.OfficeThread(context.Background(), b.keys.Org)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := b.db.Events(context.Background(), theirs)
	if people := fold.OfficeOf(entries).People; err != nil || len(people) != 1 || people[0].Name != "Ann" {
		t.Errorf("the newcomer knows %d people: %v", len(people), err)
	}
	b.noAlarms()
}

// What was said in a case that is locked afterwards leaves the desks that are not named, and comes back to one that is named later.
func TestEventsOfALockedCase(t *testing.T) {
	_, worker := newTown(t)
	first, second := worker.join("specialist", roster.RoleSpecialist), worker.join("deputy", roster.RoleSpecialist)
	all(first, second, worker)
	worker.person().writes(worker, 1, "they hurt me")
	all(worker, first, second)
	at := worker.thread("they hurt me")
	worker.does(at, opened, event.Noted{Text: "before"}, event.Claimed{}, event.TaskAdded{Task: "x/y", Do: "Call", Due: "2026-12-01T10:00:00Z"})
	all(worker, first, second)
	ft := first.thread("they hurt me")
	if len(notes(first.file(ft))) != 1 || len(notes(second.file(second.thread("they hurt me")))) != 1 {
		t.Fatal("the note did not cross")
	}
	deputy := second.thread("they hurt me")
	first.lock(ft, true, first)
	all(first, second, worker)
	first.does(ft, event.Noted{Text: "after"})
	all(first, second, worker)
	for s, thread := range map[*seat]int64{worker: at, second: deputy} {
		if e, err := s.db.Events(context.Background(), thread); err != nil || len(e) != 0 {
			t.Errorf("%s, who is not named, has %d events: %v", s.name, len(e), err)
		}
		if r := s.row(thread); r.Name != "" || r.Owner != "" || r.Stage != casedb.StageNew || r.OpenTasks != 0 {
			t.Errorf("%s, who is not named, shows %+v", s.name, r)
		}
		if tasks, err := s.db.TasksDue(context.Background(), casedb.TaskFilter{}); err != nil || len(tasks) != 0 {
			t.Errorf("%s, who is not named, has %d tasks: %v", s.name, len(tasks), err)
		}
	}
	first.lock(ft, false, first, second)
	all(first, second, worker)
	deputy = second.thread("they hurt me")
	if got := notes(second.file(deputy)); !slices.Equal(got, []string{"before", "after"}) {
		t.Errorf("a desk that was named afterwards reads %q", got)
	}
	second.does(deputy, event.Noted{Text: "from the deputy"})
	all(second, first, worker)
	if got := notes(first.file(ft)); !slices.Contains(got, "from the deputy") {
		t.Errorf("the specialist reads %q", got)
	}
	if e, err := worker.db.Events(context.Background(), at); err != nil || len(e) != 0 {
		t.Errorf("the worker has %d events: %v", len(e), err)
	}
	for _, s := range []*seat{first, second, worker} {
		s.noAlarms()
	}
}

// A worker who had not heard of a lock wrote a note: it reaches those who are named, and leaves the worker's desk.
func TestNoteWrittenBesideALock(t *testing.T) {
	_, worker := newTown(t)
	first := worker.join("specialist", roster.RoleSpecialist)
	all(first, worker)
	worker.person().writes(worker, 1, "they hurt me")
	all(worker, first)
	at, ft := worker.thread("they hurt me"), first.thread("they hurt me")
	worker.does(at, opened)
	all(worker, first)
	worker.does(at, event.Noted{Text: "she told me more"})
	first.lock(ft, true, first)
	first.round()
	all(worker, first)
	if got := notes(first.file(ft)); !slices.Equal(got, []string{"she told me more"}) {
		t.Errorf("the specialist reads %q", got)
	}
	if e, err := worker.db.Events(context.Background(), at); err != nil || len(e) != 0 {
		t.Errorf("the worker has %d events: %v", len(e), err)
	}
	if n, err := worker.db.Outgoing(context.Background()); err != nil || n != 0 {
		t.Errorf("%d items wait: %v", n, err)
	}
	worker.noAlarms()
	first.noAlarms()
}

// An erasure takes what was said with it, everywhere; what comes for the case afterwards does not stay.
func TestErasureTakesEvents(t *testing.T) {
	_, a := newTown(t)
	b := a.join("second", roster.RoleCaseworker)
	b.round()
	a.person().writes(a, 1, "forget me")
	a.round()
	b.round()
	at, bt := a.thread("forget me"), b.thread("forget me")
	a.does(at, opened, event.Set{Field: event.FieldName, Value: "Ahmad"})
	a.round()
	b.round()
	b.does(bt, event.Noted{Text: "written while it was being erased"})
	if err := a.db.Erase(context.Background(), at, time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		a.round()
		b.round()
	}
	for s, thread := range map[*seat]int64{a: at, b: bt} {
		if e, err := s.db.Events(context.Background(), thread); err != nil || len(e) != 0 {
			t.Errorf("%s has %d events: %v", s.name, len(e), err)
		}
		if r := s.row(thread); r.State != casedb.StateErased || r.Name != "" {
			t.Errorf("%s shows %s %q", s.name, r.State, r.Name)
		}
		s.noAlarms()
	}
}

// Two conversations that are one matter are one line on every desk, also when both desks link them the other way about at once.
func TestLinkedConversations(t *testing.T) {
	_, a := newTown(t)
	b := a.join("second", roster.RoleCaseworker)
	b.round()
	one, two := a.person(), a.person()
	one.writes(a, 1, "my brother is held")
	two.writes(a, 1, "I am held")
	a.round()
	b.round()
	ids := func(s *seat) (x, y int64) { return s.thread("my brother is held"), s.thread("I am held") }
	ax, ay := ids(a)
	bx, by := ids(b)
	idx, err := a.db.CaseID(context.Background(), ax)
	if err != nil {
		t.Fatal(err)
	}
	idy, err := a.db.CaseID(context.Background(), ay)
	if err != nil {
		t.Fatal(err)
	}
	a.does(ax, opened, event.Linked{To: idy.Reveal()})
	b.does(by, opened, event.Linked{To: idx.Reveal()})
	for range 2 {
		a.round()
		b.round()
	}
	one.writes(a, 1, "he called")
	a.round()
	b.round()
	for s, ids := range map[*seat][2]int64{a: {ax, ay}, b: {bx, by}} {
		rows, err := s.db.Queue(context.Background(), casedb.CaseFilter{})
		if err != nil || len(rows) != 1 || rows[0].Linked != 1 || !rows[0].Waiting {
			t.Fatalf("%s lists %+v %v", s.name, rows, err)
		}
		home, other := ids[0], ids[1] // the link of the smaller case counts for nothing
		if slices.Compare(idx[:], idy[:]) > 0 {
			home, other = other, home
		}
		if linked, err := s.db.LinkedTo(context.Background(), home); err != nil || rows[0].ID != home || !slices.Equal(linked, []int64{other}) {
			t.Errorf("%s: home %d, linked %v, wanted %d and %d: %v", s.name, rows[0].ID, linked, home, other, err)
		}
		if rows[0].Unread != 1 {
			t.Errorf("%s: %d letters of the matter are unread", s.name, rows[0].Unread)
		}
		s.noAlarms()
	}
}
