package office

import (
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
)

// Tasks that wait for a day of the case get it: the moment itself, or working days before it by the table of the case's country.
func TestDeadlinesInWorkingDays(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	me := d.as(d.team("caseworker")[0])
	thread := d.letter(w)
	if err := d.OpenCase(me, thread, Opening{Source: "letter", Pathways: []string{"order-appeal", "return-wish"}, Claim: true}); err != nil {
		t.Fatal(err)
	}
	task := func(name string) fold.Task {
		t.Helper()
		f, err := d.Case(me, thread)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range f.Case.Tasks {
			if k.TaskAdded.Task == name {
				return k
			}
		}
		t.Fatalf("there is no task %s", name)
		return fold.Task{}
	}
	due := func(name, want string) {
		t.Helper()
		got := task(name).Due
		if want == "" && got.IsZero() || want != "" && got.Local().Format("2006-01-02 15:04") == want {
			return
		}
		t.Errorf("%s is due %v, want %q", name, got, want)
	}
	set := func(bodies ...event.Body) {
		t.Helper()
		if err := d.Do(me, thread, bodies...); err != nil {
			t.Fatal(err)
		}
	}
	moment := func(day string) string {
		at, err := time.ParseInLocation("2006-01-02 15:04", day, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		return stamp(at)
	}
	due("order-appeal/file", "")
	if WaitsFor(task("order-appeal/file").TaskAdded) != "deadline" || WaitsFor(task("return-wish/carry").TaskAdded) != "leaving" {
		t.Error("the tasks do not say what they wait for")
	}

	// Saturday, 12 September 2026: in Iran Friday is off and Thursday perhaps, so Wednesday is safe; in Pakistan it is Friday; without a country the earliest counts.
	set(event.Set{Field: event.FieldDeadline, Value: moment("2026-09-12 00:00")})
	due("order-appeal/file", "2026-09-09 12:00")
	set(event.Set{Field: event.FieldCountry, Value: "pk"})
	due("order-appeal/file", "2026-09-11 12:00")
	// Both at once, as the form of the details sends them.
	set(event.Set{Field: event.FieldDeadline, Value: moment("2026-09-15 00:00")}, event.Set{Field: event.FieldCountry, Value: "ir"})
	due("order-appeal/file", "2026-09-14 12:00")
	set(event.Set{Field: event.FieldSummons, Value: moment("2026-09-20 09:30")}, event.Set{Field: event.FieldLeaving, Value: moment("2026-10-01 00:00")})
	due("order-appeal/summons", "2026-09-20 09:30")
	due("return-wish/carry", "2026-10-01 00:00")

	// What somebody moved by hand stays.
	set(event.TaskMoved{Task: "order-appeal/file", Due: moment("2026-09-13 10:00"), Why: "the lawyer is away"})
	set(event.Set{Field: event.FieldDeadline, Value: moment("2026-09-22 00:00")})
	due("order-appeal/file", "2026-09-13 10:00")

	f, err := d.Case(me, thread)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := CountOf(task("order-appeal/file").TaskAdded, f.Case.Fields)
	if !ok || n.Country.ID != "ir" || !n.Chosen || n.Day.Format(time.DateOnly) != "2026-09-21" || !n.Sure {
		t.Errorf("%+v", n)
	}
}
