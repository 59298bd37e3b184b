package rulebook_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/calendar"
	"panah/core/rulebook"
	"panah/internal/testkit"
	"panah/rules"
)

// TestTestBookInTheTable asks the table every question of the test book: those that are asked as of their own day, without facts, must come out as the test book wants; of
// all others, what Check says when they are asked so.
func TestTestBookInTheTable(t *testing.T) {
	book, table := publishedBook(t)
	posed, err := rules.Questions()
	if err != nil {
		t.Fatal(err)
	}
	public := 0
	for _, p := range posed {
		paper := paperOf(t, book, p.Question.Paper)
		compare(t, book, table, paper, p.Question.Round, p.Question.Printed, rulebook.DayNumber(p.Question.On))
		if !p.Question.Known.Equal(p.Question.On) || len(p.Question.Facts) > 0 {
			continue
		}
		public++
		s, _ := table.Tell(paper, p.Question.Round, p.Question.Printed, rulebook.DayNumber(p.Question.On))
		got := fromTable(table, s)
		want := said{Verdict: p.Want.Verdict, Would: p.Want.Would, Rule: p.Want.Rule, Until: day(rulebook.DayNumber(p.Want.Until))}
		if diff := cmp.Diff(want, said{Verdict: got.Verdict, Would: got.Would, Rule: got.Rule, Until: got.Until}); diff != "" {
			t.Errorf("%s: %s", p.ID, diff)
		}
		for _, id := range p.Want.Also {
			if !strings.Contains(" "+got.Also+" ", " "+id+" ") {
				t.Errorf("%s: %s is not told", p.ID, id)
			}
		}
	}
	t.Logf("%d questions, %d of them as the public page asks", len(posed), public)
	if len(posed) < 60 || public < 25 {
		t.Errorf("%d questions, %d of them as the public page asks: too few", len(posed), public)
	}
}

func paperOf(t *testing.T, b *rulebook.Book, id string) rulebook.Paper {
	t.Helper()
	if p, ok := b.Paper(id); ok {
		return p
	}
	t.Fatalf("the book has no paper %s", id)
	return rulebook.Paper{}
}

// A checkVector is one question of the public page with its answer, for both languages.
type checkVector struct {
	ID      string `json:"id"`
	Paper   string `json:"paper"`
	Round   int    `json:"round"`
	In      string `json:"in"`      // calendar of the printed date; "": none
	Printed [3]int `json:"printed"` // year, month, day
	On      string `json:"on"`
	Said    said   `json:"said"`
}

// TestVectorsOfTheCheck writes what the browser's code is held to, and finds that they are not older than the rules.
func TestVectorsOfTheCheck(t *testing.T) {
	book, table := publishedBook(t)
	posed, err := rules.Questions()
	if err != nil {
		t.Fatal(err)
	}
	var list []checkVector
	add := func(id, paper string, round int, printed calendar.Written, on time.Time) {
		a, err := book.Check(rulebook.Question{Paper: paper, Round: round, Printed: printed, On: on, Known: on})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, checkVector{
			ID: id, Paper: paper, Round: round, In: string(printed.In), Printed: [3]int{printed.Y, printed.M, printed.D}, On: on.Format(time.DateOnly), Said: fromCheck(a),
		})
	}
	for _, p := range posed {
		add(p.ID, p.Question.Paper, p.Question.Round, p.Question.Printed, p.Question.On)
	}
	r := rand.New(rand.NewPCG(3, 4))
	rulesOf := book.Rules()
	for n := range 150 { // near the days at which rules turn
		rule := rulesOf[r.IntN(len(rulesOf))]
		paper := rule.Paper
		if paper == rulebook.Any || paper == rulebook.None {
			paper = book.Papers()[r.IntN(len(book.Papers()))].ID
		}
		turns := []time.Time{rule.From, rule.To, rule.On, rule.KnownOn, rule.KnownOn.AddDate(0, 0, book.StaleAfter())}
		on := turns[r.IntN(len(turns))]
		if on.IsZero() || on.Year() < 1990 {
			on = rule.KnownOn
		}
		on = on.AddDate(0, 0, r.IntN(5)-2)
		var printed calendar.Written
		if r.IntN(4) > 0 {
			if printed, err = calendar.In(on.AddDate(0, 0, r.IntN(7)-3), calendar.Names()[r.IntN(3)]); err != nil {
				t.Fatal(err)
			}
		}
		add("random-"+strconv.Itoa(n), paper, []int{0, rule.Round, 7}[r.IntN(3)], printed, on)
	}
	rounds := map[string][]int{}
	for _, p := range book.Papers() {
		if len(p.Rounds) > 0 {
			rounds[p.ID] = p.Rounds
		}
	}
	table.Book = "" // the version changes with every byte of the files, what is said does not
	testkit.Vectors(t, "check.json", struct {
		About     string           `json:"about"`
		Table     string           `json:"table"`  // JSON
		Rounds    map[string][]int `json:"rounds"` // of the papers that have rounds
		Questions []checkVector    `json:"questions"`
	}{
		"core/rulebook's Check and web/gate/src/table.ts: every question of rules/papers/questions.yaml and 150 more, known on the day asked about, without facts",
		string(table.Bytes()), rounds, list,
	})
}
