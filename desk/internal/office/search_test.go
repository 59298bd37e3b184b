package office

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// indexed waits until the index is up to date.
func (s *seat) indexed() {
	s.t.Helper()
	s.until("the index is up to date", func() bool {
		var left casedb.Indexing
		err := s.in(func(r *room) (err error) {
			left, err = r.db.Indexing(s.t.Context())
			return err
		})
		return err == nil && left.Left == 0 && left.Of > 0
	})
}

func (s *seat) finds(ctx context.Context, q Query) (ids []int64) {
	s.t.Helper()
	found, err := s.Search(ctx, q)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range found.Hits {
		ids = append(ids, h.Row.ID)
	}
	return ids
}

func looksFor(words string) Query { return Query{SearchFilter: casedb.SearchFilter{Words: words}} }

func everywhere(words, reason string) Query {
	q := looksFor(words)
	q.Everyone, q.Reason = true, reason
	return q
}

// Letters that come are found by themselves; each finds their own cases and what nobody has; who searches everybody's is recorded, and the words are not.
func TestSearchIsOwnsFirst(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker")
	zahra, karim := d.as(staff[1]), d.as(staff[2])
	p, q := w.person(), w.person()
	p.writes(0, seal.KindLetter, text("كارت آمايش را گرفتند"))
	q.writes(0, seal.KindLetter, text("the landlord took my card"))
	one, two := d.the("كارت"), d.the("the landlord")
	d.indexed()
	if got := d.finds(zahra, looksFor("کارت امایش")); !slices.Equal(got, []int64{one}) {
		t.Errorf("a new letter that nobody has: %v", got)
	}
	if err := d.Claim(zahra, one); err != nil {
		t.Fatal(err)
	}
	openFor(t, d, one, staff[1])
	if got := d.finds(karim, looksFor("کارت")); len(got) != 0 {
		t.Errorf("Karim finds Zahra's case: %v", got)
	}
	d.indexed()
	if got := d.finds(zahra, looksFor("کارت")); !slices.Equal(got, []int64{one}) {
		t.Errorf("Zahra's own case: %v", got)
	}
	if _, err := d.Search(karim, everywhere("کارت", " ")); !errors.Is(err, ErrSearchReason) {
		t.Errorf("everybody's without a reason: %v", err)
	}
	if got := d.finds(karim, everywhere("کارت", "somebody asks at the door")); !slices.Equal(got, []int64{one}) {
		t.Errorf("everybody's: %v", got)
	}
	again := everywhere("کارت", "somebody asks at the door")
	again.Again = true
	d.finds(karim, again)
	var of fold.Office
	if err := d.in(func(r *room) (err error) {
		of, _, err = r.staff(t.Context())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(of.Searches) != 1 {
		t.Fatalf("%d searches are recorded", len(of.Searches))
	}
	if s, ok := of.Searches[0].Body.(event.SearchedAll); !ok || s.Reason != "somebody asks at the door" || of.Searches[0].Author != staff[2] || strings.Contains(string(of.Searches[0].Note), "کارت") {
		t.Errorf("recorded: %+v", of.Searches[0])
	}
	if err := d.KeepOut(zahra, one, staff[2], true, "a cousin"); err != nil {
		t.Fatal(err)
	}
	if got := d.finds(karim, everywhere("کارت", "once more")); len(got) != 0 {
		t.Errorf("behind a wall: %v", got)
	}
	if err := d.Erase(zahra, two); err != nil {
		t.Fatal(err)
	}
	if got := d.finds(t.Context(), looksFor("landlord")); len(got) != 0 {
		t.Errorf("an erased letter: %v", got)
	}
	for _, bad := range []Query{{}, looksFor(strings.Repeat("a ", 200))} {
		if _, err := d.Search(zahra, bad); !errors.Is(err, ErrSearchEmpty) && !errors.Is(err, ErrSearchLong) {
			t.Errorf("a bad search: %v", err)
		}
	}
	d.Lock()
	if _, err := d.Search(zahra, looksFor("card")); !errors.Is(err, ErrLocked) {
		t.Errorf("a locked desk searches: %v", err)
	}
}

// Two letters of one matter are suggested to a human; the conflict check sees behind walls and says only that there may be something.
func TestSuggestionsAndConflicts(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker")
	zahra, karim := d.as(staff[1]), d.as(staff[2])
	a, b := w.person(), w.person()
	a.writes(0, seal.KindLetter, text("my brother Farhad was taken at the brickworks of Sarband"))
	b.writes(0, seal.KindLetter, text("once more about Farhad: brickworks, Sarband, nobody answers"))
	one, two := d.the("my brother"), d.the("once more")
	d.indexed()
	got, err := d.Suggest(zahra, two)
	if err != nil || len(got) != 1 || got[0].Thread != one || !slices.Contains(got[0].Why, "phrase") {
		t.Errorf("suggestions: %+v, %v", got, err)
	}
	if err := d.Claim(zahra, one); err != nil {
		t.Fatal(err)
	}
	openFor(t, d, one, staff[1])
	if err := d.does(zahra, one, event.Set{Field: event.FieldName, Value: "نجیب\u200cالله کریمی"},
		event.Set{Field: event.FieldOtherSide, Value: "Qasim Rahimi"}, event.Barred{Staff: staff[2], On: true}); err != nil {
		t.Fatal(err)
	}
	d.indexed()
	if _, err := d.Suggest(karim, one); !errors.Is(err, ErrWall) {
		t.Errorf("suggestions behind a wall: %v", err)
	}
	if got, err := d.Suggest(karim, two); err != nil || len(got) != 0 {
		t.Errorf("a case behind a wall is suggested: %+v, %v", got, err)
	}
	for _, c := range []struct {
		names []string
		other string
		want  bool
	}{{[]string{"قاسم رحیمی"}, "", true}, {[]string{"Nobody Known"}, "Najibullah Karimi", true}, {[]string{"Nobody Known"}, "Somebody Else", false}} {
		if a, err := d.Conflict(karim, c.names, c.other); err != nil || a.Possible != c.want || !a.Whole || a.Keeper {
			t.Errorf("%v against %q: %+v, %v", c.names, c.other, a, err)
		}
	}
}
