package office

import (
	"errors"
	"slices"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// letter is the thread of a new person's letter.
func (s *seat) letter(w *town) int64 {
	s.t.Helper()
	w.person().writes(0, seal.KindLetter, text("They took my brother."))
	s.until("the letter is here", func() bool { return len(s.list()) == 1 })
	return s.list()[0].ID
}

// A letter becomes a case in one step: with the person's own words, the pathway's tasks and their deadlines, and whoever opened it has it. Doing it twice does nothing.
func TestALetterBecomesACase(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker")
	me := d.as(staff[0])
	thread := d.letter(w)

	opening := Opening{Source: "letter", Pathways: []string{"detained-valid-papers"}, Fields: map[string]string{event.FieldName: "Mahmud"}, OtherSide: "a landlord", Note: "first call", Claim: true}
	for range 2 {
		if err := d.OpenCase(me, thread, opening); err != nil {
			t.Fatal(err)
		}
	}
	f, err := d.Case(me, thread)
	if err != nil {
		t.Fatal(err)
	}
	if !f.Case.Opened || f.Case.Owner.Text() != string(staff[0]) || f.Case.Fields[event.FieldName].Text() != "Mahmud" || len(f.Case.Notes) != 1 || len(f.Followed) != 1 {
		t.Errorf("the case was not opened as asked: %+v", f.Case.Fields)
	}
	if f.Case.Fields[event.FieldSensitivity].Text() != "sensitive" || f.Case.Fields[event.FieldUrgency].Text() != "minutes" {
		t.Error("sensitivity or urgency of the pathway did not come along")
	}
	due := map[string]time.Time{}
	for _, task := range f.Case.Tasks {
		due[task.Task] = task.Due
	}
	if got := due["detained-valid-papers/ack"]; got.Before(f.Row.First.Add(15*time.Minute)) || got.After(time.Now().Add(15*time.Minute)) {
		t.Errorf("the answer is due %v, the letter came %v", got, f.Row.First)
	}
	if !due["detained-valid-papers/court24"].IsZero() {
		t.Error("a deadline that counts from the arrest is known before the arrest is")
	}
	arrest := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	if err := d.Do(me, thread, event.Set{Field: event.FieldDetained, Value: stamp(arrest)}); err != nil {
		t.Fatal(err)
	}
	if err := d.Answer(me, thread, "detained-valid-papers", "fear", "yes"); err != nil {
		t.Fatal(err)
	}
	if f, err = d.Case(me, thread); err != nil {
		t.Fatal(err)
	}
	for _, task := range f.Case.Tasks {
		if task.Task == "detained-valid-papers/court24" && !task.Due.Equal(arrest.Add(20*time.Hour)) {
			t.Errorf("due %v", task.Due)
		}
	}
	if len(f.Suggested) == 0 || f.Suggested[len(f.Suggested)-1].ID != "refugee-claim" && !slices.ContainsFunc(f.Suggested, func(p pathway.Pathway) bool { return p.ID == "refugee-claim" }) {
		t.Error("fear of return does not lead to the refugee claim")
	}
	if len(f.Case.Looks) != 1 {
		t.Errorf("%d looks", len(f.Case.Looks))
	}
	q, err := d.Queue(me, casedb.CaseFilter{Mine: true})
	if err != nil || len(q.Rows) != 1 || q.Counts.Mine != 1 || q.People[staff[0]] == "" {
		t.Errorf("the queue: %d rows, %v", len(q.Rows), err)
	}
	tasks, err := d.Tasks(me, time.Now().AddDate(0, 0, 30), true)
	if err != nil || len(tasks) < 5 {
		t.Errorf("%d tasks, %v", len(tasks), err)
	}
	if err := d.Follow(me, thread, "detained-valid-papers", false); err != nil {
		t.Fatal(err)
	}
	if tasks, err = d.Tasks(me, time.Now().AddDate(0, 0, 30), true); err != nil || len(tasks) != 0 {
		t.Errorf("%d tasks of a pathway that is not followed any more, %v", len(tasks), err)
	}
}

// Somebody came by: a case without a letter. A conversation that is the same matter shows there, and can be taken off again.
func TestLinkedConversations(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "reader")
	me := d.as(staff[0])
	thread := d.letter(w)
	home, err := d.BeginCase(me, Opening{Source: "person", Fields: map[string]string{event.FieldName: "Zahra"}, Pathways: []string{"medical"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Link(me, thread, home); err != nil {
		t.Fatal(err)
	}
	f, err := d.Case(me, thread)
	if err != nil || f.Row.ID != home || len(f.Linked) != 1 || f.Linked[0].ID != thread {
		t.Fatalf("the conversation leads to %d with %d linked: %v", f.Row.ID, len(f.Linked), err)
	}
	if err := d.Split(me, thread); err != nil {
		t.Fatal(err)
	}
	if f, err = d.Case(me, thread); err != nil || f.Row.ID != thread {
		t.Errorf("it still belongs to %d: %v", f.Row.ID, err)
	}
	if _, err := d.BeginCase(d.as(staff[2]), Opening{Source: "person"}); !errors.Is(err, fold.ErrRole) {
		t.Errorf("a reader began a case: %v", err)
	}
}
