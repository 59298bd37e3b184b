package letters_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
	"panah/core/letters"
	"panah/core/pathway"
	"panah/i18n"
	"panah/rules"
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func pathways(t testing.TB) *pathway.Book {
	t.Helper()
	words, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func book(t testing.TB) *letters.Book {
	t.Helper()
	b, err := rules.Letters(pathways(t))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every letter of the vocabulary has a template, in five languages, with somebody to read it; or is made elsewhere.
func TestEveryLetterHasATemplate(t *testing.T) {
	b := book(t)
	all := pathways(t).Common.Letters
	if len(all) != 22 {
		t.Errorf("%d letters in the vocabulary", len(all))
	}
	for id := range all {
		tpl, ok := b.Template(id)
		if ok == (b.Elsewhere(id) != "") {
			t.Errorf("%s: a template %v, elsewhere %q", id, ok, b.Elsewhere(id))
		}
		for _, l := range l10n.Languages() {
			if ok && !tpl.IsDraft(l.Code) {
				t.Errorf("%s in %s says that somebody has reviewed it", id, l.Code)
			}
		}
	}
	if _, ok := b.Template("status-note"); !ok {
		t.Error("there is no status note")
	}
}

// full is a value for every field.
func full(t letters.Template) map[string]string {
	out := map[string]string{}
	for _, f := range t.Fields {
		switch f.Kind {
		case letters.Date:
			out[f.ID] = "2026-03-21"
		case letters.Number:
			out[f.ID] = "14"
		case letters.Lines:
			out[f.ID] = "first " + f.ID + "\nsecond " + f.ID
		case letters.Rows:
			out[f.ID] = "one | two | three | four\nfive | six | seven | eight"
		default:
			out[f.ID] = "value of " + f.ID
		}
	}
	return out
}

// Every kind, every language, every reader: all values come out, isolated; nothing is left in braces; and without values each required one is a gap.
func TestEveryLetterIsFilledInInEveryLanguage(t *testing.T) {
	for _, tpl := range book(t).Kinds() {
		for _, l := range l10n.Languages() {
			for _, to := range tpl.To {
				values := full(tpl)
				got, err := letters.Fill(tpl, to, l.Code, values, today)
				if err != nil {
					t.Fatalf("%s in %s to %s: %v", tpl.Letter, l.Code, to, err)
				}
				text := textOf(got)
				if strings.ContainsAny(text, "{}") || len(got.Missing) != 0 {
					t.Errorf("%s in %s: a place was left, or %v is missing:\n%s", tpl.Letter, l.Code, got.Missing, text)
				}
				for _, f := range tpl.FieldsFor(to) {
					want := values[f.ID]
					switch f.Kind {
					case letters.Date:
						want = letters.DateIn(want, l.Code)
					case letters.Number:
						want = l.Digits.Shape(want)
					case letters.Lines:
						want, _, _ = strings.Cut(want, "\n")
					case letters.Rows:
						want = "seven"
					}
					if !strings.Contains(text, "\u2068"+want+"\u2069") {
						t.Errorf("%s in %s to %s: %s is not in it, isolated:\n%s", tpl.Letter, l.Code, to, f.ID, text)
					}
				}
				empty, err := letters.Fill(tpl, to, l.Code, nil, today)
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range empty.Missing {
					f, _ := tpl.Field(id)
					if !strings.Contains(textOf(empty), "["+f.Label.In(l.Code)+": ____") {
						t.Errorf("%s in %s: %s is missing and no gap says so", tpl.Letter, l.Code, id)
					}
				}
			}
		}
	}
}

func textOf(l letters.Letter) string {
	var b strings.Builder
	for _, k := range l.Blocks {
		b.WriteString(k.Text + "\n")
	}
	return b.String()
}

// stuffed is a case in which everything that can be said is a canary.
func stuffed() fold.Case {
	c := fold.Case{Fields: map[string]fold.Field{}, Answers: map[string]fold.Field{}}
	for _, f := range []string{
		event.FieldUrgency, event.FieldSensitivity, event.FieldName, event.FieldAlso, event.FieldDistrict, event.FieldLang, event.FieldSummary, event.FieldWho, event.FieldPaper,
		event.FieldPrinted, event.FieldSafeTime, event.FieldSafeSay, event.FieldOtherSide, event.FieldDetained, event.FieldOrder, event.FieldRelease,
	} {
		c.Fields[f] = fold.Field{{Text: "canary-" + strings.ReplaceAll(f, "_", "")}}
	}
	for _, q := range []string{"wages-deposit/amount", "wages-deposit/proof", "refugee-claim/fear", "medical/need"} {
		c.Answers[q] = fold.Field{{Text: "canary-answer-" + q}}
	}
	c.Notes = []fold.Note{{Value: fold.Value{Text: "canary-note"}}}
	c.Proxy = &fold.Proxy{Proxy: event.Proxy{Relation: "canary-relation", Name: "canary-proxy-name", Why: "canary-why"}}
	c.Consents = []fold.Consent{{Consented: event.Consented{Receiver: "canary-receiver", Facts: "canary-facts"}}}
	c.Closure = &fold.Closure{Closed: event.Closed{Note: "canary-closing"}}
	c.Papers = []fold.PaperCheck{{PaperChecked: event.PaperChecked{Paper: "canary-paperid", Printed: "2025-06-30", Calendar: "gregorian", On: "2026-11-24", Known: "2026-11-23", Verdict: "ended", Since: "2025-07-01", Rule: "canary-rule", Sources: []string{"canary-source"}, Book: "0123456789abcdef"}}}
	return c
}

// Of a case a letter gets what its template names, and nothing else: whatever a case is stuffed with.
func TestOnlyWhatATemplateNamesComesAlong(t *testing.T) {
	allowed := map[string][]string{
		"name": {"canary-name"}, "district": {"canary-district"}, "paper": {"canary-paper"}, "printed": {"canary-printed"}, "detained": {"canary-detainedat"}, "order": {"canary-orderat"}, "release": {"canary-releaseat"},
		"proxy": {"canary-relation"}, "checks": {"canary-paperid"}, "check_rules": {"canary-rule"}, "check_sources": {"canary-source"}, "answer:wages-deposit/amount": {"canary-answer-wages-deposit/amount"},
	}
	for _, tpl := range book(t).Kinds() {
		for _, l := range l10n.Languages() {
			taken := letters.Take(tpl, l.Code, stuffed(), letters.Desk{Org: "Org"})
			for _, to := range tpl.To {
				got, err := letters.Fill(tpl, to, l.Code, taken, today)
				if err != nil {
					t.Fatal(err)
				}
				text := textOf(got)
				for _, f := range tpl.FieldsFor(to) {
					for _, ok := range allowed[f.From] {
						text = strings.ReplaceAll(text, "\u2068"+ok+"\u2069", "")
					}
				}
				if strings.Contains(text, "canary") {
					t.Errorf("%s in %s to %s says more of the case than its fields:\n%s", tpl.Letter, l.Code, to, text)
				}
			}
		}
	}
}

func TestAStatusNoteTellsVerdictRuleSourceAndDay(t *testing.T) {
	tpl, _ := book(t).Template("status-note")
	c := fold.Case{Papers: []fold.PaperCheck{
		{PaperChecked: event.PaperChecked{Paper: "pk-por", Verdict: "unknown", On: "2023-08-15", Known: "2023-08-15", Book: "0123456789abcdef"}},
		{PaperChecked: event.PaperChecked{Paper: "pk-por", Printed: "2023-06-30", Calendar: "gregorian", Verdict: "stale", Would: "ended", Since: "2025-07-01", On: "2026-11-24", Known: "2026-11-24", Rule: "pk-por-end", Sources: []string{"pk-por-end"}, Book: "fedcba9876543210"}},
	}}
	desk := letters.Desk{
		Org: "Org", Paper: func(string, string) string { return "PoR card" }, Rule: func(string) string { return "ended from 2025-07-01" },
		Source: func(string) (string, string) { return "Dawn 6 Aug 2025", "https://example.org/a" },
	}
	got, err := letters.Fill(tpl, letters.Counsel, "en", letters.Take(tpl, "en", c, desk), today)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(textOf(got))
	for _, want := range []string{
		"PoR card | 30 June 2023 (9 Tir 1402) | 24 November 2026 (3 Azar 1405) | The newest rule we know is too old to rely on. Ask before you rely on it. It says: By this rule the paper ended on 1 July 2025 (10 Tir 1404).",
		"pk-por-end: ended from 2025-07-01", "Dawn 6 Aug 2025 https://example.org/a", "As known on 24 November 2026", "fedcba9876543210", "no decision of an authority",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("without %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "2023-08-15") || strings.Contains(text, "0123456789abcdef") {
		t.Error("an older check of the same paper is told too")
	}
}

func TestWhatMayBeANumberIsNotKept(t *testing.T) {
	for in, want := range map[string]string{
		"card 123456789012 of him":                               "card ________ of him",
		"کارت ۱۲۳۴۵۶۷۸۹۰۱۲ است":                                  "کارت ________ است",
		"٤٢١٠١-١٢٣٤٥٦٧-١":                                        "________",
		"42101-1234567-1.":                                       "________.",
		"passport P0123456,":                                     "passport ________,",
		"UNHCR 123-45C67890":                                     "UNHCR ________",
		"call 0912 345 6789 now":                                 "call ________ now",
		"\u20681403-0123-45678\u2069":                            "\u2068________\u2069",
		"on 2026-11-24 and 24/11/2026":                           "on 2026-11-24 and 24/11/2026",
		"۱۴۰۵-۰۹-۰۳":                                             "۱۴۰۵-۰۹-۰۳",
		"12,000,000 rial, 31 Khordad 1405":                       "12,000,000 rial, 31 Khordad 1405",
		"version fedcba9876543210":                               "version fedcba9876543210",
		"see https://example.org/news/123456789 now":             "see https://example.org/news/123456789 now",
		"Amayesh 18":                                             "Amayesh 18",
		"123\u200c45678901":                                      "________",
		"AB\u00a01234567":                                        "________",
		"OA123456, O 1234567":                                    "________, ________",
		"12 34 56 78 90 and 1234 5678 90":                        "________ and ________",
		"card 1234567890123456":                                  "card ________",
		"\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19": "________",
		"A12-34.5678 or 0912.345.6789":                           "________ or ________",
		"\u206812345\u2069\u20687890123\u2069":                   "\u2068________\u2069",
		"foo://P01234567":                                        "foo://________",
		"1234 5678 9012 3456":                                    "________",
		"24.11.2026, 1403-1404, 1401 1402 1403":                  "24.11.2026, 1403-1404, 1401 1402 1403",
		"No. 12 of 1403. 15 cards":                               "No. 12 of 1403. 15 cards",
		"12,000,000 rial for 30 days in 2025":                    "12,000,000 rial for 30 days in 2025",
	} {
		got, blanked := letters.WithoutNumbers(in)
		if got != want || blanked != (in != want) {
			t.Errorf("%q is kept as %q (%v)", in, got, blanked)
		}
	}
}

// A text made to be looked at for long is looked at once.
func TestNumbersAreFoundInTimeHoweverLong(t *testing.T) {
	begun := time.Now()
	for _, s := range []string{"1", "1403 ", "a", "1-", "12 ", "https://", "\u200c1"} {
		letters.WithoutNumbers(strings.Repeat(s, 250_000/len(s)))
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("%v", took)
	}
}

func TestPieces(t *testing.T) {
	got := letters.Pieces("a \u2068b\u202e\u2069 c\u2068[Name: ________]\u2069\u2069 d \u2068e")
	want := []letters.Piece{{Text: "a "}, {Text: "b", Filled: true}, {Text: " c"}, {Text: "[Name: ________]", Filled: true, Gap: true}, {Text: " d "}, {Text: "e"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAValueOfNoFieldIsRefused(t *testing.T) {
	tpl, _ := book(t).Template("wage-claim")
	for name, values := range map[string]map[string]string{"no field": {"religion": "x"}, "too long": {"amount": strings.Repeat("x", 6001)}} {
		if _, err := letters.Fill(tpl, letters.Employer, "en", values, today); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := letters.Fill(tpl, letters.School, "en", nil, today); err == nil {
		t.Error("a wage claim goes to a school")
	}
	if _, err := letters.Fill(tpl, letters.Employer, "de", nil, today); err == nil {
		t.Error("in German")
	}
}

// A value cannot turn the text around it, and cannot leave its isolate.
func TestAValueStaysInItsIsolate(t *testing.T) {
	tpl, _ := book(t).Template("protection-letter")
	values := full(tpl)
	values["name"] = "x\u2069\u202Eevil\u2066"
	got, err := letters.Fill(tpl, letters.Court, "fa", values, today)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(textOf(got), "\u2068xevil\u2069") {
		t.Errorf("%q", textOf(got))
	}
}

func TestTheTalkIsThereInEveryLanguage(t *testing.T) {
	b := book(t)
	for _, l := range l10n.Languages() {
		talk := b.Talk(l.Code)
		if talk.Lang != l.Code || talk.Topic != event.TopicCarrying || len(talk.Aloud) != 5 || talk.Script() != l.Code+"/1" {
			t.Errorf("%s: %+v", l.Code, talk)
		}
	}
}
