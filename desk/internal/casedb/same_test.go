package casedb

import (
	"fmt"
	"slices"
	"testing"

	"panah/core/event"
)

func named(t *testing.T, db *DB, s *scribe, n int, fields map[string]string, more ...event.Body) {
	t.Helper()
	bodies := []event.Body{event.Opened{Source: "letter", Since: "2026-11-01T00:00:00Z"}}
	for f, v := range fields {
		bodies = append(bodies, event.Set{Field: f, Value: v})
	}
	if err := db.Record(t.Context(), int64(n), s.says(caseIDOf(n), append(bodies, more...)...)); err != nil {
		t.Fatal(err)
	}
}

func TestSameMatterIsSuggested(t *testing.T) {
	db, s := synced(t), newScribe(t)
	for n := range int64(60) {
		letterOf(t, db, n+1, fmt.Sprintf("my card has expired and the police took it number%d", n))
	}
	const rare = "they keep him in the brickworks behind sarband station since navruz"
	letterOf(t, db, 10, rare)
	letterOf(t, db, 20, "again I write: brickworks, Sarband, Navruz, please answer")
	named(t, db, s, 11, map[string]string{event.FieldName: "محمد حسین کریمی", event.FieldPaper: "pk-por"})
	named(t, db, s, 21, map[string]string{event.FieldName: "Mohammad Hossain Karimi", event.FieldPaper: "pk-por"})
	named(t, db, s, 22, map[string]string{event.FieldName: "Mohammad"})
	named(t, db, s, 23, map[string]string{event.FieldName: "M. Hussein Karimi"}, event.Barred{Staff: ann, On: true})
	index(t, db)
	got, err := db.SameMatter(t.Context(), Viewer{}, 10)
	if err != nil || len(got) != 1 || got[0].Thread != 20 || !slices.Contains(got[0].Why, "phrase") || !slices.Contains(got[0].Why, "district") {
		t.Errorf("by rare words: %+v, %v", got, err)
	}
	got, err = db.SameMatter(t.Context(), Viewer{Staff: ann}, 11)
	if err != nil || len(got) != 1 || got[0].Thread != 21 || !slices.Contains(got[0].Why, "name") || !slices.Contains(got[0].Why, "paper") {
		t.Errorf("by name: %+v, %v", got, err)
	}
	if got, err = db.SameMatter(t.Context(), Viewer{}, 30); err != nil || len(got) != 0 {
		t.Errorf("a common letter is like %+v, %v", got, err)
	}
}

// The check looks at every case of the desk, behind walls and locks too, and says no more than that there may be one.
func TestConflictCheck(t *testing.T) {
	db, s := synced(t), newScribe(t)
	for n := range int64(4) {
		letterOf(t, db, n+1, "letter")
	}
	named(t, db, s, 1, map[string]string{event.FieldName: "زهرا حسینی", event.FieldOtherSide: "عبدالرحمن نوری"})
	named(t, db, s, 2, map[string]string{event.FieldName: "Gul Mohammad Zadran", event.FieldSensitivity: "sensitive"}, event.Barred{Staff: ann, On: true})
	named(t, db, s, 3, map[string]string{event.FieldName: "Farid Ahmadi", event.FieldOtherSide: "Qasim Rahimi"})
	if _, err := db.sql.Exec("UPDATE thread SET locked = 1 WHERE id = 3"); err != nil {
		t.Fatal(err)
	}
	index(t, db)
	for _, c := range []struct {
		names []string
		other string
		want  bool
	}{
		{[]string{"Abdul Rahman Noori"}, "", true},        // is the other side of 1
		{[]string{"Someone Else"}, "Zahra Hoseini", true}, // the other side is helped in 1
		{[]string{"x y"}, "گل محمد ځدراڼ", true},
		{[]string{"قاسم رحیمی"}, "", true}, // a locked case
		{[]string{"x y"}, "فرید احمدی", true},
		{[]string{"Zahra Hosseini"}, "", false}, // the same person again is no conflict
		{[]string{"Karim Rahimi"}, "Zahra Rahimi", false},
		{nil, "", false},
	} {
		got, whole, err := db.Conflicting(t.Context(), c.names, c.other)
		if err != nil || got != c.want || !whole {
			t.Errorf("%v against %q: %v (whole %v), %v", c.names, c.other, got, whole, err)
		}
	}
}
