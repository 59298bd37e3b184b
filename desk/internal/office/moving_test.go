package office

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"panah/core/event"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/moving"
	"panah/desk/internal/spreadsheet"
	"panah/i18n"
	"panah/rules"
)

// A beginner opens cases in the office's own database, with what an import asks for and nothing else.
type beginner struct{ s *seat }

func (b beginner) BeginCase(ctx context.Context, o Opening) (thread int64, err error) {
	err = b.s.in(func(r *room) error {
		var id event.Case
		rand.Read(id[:])
		if thread, err = r.db.Begin(ctx, id); err != nil {
			return err
		}
		bodies := []event.Body{event.Opened{Source: o.Source, Since: o.Since.Format("2006-01-02T15:04:05Z")}}
		for field, value := range o.Fields {
			bodies = append(bodies, event.Set{Field: field, Value: value})
		}
		for _, p := range o.Pathways {
			bodies = append(bodies, event.Followed{Pathway: p, On: true})
		}
		if o.Note != "" {
			bodies = append(bodies, event.Noted{Text: o.Note})
		}
		return r.put(ctx, thread, ActorOf(ctx).Staff, bodies...)
	})
	return thread, err
}

func (b beginner) Do(ctx context.Context, thread int64, bodies ...event.Body) error {
	return b.s.in(func(r *room) error { return r.put(ctx, thread, ActorOf(ctx).Staff, bodies...) })
}

func ourBook(t *testing.T) *pathway.Book {
	t.Helper()
	words, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// aList is a list as organisations keep them, with columns that never come in.
const aList = `Case no;Name;Phone;Father's name;City;Category;Summary;Date;Status
1;Golandam;09120000001;Padarjan;Kasur;medical;needs dialysis;1404/9/10;open
2;Mahbanu;09120000002;Padarjan;Lahore;;call 0912 000 0003;2025-12-01;open
3;Delaram;09120000004;Padarjan;Quetta;;;2025-11-30;closed
`

// planned reads a list and works out what it would become, as its columns suggest.
func (s *seat) planned(ctx context.Context, list string, o ImportOptions) Import {
	s.t.Helper()
	data := []byte(list)
	if err := s.ImportRead(ctx, data); err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Equal(data, make([]byte, len(data))) {
		s.t.Error("the file's bytes are left in memory")
	}
	i, err := s.Import(ctx)
	if err != nil || i.Stage != ImportColumns {
		s.t.Fatalf("stage %q: %v", i.Stage, err)
	}
	chosen := moving.Mapping{}
	for _, c := range i.Columns {
		chosen[c.Index] = c.Field
	}
	if err := s.ImportPlan(ctx, chosen, o, ourBook(s.t)); err != nil {
		s.t.Fatal(err)
	}
	if i, err = s.Import(ctx); err != nil || i.Stage != ImportPlanned {
		s.t.Fatalf("stage %q: %v", i.Stage, err)
	}
	return i
}

func (s *seat) brought(ctx context.Context) Import {
	s.t.Helper()
	if err := s.ImportRun(ctx, beginner{s}); err != nil {
		s.t.Fatal(err)
	}
	var i Import
	s.until("the list is in", func() bool {
		var err error
		if i, err = s.Import(ctx); err != nil {
			s.t.Fatal(err)
		}
		return i.Stage == ImportDone
	})
	return i
}

func TestAListIsBroughtInAndTakenBack(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker")
	keeper, other := d.as(staff[0]), d.as(staff[1])
	if err := d.ImportRead(other, []byte(aList)); !errors.Is(err, ErrKeeper) {
		t.Fatalf("a caseworker brings a list in: %v", err)
	}
	i := d.planned(keeper, aList, ImportOptions{WithClosed: true})
	if i.Planned != 3 || len(i.Plan.Dropped) != 2 || i.Plan.Problems[0] != (moving.Problem{Line: 3, What: moving.ProblemNumber, Field: moving.Summary}) {
		t.Errorf("planned %d, dropped %d, problems %v", i.Planned, len(i.Plan.Dropped), i.Plan.Problems)
	}
	if f, err := d.Figures(keeper, 0, 0); err != nil || f.Open != 0 || f.Total.Opened != 0 {
		t.Errorf("a plan changed something: %+v (%v)", f.Total, err)
	}
	if i = d.brought(keeper); i.Done != 3 || i.Failed != 0 {
		t.Errorf("done %d, failed %d", i.Done, i.Failed)
	}
	f, err := d.Figures(keeper, 0, 0)
	if err != nil || f.Open != 2 || f.Total.Opened != 3 || f.Total.Closed != 1 || len(f.Districts) != 3 {
		t.Errorf("figures: open %d, %+v, districts %v (%v)", f.Open, f.Total, f.Districts, err)
	}
	batches, err := d.ImportBatches(keeper)
	if err != nil || len(batches) != 1 || batches[0].Cases != 3 || batches[0].Staff != staff[0] {
		t.Fatalf("batches: %+v (%v)", batches, err)
	}
	var threads []int64
	if err := d.in(func(r *room) error { threads, err = r.db.ImportedThreads(t.Context(), batches[0].ID); return err }); err != nil {
		t.Fatal(err)
	}
	c := d.fold(threads[0])
	if got := c.Fields[event.FieldName].Text(); got != "Golandam" || c.Source != "import" || c.Since.Format("2006-01-02") != "2025-12-01" || fmt.Sprint(c.Pathways) != "[medical]" {
		t.Errorf("the case: %q from %s since %s, %v", got, c.Source, c.Since, c.Pathways)
	}
	if got := d.fold(threads[1]).Fields[event.FieldSummary].Text(); got != "call [number taken out]" {
		t.Errorf("summary %q", got)
	}

	// The same list once more makes no case twice; a new row in it does.
	again := d.planned(keeper, aList+"4;Naznin;;;Kasur;;;2025-12-01;open\n", ImportOptions{WithClosed: true})
	if again.Planned != 1 || again.Plan.Left != 3 {
		t.Errorf("once more: %d planned, %d left out", again.Planned, again.Plan.Left)
	}
	if err := d.ImportForget(keeper); err != nil {
		t.Fatal(err)
	}
	if err := d.ImportRun(keeper, beginner{d}); !errors.Is(err, ErrImport) {
		t.Errorf("a list that was forgotten is brought in: %v", err)
	}

	key := d.database()
	if n, err := d.ImportUndo(keeper, batches[0].ID); err != nil || n != 3 {
		t.Fatalf("taken back %d: %v", n, err)
	}
	if f, err := d.Figures(keeper, 0, 0); err != nil || f.Open != 0 || f.Total.Opened != 0 || f.Total.Closed != 0 {
		t.Errorf("a count of what came by mistake stays: %+v (%v)", f.Total, err)
	}
	if batches, err := d.ImportBatches(keeper); err != nil || len(batches) != 0 {
		t.Errorf("batches: %+v (%v)", batches, err)
	}
	d.Lock()
	d.nowhere(key, "Golandam", "Mahbanu", "Delaram", "dialysis", "Padarjan", "0912000")
}

// A list is its bringer's alone, and gone when the desk locks.
func TestAListIsGoneWhenTheDeskLocks(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("keeper")
	keeper := d.as(staff[0])
	d.planned(keeper, aList, ImportOptions{})
	if i, err := d.Import(d.as(staff[1])); err != nil || i.Stage != ImportNone {
		t.Errorf("another keeper sees stage %q (%v)", i.Stage, err)
	}
	var held *spreadsheet.Table
	if err := d.in(func(r *room) error { held = r.moving.table; return nil }); err != nil {
		t.Fatal(err)
	}
	if v, err := d.Inventory(keeper); err != nil || v.Import != 4 {
		t.Errorf("%d rows in memory (%v)", v.Import, err)
	}
	d.Lock()
	if len(held.Rows) != 0 {
		t.Error("the table is left in memory")
	}
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	if i, err := d.Import(keeper); err != nil || i.Stage != ImportNone {
		t.Errorf("after unlocking: stage %q (%v)", i.Stage, err)
	}
}

// Every file that a working desk leaves in its folder is explained, and a strange one is shown as such.
func TestEveryFileIsExplained(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("keeper", "caseworker", "specialist")
	p := w.person()
	p.writes(0, "letter", text("My brother was taken."))
	id := d.the("My brother")
	if err := d.Reply(d.as(staff[0]), id, Draft{Text: "We are calling."}, "one"); err != nil {
		t.Fatal(err)
	}
	if err := d.AddPasskey(d.as(staff[0]), Passkey{}, nil, passphrase); err == nil {
		t.Error("an empty passkey was taken")
	}
	look := func() (v Inventory) {
		v, err := d.Inventory(d.as(staff[0]))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := look()
	for _, f := range v.Files {
		if f.What == "" {
			t.Errorf("%s is not explained", f.Name)
		}
	}
	if len(v.Files) < 4 || v.Seats == 0 || len(v.Epochs) == 0 || v.Letters != 1 || v.Replies != 1 || v.Events == 0 || !v.Keeper {
		t.Errorf("%d files, %d seats, epochs %v, %d letters, %d replies, %d events, keeper %v", len(v.Files), v.Seats, v.Epochs, v.Letters, v.Replies, v.Events, v.Keeper)
	}
	if err := os.MkdirAll(filepath.Join(d.dir, "stuff"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.docx", "stuff/list.csv", ".keyring-123"} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var strange []string
	for _, f := range look().Files {
		if f.What == "" || f.What == "half" {
			strange = append(strange, f.Name+" "+f.What)
		}
	}
	if got := strings.Join(strange, "|"); got != ".keyring-123 half|notes.docx |stuff/list.csv " {
		t.Errorf("strange: %s", got)
	}
}

func TestFiguresOfAPeriod(t *testing.T) {
	found := casedb.Figures{
		Cases: []casedb.Figure{
			{Opened: 202512, Closed: 202602, Urgency: casedb.UrgencyMinutes, Outcome: "released", Pathways: []string{"a", "b"}, Answer: casedb.AnswerInTime, N: 3},
			{Opened: 202601, Urgency: casedb.UrgencyDays, Answer: casedb.AnswerLate, N: 2},
			{Opened: 202603, Urgency: casedb.UrgencyHours, Pathways: []string{"b"}, Answer: casedb.AnswerAwaits, N: 1},
		},
		Erased:    []casedb.Figure{{Opened: 202601, Closed: 202601, Urgency: casedb.UrgencyDays, Outcome: "none", Answer: casedb.AnswerInTime, N: 4}},
		Districts: []casedb.DistrictFigure{{Opened: 202601, District: "Kasur", N: 2}, {Opened: 202512, District: "Lahore", N: 3}},
		Deadlines: []casedb.DeadlineFigure{{Month: 202602, Basis: "law", Met: 5, Not: 1}, {Month: 202511, Basis: "law", Met: 9}},
	}
	f := tally(found, 202601, 202603, 202603)
	want := "[{2026-01 6 4 5 {4 2 0} 0 0 0} {2026-02 0 3 2 {0 0 0} 5 1 0} {2026-03 1 0 3 {0 0 1} 0 0 0}]"
	if got := fmt.Sprint(f.Months); got != want {
		t.Errorf("months\n%s, want\n%s", got, want)
	}
	if f.Open != 3 || f.Total.Opened != 7 || f.Total.Closed != 7 || f.Total.Answers != (Answers{4, 2, 1}) || f.Total.Met != 5 {
		t.Errorf("open %d, total %+v", f.Open, f.Total)
	}
	if got := fmt.Sprint(f.Pathways, f.Outcomes, f.Districts, f.Deadlines); got != "[{b 1 3 1 {0 0 1}} {a 0 3 0 {0 0 0}} { 6 4 2 {4 2 0}}] [{none 0 4 0 {0 0 0}} {released 0 3 0 {0 0 0}}] [{Kasur 2 0 0 {0 0 0}}] [{law 5 1} {standard 0 0} {proposal 0 0}]" {
		t.Error(got)
	}
	for _, test := range [][4]Month{{0, 0, 202504, 202603}, {202601, 202512, 202501, 202512}, {202001, 202603, 202404, 202603}, {202601, 209901, 202601, 202603}, {202613, 202602, 202503, 202602}} {
		if from, to := period(test[0], test[1], 202603); from != test[2] || to != test[3] {
			t.Errorf("%d to %d: %d to %d", test[0], test[1], from, to)
		}
	}
}
