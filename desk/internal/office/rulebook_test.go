package office

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/calendar"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/core/rulebook"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/rules"
)

// extended is the program's rulebook, where the temporary cards run a year longer.
func extendedBook(t *testing.T) rulebook.Source {
	t.Helper()
	src := rules.RulebookFiles()
	was, is := []byte("to: 2026-06-21, to_as_written: \"31 Khordad 1405\""), []byte("to: 2027-06-21, to_as_written: \"31 Khordad 1406\"")
	if !bytes.Contains(src.Rules, was) {
		t.Fatal("the rule of the temporary cards reads otherwise now")
	}
	src.Rules = bytes.Replace(src.Rules, was, is, 1)
	return src
}

func (s *seat) book() *rulebook.Book {
	s.t.Helper()
	b, err := s.Rulebook(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *seat) bookState() RulebookState {
	s.t.Helper()
	st, err := s.RulebookState(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// gatesBook is the version of the rulebook that the gate gives everybody; "" for none that a keeper signed.
func (w *town) gatesBook() string {
	w.t.Helper()
	status, body := w.ask("GET", "/rulebook.json", nil, wire.MailboxKey{})
	b, err := wire.ParseRulebook(body)
	if status != 200 || err != nil {
		return ""
	}
	if _, err := b.Open(w.keys.Newest()); err != nil {
		return ""
	}
	return filesOf(b).Version()
}

// A keeper adopts a changed rulebook: another desk and the gate use it at once, and a check there says so. Then the keeper goes back.
func TestAKeepersRulebookReachesEveryDesk(t *testing.T) {
	w := newTown(t)
	a := w.desk()
	staff := a.team("caseworker")
	keeper, worker := a.as(staff[0]), a.as(staff[1])
	b := w.admit(a, "second", roster.RoleCaseworker)
	own := a.book().Version()
	src := extendedBook(t)

	trial, whole, err := a.TryRulebook(keeper, rulebook.Source{Rules: src.Rules})
	if err != nil || !trial.Good() || trial.Version != src.Version() || whole.Version() != src.Version() {
		t.Fatalf("%+v, %v", trial, err)
	}
	if len(trial.Changes) != 1 || trial.Changes[0].ID != "ir-temp-1405" || trial.Changes[0].How != "changed" {
		t.Errorf("%+v", trial.Changes)
	}
	if err := a.AdoptRulebook(worker, src, "a circular"); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker adopts: %v", err)
	}
	if err := b.AdoptRulebook(t.Context(), src, "a circular"); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker's desk adopts: %v", err)
	}
	if err := a.AdoptRulebook(keeper, rulebook.Source{Papers: []byte("papers: ["), Rules: src.Rules, Sources: src.Sources}, "x"); !errors.Is(err, ErrBook) {
		t.Errorf("a broken one is adopted: %v", err)
	}
	if err := a.AdoptRulebook(keeper, rules.RulebookFiles(), "x"); !errors.Is(err, ErrSameBook) {
		t.Errorf("the one that holds is adopted: %v", err)
	}
	if err := a.AdoptRulebook(keeper, src, "circular of 1 Tir"); err != nil {
		t.Fatal(err)
	}
	if got := a.book().Version(); got != src.Version() {
		t.Errorf("the keeper's own desk uses %s", got)
	}
	b.until("the other desk uses it", func() bool { return b.book().Version() == src.Version() })
	st := b.bookState()
	if st.Adopted == nil || st.Adopted.By != "Parwana" || st.Adopted.Why != "circular of 1 Tir" || st.Shipped != own || len(st.Passed) != 0 {
		t.Errorf("%+v", st.Adopted)
	}
	a.until("the gate passes it on", func() bool { return w.gatesBook() == src.Version() })
	a.until("the desk knows that", func() bool { p := a.bookState().Public; return p.Shown == src.Version() && p.Problem == "" })
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	ans, err := b.CheckPaper(t.Context(), rulebook.Question{Paper: "ir-temp-card", On: day, Known: day})
	if err != nil || ans.Book != src.Version() {
		t.Errorf("a check is given by %s: %v", ans.Book, err)
	}

	if err := a.ShippedRulebook(worker, ""); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker goes back: %v", err)
	}
	if err := a.ShippedRulebook(keeper, "the circular was withdrawn"); err != nil {
		t.Fatal(err)
	}
	b.until("the other desk went back", func() bool { return b.book().Version() == own })
	a.until("the gate went back", func() bool { return w.gatesBook() == own })
	if err := a.ShippedRulebook(keeper, ""); !errors.Is(err, ErrSameBook) {
		t.Errorf("back twice: %v", err)
	}
	a.noAlarms()
	b.noAlarms()
}

// say puts an event into the office's stream that no page would write.
func (s *seat) say(body event.Body) {
	s.t.Helper()
	if err := s.in(func(r *room) error { return r.putOffice(s.t.Context(), "", body) }); err != nil {
		s.t.Fatal(err)
	}
}

// A caseworker's desk that sends rulebooks around changes nothing: not with its own signature, not with a keeper's note over other files, not with one that a keeper signed for another book.
func TestNobodyElsesRulebookCounts(t *testing.T) {
	w := newTown(t)
	a := w.desk()
	bent := w.admit(a, "bent", roster.RoleCaseworker)
	own := a.book().Version()
	src := extendedBook(t)
	signer, ok := w.keys.KeeperSigner()
	if !ok {
		t.Fatal("the town has no keeper")
	}
	signed, err := wire.SignRulebook(signer, w.keys.Org, time.Now(), src.Papers, src.Rules, src.Sources)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := packBook(signed)
	if err != nil {
		t.Fatal(err)
	}
	bent.say(event.BookSet{Version: src.Version(), Files: packed}) // the keeper's own words, at the wrong time: a replay
	for _, d := range []*seat{a, bent} {
		d.until("an alarm tells of it", func() bool { _, there := d.alarms()[casedb.AlarmBook]; return there })
		if got := d.book().Version(); got != own {
			t.Errorf("a desk uses %s", got)
		}
	}
	st := a.bookState()
	if len(st.Passed) != 1 || st.Passed[0].Reason != bookDesk || st.Passed[0].Again {
		t.Errorf("%+v", st.Passed)
	}
	if p := bent.bookState().Public; p.Shown != "" {
		t.Errorf("the gate shows %q", p.Shown)
	}
}

// What a keeper's desk sends without a keeper's note over these files, or with errors in them, does not count either.
func TestBrokenRulebooksArePassedOver(t *testing.T) {
	w := newTown(t)
	a := w.desk()
	b := w.admit(a, "second", roster.RoleReader)
	own := a.book().Version()
	src := extendedBook(t)
	signer, _ := w.keys.KeeperSigner()
	pack := func(change func(*wire.Rulebook), src rulebook.Source) string {
		signed, err := wire.SignRulebook(signer, w.keys.Org, time.Now(), src.Papers, src.Rules, src.Sources)
		if err != nil {
			t.Fatal(err)
		}
		change(&signed)
		packed, err := packBook(signed)
		if err != nil {
			t.Fatal(err)
		}
		return packed
	}
	same := func(*wire.Rulebook) {}
	broken := rulebook.Source{Papers: []byte("papers: ["), Rules: src.Rules, Sources: src.Sources}
	a.say(event.BookSet{Version: src.Version(), Files: pack(func(b *wire.Rulebook) { b.Rules += "\n# more" }, src)}) // other files than those that were signed
	a.say(event.BookSet{Version: own, Files: pack(same, src)})                                                       // another version than the files have
	a.say(event.BookSet{Version: broken.Version(), Files: pack(same, broken)})
	a.say(event.BookSet{Version: src.Version(), Files: base64.StdEncoding.EncodeToString([]byte("no gzip"))})
	b.until("the other desk tells of all", func() bool { st := b.bookState(); return len(st.Passed) == 4 })
	for _, p := range b.bookState().Passed {
		if p.Reason != bookBroken && p.Reason != bookUnsigned {
			t.Errorf("passed over as %s", p.Reason)
		}
	}
	for _, d := range []*seat{a, b} {
		if got := d.book().Version(); got != own {
			t.Errorf("a desk uses %s", got)
		}
	}
	if w.gatesBook() != "" {
		t.Error("the gate was given one of them")
	}
	// A good one after them counts.
	if err := a.AdoptRulebook(t.Context(), src, ""); err != nil {
		t.Fatal(err)
	}
	b.until("the good one is used", func() bool { return b.book().Version() == src.Version() })
}

// A gate that gives people another rulebook than it was given is an alarm, and is told again.
func TestAGateThatKeepsARulebookBack(t *testing.T) {
	w := newTown(t)
	a := w.desk()
	src := extendedBook(t)
	if err := a.AdoptRulebook(t.Context(), src, ""); err != nil {
		t.Fatal(err)
	}
	a.until("the gate has it", func() bool { return a.bookState().Public.Shown == src.Version() })
	w.road.set(func(r *http.Request) bool {
		if r.Method == "GET" && r.URL.Path == "/rulebook.json" {
			r.URL.Path = "/no/such/thing"
		}
		return true
	}, nil)
	wake(a.now().wakeBook)
	a.until("an alarm tells of it", func() bool { _, there := a.alarms()[casedb.AlarmBookGate]; return there })
}

func TestPackedRulebooks(t *testing.T) {
	w := newTown(t)
	src := rules.RulebookFiles()
	signer, _ := w.keys.KeeperSigner()
	signed, err := wire.SignRulebook(signer, w.keys.Org, time.Now(), src.Papers, src.Rules, src.Sources)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := packBook(signed)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unpackBook(packed); err != nil || got != signed {
		t.Errorf("another book comes back: %v", err)
	}
	t.Logf("the program's own rulebook takes %d of %d bytes", len(packed), event.MaxBook)
	if len(packed) > event.MaxBook/2 {
		t.Errorf("the program's own rulebook takes %d bytes: there is no room for a lawyer's", len(packed))
	}
	signed.Rules = strings.Repeat("\x00", wire.MaxRulebookFile) // 6 bytes each in JSON: a bomb of 786 KB, and no rulebook
	if bomb, err := packBook(signed); err != nil {
		t.Error(err)
	} else if _, err := unpackBook(bomb); err == nil {
		t.Error("what nobody signed is unpacked")
	}
	signed.Rules = base64.StdEncoding.EncodeToString(chance(90_000))
	if _, err := packBook(signed); !errors.Is(err, ErrBookSize) {
		t.Errorf("one that does not fit: %v", err)
	}
}

// A check is kept by what the rulebook says when it is kept, without anything that was typed but ids and days; a case that was closed and lost its texts has lost it.
func TestAPaperCheckIsKeptInACase(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "reader")
	worker, reader := d.as(staff[1]), d.as(staff[2])
	p := w.person()
	p.writes(0, seal.KindLetter, text("My slip."))
	at := d.the("My slip")
	d.opens(worker, at)
	printed, err := calendar.ParseWritten("1403-12-30", calendar.Solar)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	q := rulebook.Question{Paper: "ir-headcount-slip", Printed: printed, On: day, Known: day, Facts: map[string]string{"country": "IR", "unanswered": ""}}
	if err := d.SavePaperCheck(reader, at, q); !errors.Is(err, fold.ErrRole) && !errors.Is(err, ErrRole) {
		t.Errorf("a reader keeps a check: %v", err)
	}
	if err := d.SavePaperCheck(worker, at, q); err != nil {
		t.Fatal(err)
	}
	c := d.fold(at)
	if len(c.Papers) != 1 {
		t.Fatalf("%d checks", len(c.Papers))
	}
	got := c.Papers[0]
	if got.By != staff[1] || got.Printed != "1403-12-30" || got.Calendar != "solar" || got.On != "2026-11-24" || got.Book != d.book().Version() {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(map[string]string{"country": "ir"}, got.Facts); diff != "" {
		t.Error(diff)
	}
	if got.Verdict == "ended" && got.Rule == "" {
		t.Error("ended without a rule")
	}
}

func TestDeadlinesMakeOneTask(t *testing.T) {
	rule := rulebook.Rule{ID: "ir-slip-booking", On: time.Date(2027, 6, 7, 0, 0, 0, 0, time.UTC), What: "last day to book", Sources: []string{"ir-unhcr-slip-deadline"}}
	got := DeadlineTask(rule)
	if err := event.Check(got); err != nil {
		t.Fatal(err)
	}
	due, err := time.Parse(time.RFC3339, got.Due)
	if err != nil || due.Local().Format(time.DateTime) != "2027-06-07 12:00:00" || got.Task != "papers-check/ir-slip-booking" || got.Source != "ir-unhcr-slip-deadline" || got.Do != "last day to book" {
		t.Errorf("%+v, %v", got, err)
	}
}

// chance is bytes that nothing packs.
func chance(n int) []byte {
	out := make([]byte, n)
	rand.Read(out) // never fails
	return out
}

// A rulebook stops counting with the desk that adopted it, and another keeper adopts it again. Of a desk that is a keeper's and that the roster does not count yet, none does.
func TestARulebookLeavesWithItsDesk(t *testing.T) {
	w := newTown(t)
	a := w.desk()
	b := w.admit(a, "second", roster.RoleKeeper)
	own, src := a.book().Version(), extendedBook(t)
	b.until("the second desk is a keeper's", func() bool {
		err := b.AdoptRulebook(t.Context(), src, "a circular")
		if err != nil && !errors.Is(err, ErrKeeper) {
			t.Fatal(err)
		}
		return err == nil
	})
	a.until("the first desk uses its rulebook", func() bool { return a.book().Version() == src.Version() })
	k, err := a.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range k.Desks {
		if d.Name == "second" {
			if _, err := a.Remove(t.Context(), d.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	a.until("the first desk uses the program's own", func() bool { return a.book().Version() == own })
	st := a.bookState()
	if len(st.Passed) != 1 || st.Passed[0].Reason != bookLeft || !st.Passed[0].Again || st.Adopted != nil {
		t.Fatalf("%+v", st.Passed)
	}
	if _, err := a.PassedFiles(t.Context(), event.Hash{1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("files of no rulebook: %v", err)
	}
	files, err := a.PassedFiles(t.Context(), st.Passed[0].Hash)
	if err != nil || files.Version() != src.Version() {
		t.Fatalf("its files: %v", err)
	}
	if err := a.AdoptRulebook(t.Context(), files, "again"); err != nil {
		t.Fatal(err)
	}
	if st := a.bookState(); st.Book.Version() != src.Version() || len(st.Passed) != 0 {
		t.Errorf("%+v", st.Passed)
	}
	a.until("the gate answers by it", func() bool { return w.gatesBook() == src.Version() })
}
