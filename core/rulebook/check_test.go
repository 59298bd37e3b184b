package rulebook_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"panah/core/calendar"
	"panah/core/rulebook"
)

func TestTwoRulesThatDisagreeAreAConflict(t *testing.T) {
	valid := rule("a", "effect: valid, from: 2025-01-01, to: 2025-12-31")
	revoked := rule("b", "effect: revoked, from: 2025-05-01, sources: [press], confidence: press-single")
	a := ask(t, read(t, valid, revoked), rulebook.Question{On: iso("2025-05-10")})
	if a.Verdict != rulebook.Conflict || len(a.Conflicts) != 2 || len(a.Sources) != 2 || a.Confidence != "press-single" || !a.Until.IsZero() {
		t.Errorf("%+v", a)
	}
	if why(a, "a") != rulebook.Disagreed || why(a, "b") != rulebook.Disagreed {
		t.Error(a.Steps)
	}
	a = ask(t, read(t, valid, strings.Replace(revoked, "effect", "replaces: [a], effect", 1)), rulebook.Question{On: iso("2025-05-10")})
	if a.Verdict != rulebook.Revoked || why(a, "a") != rulebook.ReplacedBy || len(a.Conflicts) != 0 {
		t.Errorf("%+v", a)
	}
	a = ask(t, read(t, strings.Replace(valid, "effect", "replaces: [b], effect", 1), revoked), rulebook.Question{On: iso("2025-05-10")})
	if a.Verdict != rulebook.InForce || why(a, "b") != rulebook.ReplacedBy {
		t.Errorf("%+v", a)
	}
	a = ask(t, read(t, rule("a", "effect: ended, from: 2025-01-01, conflict: true")), rulebook.Question{On: iso("2025-01-10")})
	if a.Verdict != rulebook.Conflict || ruleID(a) != "a" {
		t.Errorf("a rule whose sources disagree: %+v", a)
	}
}

func TestARuleThatIsNotSpokenReplacesNothing(t *testing.T) {
	b := read(t, rule("a", "effect: valid, from: 2025-01-01, to: 2025-12-31"), rule("b", "effect: revoked, from: 2025-05-01, replaces: [a], when: facts.pupils"))
	for answer, want := range map[string]rulebook.Verdict{"yes": rulebook.Revoked, "no": rulebook.InForce, "": rulebook.Unknown} {
		a := ask(t, b, rulebook.Question{On: iso("2025-05-10"), Facts: map[string]string{"pupils": answer}})
		if a.Verdict != want {
			t.Errorf("pupils %q: %s", answer, a.Verdict)
		}
		if answer == "" && (why(a, "a") != rulebook.HeldBack || a.Rule != nil || len(a.Ask) == 0 || a.Ask[0].ID != "pupils" || !slices.Equal(a.Ask[0].Rules, []string{"b"})) {
			t.Errorf("%+v", a)
		}
	}
}

func TestWhatIsMissingIsAskedOnlyWhereItDecides(t *testing.T) {
	b := read(t,
		rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-31"),
		rule("b", "effect: extended, from: 2025-04-01, to: 2025-06-30, when: 'facts.pupils || facts.slip_colour == \"green\"'"),
		rule("c", "effect: extended, from: 2025-03-01, to: 2025-03-31, when: facts.members > 3"))
	if a := ask(t, b, rulebook.Question{On: iso("2025-03-10")}); a.Verdict != rulebook.InForce || why(a, "c") != rulebook.Needs {
		t.Errorf("whatever the answer, the paper counts: %s %s", a.Verdict, why(a, "c"))
	}
	a := ask(t, b, rulebook.Question{On: iso("2025-04-10"), Facts: map[string]string{"slip-colour": "white"}})
	if a.Verdict != rulebook.Unknown || a.Ask[0].ID != "pupils" {
		t.Errorf("%+v", a.Ask)
	}
	a = ask(t, b, rulebook.Question{On: iso("2025-04-10"), Facts: map[string]string{"slip-colour": "green"}})
	if a.Verdict != rulebook.Extended || slices.ContainsFunc(a.Ask, func(k rulebook.Ask) bool { return k.ID == "pupils" }) {
		t.Errorf("one is enough: %s %+v", a.Verdict, a.Ask)
	}
}

func TestThePrintedDateDecidesNothingAlone(t *testing.T) {
	b := read(t, rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-31"), rule("b", "effect: extended, from: 2025-04-01, to: 2025-05-31"))
	for _, c := range []struct {
		on, printed string
		want        rulebook.Verdict
		standing    rulebook.PrintedDate
	}{
		{"2025-03-01", "2025-03-31", rulebook.InForce, rulebook.PrintedRunning},
		{"2025-03-01", "2025-03-01", rulebook.InForce, rulebook.PrintedRunning},
		{"2025-03-01", "2025-02-28", rulebook.Extended, rulebook.PrintedPassed},
		{"2025-03-01", "", rulebook.InForce, rulebook.PrintedUnread},
		{"2025-04-20", "2025-03-31", rulebook.Extended, rulebook.PrintedPassed},
		{"2025-04-20", "2026-03-31", rulebook.InForce, rulebook.PrintedRunning},
		{"2025-04-20", "", rulebook.Extended, rulebook.PrintedUnread},
		{"2025-06-01", "2025-03-31", rulebook.Unknown, rulebook.PrintedPassed},
		{"2025-06-01", "2026-03-31", rulebook.Unknown, rulebook.PrintedRunning},
		{"2024-06-01", "2024-03-31", rulebook.Unknown, rulebook.PrintedPassed},
	} {
		q := rulebook.Question{On: iso(c.on)}
		if c.printed != "" {
			w, err := calendar.In(iso(c.printed), calendar.Gregorian)
			if err != nil {
				t.Fatal(err)
			}
			q.Printed = w
		}
		if a := ask(t, b, q); a.Verdict != c.want || a.Printed != c.standing {
			t.Errorf("%+v: %s, %s", c, a.Verdict, a.Printed)
		}
	}
}

// A lunar date may be a day off: what would turn within that day is not decided by it.
func TestALunarDateDecidesOnlyWhatADayDoesNotTurn(t *testing.T) {
	b := read(t, rule("a", `effect: extended, from: 2025-04-01, to: 2025-05-31, when: 'printed >= day("2025-04-10")'`))
	for printed, want := range map[string]rulebook.Verdict{"2025-04-12": rulebook.InForce, "2025-04-10": rulebook.Unknown, "2025-04-09": rulebook.Unknown, "2025-04-08": rulebook.Unknown} {
		w, err := calendar.In(iso(printed), calendar.Lunar)
		if err != nil {
			t.Fatal(err)
		}
		a := ask(t, b, rulebook.Question{On: iso("2025-04-05"), Printed: w})
		if needs := printed == "2025-04-10" || printed == "2025-04-09"; a.Verdict != want || (why(a, "a") == rulebook.Needs) != needs {
			t.Errorf("%s: %s, %s", printed, a.Verdict, why(a, "a"))
		}
	}
}

func TestTwoTimeAxes(t *testing.T) {
	b := read(t, rule("late", "effect: extended, from: 2025-01-01, to: 2025-06-30, known_on: 2025-03-01, retroactive: true"), rule("plain", "effect: valid, from: 2024-01-01, to: 2024-12-31, known_on: 2024-02-01"))
	for _, c := range []struct {
		on, known string
		want      rulebook.Verdict
		late      rulebook.Why
	}{
		{"2025-01-10", "2025-02-28", rulebook.Unknown, rulebook.NotKnownYet},
		{"2025-01-10", "2025-03-01", rulebook.Extended, rulebook.Spoke},
		{"2025-03-10", "2025-03-10", rulebook.Extended, rulebook.Spoke},
		{"2025-07-01", "", rulebook.Unknown, rulebook.Over},
		{"2024-01-15", "", rulebook.Unknown, rulebook.NotYet}, // known in February, and not said to reach back
		{"2024-02-01", "", rulebook.InForce, rulebook.NotYet},
	} {
		q := rulebook.Question{On: iso(c.on)}
		if c.known != "" {
			q.Known = iso(c.known)
		}
		if a := ask(t, b, q); a.Verdict != c.want || why(a, "late") != c.late {
			t.Errorf("%+v: %s, %s", c, a.Verdict, why(a, "late"))
		}
	}
}

func TestTestimonyAndRemarksGiveWay(t *testing.T) {
	b := read(t,
		rule("firm", "effect: valid, from: 2025-02-01, to: 2025-02-28"),
		rule("heard", "effect: extended, from: 2025-01-01, to: 2025-03-31, confidence: testimony"),
		rule("gap", "effect: unknown, from: 2024-12-01, to: 2025-04-30"))
	for on, want := range map[string]string{"2025-02-10": "in-force firm", "2025-01-10": "extended heard", "2025-04-10": "unknown gap", "2025-05-10": "unknown "} {
		a := ask(t, b, rulebook.Question{On: iso(on), Known: iso("2025-02-28")})
		if got := string(a.Verdict) + " " + ruleID(a); got != want && !strings.HasPrefix(got, "stale") {
			t.Errorf("%s: %s, want %s", on, got, want)
		}
	}
	if a := ask(t, b, rulebook.Question{On: iso("2025-02-10")}); why(a, "heard") != rulebook.GaveWay || why(a, "gap") != rulebook.GaveWay {
		t.Error(a.Steps)
	}
}

func TestTheLastAnnouncementLeadsAndOfThoseTheLeastPromise(t *testing.T) {
	b := read(t,
		rule("old", "effect: valid, from: 2025-01-01, to: 2025-12-31"),
		rule("new", "effect: extended, from: 2025-02-01, to: 2025-09-30"),
		rule("new-too", "effect: extended, from: 2025-02-01, to: 2025-08-31"))
	a := ask(t, b, rulebook.Question{On: iso("2025-02-10")})
	if ruleID(a) != "new-too" || a.Until != iso("2025-08-31") || why(a, "old") != rulebook.Agreed {
		t.Errorf("%s until %s", ruleID(a), a.Until)
	}
}

func TestRulesOfAnotherCountryAskWhereTheHolderIs(t *testing.T) {
	b := read(t,
		rule("iran", "paper: any, effect: consequence, from: 2025-01-01, what: ban"),
		rule("afghan", "country: AF, paper: any, effect: calendar-change, from: 2025-01-01"),
		rule("pakistan", "country: PK, paper: pass, effect: revoked, from: 2025-01-01"))
	a := ask(t, b, rulebook.Question{Paper: "pass", On: iso("2025-01-10")})
	if a.Verdict != rulebook.Unknown || a.Ask[0].ID != rulebook.AskCountry || !slices.Equal(a.Ask[0].Options, []string{"IR", "PK"}) || len(a.Also) != 1 {
		t.Errorf("%s %+v %d", a.Verdict, a.Ask, len(a.Also))
	}
	for country, want := range map[string]rulebook.Verdict{"PK": rulebook.Revoked, "IR": rulebook.Unknown} {
		a := ask(t, b, rulebook.Question{Paper: "pass", On: iso("2025-01-10"), Facts: map[string]string{"country": country}})
		if a.Verdict != want || (len(a.Also) == 2) != (country == "IR") {
			t.Errorf("%s: %s, %d beside it", country, a.Verdict, len(a.Also))
		}
	}
	if a := ask(t, b, rulebook.Question{On: iso("2025-01-10")}); len(a.Also) != 1 || why(a, "afghan") != rulebook.OtherPaper {
		t.Error("the card is of Iran", a.Steps)
	}
}

func TestWhatIsToldIsToldInTime(t *testing.T) {
	b := read(t,
		rule("by", "effect: deadline, on: 2025-06-01, known_on: 2025-05-01, what: leave"),
		rule("then", "effect: enforcement, from: 2025-08-01, known_on: 2025-05-15"),
		rule("instead", "effect: enforcement, from: 2025-09-01, replaces: [then], known_on: 2025-08-15"))
	for on, want := range map[string]string{"2025-01-01": "", "2025-02-15": "by", "2025-05-10": "by then", "2025-06-20": "by then instead", "2025-09-10": "by instead"} {
		var got []string
		for _, r := range ask(t, b, rulebook.Question{On: iso(on)}).Also {
			got = append(got, r.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", on, got, want)
		}
	}
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	b := read(t, rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-31, when: facts.pupils"))
	for says, q := range map[string]rulebook.Question{
		"Did you mean `card`":      {Paper: "crad", On: iso("2025-01-01")},
		"names no day":             {Paper: "card"},
		"round -1":                 {Paper: "card", On: iso("2025-01-01"), Round: -1},
		"Did you mean `pupils`":    {Paper: "card", On: iso("2025-01-01"), Facts: map[string]string{"pupil": "yes"}},
		"one of yes, no":           {Paper: "card", On: iso("2025-01-01"), Facts: map[string]string{"pupils": "perhaps"}},
		"members takes a whole":    {Paper: "card", On: iso("2025-01-01"), Facts: map[string]string{"members": "-1"}},
		"one of green, white":      {Paper: "card", On: iso("2025-01-01"), Facts: map[string]string{"slip-colour": "red"}},
		"two capital letters":      {Paper: "card", On: iso("2025-01-01"), Facts: map[string]string{"country": "Iran"}},
		"no such paper: \"12345\"": {Paper: "12345", On: iso("2025-01-01")},
	} {
		_, err := b.Check(q)
		if !errors.Is(err, rulebook.ErrPaper) && !errors.Is(err, rulebook.ErrQuestion) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestNobodyChangesTheBookThroughAnAnswer(t *testing.T) {
	b := read(t, rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-31"))
	a := ask(t, b, rulebook.Question{On: iso("2025-01-10")})
	a.Rule.Sources[0], a.Rule.Effect = "changed", rulebook.Ends
	r := b.Rules()[0]
	r.Sources[0] = "changed"
	if again := ask(t, b, rulebook.Question{On: iso("2025-01-10")}); again.Verdict != rulebook.InForce || again.Rule.Sources[0] != "law" || again.Rule.ID != "a" {
		t.Errorf("%+v", again.Rule)
	}
}

// The days that are told hold whatever the missing facts are.
func TestNoMoreIsPromisedThanEveryAnswerGives(t *testing.T) {
	b := read(t,
		rule("long", "effect: valid, from: 2025-01-01, to: 2025-12-31"),
		rule("short", "effect: valid, from: 2025-02-01, to: 2025-03-31, replaces: [long], when: facts.pupils"),
		rule("early", "paper: pass, country: AF, effect: revoked, from: 2025-01-01"),
		rule("late", "paper: pass, country: AF, effect: revoked, from: 2025-02-01, replaces: [early], when: facts.pupils"))
	for answer, until := range map[string]string{"": "2025-03-31", "yes": "2025-03-31", "no": "2025-12-31"} {
		if a := ask(t, b, rulebook.Question{On: iso("2025-02-10"), Facts: map[string]string{"pupils": answer}}); a.Verdict != rulebook.InForce || a.Until != iso(until) {
			t.Errorf("pupils %q: %s until %s", answer, a.Verdict, a.Until)
		}
	}
	for answer, since := range map[string]string{"": "2025-02-01", "yes": "2025-02-01", "no": "2025-01-01"} {
		if a := ask(t, b, rulebook.Question{Paper: "pass", On: iso("2025-02-10"), Facts: map[string]string{"pupils": answer}}); a.Verdict != rulebook.Revoked || a.Since != iso(since) {
			t.Errorf("pupils %q: %s since %s", answer, a.Verdict, a.Since)
		}
	}
}
