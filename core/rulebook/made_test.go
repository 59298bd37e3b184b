package rulebook_test

import (
	"strings"
	"testing"
	"time"

	"panah/core/rulebook"
)

// A made-up rulebook around the rules of one test.
const (
	madePapers = `version: 1
papers:
  - {id: card, names: {en: "Card"}, issued_by: IR, used_in: [IR], calendar: [solar]}
  - {id: pass, names: {en: "Pass"}, issued_by: AF, used_in: [IR, PK]}
`
	madeSources = `sources:
  law: {title: "A law", url: "https://law.example/1", kind: law, seen: excerpt}
  press: {title: "A paper", url: "https://press.example/1", kind: press, seen: excerpt}
`
	madeFacts = `version: 1
as_of_reading: 2025-06-01
stale_after_days: 30
facts:
  - {id: pupils, type: yesno, ask: "Pupils?"}
  - {id: slip-colour, type: choice, options: [green, white], ask: "Colour?"}
  - {id: members, type: number, ask: "How many people?"}
rules:
`
)

func made(rules ...string) rulebook.Source {
	return rulebook.Source{Papers: []byte(madePapers), Sources: []byte(madeSources), Rules: []byte(madeFacts + "  - " + strings.Join(rules, "\n  - ") + "\n")}
}

// rule is a line of rules.yaml about the card: what is given, and what every rule needs.
func rule(id, given string) string {
	for _, need := range []string{"country: IR", "paper: card", "confidence: official", "sources: [law]"} {
		if name, _, _ := strings.Cut(need, ":"); !strings.Contains(given, name+":") {
			given += ", " + need
		}
	}
	return "{id: " + id + ", " + given + "}"
}

func read(t *testing.T, rules ...string) *rulebook.Book {
	t.Helper()
	b, problems := rulebook.Parse(made(rules...))
	if b == nil {
		t.Fatal(problems)
	}
	return b
}

func iso(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func ask(t *testing.T, b *rulebook.Book, q rulebook.Question) rulebook.Answer {
	t.Helper()
	if q.Paper == "" {
		q.Paper = "card"
	}
	a, err := b.Check(q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// why is why a rule spoke or not.
func why(a rulebook.Answer, rule string) rulebook.Why {
	for _, s := range a.Steps {
		if s.Rule == rule {
			return s.Why
		}
	}
	return ""
}

func ruleID(a rulebook.Answer) string {
	if a.Rule == nil {
		return ""
	}
	return a.Rule.ID
}
