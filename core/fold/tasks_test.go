package fold_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

func added(due string) event.TaskAdded {
	return event.TaskAdded{Task: task, Do: "ask the family", Due: due}
}

func one(t *testing.T, c fold.Case) fold.Task {
	t.Helper()
	if len(c.Tasks) != 1 {
		t.Fatalf("%d tasks", len(c.Tasks))
	}
	return c.Tasks[0]
}

func TestRepeatedTaskComesBackUntilItsTimes(t *testing.T) {
	d := desks(t, ana)[0]
	again := added("2026-11-23T14:00:00Z")
	again.Repeat, again.Times = "PT6H", 3
	d.say(again)
	for n := 1; n <= 3; n++ {
		e := d.say(event.TaskState{Task: task, State: "done", Note: "no news"})
		k := one(t, d.fold())
		want, state := e.At.Add(6*time.Hour), "open"
		if n == 3 {
			state = "done"
		}
		if k.State != state || k.Done != n || !k.Due.Equal(want) || k.Clash || k.Note != "no news" || k.By != ana {
			t.Errorf("after %d: %s, due %v, done %d, clash %v", n, k.State, k.Due, k.Done, k.Clash)
		}
	}
	d.say(event.TaskState{Task: task, State: "open"})
	if k := one(t, d.fold()); k.State != "open" {
		t.Error("a task that is over cannot be opened again")
	}
}

func TestRepeatedTaskWithoutTimesGoesOnUntilDropped(t *testing.T) {
	d := desks(t, ana)[0]
	again := added("2026-11-23T14:00:00Z")
	again.Repeat = "P1D"
	d.say(again)
	for range 20 {
		d.say(event.TaskState{Task: task, State: "done"})
	}
	if k := one(t, d.fold()); k.State != "open" || k.Done != 20 {
		t.Errorf("%s after %d", k.State, k.Done)
	}
	d.say(event.TaskState{Task: task, State: "dropped"})
	if k := one(t, d.fold()); k.State != "dropped" {
		t.Error(k.State)
	}
}

func TestRepeatedTaskDoneTwiceAtOnceIsNoClash(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	again := added("2026-11-23T14:00:00Z")
	again.Repeat, again.Times = "PT6H", 2
	a.say(again)
	meet(a, b)
	a.say(event.TaskState{Task: task, State: "done"})
	late := b.say(event.TaskState{Task: task, State: "done"})
	meet(a, b)
	if k := one(t, a.fold()); k.Clash || k.State != "done" || k.Done != 2 || !k.Due.Equal(late.At.Add(6*time.Hour)) {
		t.Errorf("%s, done %d, due %v, clash %v", k.State, k.Done, k.Due, k.Clash)
	}
}

func TestMovingAfterItWasDoneMovesTheNext(t *testing.T) {
	d := desks(t, ana)[0]
	again := added("2026-11-23T14:00:00Z")
	again.Repeat = "PT6H"
	d.say(again)
	d.say(event.TaskState{Task: task, State: "done"})
	d.say(event.TaskMoved{Task: task, Due: "2026-11-25T09:00:00Z"})
	if k := one(t, d.fold()); !k.Due.Equal(at("2026-11-25T09:00:00Z")) || k.Clash {
		t.Error(k.Due)
	}
	e := d.say(event.TaskState{Task: task, State: "done"})
	if k := one(t, d.fold()); !k.Due.Equal(e.At.Add(6 * time.Hour)) {
		t.Error(k.Due)
	}
}

func TestTaskMovedTwiceAtOnceShowsBothAndTheEarlierCounts(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(added("2026-11-23T14:00:00Z"))
	meet(a, b)
	a.say(event.TaskMoved{Task: task, Due: "2026-11-26T09:00:00Z"})
	b.say(event.TaskMoved{Task: task, Due: "2026-11-25T09:00:00Z"})
	meet(a, b)
	c := a.fold()
	k := one(t, c)
	if !k.Clash || len(k.Dues) != 2 || !k.Due.Equal(at("2026-11-25T09:00:00Z")) {
		t.Errorf("clash %v, %d dues, due %v", k.Clash, len(k.Dues), k.Due)
	}
	if diff := cmp.Diff([]string{"task:" + task}, c.Conflicts()); diff != "" {
		t.Error(diff)
	}
	b.say(event.TaskMoved{Task: task, Due: "2026-11-26T09:00:00Z"})
	if k := one(t, b.fold()); k.Clash || !k.Due.Equal(at("2026-11-26T09:00:00Z")) {
		t.Error("moving it again does not settle it")
	}
}

func TestTaskDoneAndDroppedAtOnceClash(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(added(""))
	meet(a, b)
	a.say(event.TaskState{Task: task, State: "dropped"})
	b.say(event.TaskState{Task: task, State: "done"})
	meet(a, b)
	if k := one(t, a.fold()); !k.Clash || k.State != "done" || len(k.States) != 2 {
		t.Errorf("%s, clash %v", k.State, k.Clash)
	}
}

func TestPathwayFollowedTwiceAtOnceIsOneList(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(added("2026-11-23T14:00:00Z"))
	a.say(event.TaskState{Task: task, State: "done"})
	b.say(added("2026-11-23T14:00:00Z"))
	meet(a, b)
	if k := one(t, a.fold()); k.State != "done" || k.Clash {
		t.Errorf("a task that one desk did: %s, clash %v", k.State, k.Clash)
	}
}

func TestWhatAPersonMovedCountsBeforeWhatThePathwayGives(t *testing.T) {
	all := desks(t, ana, bilal)
	a, b := all[0], all[1]
	a.say(added("2026-11-23T14:00:00Z"))
	a.say(event.TaskMoved{Task: task, Due: "2026-11-24T14:00:00Z"})
	b.say(added("2026-11-23T15:00:00Z"))
	meet(a, b)
	if k := one(t, a.fold()); k.Clash || !k.Due.Equal(at("2026-11-24T14:00:00Z")) {
		t.Errorf("due %v, clash %v", k.Due, k.Clash)
	}
}

func TestDroppedTaskIsOpenWhenItIsAddedAgain(t *testing.T) {
	d := desks(t, ana)[0]
	d.say(added(""))
	d.say(event.TaskState{Task: task, State: "dropped"})
	d.say(added("2026-11-24T14:00:00Z"))
	if k := one(t, d.fold()); k.State != "open" || !k.Due.Equal(at("2026-11-24T14:00:00Z")) {
		t.Error(k.State, k.Due)
	}
}

func TestWordsOnATaskThatIsNotHereYetWait(t *testing.T) {
	d := desks(t, ana)[0]
	add, middle, done := d.say(added("")), d.say(event.Noted{Text: "on the way"}), d.say(event.TaskState{Task: task, State: "done"})
	if c := fold.Of(theCase, []fold.Entry{done}); len(c.Tasks) != 0 || refusedOf(t, c, done) != "" {
		t.Error("a task that nobody added is listed")
	}
	if k := one(t, fold.Of(theCase, []fold.Entry{done, add, middle})); k.State != "done" {
		t.Error(k.State)
	}
}
