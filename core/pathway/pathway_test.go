package pathway_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/pathway"
	"panah/i18n"
	"panah/rules"
)

// shipped is the book as the gate and the desk load it.
func shipped(t testing.TB) *pathway.Book {
	t.Helper()
	c, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	b, err := rules.Pathways(i18n.Situations(c))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShippedSituations(t *testing.T) {
	got := shipped(t).Situations()
	p := func(ids ...string) []string { return ids }
	const m, h, d = pathway.Minutes, pathway.Hours, pathway.Days
	want := []pathway.Situation{
		{ID: "s_detained", Icon: "lock-person", Urgency: m, Sensitivity: "sensitive", Pathways: p("detained-valid-papers", "detained-no-papers")},
		{ID: "s_child", Icon: "child", Urgency: m, Sensitivity: "locked", Pathways: p("child-separated")},
		{ID: "s_health", Icon: "medical", Urgency: m, Sensitivity: "sensitive", Pathways: p("medical")},
		{ID: "s_paper", Icon: "card-clock", Urgency: h, Sensitivity: "ordinary", Pathways: p("ill-treatment-complaint", "paper-expiring")},
		{ID: "s_order", Icon: "letter-arrow", Urgency: h, Sensitivity: "sensitive", Pathways: p("order-appeal")},
		{ID: "s_money", Icon: "coins", Urgency: d, Sensitivity: "sensitive", Pathways: p("wages-deposit")},
		{ID: "s_return", Icon: "road-home", Urgency: d, Sensitivity: "sensitive", Pathways: p("return-wish")},
		{ID: "s_abuse", Icon: "fist-crossed", Urgency: h, Sensitivity: "locked", Risky: true, Pathways: p("ill-treatment-complaint")},
		{ID: "s_danger", Icon: "warning-home", Urgency: h, Sensitivity: "locked", Risky: true, Pathways: p("refugee-claim")},
		{ID: "s_civil", Icon: "school", Urgency: d, Sensitivity: "ordinary", Pathways: p("civil-status")},
		{ID: "s_force", Icon: "hand-stop", Urgency: m, Sensitivity: "locked", Risky: true, Pathways: p("trafficking-gbv")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTriageTakesTheHighest(t *testing.T) {
	b := shipped(t)
	for _, test := range []struct {
		chosen []string
		want   pathway.Urgency
		opens  pathway.Sensitivity
	}{
		{nil, pathway.Days, pathway.Ordinary},
		{[]string{"s_nonsense"}, pathway.Days, pathway.Ordinary},
		{[]string{"s_money", "s_civil"}, pathway.Days, pathway.Sensitive},
		{[]string{"s_civil", "s_order"}, pathway.Hours, pathway.Sensitive},
		{[]string{"s_money", "s_danger", "s_detained"}, pathway.Minutes, pathway.Locked},
	} {
		if got := b.Urgency(test.chosen); got != test.want {
			t.Errorf("%v: %s, want %s", test.chosen, got, test.want)
		}
		if got := b.Sensitivity(test.chosen); got != test.opens {
			t.Errorf("%v: %s, want %s", test.chosen, got, test.opens)
		}
	}
	if got := pathway.Urgency("never").Most(pathway.Days); got != pathway.Days {
		t.Errorf("an unknown urgency won: %s", got)
	}
}

func TestShippedPathways(t *testing.T) {
	b := shipped(t)
	if n := len(b.Pathways()); n != 12 {
		t.Fatalf("%d pathways instead of 12", n)
	}
	p, ok := b.Pathway("trafficking-gbv")
	if !ok || p.Status != "draft" || len(p.ReviewNeeded) == 0 || len(p.Sources) == 0 {
		t.Errorf("found %v, status %q: the marks of an unreviewed draft must stay", ok, p.Status)
	}
	// Answers named yes and no stay words: YAML 1.1 would make booleans of them.
	fear, _ := b.Pathway("detained-valid-papers")
	i := slices.IndexFunc(fear.Triage, func(q pathway.Question) bool { return q.ID == "fear" })
	if got := fear.Triage[i].Raises["yes"]; got != "refugee-claim" {
		t.Errorf("fear raises %q", got)
	}
	want := pathway.Clock{Reply: 15 * time.Minute, Act: time.Hour, Escalate: 10 * time.Minute}
	if diff := cmp.Diff(want, b.Common.Clocks[pathway.Minutes]); diff != "" {
		t.Error(diff)
	}
}

const common = `
version: 1
urgency:
  minutes: {reply: PT15M, act: PT1H, escalate_after: PT10M}
  hours: {reply: PT2H, act: P1D, escalate_after: PT1H}
  days: {reply: P1D, act: P3D, escalate_after: P1D}
letters: {note: "x"}
services: {legal-aid: "x"}
consents: {contact-me: {what: x, asks: always}}
`

const one = `
id: one-thing
letter: a
urgency: {class: hours, reason: x}
sensitivity: ordinary
starts_when: ["answer s.one"]
triage: [{id: q, ask: "?", why: "x"}]
tasks: [{id: t, do: x, by: PT1H, who: caseworker, needs: [contact-me], letter: note}]
safeguards: [x]
refer: [legal-aid]
review_needed: [lawyer]
`

func TestNewRefuses(t *testing.T) {
	notes := []pathway.Note{{Situation: "s_one", Text: "icon: card; a"}}
	if _, err := pathway.New([]byte(common), [][]byte{[]byte(one)}, notes); err != nil {
		t.Fatalf("the sound pathway was refused: %v", err)
	}
	for name, change := range map[string][2]string{
		"unknown key":         {"safeguards:", "safegaurds:"},
		"unknown urgency":     {"class: hours", "class: soon"},
		"unknown sensitivity": {"sensitivity: ordinary", "sensitivity: secret"},
		"unknown consent":     {"needs: [contact-me]", "needs: [everything]"},
		"unknown letter":      {"letter: note", "letter: other"},
		"unknown service":     {"refer: [legal-aid]", "refer: [police]"},
		"question, no why":    {`, why: "x"`, ""},
		"no review asked":     {"review_needed: [lawyer]", "review_needed: []"},
		"door asks a story":   {"sensitivity: ordinary", "sensitivity: ordinary\ndoor_asks: all"},
		"unreachable":         {"s.one", "s.two"},
		"two documents":       {"refer: [legal-aid]", "---\nrefer: [legal-aid]"},
	} {
		bad := strings.Replace(one, change[0], change[1], 1)
		if bad == one {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := pathway.New([]byte(common), [][]byte{[]byte(bad)}, notes); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, files := range map[string][][]byte{"twice": {[]byte(one), []byte(one)}, "leads nowhere": {}} {
		if _, err := pathway.New([]byte(common), files, notes); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{"PT15M": 15 * time.Minute, "P1D": 24 * time.Hour, "P2DT6H": 54 * time.Hour} {
		if got, err := pathway.ParseDuration(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "P", "PT", "before-leaving", "P1Y", "PT99999M", "-P1D"} {
		if got, err := pathway.ParseDuration(s); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestShippedPapers(t *testing.T) {
	papers, err := rules.Papers()
	if err != nil {
		t.Fatal(err)
	}
	if len(papers) != 17 {
		t.Errorf("%d kinds of paper instead of 17", len(papers))
	}
	for _, p := range papers {
		for _, lang := range []string{"fa", "fa-AF", "ps", "ur", "en"} {
			if name, in := p.Name(lang); in != lang || name == "" {
				t.Errorf("%s: %q in %s, want %s", p.ID, name, in, lang)
			}
		}
	}
}

func TestANameThatIsMissingIsLent(t *testing.T) {
	p := pathway.Paper{ID: "ir-card", Names: map[string]string{"en": "Card", "fa": "کارت"}}
	for lang, want := range map[string]string{"fa": "fa", "fa-AF": "fa", "ur": "en", "en": "en"} {
		if name, in := p.Name(lang); in != want || name == "" {
			t.Errorf("%s: %q in %s, want %s", lang, name, in, want)
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add([]byte(one), "icon: card; a")
	f.Add([]byte("id: [\n"), "")
	f.Fuzz(func(t *testing.T, data []byte, note string) {
		b, err := pathway.New([]byte(common), [][]byte{data}, []pathway.Note{{Situation: "s_one", Text: note}})
		if err == nil && (len(b.Situations()) != 1 || len(b.Pathways()) != 1) {
			t.Fatal("accepted a book without a situation")
		}
		_, _ = pathway.ParsePapers(data)
	})
}

func TestShippedCommon(t *testing.T) {
	c := shipped(t).Common
	day := 24 * time.Hour
	want := map[string]time.Duration{pathway.KeepText: 30 * day, pathway.KeepIdentity: 90 * day, pathway.KeepLocked: 30 * day, pathway.KeepLost: 60 * day}
	if diff := cmp.Diff(want, c.Retention); diff != "" {
		t.Error(diff)
	}
	if len(c.LegalBases) != 6 || len(c.Opens) != 3 || len(c.RaiseRules) != 7 || c.RaiseRules[3].Also != "trafficking-gbv" || c.LegalHold == "" || c.AfterAll == "" || c.ConsentNote == "" {
		t.Errorf("%+v", c)
	}
}

func TestCommonRefuses(t *testing.T) {
	notes := []pathway.Note{{Situation: "s_one", Text: "icon: card; a"}}
	for name, more := range map[string]string{
		"unknown retention":   "retention: {names: P1D}",
		"retention of a word": "retention: {free_text_and_files: soon}",
		"unknown sensitivity": "sensitivity: {secret: {opens: x}}",
		"raises to nothing":   "raise_rules: [{if: x, to: soon}]",
	} {
		if _, err := pathway.New([]byte(common+more+"\n"), [][]byte{[]byte(one)}, notes); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := pathway.New([]byte(common+"retention: {free_text_and_files: P3D, after: x}\n"), [][]byte{[]byte(one)}, notes); err != nil {
		t.Error(err)
	}
}
