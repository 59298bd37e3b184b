package rulebook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"panah/core/rulebook"
	"panah/rules"
)

// firstRuleLine is where in rules.yaml the first rule of made stands.
const firstRuleLine = 9

func TestMistakesAreToldWithTheirPlaceAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name, given, says, next string
		column                  int // of what is wrong; 0: not looked at
	}{
		{"month 13", "{id: a, country: IR, paper: card, effect: valid, to: 2025-13-01, known_on: 2025-01-01, confidence: official, sources: [law]}", "month 13 in `to`", "01 to 12", 58},
		{"no such day", rule("a", "effect: valid, from: 2025-02-30, to: 2025-03-01"), "day 30 in `from`", "Look at the instrument", 0},
		{"solar year", rule("a", "effect: valid, from: 2025-01-01, to: 1403-12-30"), "year 1403 in `to`", "this is 2025-03-20", 0},
		{"not a day", rule("a", "effect: valid, from: soon, to: 2025-03-01"), "`from` is no day", "2025-03-20", 0},
		{"unknown key", rule("a", "efect: valid, effect: valid, from: 2025-01-01, to: 2025-03-01"), "no key `efect`", "Did you mean `effect`", 13},
		{"form for from", rule("a", "effect: valid, form: 2025-01-01, to: 2025-03-01, known_on: 2025-01-01"), "no key `form`", "Did you mean `from`", 0},
		{"strange key", rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-01, passport_number: x"), "no key `passport_number`", "These are known", 0},
		{"key twice", rule("a", "effect: valid, from: 2025-01-01, from: 2025-01-02, to: 2025-03-01"), "`from` is there twice", "Keep one", 0},
		{"missing key", "{id: a, country: IR, paper: card, confidence: official, sources: [law]}", "has no `effect`", "Add it", 5},
		{"effect", rule("a", "effect: extend, from: 2025-01-01, to: 2025-03-01"), "`effect` cannot be \"extend\"", "Did you mean `extended`", 0},
		{"unknown paper", rule("a", "paper: crad, effect: valid, from: 2025-01-01, to: 2025-03-01"), "no paper `crad`", "Did you mean `card`", 0},
		{"unknown source", rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-01, sources: [pres]"), "no source `pres`", "Did you mean `press`", 0},
		{"no source", rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-01, sources: []"), "names no source", "sources.yaml", 0},
		{"no confidence", "{id: a, country: IR, paper: card, effect: valid, from: 2025-01-01, to: 2025-03-01, sources: [law]}", "how good its sources are", "official", 0},
		{"wrong country", rule("a", "country: PK, effect: valid, from: 2025-01-01, to: 2025-03-01"), "not used in PK", "used_in", 0},
		{"country in words", rule("a", "country: Iran, effect: valid, from: 2025-01-01, to: 2025-03-01"), "no country code", "IR, PK", 0},
		{"ends before it begins", rule("a", "effect: valid, from: 2025-03-01, to: 2025-01-01"), "before it begins", "both days", 0},
		{"ended, no day", rule("a", "effect: ended, known_on: 2025-01-01"), "not since when", "effect: unknown", 0},
		{"revoked, no day", rule("a", "effect: revoked, known_on: 2025-01-01"), "not since when", "effect: unknown", 0},
		{"hearsay", rule("a", "effect: ended, from: 2025-01-01, confidence: testimony"), "by hearsay", "effect: unknown", 0},
		{"extended, no end", rule("a", "effect: extended, from: 2025-01-01"), "not say until when", "Add to", 0},
		{"never known", rule("a", "effect: valid, to: 2025-03-01"), "since when anybody could know", "known_on", 0},
		{"over before known", rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-01, known_on: 2025-04-01"), "could never speak", "retroactive: true", 0},
		{"retroactive and known before", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-01, known_on: 2025-01-01, retroactive: true"), "contradicts itself", "retroactive", 0},
		{"retroactive since never", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-01, retroactive: true"), "when it became known", "known_on", 0},
		{"silent and loud", rule("a", "effect: unknown, from: 2025-02-01, conflict: true"), "contradicts itself", "conflict", 0},
		{"deadline, no day", rule("a", "effect: deadline, from: 2025-02-01"), "deadline without its day", "Add on", 0},
		{"valid on", rule("a", "effect: valid, on: 2025-02-01"), "no deadline", "Write from", 0},
		{"verdict for all", rule("a", "paper: any, effect: revoked, from: 2025-02-01"), "makes a verdict about `any`", "each kind of paper", 0},
		{"months and to", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-01, months: 3"), "counts months", "from and months", 0},
		{"round", rule("a", "effect: valid, round: sixteen, from: 2025-02-01, to: 2025-03-01"), "no whole number", "digits", 0},
		{"flag", rule("a", "effect: valid, conflict: maybe, from: 2025-02-01, to: 2025-03-01"), "cannot be \"maybe\"", "true or false", 0},
		{"to as written", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, to_as_written: \"30 Esfand 1403\""), "2025-03-20 (solar), not 2025-03-19", "`to`", 0},
		{"to as written, month 13", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, to_as_written: \"1403/13/01\""), "no day of any calendar", "`to_as_written`", 0},
		{"end of", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, to_as_written: \"end of Esfand 1403\""), "2025-03-20", "Correct", 0},
		{"as written without a day", rule("a", "effect: valid, from: 2025-02-01, to_as_written: \"30 Esfand 1403\""), "there without `to`", "Add to", 0},
		{"replaces itself", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, replaces: [a]"), "replaces itself", "Take it out", 0},
		{"replaces nothing", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, replaces: [b]"), "which is not there", "id of a rule", 0},
		{"condition: name", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: facts.pupil"), "names `facts.pupil`", "Did you mean `facts.pupils`", 0},
		{"condition: type", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: facts.pupils == 3"), "not understood", "rulebook.md", 0},
		{"condition: number", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: facts.members"), "neither true nor false", "Compare it", 0},
		{"condition: syntax", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: \"facts.pupils &&\""), "not understood", "rulebook.md", 0},
		{"condition: month 13", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: 'printed > solar(\"1403-13-01\")'"), "month 13", "", 0},
		{"condition: day of another calendar", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: 'printed > day(\"1403-12-01\")'"), "solar(…)", "", 0},
		{"condition: always", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: \"true\""), "reads nothing", "take `when` away", 0},
		{"condition: rounds are names", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: round >= 16"), "rounds are names", "in [15, 16, 17]", 0},
		{"condition: no functions", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: paper.matches(\"a+\")"), "matches", "", 0},
		{"condition: no loops", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: \"[1, 2].exists(x, x == round)\""), "nothing", "", 0},
		{"condition: too long", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: '"+strings.Repeat("facts.pupils && ", 50)+"facts.pupils'"), "bytes", "two rules", 0},
		{"condition: too deep", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, when: '"+strings.Repeat("(", 60)+"facts.pupils"+strings.Repeat(")", 60)+"'"), "nested deeper than", "parentheses", 0},
		{"two values", rule("a", "effect: [valid], from: 2025-02-01, to: 2025-03-19"), "must have one value", "one value", 0},
		{"empty value", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, note: \"\""), "`note` is empty", "take the key away", 0},
		{"no value", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, note: ~"), "must have one value", "", 0},
		{"id", rule("A b", "effect: valid, from: 2025-02-01, to: 2025-03-19"), "is no id", "lower-case", 0},
		{"long text", rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19, note: "+strings.Repeat("x", 3000)), "longer than", "Shorten", 0},
	} {
		b, problems := rulebook.Parse(made(c.given))
		if b != nil {
			t.Errorf("%s: it was taken", c.name)
			continue
		}
		found := slices.ContainsFunc(problems, func(p rulebook.Problem) bool {
			return !p.Warning && p.File == "rules.yaml" && p.Line == firstRuleLine && strings.Contains(p.Text, c.says) && strings.Contains(p.Next, c.next) && (c.column == 0 || p.Column == c.column)
		})
		if !found {
			t.Errorf("%s: %v", c.name, problems)
		}
	}
}

func TestMistakesBetweenRules(t *testing.T) {
	plain := func(id, more string) string { return rule(id, "effect: valid, from: 2025-02-01, to: 2025-03-19"+more) }
	for says, given := range map[string][]string{
		"there twice":           {plain("a", ""), plain("a", "")},
		"replace each other":    {plain("a", ", replaces: [b]"), plain("b", ", replaces: [a]")},
		"`a` and `b` replace":   {plain("a", ", replaces: [b]"), plain("b", ", replaces: [c]"), plain("c", ", replaces: [a]")},
		"which is about `pass`": {plain("a", ", replaces: [b]"), plain("b", ", paper: pass")},
		"cannot replace":        {plain("a", ", replaces: [b]"), rule("b", "effect: deadline, on: 2025-01-01")},
	} {
		if b, problems := rulebook.Parse(made(given...)); b != nil || !strings.Contains(fmt.Sprint(problems), says) {
			t.Errorf("%s: %v", says, problems)
		}
	}
}

func TestFilesThatAreNoRulebook(t *testing.T) {
	good := made(rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19"))
	bomb := "a: &a [x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for says, data := range map[string]string{
		"is empty":             "",
		"is not UTF-8":         "a: \xff",
		"not YAML":             "version: 1\nrules: [\n",
		"says nothing":         "# only a remark\n",
		"second document":      "version: 1\n---\nversion: 1\n",
		"keys and values":      "- a\n- b\n",
		"are read":             strings.Repeat("#", rulebook.MaxFile+1),
		"no key `a`":           bomb,
		"no key `<<`":          string(good.Rules) + "<<: {a: b}\n",
		"form 2 is not known":  strings.Replace(string(good.Rules), "version: 1", "version: 2", 1),
		"stale after 0 days":   strings.Replace(string(good.Rules), "stale_after_days: 30", "stale_after_days: 0", 1),
		"is there already":     strings.Replace(string(good.Rules), "id: pupils", "id: slip_colour", 1),
		"at least two options": strings.Replace(string(good.Rules), "options: [green, white]", "options: [green]", 1),
		"only a choice has":    strings.Replace(string(good.Rules), "type: yesno", "type: yesno, options: [a, b]", 1),
		"must be a list":       madeFacts[:strings.Index(madeFacts, "rules:")] + "rules: {a: b}\n",
	} {
		src := good
		src.Rules = []byte(data)
		if b, problems := rulebook.Parse(src); b != nil || !strings.Contains(fmt.Sprint(problems), says) {
			t.Errorf("%s: %.400v", says, problems)
		}
	}
	for says, change := range map[string][2]string{
		"no English name":       {`names: {en: "Card"}`, `names: {fa: "کارت"}`},
		"is taken":              {"id: pass", "id: card"},
		"no country code":       {"used_in: [IR]", "used_in: [Iran]"},
		"`used_in` is empty":    {"used_in: [IR]", "used_in: []"},
		"links (&, *)":          {`calendar: [solar]`, `mrz: {has: &x yes, too: *x}`},
		"cannot be \"jalali\"":  {"calendar: [solar]", "calendar: [jalali]"},
		"the id `any` is taken": {"id: pass", "id: any"},
	} {
		src := good
		src.Papers = []byte(strings.Replace(madePapers, change[0], change[1], 1))
		if b, problems := rulebook.Parse(src); b != nil || !strings.Contains(fmt.Sprint(problems), says) {
			t.Errorf("%s: %v", says, problems)
		}
	}
	src := good
	src.Sources = []byte("sources: {law: {title: a, url: b, kind: gossip}}")
	if b, problems := rulebook.Parse(src); b != nil || !strings.Contains(fmt.Sprint(problems), "cannot be \"gossip\"") {
		t.Error(problems)
	}
}

func TestWhatIsDoubtfulIsAWarning(t *testing.T) {
	for says, given := range map[string]string{
		"says nothing about the days between": rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-01, known_on: 2025-02-01"),
		"holds without an end":                rule("a", "effect: valid, from: 2025-01-01"),
		"names no source":                     "{id: a, country: IR, paper: card, effect: unknown, from: 2025-01-01}",
	} {
		b, problems := rulebook.Parse(made(given))
		if b == nil || len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].Text, says) || problems[0].Next == "" {
			t.Errorf("%s: %v", says, problems)
		}
	}
}

func TestOurOwnBookHasNoErrorAndNoWarningOfItsForm(t *testing.T) {
	if _, problems := rulebook.Parse(rules.RulebookFiles()); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestTheVersionNamesTheBytes(t *testing.T) {
	src := made(rule("a", "effect: valid, from: 2025-02-01, to: 2025-03-19"))
	version := src.Version()
	if len(version) != 16 || version != src.Version() {
		t.Error(version)
	}
	moved := src
	moved.Papers, moved.Rules = append([]byte{}, src.Papers...), append(src.Papers[len(src.Papers):], src.Rules...)
	moved.Papers = append(moved.Papers, moved.Rules[0])
	moved.Rules = moved.Rules[1:]
	if moved.Version() == version {
		t.Error("a byte that goes from one file to the next is another book")
	}
}

// A book that somebody made to keep a desk busy is read, or refused, in a moment.
func TestABookThatIsAllWork(t *testing.T) {
	many := func(n int, line func(i int) string) rulebook.Source {
		var lines []string
		for i := range n {
			lines = append(lines, line(i))
		}
		return made(lines...)
	}
	long := strings.Repeat("facts.pupils && ", 36) + "facts.pupils"
	unknown := make([]string, 60)
	for i := range unknown {
		unknown[i] = fmt.Sprintf("unknown-source-with-a-long-name-%d", i)
	}
	start := time.Now()
	for name, c := range map[string]struct {
		src   rulebook.Source
		taken bool
	}{
		"conditions": {many(190, func(i int) string {
			return rule(fmt.Sprintf("r%d", i), "effect: valid, from: 2025-01-01, to: 2025-03-01, when: '"+long+"'")
		}), true},
		"sources": {many(190, func(i int) string {
			return rule(fmt.Sprintf("r%d", i), "effect: valid, from: 2025-01-01, to: 2025-03-01, sources: ["+strings.Join(unknown, ", ")+"]")
		}), false},
		"a long circle": {many(190, func(i int) string {
			return rule(fmt.Sprintf("r%d", i), fmt.Sprintf("effect: valid, from: 2025-01-01, to: 2025-03-01, replaces: [r%d]", (i+1)%190))
		}), false},
		"one paper": {many(500, func(i int) string {
			return rule(fmt.Sprintf("r%d", i), "effect: valid, from: 2025-01-01, to: 2025-03-01")
		}), false},
	} {
		b, problems := rulebook.Parse(c.src)
		if (b != nil) != c.taken || len(problems) > 60 {
			t.Errorf("%s: taken %t, %d problems: %.300v", name, b != nil, len(problems), problems)
		}
		if b == nil {
			continue
		}
		if a := ask(t, b, rulebook.Question{On: iso("2025-02-10")}); a.Verdict != rulebook.Unknown || len(a.Ask) == 0 || a.Ask[0].ID != "pupils" {
			t.Errorf("%s: %s", name, a.Verdict)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}
