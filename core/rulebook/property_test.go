package rulebook_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/calendar"
	"panah/core/rulebook"
)

// randomRules are rules that lint would not all like, and Parse takes.
func randomRules(r *rand.Rand) []string {
	day := func() string { return iso("2025-01-01").AddDate(0, 0, r.IntN(400)).Format("2006-01-02") }
	conditions := []string{"facts.pupils", "!facts.pupils", `facts.slip_colour == "green"`, "facts.members > 3", "facts.pupils && facts.members < 2 || round == 2", `printed >= day("2025-05-05")`, "on - printed <= days(20)", `country == "PK"`, "round in [1, 3] || facts.pupils", "known > on"}
	var out []string
	for i := range 1 + r.IntN(9) {
		from, to := day(), day()
		if to < from {
			from, to = to, from
		}
		given := "from: " + from
		switch effect := []string{"valid", "extended", "ended", "revoked", "unknown", "deadline", "enforcement"}[r.IntN(7)]; effect {
		case "deadline":
			given = "effect: deadline, on: " + from
		case "ended", "revoked":
			given += ", effect: " + effect
		default:
			given += ", to: " + to + ", effect: " + effect
		}
		if r.IntN(3) == 0 && !strings.Contains(given, "unknown") && !strings.Contains(given, "deadline") {
			if known := day(); known > from {
				given += ", retroactive: true, known_on: " + known
			}
		}
		if r.IntN(2) == 0 {
			given += ", when: '" + conditions[r.IntN(len(conditions))] + "'"
		}
		if r.IntN(4) == 0 {
			given += fmt.Sprintf(", round: %d", 1+r.IntN(3))
		}
		if r.IntN(3) == 0 && !strings.Contains(given, "ended") && !strings.Contains(given, "revoked") {
			given += ", confidence: " + []string{"testimony", "press-single", "press-quoting"}[r.IntN(3)]
		}
		if r.IntN(8) == 0 && !strings.Contains(given, "unknown") {
			given += ", conflict: true"
		}
		if r.IntN(3) == 0 {
			given += ", paper: pass, country: " + []string{"IR", "PK", "AF"}[r.IntN(3)]
		}
		out = append(out, rule(fmt.Sprintf("r%d", i), given))
	}
	if n := len(out); n > 2 && r.IntN(2) == 0 { // one replaces an earlier one
		by, old := n-1, r.IntN(n-1)
		decides := func(s string) bool { return !strings.Contains(s, "deadline") && !strings.Contains(s, "enforcement") }
		if strings.Contains(out[by], "paper: pass") == strings.Contains(out[old], "paper: pass") && decides(out[by]) && decides(out[old]) && !strings.Contains(out[by], "effect: unknown") {
			out[by] = strings.Replace(out[by], "{", fmt.Sprintf("{replaces: [r%d], ", old), 1)
		}
	}
	return out
}

func randomQuestion(r *rand.Rand) rulebook.Question {
	q := rulebook.Question{Paper: []string{"card", "pass"}[r.IntN(2)], Round: r.IntN(5), On: iso("2024-12-01").AddDate(0, 0, r.IntN(500)), Facts: map[string]string{}}
	if r.IntN(2) == 0 {
		q.Known = iso("2024-12-01").AddDate(0, 0, r.IntN(500))
	}
	if r.IntN(3) > 0 {
		in := calendar.Names()[r.IntN(3)]
		q.Printed, _ = calendar.In(iso("2024-12-01").AddDate(0, 0, r.IntN(500)), in)
	}
	for _, fact := range facts() {
		if r.IntN(2) == 0 {
			q.Facts[fact] = answers[fact][r.IntN(len(answers[fact]))]
		}
	}
	return q
}

// facts are the ids of answers in their order, so that a question that fails comes again.
func facts() []string { return slices.Sorted(maps.Keys(answers)) }

var answers = map[string][]string{"pupils": {"yes", "no"}, "slip-colour": {"green", "white"}, "members": {"0", "1", "7"}, "country": {"IR", "PK"}}

const randomBooks = 400

// each asks questions of random rulebooks.
func each(t *testing.T, check func(*testing.T, *rand.Rand, []string, *rulebook.Book, rulebook.Question, rulebook.Answer)) {
	t.Helper()
	r := rand.New(rand.NewPCG(1403, 12))
	verdicts := map[rulebook.Verdict]int{}
	for range randomBooks {
		given := randomRules(r)
		b, problems := rulebook.Parse(made(given...))
		if b == nil {
			t.Fatalf("%s\n%v", strings.Join(given, "\n"), problems)
		}
		for range 25 {
			q := randomQuestion(r)
			a := ask(t, b, q)
			verdicts[a.Verdict]++
			if check(t, r, given, b, q, a); t.Failed() {
				t.Fatalf("%s\n%s", strings.Join(given, "\n"), b.Explain(q, a))
			}
		}
	}
	for _, v := range rulebook.Verdicts() {
		if verdicts[v] < 20 {
			t.Errorf("the random rulebooks are no test: %s came %d times", v, verdicts[v])
		}
	}
}

// Nobody is told that a paper ended, unless a rule of that effect speaks: known, about this paper, from its day on.
func TestNothingEndsWithoutARuleThatEndsIt(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, _ []string, _ *rulebook.Book, q rulebook.Question, a rulebook.Answer) {
		said := a.Verdict
		if said == rulebook.Stale {
			said = a.Would
		}
		switch said {
		case rulebook.Ended, rulebook.Revoked:
			want := map[rulebook.Verdict]rulebook.Effect{rulebook.Ended: rulebook.Ends, rulebook.Revoked: rulebook.Revokes}[said]
			if a.Rule == nil || a.Rule.Effect != want || a.Since.IsZero() || q.On.Before(a.Since) || len(a.Sources) == 0 || a.Rule.Paper != q.Paper || !q.Known.IsZero() && q.Known.Before(a.Rule.KnownOn) {
				t.Errorf("%s without a ground", said)
			}
		case rulebook.InForce, rulebook.Extended:
			if a.Rule == nil || a.Rule.Effect != rulebook.Validates && a.Rule.Effect != rulebook.Extends || !a.Until.IsZero() && q.On.After(a.Until) || q.On.Before(a.Since) {
				t.Errorf("%s without a ground", said)
			}
		case rulebook.Conflict:
			if len(a.Conflicts) == 0 || a.Rule == nil {
				t.Error("a conflict of nobody")
			}
		case rulebook.Unknown:
			if a.Rule != nil && a.Rule.Effect != rulebook.Silent {
				t.Error("unknown by a rule that knows")
			}
		}
	})
}

// The order of rules in the file decides nothing.
func TestTheOrderOfTheFileDecidesNothing(t *testing.T) {
	each(t, func(t *testing.T, r *rand.Rand, given []string, b *rulebook.Book, q rulebook.Question, a rulebook.Answer) {
		if r.IntN(6) > 0 {
			return // reading a book takes a while
		}
		shuffled := slices.Clone(given)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other, _ := rulebook.Parse(made(shuffled...))
		again := ask(t, other, q)
		again.Book = a.Book
		lines := func(rules []rulebook.Rule) {
			for i := range rules {
				rules[i].Line = 0
			}
		}
		for _, x := range []*rulebook.Answer{&a, &again} {
			lines(x.Also)
			lines(x.Conflicts)
			if x.Rule != nil {
				x.Rule.Line = 0
			}
		}
		if d := cmp.Diff(a, again); d != "" {
			t.Error(d)
		}
	})
}

// What is said while facts are missing stays true whatever they turn out to be. Only in force and extended may change places: the printed date tells them apart.
func TestAnAnswerHoldsWhateverTheMissingFactsAre(t *testing.T) {
	one := func(v rulebook.Verdict) rulebook.Verdict {
		if v == rulebook.Extended {
			return rulebook.InForce
		}
		return v
	}
	each(t, func(t *testing.T, r *rand.Rand, _ []string, b *rulebook.Book, q rulebook.Question, a rulebook.Answer) {
		if a.Verdict == rulebook.Unknown && a.Rule == nil {
			return // nothing was claimed
		}
		full := q
		full.Facts = map[string]string{}
		for _, fact := range facts() {
			of := answers[fact]
			if fact == "country" && q.Paper == "card" {
				full.Facts[fact] = q.Facts[fact] // the card is used in one country, and that is known
				continue
			}
			if full.Facts[fact] = q.Facts[fact]; full.Facts[fact] == "" {
				full.Facts[fact] = of[r.IntN(len(of))]
			}
		}
		if full.Round == 0 {
			full.Round = 1 + r.IntN(4)
		}
		if full.Printed.IsZero() {
			full.Printed, _ = calendar.In(iso("2024-12-01").AddDate(0, 0, r.IntN(500)), calendar.Gregorian)
		}
		later := ask(t, b, full)
		if a.Verdict == rulebook.Stale && later.Verdict != rulebook.Stale { // where the holder is may bring news
			a.Verdict, a.Would = a.Would, ""
		}
		if one(later.Verdict) != one(a.Verdict) || one(later.Would) != one(a.Would) {
			t.Errorf("with %v round %d: %s (%s)", full.Facts, full.Round, later.Verdict, later.Would)
		}
		if !later.Until.IsZero() && (later.Until.Before(a.Until) || a.Until.IsZero()) && later.Verdict != rulebook.Unknown || later.Since.After(a.Since) {
			t.Errorf("with %v round %d: %s to %s", full.Facts, full.Round, later.Since, later.Until)
		}
	})
}

// What was known on a day does not change by what became known later.
func TestThePastDoesNotLearn(t *testing.T) {
	each(t, func(t *testing.T, r *rand.Rand, given []string, b *rulebook.Book, q rulebook.Question, a rulebook.Answer) {
		if q.Known.IsZero() || r.IntN(3) > 0 {
			return
		}
		late := append(slices.Clone(given), rule("late", "effect: revoked, from: 2025-01-01, retroactive: true, known_on: "+q.Known.AddDate(0, 0, 1).Format("2006-01-02")))
		if q.Known.Before(iso("2025-01-01")) {
			return
		}
		other, problems := rulebook.Parse(made(late...))
		if other == nil {
			t.Fatal(problems)
		}
		if again := ask(t, other, q); again.Verdict != a.Verdict || again.Would != a.Would || ruleID(again) != ruleID(a) {
			t.Errorf("now it says %s", again.Verdict)
		}
	})
}
