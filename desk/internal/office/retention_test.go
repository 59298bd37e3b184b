package office

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/core/script"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/i18n"
	"panah/rules"
)

func TestDefaultsAreThoseOfTheRules(t *testing.T) {
	words, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		t.Fatal(err)
	}
	days := func(key string) int { return int(book.Common.Retention[key] / day) }
	want := event.Retention{Text: days(pathway.KeepText), Identity: days(pathway.KeepIdentity), Locked: days(pathway.KeepLocked), Lost: days(pathway.KeepLost), List: MinList}
	if diff := cmp.Diff(want, DefaultRetention()); diff != "" {
		t.Error(diff)
	}
}

// acts records what somebody does in a case.
func (s *seat) acts(ctx context.Context, thread int64, bodies ...event.Body) {
	s.t.Helper()
	if err := s.Do(ctx, thread, bodies...); err != nil {
		s.t.Fatal(err)
	}
}

// opens opens a case from a letter.
func (s *seat) opens(ctx context.Context, thread int64) {
	s.t.Helper()
	s.acts(ctx, thread, event.Opened{Source: "letter", Since: time.Now().UTC().Format(time.RFC3339)})
}

func (s *seat) fold(thread int64) fold.Case {
	s.t.Helper()
	var c fold.Case
	if err := s.in(func(r *room) (err error) {
		c, err = r.folded(context.Background(), thread)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// sent waits until everything that this desk had to say has arrived.
func (s *seat) sent() {
	s.t.Helper()
	s.until("everything is sent", func() bool {
		n := -1
		_ = s.in(func(r *room) (err error) {
			n, err = r.db.Outgoing(context.Background())
			return err
		})
		return n == 0
	})
}

// pass is a day's look at what goes, some days from now.
func (s *seat) pass(days int) {
	s.t.Helper()
	if err := s.in(func(r *room) error { return r.retain(context.Background(), time.Now().Add(time.Duration(days)*day)) }); err != nil {
		s.t.Fatal(err)
	}
}

func TestRetentionInTwoSteps(t *testing.T) {
	w := newTown(t)
	a, b := w.desk(), w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("They took my father on Monday."))
	at := a.the("They took")
	ctx := a.as(a.team()[0])
	a.opens(ctx, at)
	a.acts(ctx, at, event.Set{Field: event.FieldName, Value: "Mina"}, event.Set{Field: event.FieldSummary, Value: "her father is held"},
		event.Followed{Pathway: "detained-valid-papers", On: true}, event.Noted{Text: "Uncle knows the commander."})
	if err := a.Reply(ctx, at, Draft{Text: "We look for him."}, "1"); err != nil {
		t.Fatal(err)
	}
	a.sent()
	a.acts(ctx, at, event.Closed{Outcome: "advised", Reason: "goal-reached", Remains: "Write again."})
	a.sent()
	bt := b.the("They took")
	b.until("the closing has come", func() bool { return b.fold(bt).Closure != nil })

	a.pass(20) // onto the list
	a.pass(25) // due in five days
	if len(a.thread(at).Letters) != 1 {
		t.Fatal("something went before its day")
	}
	a.pass(31)
	c := a.fold(at)
	if c.Retired.IsZero() || c.Closure == nil || c.Closure.Outcome != "advised" || c.Fields[event.FieldName].Text() != "Mina" || len(c.Notes) != 0 || c.Fields[event.FieldSummary].Text() != "" {
		t.Errorf("what is left on the desk: %+v", c)
	}
	if got := a.thread(at); len(got.Letters) != 0 || got.Beginning != "" || len(got.Replies) != 1 || got.Replies[0].Text != "" {
		t.Errorf("letters that are left: %+v", got.Letters)
	}
	a.sent()
	b.until("the other desk has destroyed it too", func() bool { return !b.fold(bt).Retired.IsZero() && len(b.thread(bt).Letters) == 0 })
	if c := b.fold(bt); c.Fields[event.FieldName].Text() != "Mina" || len(c.Notes) != 0 || c.Closure == nil || !slices.Contains(c.Pathways, "detained-valid-papers") {
		t.Errorf("what is left on the other desk: %+v", c)
	}

	// The person writes again: nothing goes, and the case can be opened again.
	p.writes(1, seal.KindLetter, text("He is free now."))
	a.the("He is free")
	a.pass(400)
	a.pass(420)
	if got := a.thread(at); got.State != casedb.StateOpen || len(got.Letters) != 1 || got.Letters[0].Tag != casedb.TagOK {
		t.Fatalf("a case went whose person wrote again: %s, %+v", got.State, got.Letters)
	}
	if list, _, err := a.Review(ctx); err != nil || len(list) != 0 {
		t.Errorf("on the list: %d, %v", len(list), err)
	}
	a.acts(ctx, at, event.Reopened{Why: "wrote again"})
	a.acts(ctx, at, event.Closed{Outcome: "released", Reason: "goal-reached", Remains: "Write again."})
	a.sent()
	a.pass(80)
	a.pass(89)
	a.pass(91)
	if got := a.thread(at); got.State != casedb.StateErased || got.GoneBy.IsZero() && !got.Gone {
		t.Errorf("the case has not gone: %s", got.State)
	}
	a.sent()
	b.until("the other desk has erased it too", func() bool { return b.thread(bt).State == casedb.StateErased })
	if _, ok := p.replies(); ok {
		t.Error("the mailbox is still there")
	}
	a.noAlarms()
	b.noAlarms()
}

func TestNothingGoesThatIsHeldOrOnlyByHand(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("My wages."))
	at := d.the("My wages")
	keeper := d.as(d.team()[0])
	d.opens(keeper, at)
	d.acts(keeper, at, event.Closed{Outcome: "advised", Reason: "goal-reached"})
	next := time.Now().AddDate(0, 6, 0)
	if err := d.Hold(keeper, at, "a court asks", next, nil); !errors.Is(err, ErrKeep) {
		t.Fatalf("held without a ground: %v", err)
	}
	if err := d.Hold(keeper, at, "", next, nil); !errors.Is(err, ErrReason) {
		t.Fatalf("held without a reason: %v", err)
	}
	consent := event.Consented{ID: "00112233445566aa", What: "keep-longer", State: "given", By: "person", Ends: next.Format(time.DateOnly), Spoken: true}
	d.acts(keeper, at, consent)
	if err := d.Hold(keeper, at, "a court asks", next, nil); err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{20, 60, 100, 150} {
		d.pass(days)
	}
	if d.thread(at).State != casedb.StateOpen || len(d.thread(at).Letters) != 1 {
		t.Fatal("a case that is held went")
	}
	if err := d.Hold(keeper, at, "", time.Time{}, nil); err != nil {
		t.Fatal(err)
	}
	kept := event.Retention{Text: 30, Identity: 90, Locked: 30, Lost: 60, List: 0, Why: "we look at each"}
	if err := d.SetKept(As(t.Context(), fold.Actor{Staff: "00000000000000a1", Role: "caseworker"}), kept); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker set the clocks: %v", err)
	}
	short := kept
	short.Text = 3
	if err := d.SetKept(keeper, short); !errors.Is(err, ErrBounds) {
		t.Errorf("three days: %v", err)
	}
	if err := d.SetKept(keeper, kept); err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{20, 60, 100, 150} {
		d.pass(days)
	}
	if len(d.thread(at).Letters) != 1 {
		t.Fatal("a case went by itself that goes by hand only")
	}
	if err := d.EraseCase(keeper, at); err != nil {
		t.Fatal(err)
	}
	if d.thread(at).State != casedb.StateErased {
		t.Error("not erased by hand")
	}
}

func TestReportsAreDestroyedEverywhere(t *testing.T) {
	w := newTown(t)
	a, b := w.desk(), w.desk()
	spy, friend := w.person(), w.person()
	spy.writes(0, seal.KindLetter, text("Zarmina Qaderi hides in house twelve."))
	friend.writes(0, seal.KindLetter, text("I need a doctor."))
	friend.writes(1, seal.KindLetter, text("And Gholam Sediqi works without papers."))
	at, bt := a.the("Zarmina"), b.the("Zarmina")
	other := a.the("And Gholam")
	b.the("And Gholam")
	ctx := a.as(a.team()[0])
	letters := a.thread(other).Letters
	if whole, err := a.DestroyReport(ctx, at, a.thread(at).Letters[0].ID); err != nil || !whole {
		t.Fatalf("whole %v, %v", whole, err)
	}
	if whole, err := a.DestroyReport(ctx, other, letters[1].ID); err != nil || whole {
		t.Fatalf("whole %v, %v", whole, err)
	}
	if got := a.thread(other); len(got.Letters) != 1 || got.Letters[0].Text != "I need a doctor." || got.Beginning != "I need a doctor." || got.State != casedb.StateOpen {
		t.Errorf("the other letters: %+v", got.Summary)
	}
	a.sent()
	b.until("the other desk has heard", func() bool { return b.thread(bt).State == casedb.StateErased })
	doctor := b.the("I need a doctor")
	b.until("the second is gone too", func() bool { return len(b.thread(doctor).Letters) == 1 })
	if _, ok := spy.replies(); ok {
		t.Error("the mailbox of whoever reported is still there")
	}
	for _, s := range []*seat{a, b} {
		s.noAlarms()
		all, _ := s.destroyed()
		s.until("the month is counted", func() bool { all, _ = s.destroyed(); return all == 2 })
		db := s.database()
		s.Close()
		s.nowhere(db, "Zarmina", "Qaderi", "Gholam", "Sediqi", "house twelve", "without papers")
	}
}

func (s *seat) destroyed() (n int, err error) {
	err = s.in(func(r *room) error {
		all, _, err := r.staff(context.Background())
		for _, m := range all.Destroyed {
			n += m
		}
		return err
	})
	return n, err
}

// database is the key of the desk's database.
func (s *seat) database() (key [32]byte) {
	s.t.Helper()
	if err := s.in(func(r *room) error { key = r.keys.Database(); return nil }); err != nil {
		s.t.Fatal(err)
	}
	return key
}

// nowhere looks for words in every byte of the desk's folder: in the database as the encrypting VFS reads it, free pages included, and in every other file as it is.
func (s *seat) nowhere(key [32]byte, words ...string) {
	s.t.Helper()
	if n := s.found(s.dir, key, words...); len(n) > 0 {
		s.t.Errorf("still in the folder: %q", n)
	}
}

func (s *seat) found(dir string, key [32]byte, words ...string) (left []string) {
	s.t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files := [][]byte{}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files = append(files, raw)
		if strings.HasPrefix(e.Name(), casedb.FileName) { // the journal too is encrypted by blocks
			plain, err := plaintext(path, key)
			if err != nil {
				return err
			}
			files = append(files, plain)
		}
		for _, b := range files {
			for _, w := range words {
				for _, form := range forms(w) {
					if bytes.Contains(b, form) {
						left = append(left, e.Name()+": "+w)
						break
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return left
}

// forms are ways in which a word may lie in a file: as it was written, as the search writes it, and both as UTF-16.
func forms(word string) (out [][]byte) {
	for _, w := range []string{word, strings.ToLower(word), script.Fold(word)} {
		out = append(out, []byte(w))
		var little, big []byte
		for _, u := range utf16.Encode([]rune(w)) {
			little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
		}
		out = append(out, little, big)
	}
	return out
}
