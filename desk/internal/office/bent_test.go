package office

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// A case that retention has looked at and that changes before it goes, stays: the person wrote again, or somebody said something of it.
func TestRetentionLooksAgainBeforeItDestroys(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	keeper := d.as(d.team()[0])
	p := w.person()
	p.writes(0, seal.KindLetter, text("My wages."))
	at := d.the("My wages")
	d.opens(keeper, at)
	d.acts(keeper, at, event.Closed{Outcome: "advised", Reason: "goal-reached"})
	d.sent()
	looked := func() (c casedb.ClosedCase, seen casedb.Mark) {
		if err := d.in(func(r *room) error {
			list, err := r.db.ClosedBefore(t.Context(), time.Now().Add(day), 10)
			if err == nil && len(list) == 1 {
				c = list[0]
				seen, err = r.db.MarkOf(t.Context(), at, false)
			}
			return err
		}); err != nil || c.Thread != at {
			t.Fatalf("%d is closed: %v", c.Thread, err)
		}
		return c, seen
	}
	c, seen := looked()
	d.acts(keeper, at, event.Reviewed{Note: "not yet"})
	refused := func(what string) {
		if err := d.in(func(r *room) error { return r.db.EraseClosed(t.Context(), c, seen, time.Now()) }); !errors.Is(err, ErrState) {
			t.Errorf("erased although %s: %v", what, err)
		}
		if err := d.in(func(r *room) error {
			r.signing.Lock()
			defer r.signing.Unlock()
			f, err := r.folded(t.Context(), at)
			if err != nil {
				return err
			}
			return r.retire(t.Context(), c, seen, f)
		}); !errors.Is(err, ErrState) {
			t.Errorf("retired although %s: %v", what, err)
		}
	}
	refused("somebody looked at it a second time")
	d.sent()
	c, seen = looked()
	p.writes(1, seal.KindLetter, text("They still do not pay."))
	d.the("They still")
	refused("the person wrote again")
	if got := d.thread(at); got.State != casedb.StateOpen || len(got.Letters) != 2 {
		t.Errorf("%s, %d letters", got.State, len(got.Letters))
	}
}

// A keeper's desk that asks nobody sets no shorter clocks than its pages would.
func TestClocksHaveBounds(t *testing.T) {
	d := newTown(t).desk()
	keeper := d.team()[0]
	if err := d.in(func(r *room) error { return r.putOffice(t.Context(), keeper, event.Retention{List: 1, Why: "now"}) }); err != nil {
		t.Fatal(err)
	}
	k, err := d.Kept(t.Context())
	if err != nil || k.Text < MinKept || k.Identity < MinKept || k.Locked < MinKept || k.List < MinList {
		t.Errorf("%+v, %v", k, err)
	}
}

// What belongs to a case that somebody is kept out of is not theirs to see or to destroy, from neither side.
func TestLinkedConversationsKeepTheirWalls(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker")
	me, other := d.as(staff[1]), d.as(staff[2])
	begin := func(name string) int64 {
		at, err := d.BeginCase(me, Opening{Source: "person", Fields: map[string]string{event.FieldName: name}})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Do(me, at, event.TaskAdded{Task: "00000000000000ff", Do: "call " + name, Due: stamp(time.Now().Add(time.Hour)), Basis: "proposal"}); err != nil {
			t.Fatal(err)
		}
		return at
	}
	home, part := begin("Zahra"), begin("Mina")
	if err := d.Link(me, part, home); err != nil {
		t.Fatal(err)
	}
	tasks := func(mine bool) int {
		list, err := d.Tasks(other, time.Now().Add(day), mine)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := tasks(false); n != 2 {
		t.Fatalf("%d tasks", n)
	}
	if err := d.KeepOut(me, home, staff[2], true, "her landlord"); err != nil {
		t.Fatal(err)
	}
	if n := tasks(false) + tasks(true); n != 0 {
		t.Errorf("who is kept out of a case sees %d tasks of it", n)
	}
	if err := d.KeepOut(me, home, staff[2], false, ""); err == nil {
		t.Fatal("a caseworker who does not have the case let somebody in again")
	}
	keeper := d.as(staff[0])
	if err := d.KeepOut(keeper, home, staff[2], false, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.in(func(r *room) error {
		return r.put(t.Context(), part, staff[1], event.Barred{Staff: staff[2], On: true})
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.EraseCase(other, home); !errors.Is(err, ErrWall) {
		t.Errorf("erased with a conversation that was closed to them: %v", err)
	}
	if d.thread(part).State != casedb.StateOpen || d.thread(home).State != casedb.StateOpen {
		t.Error("something went")
	}
}

// There are the fields that there are, the word locked locks nothing, and an opening that cannot be written leaves no empty case behind.
func TestCasesTakeOnlyWhatTheyKnow(t *testing.T) {
	d := newTown(t).desk()
	me := d.as(d.team("caseworker")[1])
	at, err := d.BeginCase(me, Opening{Source: "person", Claim: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []event.Set{{Field: "passport", Value: "P1"}, {Field: "linked", Value: "x"}, {Field: event.FieldSensitivity, Value: "locked"}} {
		if err := d.Do(me, at, event.Set{Field: event.FieldName, Value: "Mina"}, set); !errors.Is(err, event.ErrMalformed) {
			t.Errorf("%s: %v", set.Field, err)
		}
	}
	if c := d.fold(at); c.Fields[event.FieldName] != nil || c.Fields["passport"] != nil || c.Fields[event.FieldSensitivity] != nil {
		t.Errorf("half of it was written: %+v", c.Fields)
	}
	before := len(d.list())
	if _, err := d.BeginCase(me, Opening{Source: "person", Note: strings.Repeat("؟", 20_001)}); !errors.Is(err, event.ErrMalformed) {
		t.Errorf("a note without end: %v", err)
	}
	if n := len(d.list()); n != before {
		t.Errorf("%d cases, want %d", n, before)
	}
}

// Who takes over from somebody that leaves gets no locked case unless they are a specialist.
func TestLockedCasesGoToSpecialistsOnly(t *testing.T) {
	w := newTown(t)
	keeper := w.desk()
	shared := w.admit(keeper, "office", roster.RoleSpecialist)
	staff := shared.team("specialist", "caseworker")
	zahra, karim := staff[1], staff[2]
	w.person().writes(0, seal.KindLetter, text("what happened to my daughter"))
	here := shared.the("what happened")
	if err := shared.LockCaseFor(shared.as(staff[0]), here, []string{deskID(w.deviceOf(shared))}, []event.Staff{staff[0], zahra}); err != nil {
		t.Fatal(err)
	}
	openFor(t, shared, here, zahra)
	if err := shared.Assign(shared.as(staff[0]), here, zahra, ""); err != nil {
		t.Fatal(err)
	}
	if err := shared.RemovePerson(shared.as(staff[0]), zahra, karim); err != nil {
		t.Fatal(err)
	}
	c, err := shared.CasePeople(shared.as(staff[0]), here)
	if err != nil || slices.Contains(ownersOf(c), karim) {
		t.Errorf("the case is %v's: %v", ownersOf(c), err)
	}
	if _, err := shared.Case(shared.as(karim), here); !errors.Is(err, ErrWall) {
		t.Errorf("a caseworker opens it: %v", err)
	}
}

// A search finds a case by what stands in its conversations, and shows nothing of one that is closed to who searches.
func TestSearchShowsNothingOfAClosedConversation(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker")
	me, other := d.as(staff[1]), d.as(staff[2])
	w.person().writes(0, seal.KindLetter, text("the blue gate behind the bakery"))
	part := d.the("the blue gate")
	home, err := d.BeginCase(me, Opening{Source: "person", Fields: map[string]string{event.FieldName: "Zahra"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Link(me, part, home); err != nil {
		t.Fatal(err)
	}
	d.indexed()
	if got := d.finds(other, everywhere("bakery", "somebody asks")); !slices.Equal(got, []int64{home}) {
		t.Fatalf("found: %v", got)
	}
	if err := d.in(func(r *room) error {
		return r.put(t.Context(), part, staff[1], event.Barred{Staff: staff[2], On: true})
	}); err != nil {
		t.Fatal(err)
	}
	d.indexed()
	if got := d.finds(other, everywhere("bakery", "once more")); len(got) != 0 {
		t.Errorf("found by a conversation that is closed to them: %v", got)
	}
	if got := d.finds(me, everywhere("bakery", "mine")); !slices.Equal(got, []int64{home}) {
		t.Errorf("who has it finds: %v", got)
	}
}

// A closing that a desk dates long ago stands on the list for a week like every other, and so does a second one: what the first stood there does not count.
func TestAClosingOfLongAgoStandsOnTheListFirst(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	keeper := d.as(d.team()[0])
	w.person().writes(0, seal.KindLetter, text("My wages."))
	at := d.the("My wages")
	d.opens(keeper, at)
	heads := d.fold(at).Heads
	if err := d.in(func(r *room) error {
		id, err := r.db.CaseID(t.Context(), at)
		if err != nil {
			return err
		}
		tree, err := r.tree(t.Context())
		if err != nil {
			return err
		}
		e, err := event.Sign(event.Event{
			Org: r.keys.Org, Epoch: 1, Case: id, At: time.Now().AddDate(-1, 0, 0), Parents: heads, Tree: tree, Body: event.Closed{Outcome: "advised", Reason: "goal-reached"},
		}, r.keys.Device())
		if err != nil {
			return err
		}
		return r.db.Record(t.Context(), at, []event.Signed{e})
	}); err != nil {
		t.Fatal(err)
	}
	listed := func() (since time.Time) {
		if err := d.in(func(r *room) error {
			list, err := r.db.ClosedBefore(t.Context(), time.Now(), 10)
			if err == nil && len(list) == 1 {
				since = list[0].Listed
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return since
	}
	d.pass(60)
	d.pass(66)
	if listed().IsZero() || len(d.thread(at).Letters) != 1 {
		t.Fatal("it does not stand on the list, or went before its week was over")
	}
	d.acts(keeper, at, event.Reopened{Why: "too early"})
	d.acts(keeper, at, event.Closed{Outcome: "advised", Reason: "goal-reached"})
	if !listed().IsZero() {
		t.Error("the second closing stands there for the first")
	}
	d.pass(100)
	if len(d.thread(at).Letters) != 1 {
		t.Error("it went on the day that it came onto the list")
	}
}
