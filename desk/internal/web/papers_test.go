package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/rulebook"
	"panah/desk/internal/office"
	"panah/rules"
)

// A paperDouble is a caseDouble with a rulebook, for deadlines that are still to come and for states that a real desk reaches only after months.
type paperDouble struct {
	*caseDouble
	book  *rulebook.Book
	saved []rulebook.Question
	state office.RulebookState
}

func (d *paperDouble) Rulebook(context.Context) (*rulebook.Book, error) { return d.book, nil }

func (d *paperDouble) CheckPaper(_ context.Context, q rulebook.Question) (rulebook.Answer, error) {
	return d.book.Check(q)
}

func (d *paperDouble) SavePaperCheck(_ context.Context, _ int64, q rulebook.Question) error {
	d.saved = append(d.saved, q)
	return nil
}

func (d *paperDouble) RulebookState(context.Context) (office.RulebookState, error) {
	d.state.Book = d.book
	return d.state, nil
}

func (d *paperDouble) TryRulebook(context.Context, rulebook.Source) (office.BookTrial, rulebook.Source, error) {
	return office.BookTrial{}, rulebook.Source{}, office.ErrKeeper
}

func (d *paperDouble) AdoptRulebook(context.Context, rulebook.Source, string) error {
	return office.ErrKeeper
}
func (d *paperDouble) ShippedRulebook(context.Context, string) error { return office.ErrKeeper }

func (d *paperDouble) PassedFiles(context.Context, event.Hash) (rulebook.Source, error) {
	return rulebook.Source{}, office.ErrNotFound
}

// ahead is the program's rulebook with a deadline in ten days.
func ahead(t testing.TB) *rulebook.Book {
	t.Helper()
	src := rules.RulebookFiles()
	now := time.Now().UTC()
	rule := fmt.Sprintf("\nrules:\n  - {id: test-deadline, country: IR, paper: ir-headcount-slip, effect: deadline, on: %s, known_on: %s, what: \"last day to book\", confidence: official, sources: [ir-unhcr-slip-deadline]}\n",
		now.AddDate(0, 0, 10).Format(time.DateOnly), now.AddDate(0, 0, -2).Format(time.DateOnly))
	src.Rules = []byte(strings.Replace(string(src.Rules), "\nrules:\n", rule, 1))
	book, problems := rulebook.Parse(src)
	if book == nil {
		t.Fatal(problems)
	}
	return book
}

func newPaperBrowser(t *testing.T) (*browser, *paperDouble) {
	t.Helper()
	d := &paperDouble{caseDouble: worked(t), book: ahead(t)}
	return newBrowserOf(t, Config{Office: d, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}).launch().unlock(), d
}

func TestNothingTypedIsLostInTheCheck(t *testing.T) {
	b, _ := newPaperBrowser(t)
	for name, c := range map[string]struct{ field, typed, says string }{
		"a month 13":       {"printed", "1403/13/01", "There is no month <bdi>13</bdi>"},
		"no date":          {"printed", "soon <i>", "cannot be"},
		"another calendar": {"printed", "2025-06-30", "It may be a date of this calendar"},
		"a round in words": {"round", "last", "The round is a number"},
		"no such day":      {"on", "1403-12-31", "has no day"},
		"no kind":          {"paper", "AFG P01234567", "Choose the kind of paper"},
	} {
		f := form("paper", "ir-amayesh", "printed", "1403/12/30", "calendar", "solar", "round", "17", "on", "2025-01-01", "fact.pupils", "yes")
		f.Set(c.field, c.typed)
		b.want(b.post("/papers", pairs(f)...), http.StatusUnprocessableEntity)
		b.wantText(c.says)
		for field, typed := range map[string]string{"printed": f.Get("printed"), "round": f.Get("round"), "on": f.Get("on")} {
			if !strings.Contains(b.last, `name="`+field+`"`) || !strings.Contains(b.last, `value="`+escaped(typed)+`"`) {
				t.Errorf("%s: %s was lost", name, field)
			}
		}
		b.wantNone("<i>", `id="verdict"`)
	}
}

// A session that locks while somebody types loses nothing; another person's does not show it.
func TestACheckTypedWhileLockedIsKept(t *testing.T) {
	b, d := newPaperBrowser(t)
	d.Lock()
	b.want(b.post("/thread/1/papers", "paper", "pk-acc", "printed", "17 May 2025", "on", "2025-08-01"), http.StatusUnauthorized)
	b.wantText("What you typed is kept")
	b.wantNone("17 May 2025")
	b.unlock()
	b.want(b.get("/thread/1/papers"), http.StatusOK)
	b.wantText(`value="17 May 2025"`, `value="pk-acc" lang="en" selected`, `value="2025-08-01"`)
	b.want(b.get("/thread/1/papers"), http.StatusOK)
	b.wantNone("17 May 2025")
}

// pairs are a form's fields as post takes them.
func pairs(f url.Values) (out []string) {
	for name := range f {
		out = append(out, name, f.Get(name))
	}
	return out
}

func escaped(s string) string { return strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(s) }

func TestAnAnswerIsInWordsAndSaysWhatItIsNot(t *testing.T) {
	b, d := newPaperBrowser(t)
	for _, paper := range append(kindsOf(d.book), rulebook.None) {
		for _, on := range []string{"", "2024-01-01", "2025-08-01", "1390-01-01"} {
			b.want(b.post("/papers", "paper", paper, "on", on), http.StatusOK)
			b.wantText(`id="verdict"`, "This says nothing about whether a paper is genuine", "Version of the rulebook", d.book.Version())
			b.wantNone(`id="save"`, "valid paper", ">Yes<", ">No<", "forged", "?paper=", "printed=")
			if strings.Contains(b.last, `data-verdict="ended"`) && !strings.Contains(b.last, `id="the-rule"`) {
				t.Errorf("%s on %s ended without a rule", paper, on)
			}
		}
	}
}

func kindsOf(book *rulebook.Book) (ids []string) {
	for _, p := range book.Papers() {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestACheckIsKeptAndItsDeadlineBecomesATask(t *testing.T) {
	b, d := newPaperBrowser(t)
	d.files[1].Case.Fields[event.FieldPaper] = fold.Field{{Text: "ir-headcount-slip"}}
	d.files[1].Case.Fields[event.FieldPrinted] = fold.Field{{Text: "۱۴۰۳/۱۲/۳۰"}}
	b.want(b.get("/thread/1/papers"), http.StatusOK)
	b.wantText(`value="ir-headcount-slip" lang="en" selected`, `value="۱۴۰۳/۱۲/۳۰"`, `value="solar" selected`)
	asked := []string{"paper", "ir-headcount-slip", "printed", "۱۴۰۳/۱۲/۳۰", "calendar", "solar", "fact.slip-colour", "green", "fact.card", "123456789012", "fact.pupils", "123456789012"}
	b.want(b.post("/thread/1/papers", asked...), http.StatusOK)
	b.wantText("last day to book", `value="task:test-deadline"`, `id="save"`, `name="fact.slip-colour"`)
	b.want(b.post("/thread/1/papers", append(asked, "do", "task:test-deadline")...), http.StatusOK)
	b.wantText("The deadline is on the task list", "It is among the")
	if len(d.bodies) != 1 {
		t.Fatalf("%d events", len(d.bodies))
	}
	task, ok := d.bodies[0].(event.TaskAdded)
	if !ok || task.Task != "papers-check/test-deadline" || task.Source != "ir-unhcr-slip-deadline" || task.Do != "last day to book" || event.Check(task) != nil {
		t.Errorf("%+v", d.bodies[0])
	}
	b.want(b.post("/thread/1/papers", append(asked, "do", "task:ir-slip-cancel")...), http.StatusForbidden)
	b.want(b.post("/thread/1/papers", append(asked, "do", "save")...), http.StatusSeeOther)
	if len(d.saved) != 1 || d.saved[0].Printed.String() != "1403-12-30" || d.saved[0].Facts["slip-colour"] != "green" || len(d.saved[0].Facts) != 1 {
		t.Errorf("%+v", d.saved)
	}
	b.want(b.post("/papers", append(asked, "do", "save")...), http.StatusOK) // without a case there is nothing to keep it in
	if len(d.saved) != 1 {
		t.Error("a check without a case was kept")
	}
}

func TestACaseShowsItsChecksAndWhichAreOld(t *testing.T) {
	b, d := newPaperBrowser(t)
	d.files[1].Case.Papers = []fold.PaperCheck{
		{PaperChecked: event.PaperChecked{Paper: "pk-por", Printed: "2025-06-30", Calendar: "gregorian", On: "2026-11-24", Known: "2026-11-24", Verdict: "stale", Would: "ended", Rule: "pk-por-end", Since: "2025-07-01", Sources: []string{"pk-por-end"}, Book: "0011223344556677", Facts: map[string]string{"country": "pk"}}, By: sahar, At: time.Now().Add(-time.Hour)},
		{PaperChecked: event.PaperChecked{Paper: "ir-headcount-slip", On: "2026-11-24", Known: "2026-11-24", Verdict: "unknown", Book: d.book.Version()}, By: farid, At: time.Now()},
	}
	b.want(b.get("/thread/1?tab=situation"), http.StatusOK)
	b.wantText("Papers checked", "Our rules are too old", "Ended by a rule", "Checked by an older version", "Proof of Registration", "Sahar", `name="fact.country" value="PK"`)
	if newest, oldest := strings.Index(b.last, "Headcount slip"), strings.Index(b.last, "Proof of Registration"); newest < 0 || newest > oldest {
		t.Error("the newest does not come first")
	}
	if n := strings.Count(b.last, "Checked by an older version"); n != 1 {
		t.Errorf("%d are old", n)
	}
	b.want(b.post("/thread/1/papers", "paper", "pk-por", "printed", "2025-06-30", "calendar", "gregorian", "fact.country", "PK", "book", "0011223344556677", "do", "check"), http.StatusOK)
	b.wantText("Asked again", "0011223344556677", `id="save"`)
}

func TestTheRulebookIsShownToEverybodyAndChangedByKeepers(t *testing.T) {
	b, d := newPaperBrowser(t)
	d.state.Passed = []office.PassedOver{{AdoptedBook: office.AdoptedBook{Version: "0011223344556677", By: "Sahar", At: time.Now()}, Reason: "desk"}, {AdoptedBook: office.AdoptedBook{At: time.Now()}, Reason: "left", Again: true}}
	d.state.Public = office.PublicBook{Gate: true, Problem: "withheld"}
	b.want(b.get("/rulebook"), http.StatusOK)
	b.wantText("ir-slip-cancel", "Iran", "Pakistan", "look: its sources disagree", "by a desk that is not a keeper", "has left the organisation", "another rulebook than it was given", "The one that came with this program")
	b.wantNone(`href="/rulebook/update"`, `action="/rulebook/again"`)
	for _, r := range d.book.Rules() {
		if !strings.Contains(b.last, `id="rule-`+r.ID+`"`) {
			t.Errorf("the page lacks %s", r.ID)
		}
	}
	b.want(b.get("/rulebook/update"), http.StatusOK)
	b.wantText("Only a keeper")
	b.wantNone(`id="upload"`)
	b.want(b.get("/rulebook/file/passwd"), http.StatusNotFound)
	b.want(b.post("/rulebook/back", "why", "x"), http.StatusForbidden)
	d.state.Keeper, d.state.Adopted = true, &office.AdoptedBook{By: "Sahar", At: time.Now(), Why: "a circular <b>"}
	b.want(b.get("/rulebook"), http.StatusOK)
	b.wantText("Adopted by <bdi>Sahar</bdi>", "a circular &lt;b&gt;", `action="/rulebook/back"`, `action="/rulebook/again"`, `href="/rulebook/update"`)
}

func TestTheCheckInEveryLanguage(t *testing.T) {
	b, _ := newPaperBrowser(t)
	for _, lang := range []string{"en", "fa", "fa-AF", "ps", "ur"} {
		b.want(b.post("/language", "lang", lang), http.StatusSeeOther)
		b.want(b.get("/papers"), http.StatusOK)
		b.want(b.get("/rulebook"), http.StatusOK)
		b.want(b.post("/thread/1/papers", "paper", "pk-por", "printed", "30 June 2025", "on", "2025-08-01", "known", "2025-08-02"), http.StatusOK)
		b.wantText(`id="verdict"`)
		b.want(b.post("/papers", "paper", "pk-por", "printed", "32 June 2025"), http.StatusUnprocessableEntity)
	}
}

// FuzzPaperForm: whatever is typed, a question that is asked holds nothing but ids, days and small numbers.
func FuzzPaperForm(f *testing.F) {
	book := ahead(f)
	f.Add("ir-amayesh", "17", "1403/12/30", "solar", "2025-01-01", "", "slip-colour", "green")
	f.Add("pk-por", "x", "30 June 2025", "", "۱۴۰۴-۰۱-۰۱", "1404/13/1", "country", "PK")
	f.Add("none", "99999999999999", "1446 محرم 1", "lunar", "\u200f", "", "card", "1234567890123")
	f.Fuzz(func(t *testing.T, paper, round, printed, in, on, known, fact, value string) {
		form := readPaperForm(url.Values{"paper": {paper}, "round": {round}, "printed": {printed}, "calendar": {in}, "on": {on}, "known": {known}, factField + fact: {value}})
		q, wrong := form.question(book, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
		if len(wrong) > 0 {
			return
		}
		if _, err := book.Check(q); err != nil {
			return // said on the page
		}
		p, known1 := book.Paper(q.Paper)
		if !known1 && q.Paper != rulebook.None || q.Round < 0 || q.Round > 999 {
			t.Fatalf("%+v is asked", q)
		}
		for id, v := range q.Facts {
			i := slices.IndexFunc(p.Facts, func(k rulebook.Fact) bool { return k.ID == id })
			if id != rulebook.AskCountry && (i < 0 || p.Facts[i].Type != "number" && !slices.Contains(p.Facts[i].Options, v)) || len(v) > 20 {
				t.Fatalf("%s = %q is asked", id, v)
			}
		}
		body := event.PaperChecked{Paper: q.Paper, Round: q.Round, Printed: q.Printed.String(), Calendar: string(q.Printed.In), On: "2026-11-24", Known: "2026-11-24", Verdict: "unknown", Book: book.Version()}
		if err := event.Check(body); err != nil {
			t.Fatalf("%+v cannot be kept: %v", body, err)
		}
	})
}
