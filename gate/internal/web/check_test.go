package web

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"panah/core/l10n"
	"panah/core/rulebook"
	"panah/i18n"
	"panah/rules"
	webgate "panah/web/gate"
)

// checkBudget is what a person waits for at the check: page with table, style and script over the wire, bytes of brotli.
const checkBudget = 20_000

// TestCheckBudget weighs the real build, quickly compressed as a gate serves it first.
func TestCheckBudget(t *testing.T) {
	b, err := newBuild(testSite(true), webgate.Assets())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	done, err := b.render(testOrg, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("rendering all pages took %v", time.Since(start).Round(time.Millisecond))
	table := pageTable(releaseTable(t))
	var packedTable bytes.Buffer
	w := brotli.NewWriterLevel(&packedTable, quickBrotli)
	_, _ = w.Write(table)
	_ = w.Close()
	css, js := len(b.assets.files[b.assets.names["page.css"]].br), len(b.assets.files[b.assets.names["check.js"]].br)
	for _, l := range l10n.Languages() {
		p, ok, err := done.at("/" + l.Code + "/check")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		all := len(p.br) + css + js
		t.Logf("/%s/check: page %d (of it the table alone %d) + style %d + script %d = %d bytes brotli; plain %d, table %d of %d", l.Code, len(p.br), packedTable.Len(), css, js, all, len(p.plain), len(table), len(releaseTable(t).Bytes()))
		if all > checkBudget {
			t.Errorf("/%s/check weighs %d bytes, the budget is %d", l.Code, all, checkBudget)
		}
	}
}

// releaseTable is what the pages answer by while no keeper has said otherwise.
func releaseTable(t *testing.T) *rulebook.Table {
	t.Helper()
	table, err := ReleaseRules()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// ask sends the plain form.
func ask(t *testing.T, h http.Handler, lang string, fields ...string) *http.Response {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+lang+"/check", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// on sets the handler's clock to noon in Tehran.
func on(t *testing.T, h *Handler, day string) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	h.c.Now = func() time.Time { return at.Add(8 * time.Hour) }
}

// TestPlainFormAnswersTheTestBook asks every question of the test book that the page can ask, on its day, and looks for the verdict, the rule's source and the days.
func TestPlainFormAnswersTheTestBook(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	book := releaseTable(t).Rulebook()
	posed, err := rules.Questions()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, p := range posed {
		q := p.Question
		if q.Paper == rulebook.None {
			continue
		}
		asked++
		on(t, h, q.On.Format(time.DateOnly))
		fields := []string{"kind", q.Paper, "day", "", "month", "", "year", ""}
		if w := q.Printed; !w.IsZero() {
			fields = []string{"kind", q.Paper, "day", l10n.ExtendedArabic.Shape(strconv.Itoa(w.D)), "month", string(w.In) + "-" + strconv.Itoa(w.M), "year", l10n.ExtendedArabic.Shape(strconv.Itoa(w.Y))}
		}
		if q.Round > 0 {
			fields = append(fields, "round", l10n.ExtendedArabic.Shape(strconv.Itoa(q.Round)))
		}
		resp := ask(t, h, "en", fields...)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %s %s", p.ID, resp.Status, resp.Header.Get("Cache-Control"))
		}
		doc := read(t, resp)
		if len(find(doc, "script")) > 0 {
			t.Errorf("%s: an answer carries script", p.ID)
		}
		said := text(one(t, doc, "section", "id", "told"))
		want, err := book.Check(rulebook.Question{Paper: q.Paper, Round: q.Round, Printed: q.Printed, On: q.On, Known: q.On})
		if err != nil {
			t.Fatal(err)
		}
		v := h.build.view(mustLang(t, "en"), "check", "check_title", testOrg)
		sentence := v.verdict(want.Verdict, want)
		if want.Verdict == rulebook.Stale {
			sentence = line{ID: "check_stale", Place: "newest", Value: v.day(want.Newest)}
		}
		filled, _ := h.build.words.Text("en", i18n.Intake+sentence.ID)
		for _, must := range []string{strings.ReplaceAll(filled.Text, "{"+sentence.Place+"}", sentence.Value), "This says nothing about whether a paper is real.", "Keep the paper.", book.Version()} {
			if !strings.Contains(said, must) {
				t.Errorf("%s: %q is not in %q", p.ID, must, said)
			}
		}
		for _, s := range want.Sources {
			if !strings.Contains(said, strings.Join(strings.Fields(s.Title), " ")) || !strings.Contains(said, s.URL) {
				t.Errorf("%s: the source %s is not told", p.ID, s.ID)
			}
		}
		if want.Verdict != rulebook.Ended && want.Would != rulebook.Ended && strings.Contains(said, "does not count any more") {
			t.Errorf("%s: %s is told as ended", p.ID, want.Verdict)
		}
	}
	if asked < 60 {
		t.Errorf("%d questions only", asked)
	}
}

// TestPlainFormTellsWhatIsWrong keeps what was typed, and says what to do.
func TestPlainFormTellsWhatIsWrong(t *testing.T) {
	h, _ := newHandler(t, testSite(false))
	on(t, h, "2026-11-24")
	for name, c := range map[string]struct {
		fields []string
		say    string
		status int
	}{
		"nothing":          {nil, "Choose a kind of paper first.", 422},
		"another kind":     {[]string{"kind", "none"}, "Choose a kind of paper first.", 422},
		"a month 13":       {[]string{"kind", "pk-por", "day", "1", "month", "gregorian-13", "year", "2023"}, "This calendar has no such day.", 422},
		"30 February":      {[]string{"kind", "pk-por", "day", "۳۰", "month", "gregorian-2", "year", "۲۰۲۳"}, "This calendar has no such day.", 422},
		"30 Esfand":        {[]string{"kind", "ir-temp-card", "day", "30", "month", "solar-12", "year", "1402"}, "This calendar has no such day.", 422},
		"words":            {[]string{"kind", "pk-por", "day", "x", "month", "gregorian-2", "year", "2023"}, "This calendar has no such day.", 422},
		"another calendar": {[]string{"kind", "pk-por", "day", "1", "month", "mayan-2", "year", "2023"}, "This calendar has no such day.", 422},
		"half a date":      {[]string{"kind", "pk-por", "day", "30", "month", "", "year", "2023"}, "Fill in day, month and year", 422},
		"a round":          {[]string{"kind", "ir-amayesh", "round", "eighteen"}, "The round is a number", 422},
		"an unknown field": {[]string{"kind", "pk-por", "number", "12345-1234567-1"}, "reload", 400},
		"twice":            {[]string{"kind", "pk-por", "kind", "pk-acc"}, "", 400},
		"too long":         {[]string{"kind", strings.Repeat("a", 3000)}, "", 400},
	} {
		resp := ask(t, h, "en", c.fields...)
		doc := read(t, resp)
		problem := text(one(t, doc, "div", "id", "problem"))
		if c.say == "reload" {
			c.say = ""
		}
		if resp.StatusCode != c.status || !strings.Contains(problem, c.say) || problem == "" {
			t.Errorf("%s: %s %q", name, resp.Status, problem)
		}
		if len(find(doc, "section", "id", "told", "hidden", "")) != 1 {
			t.Errorf("%s: something is told", name)
		}
		for i := 0; i+1 < len(c.fields) && c.status == 422; i += 2 {
			if v := c.fields[i+1]; c.fields[i] != "kind" && v != "" && c.fields[i] != "month" && len(find(doc, "input", "name", c.fields[i], "value", v)) != 1 {
				t.Errorf("%s: %s is lost", name, c.fields[i])
			}
		}
	}
}

// TestPlainFormLeavesNoTrace looks for what was chosen in everything that a server could keep: the log, the answers to others, the addresses. The pages have no store.
func TestPlainFormLeavesNoTrace(t *testing.T) {
	var logged bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.SetOutput(&logged)
	defer func() { slog.SetDefault(before); log.SetOutput(io.Discard) }()
	h, s := newHandler(t, testSite(true))
	on(t, h, "2026-11-24")
	pages := func() string {
		now, err := h.current()
		if err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		for _, path := range []string{"/", "/en/check", "/en/", "/fa/check"} {
			p, ok, err := now.at(path)
			if err != nil || !ok {
				t.Fatal(path, ok, err)
			}
			all.Write(p.plain)
		}
		return all.String()
	}
	was := pages()
	for _, fields := range [][]string{
		{"kind", "pk-por", "day", "17", "month", "gregorian-9", "year", "2031"},
		{"kind", "ir-amayesh", "round", "887", "day", "31", "month", "solar-12", "year", "1417"},
		{"kind", "pk-por", "passport", "P0887766"},
	} {
		resp := ask(t, h, "en", fields...)
		if loc := resp.Header.Get("Location"); loc != "" || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("the answer leads to %q", loc)
		}
	}
	if pages() != was {
		t.Error("a page for everybody changed")
	}
	if len(s.letters) != 0 || len(s.boxes) != 0 {
		t.Error("something was kept")
	}
	if logged.Len() > 0 {
		t.Errorf("the log says %q", logged.String())
	}
}

// TestCheckPageSendsNothing looks at what binds the browser: the policy of the page, and its form.
func TestCheckPageSendsNothing(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for _, l := range l10n.Languages() {
		resp := get(t, h, "/"+l.Code+"/check")
		if got := resp.Header.Get("Content-Security-Policy"); got != closedPolicy || strings.Contains(got, "connect-src") || !strings.Contains(got, "default-src 'none'") {
			t.Errorf("%s: %s", l.Code, got)
		}
		doc := read(t, resp)
		form := one(t, doc, "form", "id", "check", "method", "post", "action", "/"+l.Code+"/check")
		var names []string
		for n := range form.Descendants() {
			if name, ok := attr(n, "name"); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if slices.Sort(names); !slices.Equal(names, []string{"day", "kind", "month", "round", "year"}) {
			t.Errorf("%s asks %v", l.Code, names)
		}
		if n := len(find(form, "input", "name", "kind")); n != len(releaseTable(t).Rulebook().Papers()) {
			t.Errorf("%s: %d kinds of paper", l.Code, n)
		}
		if len(find(form, "p", "class", "ns")) != 1 {
			t.Errorf("%s: nobody says before sending that the choice goes to the server", l.Code)
		}
		one(t, one(t, read(t, get(t, h, "/"+l.Code+"/")), "main"), "a", "href", "/"+l.Code+"/check")
	}
	if got := get(t, h, "/en/").Header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("another page: %s", got)
	}
}

// TestTheAnswerOfTheFormSendsNothing: the page that holds what was chosen, and what is said of it, is as closed as the one it was chosen in; also when it says what is wrong.
func TestTheAnswerOfTheFormSendsNothing(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for _, kind := range []string{"ir-amayesh", "x"} {
		resp := ask(t, h, "fa", "kind", kind)
		if got := resp.Header.Values("Content-Security-Policy"); !slices.Equal(got, []string{closedPolicy}) {
			t.Errorf("%s: %s", kind, got)
		}
		if got := resp.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

// TestEveryVerdictHasItsSentence looks up each sentence that an answer may need, in Go's lists: all effects, verdicts and kinds of source have one.
func TestEveryVerdictHasItsSentence(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	ids := []string{"check_stale", "check_would", "check_passed", "check_running", "check_untold", "check_ask_round", "check_ask_printed", "check_ask_more", "check_keep", "check_e_rule", "check_err_clock"}
	for _, v := range rulebook.Verdicts() {
		if v != rulebook.Stale && verdicts[v] == [2]string{} {
			t.Errorf("%s has no sentence", v)
		}
		ids = append(ids, verdicts[v][0], verdicts[v][1])
	}
	for _, r := range releaseTable(t).Rulebook().Rules() {
		if !r.Effect.Decides() && effects[r.Effect] == "" {
			t.Errorf("%s has no title", r.Effect)
		}
		if r.Confidence != "" && trusts[r.Confidence] == "" {
			t.Errorf("%s has no sentence", r.Confidence)
		}
	}
	for _, issuer := range issuers {
		ids = append(ids, issuer[1])
	}
	for _, id := range ids {
		if id != "" && !h.build.words.Has(l10n.English, i18n.Intake+id) {
			t.Errorf("there is no text %s", id)
		}
	}
	for _, l := range l10n.Languages() {
		for _, word := range []string{"check_in_force", "check_in_force_until", "check_extended", "check_unknown"} {
			tx, _ := h.build.words.Text(l.Code, i18n.Intake+word)
			if s := strings.ToLower(tx.Text); strings.HasPrefix(s, "yes") || strings.HasPrefix(s, "no ") || strings.HasPrefix(s, "بله") || strings.HasPrefix(s, "نه ") {
				t.Errorf("%s: %q answers yes or no", l.Code, tx.Text)
			}
		}
	}
}

// TestPagesFollowTheRulebook changes the rules under a running gate: the page is another one, and the plain form answers by them.
func TestPagesFollowTheRulebook(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	src := rules.RulebookFiles()
	src.Rules = []byte(strings.ReplaceAll(string(src.Rules), "stale_after_days: 30", "stale_after_days: 31"))
	book, problems := rulebook.Parse(src)
	if book == nil {
		t.Fatal(problems)
	}
	table, err := book.Table()
	if err != nil {
		t.Fatal(err)
	}
	var now *rulebook.Table
	h.c.Rules = func() *rulebook.Table { return now }
	_, old, tag := fetched(t, h, "/fa/check", "")
	for _, step := range []struct {
		rules *rulebook.Table
		book  *rulebook.Book
	}{{table, book}, {nil, releaseTable(t).Rulebook()}} {
		now = step.rules
		status, page, next := fetched(t, h, "/fa/check", tag)
		if status != http.StatusOK || next == tag || !strings.Contains(page, step.book.Version()) {
			t.Errorf("%d, the page does not carry %s", status, step.book.Version())
		}
		tag = next
		on(t, h, "2026-11-24")
		if said := text(one(t, read(t, ask(t, h, "en", "kind", "pk-por")), "section", "id", "told")); !strings.Contains(said, step.book.Version()) {
			t.Errorf("the plain form answers by another book: %q", said)
		}
	}
	if _, page, _ := fetched(t, h, "/fa/check", ""); page != old {
		t.Error("the page of the release's book is not what it was")
	}
}

func mustLang(t *testing.T, code string) l10n.Language {
	t.Helper()
	l, ok := l10n.Find(code)
	if !ok {
		t.Fatal(code)
	}
	return l
}

// FuzzPlainForm reads any bytes as the form: it is refused, or is a question that the rulebook answers with a verdict.
func FuzzPlainForm(f *testing.F) {
	table, err := ReleaseRules()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"kind=pk-por&round=&day=30&month=gregorian-6&year=2023", "kind=ir-amayesh&round=%DB%B1%DB%B8&day=&month=&year=", "kind=af-etazkira&day=30&month=lunar-12&year=1447",
		"kind=none", "kind=pk-por&kind=pk-acc", "day=1&month=solar-13&year=-5", "%zz", "kind=pk-por;round=1", "kind=pk-por&month=-&day=1&year=1",
	} {
		f.Add(seed)
	}
	today := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPost, "/fa/check", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		form, err := readCheck(r)
		if err != nil {
			if form != (checkForm{}) {
				t.Error("something of a refused form is kept")
			}
			return
		}
		q, wrong := form.question(table.Rulebook(), today)
		if wrong != nil {
			return
		}
		a, err := table.Rulebook().Check(q)
		if err != nil || !slices.Contains(rulebook.Verdicts(), a.Verdict) || len(q.Facts) != 0 || !q.On.Equal(today) || !q.Known.Equal(today) {
			t.Errorf("%q: %v, %+v", body, err, q)
		}
	})
}
