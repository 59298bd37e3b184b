package rulebook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"panah/core/rulebook"
	"panah/rules"
)

func ours(t testing.TB) (*rulebook.Book, []rulebook.Posed) {
	t.Helper()
	b, err := rules.Rulebook()
	if err != nil {
		t.Fatal(err)
	}
	posed, err := rules.Questions()
	if err != nil {
		t.Fatal(err)
	}
	return b, posed
}

func TestTheTestBook(t *testing.T) {
	b, posed := ours(t)
	if len(posed) < 60 {
		t.Errorf("%d questions", len(posed))
	}
	verdicts := map[rulebook.Verdict]int{}
	for _, p := range posed {
		a, off := b.Pose(p)
		verdicts[a.Verdict]++
		if len(off) > 0 {
			t.Errorf("%s (line %d): %v\n%s", p.ID, p.Line, off, b.Explain(p.Question, a))
		}
		if _, ok := b.Source(p.Source); !ok {
			t.Errorf("%s rests on no source", p.ID)
		}
	}
	t.Log(len(posed), "questions:", verdicts)
}

// Every question must be able to fail: another verdict, rule or last day in its place is noticed.
func TestTheTestBookNotices(t *testing.T) {
	b, posed := ours(t)
	for _, p := range posed {
		for what, change := range map[string]func(*rulebook.Want){
			"verdict": func(w *rulebook.Want) { w.Verdict = "other" }, "rule": func(w *rulebook.Want) { w.Rule += "x" },
			"until": func(w *rulebook.Want) { w.Until = iso("2001-01-01") }, "since": func(w *rulebook.Want) { w.Since = iso("2001-01-01") },
			"would": func(w *rulebook.Want) { w.Would = "other" }, "also": func(w *rulebook.Want) { w.Also = []string{"no-such"} }, "asks": func(w *rulebook.Want) { w.Asks = []string{"no-such"} },
		} {
			changed := p
			change(&changed.Want)
			if _, off := b.Pose(changed); !slices.ContainsFunc(off, func(o string) bool { return strings.HasPrefix(o, what+":") }) {
				t.Errorf("%s: another %s is not noticed", p.ID, what)
			}
		}
	}
}

// Both countries are past their last known end: on the day of reading nothing is said to be in force, and nothing to have ended.
func TestOnTheDayOfReadingNothingIsSureAnyMore(t *testing.T) {
	b, _ := ours(t)
	for _, p := range b.Papers() {
		for round := range 22 {
			a, err := b.Check(rulebook.Question{Paper: p.ID, Round: round, On: b.ReadOn(), Known: b.ReadOn()})
			if err != nil {
				t.Fatal(err)
			}
			if a.Verdict != rulebook.Unknown && a.Verdict != rulebook.Stale {
				t.Errorf("%s round %d: %s", p.ID, round, a.Verdict)
			}
		}
	}
}

func TestAnAnswerIsExplained(t *testing.T) {
	b, posed := ours(t)
	for _, p := range posed {
		a, _ := b.Pose(p)
		told := b.Explain(p.Question, a)
		if len(a.Steps) != len(b.Rules()) {
			t.Errorf("%s: %d steps for %d rules", p.ID, len(a.Steps), len(b.Rules()))
		}
		for _, s := range a.Steps {
			if s.Sentence() == "" || strings.Contains(s.Sentence(), "%!") || s.Why != rulebook.OtherPaper && !strings.Contains(told, s.Rule) {
				t.Errorf("%s: %+v is not explained", p.ID, s)
			}
		}
		for _, c := range a.Sources {
			if !strings.Contains(told, c.Title) || !strings.Contains(told, c.URL) {
				t.Errorf("%s: source %s is not shown", p.ID, c.ID)
			}
		}
		if a.Rule != nil && a.Rule.Confidence == "press-single" && !strings.Contains(told, "press-single") {
			t.Errorf("%s: it does not show that one report carries it", p.ID)
		}
		if a.Verdict == rulebook.Unknown && !strings.Contains(told, "does not mean that it has ended") {
			t.Errorf("%s: unknown is not explained", p.ID)
		}
	}
}

func TestMistakesInATestBook(t *testing.T) {
	b, _ := ours(t)
	const good = "{id: a, paper: pk-por, on: 2023-08-15, verdict: unknown, source: pk-pcm}"
	if _, problems := rulebook.ParseQuestions([]byte("version: 1\nquestions:\n  - "+good+"\n"), b); len(problems) > 0 {
		t.Fatal(problems)
	}
	for says, change := range map[string][2]string{
		"no such paper":          {"pk-por", "pk-pro"},
		"no source `pk-pmc`":     {"pk-pcm", "pk-pmc"},
		"without its `calendar`": {"on:", "printed: \"2023-06-30\", on:"},
		"month 13":               {"on:", "printed: \"1403/13/01\", calendar: solar, on:"},
		"no rule `pk-por-2022`":  {"on:", "rule: pk-por-2022, on:"},
		"no rule asks for":       {"on:", "facts: {card-number: 12345}, on:"},
		"stale":                  {"verdict: unknown", "verdict: stale"},
		"month 15":               {"2023-08-15", "2023-15-08"},
		"has no `source`":        {", source: pk-pcm", ""},
	} {
		_, problems := rulebook.ParseQuestions([]byte("version: 1\nquestions:\n  - "+strings.Replace(good, change[0], change[1], 1)+"\n"), b)
		if len(problems) == 0 || problems[0].Line != 3 || !strings.Contains(fmt.Sprint(problems), says) {
			t.Errorf("%s: %v", says, problems)
		}
	}
	for says, data := range map[string]string{"there twice": "version: 1\nquestions:\n  - " + good + "\n  - " + good + "\n", "is empty": "", "at least one": "version: 1\nquestions: []\n"} {
		if _, problems := rulebook.ParseQuestions([]byte(data), b); !strings.Contains(fmt.Sprint(problems), says) {
			t.Errorf("%s: %v", says, problems)
		}
	}
}

func TestLintWarns(t *testing.T) {
	b := read(t, rule("a", "effect: valid, from: 2025-01-01, to: 2025-01-31"), rule("b", "effect: extended, from: 2025-02-10, to: 2025-02-28, confidence: press-single"))
	said := func(today string, posed ...rulebook.Posed) string { return fmt.Sprint(b.Lint(iso(today), posed)) }
	early := said("2025-03-01")
	for _, want := range []string{"from 2025-02-01 to 2025-02-09, between `a` and `b`", "no question of the test book asks about `a`", "no question of the test book asks about `b`", "`b` makes a verdict and rests on press-single"} {
		if !strings.Contains(early, want) {
			t.Errorf("%q is missing in %s", want, early)
		}
	}
	if strings.Contains(early, "days ago") || !strings.Contains(said("2025-03-13"), "newest rule about `card` is of 2025-02-10, 31 days ago") {
		t.Error("news", said("2025-03-13"))
	}
	if tested := said("2025-03-01", rulebook.Posed{Want: rulebook.Want{Rule: "a", Also: []string{"b"}}}); strings.Contains(tested, "no question") {
		t.Error(tested)
	}
}

func TestLeavesAreTheWholeBook(t *testing.T) {
	b, _ := ours(t)
	seen := map[string]bool{}
	for _, l := range b.Leaves() {
		for i, e := range l.Rules {
			seen[e.ID] = true
			if len(e.Cited) != len(e.Sources) || e.Start.IsZero() || i > 0 && l.Rules[i-1].General && !e.General {
				t.Errorf("%s: %+v", l.Paper.ID, e)
			}
		}
	}
	for _, r := range b.Rules() {
		if !seen[r.ID] {
			t.Errorf("%s is on no leaf", r.ID)
		}
	}
}
