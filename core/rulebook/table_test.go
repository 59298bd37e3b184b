package rulebook_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/calendar"
	"panah/core/rulebook"
	"panah/rules"
)

func publishedBook(t testing.TB) (*rulebook.Book, *rulebook.Table) {
	t.Helper()
	book, err := rules.Rulebook()
	if err != nil {
		t.Fatal(err)
	}
	table, err := book.Table()
	if err != nil {
		t.Fatal(err)
	}
	return book, table
}

// said is all that a page tells, of a table or of Check, with names in place of numbers.
type said struct {
	Verdict    rulebook.Verdict `json:"verdict"`
	Would      rulebook.Verdict `json:"would"`
	Rule       string           `json:"rule"`
	Confidence string           `json:"confidence"`
	Since      string           `json:"since"` // "1970-01-01": none
	Until      string           `json:"until"`
	Newest     string           `json:"newest"`
	Sources    string           `json:"sources"`
	Also       string           `json:"also"`
	Other      string           `json:"other"` // rules that disagree
	Asks       string           `json:"asks"`
}

func day(n int) string { return time.Unix(int64(n)*86400, 0).UTC().Format(time.DateOnly) }

func fromTable(t *rulebook.Table, s rulebook.Saying) said {
	names := func(list []int, name func(int) string) string {
		var out []string
		for _, i := range list {
			out = append(out, name(i))
		}
		return strings.Join(out, " ")
	}
	rule := func(i int) string { return t.Rules[i].ID }
	out := said{
		Verdict: s.Verdict, Would: s.Would, Confidence: s.Confidence, Since: day(s.Since), Until: day(s.Until), Newest: day(s.Newest),
		Sources: names(s.Sources, func(i int) string { return t.Sources[i].ID }), Also: names(s.Also, rule), Other: names(s.Conflicts, rule), Asks: strings.Join(s.Ask, " "),
	}
	if s.Rule >= 0 {
		out.Rule = rule(s.Rule)
	}
	return out
}

func fromCheck(a rulebook.Answer) said {
	ids := func(rules []rulebook.Rule) string {
		var out []string
		for _, r := range rules {
			out = append(out, r.ID)
		}
		return strings.Join(out, " ")
	}
	var sources, asks []string
	for _, s := range a.Sources {
		sources = append(sources, s.ID)
	}
	for _, k := range a.Ask {
		asks = append(asks, k.ID)
	}
	out := said{
		Verdict: a.Verdict, Would: a.Would, Confidence: a.Confidence,
		Since: day(rulebook.DayNumber(a.Since)), Until: day(rulebook.DayNumber(a.Until)), Newest: day(rulebook.DayNumber(a.Newest)),
		Sources: strings.Join(sources, " "), Also: ids(a.Also), Other: ids(a.Conflicts), Asks: strings.Join(asks, " "),
	}
	if a.Rule != nil {
		out.Rule = a.Rule.ID
	}
	return out
}

// compare asks both one question.
func compare(t *testing.T, b *rulebook.Book, table *rulebook.Table, p rulebook.Paper, round int, printed calendar.Written, on int) {
	t.Helper()
	at := time.Unix(int64(on)*86400, 0).UTC()
	a, err := b.Check(rulebook.Question{Paper: p.ID, Round: round, Printed: printed, On: at, Known: at})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := table.Tell(p, round, printed, on)
	if want, got := fromCheck(a), fromTable(table, s); want != got || !ok {
		t.Fatalf("%s, round %d, printed %v, on %s: %v %s", p.ID, round, printed, at.Format(time.DateOnly), ok, cmp.Diff(want, got))
	}
}

// TestTableAgreesWithCheckAtRandom asks both, near the days at which rules turn as often as far from them.
func TestTableAgreesWithCheckAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) // the same questions each time: one that fails can be asked again
	verdicts := map[rulebook.Verdict]int{}
	const each = 120_000
	for _, of := range []struct {
		name string
		book *rulebook.Book
	}{{"published", must(rules.Rulebook())}, {"tangled", tangledBook(t)}} {
		t.Run(of.name, func(t *testing.T) {
			start := time.Now()
			table, err := of.book.Table()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d grids, %d rows, %d answers, %d rules, %d sources, %d bytes in %v", len(table.Grids), len(table.Rows), len(table.Answers), len(table.Rules), len(table.Sources), len(table.Bytes()), time.Since(start).Round(time.Millisecond))
			agreeAtRandom(t, r, of.book, table, verdicts, each)
		})
	}
	t.Logf("%d questions: %v", 2*each, verdicts)
	for _, v := range rulebook.Verdicts() {
		if verdicts[v] < 100 {
			t.Errorf("%s was told %d times only: the questions do not reach it", v, verdicts[v])
		}
	}
}

func agreeAtRandom(t *testing.T, r *rand.Rand, book *rulebook.Book, table *rulebook.Table, verdicts map[rulebook.Verdict]int, n int) {
	var turns []int
	for _, rule := range book.Rules() {
		for _, d := range []time.Time{rule.From, rule.To, rule.On, rule.KnownOn} {
			if !d.IsZero() {
				turns = append(turns, rulebook.DayNumber(d))
			}
		}
	}
	near := func() int {
		if r.IntN(2) == 0 {
			return 14_000 + r.IntN(9_000)
		}
		return turns[r.IntN(len(turns))] + []int{0, 0, 0, 30, -90}[r.IntN(5)] + r.IntN(5) - 2
	}
	papers := append(book.Papers(), rulebook.Paper{ID: rulebook.None})
	for _, p := range book.Papers() { // most questions are about papers that rules are about
		for _, rule := range book.Rules() {
			if rule.Paper == p.ID {
				papers = append(papers, p, p)
			}
		}
	}
	for range n {
		p := papers[r.IntN(len(papers))]
		round := 0
		switch {
		case len(p.Rounds) > 0 && r.IntN(4) > 0:
			round = p.Rounds[r.IntN(len(p.Rounds))]
		case r.IntN(2) == 0:
			round = 1 + r.IntN(30)
		}
		on, printed := near(), calendar.Written{}
		if r.IntN(4) > 0 {
			d := near()
			if r.IntN(3) == 0 {
				d = on + r.IntN(61) - 30
			}
			in := calendar.Names()[r.IntN(3)]
			w, err := calendar.In(time.Unix(int64(d)*86400, 0).UTC(), in)
			if err != nil {
				t.Fatal(err)
			}
			printed = w
		}
		compare(t, book, table, p, round, printed, on)
		if s, ok := table.Tell(p, round, printed, on); ok {
			verdicts[s.Verdict]++
		}
	}
}

func must(b *rulebook.Book, err error) *rulebook.Book {
	if err != nil {
		panic(err)
	}
	return b
}

// tangledBook has rules that turn in every way that conditions can say.
func tangledBook(t *testing.T) *rulebook.Book {
	t.Helper()
	src := rules.RulebookFiles()
	src.Rules = []byte(tangledRules)
	book, problems := rulebook.Parse(src)
	for _, p := range problems {
		if !p.Warning {
			t.Fatal(p)
		}
	}
	return book
}

const tangledRules = `version: 1
status: draft
as_of_reading: 2026-11-23
stale_after_days: 400
facts:
  - {id: petitioner, type: yesno, ask: "one of the petitioners?"}
rules:
  - {id: t-valid, country: PK, paper: pk-por, effect: valid, from: 2020-01-01, to: 2023-06-30, known_on: 2020-01-01, confidence: official, sources: [pk-pcm]}
  - {id: t-extends, country: PK, paper: pk-por, effect: extended, from: 2023-07-01, to: 2026-12-31, known_on: 2023-09-01, retroactive: true, when: "printed >= day(\"2023-03-01\") && printed - on <= days(40)", confidence: official, sources: [pk-pcm]}
  - {id: t-grace, country: PK, paper: pk-por, effect: extended, from: 2024-01-01, to: 2030-01-01, known_on: 2024-01-01, when: "on - printed <= days(15) || on < solar(\"1403-02-15\")", confidence: press-single, sources: [pk-por-2025]}
  - {id: t-ends, country: PK, paper: pk-por, effect: ended, from: 2025-07-01, known_on: 2025-07-31, retroactive: true, when: "printed < day(\"2025-07-01\")", replaces: [t-extends, t-grace], confidence: official, sources: [pk-por-2025]}
  - {id: t-fact, country: PK, paper: pk-por, effect: revoked, from: 2026-02-01, known_on: 2026-02-01, when: "facts.petitioner || printed + days(30) < day(\"2024-05-01\")", confidence: official, sources: [pk-por-2025]}
  - {id: t-round, country: IR, paper: ir-amayesh, round: 16, effect: valid, from: 2022-01-01, to: 2023-01-01, known_on: 2022-01-05, confidence: official, sources: [ir-amayesh17]}
  - {id: t-rounds, country: IR, paper: ir-amayesh, effect: revoked, from: 2022-06-01, known_on: 2022-06-01, when: "round in [15, 16, 17] && printed in [day(\"2022-05-01\"), day(\"2022-05-02\")]", confidence: official, sources: [ir-amayesh17]}
  - {id: t-eighteen, country: IR, paper: ir-amayesh, round: 18, effect: extended, from: 2022-03-01, to: 2025-03-01, known_on: 2022-03-01, when: "on > printed", confidence: press-quoting, sources: [ir-amayesh17]}
  - {id: t-open, country: IR, paper: ir-amayesh, round: 18, effect: round-open, from: 2022-12-01, to: 2023-01-31, known_on: 2022-10-01, confidence: official, sources: [ir-amayesh17]}
  - {id: t-court, country: IR, paper: any, effect: court-protection, from: 2024-01-01, months: 6, known_on: 2024-01-01, what: "a court order", confidence: official, sources: [ir-amayesh17]}
  - {id: t-none, country: PK, paper: none, effect: enforcement, from: 2023-11-01, known_on: 2023-10-01, what: "leave", confidence: official, sources: [pk-pcm]}
`

// TestTableIsBounded refuses a rulebook whose table would not fit into a page.
func TestTableIsBounded(t *testing.T) {
	src := rules.RulebookFiles()
	var many strings.Builder
	many.WriteString("version: 1\nstatus: draft\nas_of_reading: 2026-11-23\nstale_after_days: 30\nrules:\n")
	for i := range 400 {
		from := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 13*i)
		many.WriteString("  - {id: r-" + day(rulebook.DayNumber(from)) + ", country: PK, paper: any, effect: deadline, on: " + from.Format(time.DateOnly) +
			", what: \"" + strings.Repeat("leave ", 40) + "\", known_on: " + from.Format(time.DateOnly) + ", confidence: official, sources: [pk-pcm]}\n")
	}
	src.Rules = []byte(many.String())
	book, problems := rulebook.Parse(src)
	if book == nil {
		t.Fatal(problems)
	}
	start := time.Now()
	_, err := book.Table()
	if took := time.Since(start); !errors.Is(err, rulebook.ErrTable) || took > 20*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

// TestTableFromADaySaysTheSame cuts the past away and asks about every day after.
func TestTableFromADaySaysTheSame(t *testing.T) {
	for _, book := range []*rulebook.Book{must(rules.Rulebook()), tangledBook(t)} {
		whole, err := book.Table()
		if err != nil {
			t.Fatal(err)
		}
		first := rulebook.DayNumber(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC))
		cut := whole.From(first)
		t.Logf("%d of %d bytes", len(cut.Bytes()), len(whole.Bytes()))
		if len(cut.Bytes()) >= len(whole.Bytes()) {
			t.Error("nothing was cut away")
		}
		for _, p := range book.Papers() {
			for on := first; on < first+700; on += 3 {
				for _, printed := range []calendar.Written{{}, exactly(on - 400), exactly(on), exactly(on + 1), exactly(on + 30), lunar(on), lunar(on - 100)} {
					for _, round := range []int{0, 18, 7} {
						want, _ := whole.Tell(p, round, printed, on)
						got, ok := cut.Tell(p, round, printed, on)
						if diff := cmp.Diff(fromTable(whole, want), fromTable(cut, got)); diff != "" || !ok {
							t.Fatalf("%s, round %d, printed %v, on %s: %s", p.ID, round, printed, day(on), diff)
						}
					}
				}
			}
		}
	}
}

func exactly(n int) calendar.Written {
	return calendar.Written{In: calendar.Gregorian, Day: time.Unix(int64(n)*86400, 0).UTC()}
}

func lunar(n int) calendar.Written {
	return calendar.Written{In: calendar.Lunar, Day: time.Unix(int64(n)*86400, 0).UTC(), Within: 1}
}

// BenchmarkTable is what a gate does when a keeper signs a rulebook, after reading it.
func BenchmarkTable(b *testing.B) {
	book := must(rules.Rulebook())
	for b.Loop() {
		if _, err := book.Table(); err != nil {
			b.Fatal(err)
		}
	}
}
