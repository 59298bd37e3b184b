package rulebook_test

import (
	"strings"
	"testing"

	"panah/core/rulebook"
	"panah/rules"
)

// Whatever the bytes: no panic, a book or an error with words, and a book answers.
func FuzzParse(f *testing.F) {
	own := rules.RulebookFiles()
	f.Add(own.Papers, own.Rules, own.Sources)
	src := made(rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-31, when: facts.pupils"), rule("b", "effect: revoked, from: 2025-02-01, replaces: [a]"))
	f.Add(src.Papers, src.Rules, src.Sources)
	f.Add([]byte("papers: [&a {names: *a}]"), []byte("rules: {<<: *x}"), []byte("? {a: b}\n: - c"))
	f.Add(src.Papers, []byte("version: 1\nrules:\n- {when: '((((((((((', to: 2025-99-99, to_as_written: \"end of \\u0000\"}\n"), []byte("!!binary x"))
	f.Fuzz(func(t *testing.T, papers, rulesFile, sources []byte) {
		if len(papers)+len(rulesFile)+len(sources) > 64<<10 {
			return
		}
		src := rulebook.Source{Papers: papers, Rules: rulesFile, Sources: sources}
		b, problems := rulebook.Parse(src)
		errors := false
		for _, p := range problems {
			errors = errors || !p.Warning
			if p.Text == "" || p.File == "" || p.Line < 0 || p.String() == "" {
				t.Fatalf("%+v", p)
			}
		}
		if (b == nil) != errors {
			t.Fatalf("a book: %t; problems: %v", b != nil, problems)
		}
		if b == nil {
			return
		}
		for _, p := range b.Papers() {
			q := rulebook.Question{Paper: p.ID, On: iso("2025-02-10")}
			b.Explain(q, ask(t, b, q))
		}
		b.Lint(iso("2025-02-10"), nil)
	})
}

// Whatever a condition says: it is refused with a place and words, or can be worked out in bounded time.
func FuzzCondition(f *testing.F) {
	for _, seed := range []string{"facts.pupils", `printed == solar("1404-09-30")`, "on - printed <= days(15)", `day("2025-13-01") < on`, "round in [1, 2]", "((((", `"a" in ["a"] ? true : facts.pupils`, "on + days(10000) + days(10000) > known", "timestamp('9999-12-31T23:59:59Z') + duration('1s') > on", "facts.members == 9223372036854775807"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, when string) {
		if strings.ContainsAny(when, "\n\r\x00") || strings.TrimSpace(when) == "" || len(when) > 2000 {
			return
		}
		b, problems := rulebook.Parse(made(rule("a", "effect: valid, from: 2025-01-01, to: 2025-03-31, when: '"+strings.ReplaceAll(when, "'", "''")+"'")))
		if b == nil {
			if len(problems) == 0 || problems[0].Text == "" {
				t.Fatal("refused without a word")
			}
			return
		}
		for _, facts := range []map[string]string{nil, {"pupils": "yes", "slip-colour": "green", "members": "3"}} {
			ask(t, b, rulebook.Question{On: iso("2025-02-10"), Facts: facts, Round: len(facts)})
		}
	})
}
