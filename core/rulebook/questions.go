package rulebook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
)

// Posed is a question of the test book: dated, with the answer that the book must give, and the source that this answer rests on.
type Posed struct {
	ID       string
	Question Question
	Printed  string // as written; Question.Printed is what it was read as
	Want     Want
	Source   string // id
	Why      string // why it is worth asking; may be ""
	Line     int
}

// Want is what must come out. Rule, Since and Until must be just so, zero included; Also and Asks must be among what is told and asked.
type Want struct {
	Verdict, Would Verdict
	Rule           string
	Since, Until   time.Time // zero Since is not looked at
	Also, Asks     []string
}

// ParseQuestions reads a test book for a rulebook. It returns what could be read; whether that is all, the problems say.
func ParseQuestions(data []byte, b *Book) ([]Posed, []Problem) {
	r := &reader{file: "questions.yaml"}
	f, ok := r.read(data, questionsFileKeys())
	if !ok {
		return nil, r.problems
	}
	all := f.blocks("questions")
	if len(all) == 0 || len(all) > maxQuestions {
		r.fail(f.node("questions"), "A test book has at least one.", "there are %d questions; at most %d are read", len(all), maxQuestions)
		return nil, r.problems
	}
	var out []Posed
	seen := map[string]bool{}
	for _, k := range all {
		before := len(r.problems)
		p := b.posed(r, k)
		if seen[p.ID] {
			r.fail(k.node("id"), "Give it another.", "the id `%s` is there twice", p.ID)
		}
		seen[p.ID] = true
		if len(r.problems) == before {
			out = append(out, p)
		}
	}
	return out, r.problems
}

func (b *Book) posed(r *reader, k fields) Posed {
	p := Posed{
		ID: k.text("id"), Printed: k.text("printed"), Source: k.text("source"), Why: k.text("why"), Line: k.at.Line,
		Question: Question{Paper: k.text("paper"), Round: k.count("round"), On: k.day("on"), Known: k.day("known"), Facts: k.words("facts")},
		Want: Want{
			Verdict: Verdict(k.text("verdict")), Would: Verdict(k.text("would")), Rule: k.text("rule"), Since: k.day("since"), Until: k.day("until"),
			Also: k.list("also"), Asks: k.list("asks"),
		},
	}
	if p.Printed != "" {
		in := calendar.Name(k.text("calendar"))
		if in == "" {
			r.fail(k.node("printed"), "Add calendar: "+strings.Join(calendars, ", ")+".", "`printed` is there without its `calendar`")
		} else if w, err := calendar.ParseWritten(p.Printed, in); err != nil {
			r.fail(k.node("printed"), "", "`printed`: %v", err)
		} else {
			p.Question.Printed = w
		}
	}
	if _, ok := b.sources[p.Source]; !ok && p.Source != "" {
		r.fail(k.node("source"), "Name an id of sources.yaml.", "there is no source `%s`", p.Source)
	}
	for _, id := range append(slices.Clone(p.Want.Also), p.Want.Rule) {
		if _, ok := b.Rule(id); !ok && id != "" {
			r.fail(k.node("rule"), "Name an id of rules.yaml.", "there is no rule `%s`", id)
		}
	}
	if (p.Want.Verdict == Stale) != (p.Want.Would != "") {
		r.fail(k.node("would"), "Say it under stale, and only there.", "`would` is what a stale answer would be")
	}
	if k.has("paper") && k.has("on") {
		if _, err := b.settle(p.Question); err != nil {
			r.fail(k.at, "", "%v", err)
		}
	}
	return p
}

// Pose asks a question of the test book and lists what is not as it must be; nothing when all is.
func (b *Book) Pose(p Posed) (Answer, []string) {
	a, err := b.Check(p.Question)
	if err != nil {
		return a, []string{err.Error()}
	}
	var off []string
	differ := func(what, got, want string) {
		if got != want {
			off = append(off, fmt.Sprintf("%s: got %s, want %s", what, orNone(got), orNone(want)))
		}
	}
	rule := ""
	if a.Rule != nil {
		rule = a.Rule.ID
	}
	differ("verdict", string(a.Verdict), string(p.Want.Verdict))
	differ("would", string(a.Would), string(p.Want.Would))
	differ("rule", rule, p.Want.Rule)
	differ("until", date(a.Until), date(p.Want.Until))
	if !p.Want.Since.IsZero() {
		differ("since", date(a.Since), date(p.Want.Since))
	}
	for _, id := range p.Want.Also {
		if !slices.ContainsFunc(a.Also, func(r Rule) bool { return r.ID == id }) {
			off = append(off, "also: "+id+" is not told")
		}
	}
	for _, id := range p.Want.Asks {
		if !slices.ContainsFunc(a.Ask, func(k Ask) bool { return k.ID == id }) {
			off = append(off, "asks: "+id+" is not asked")
		}
	}
	if _, known := b.sources[p.Source]; known && a.Rule != nil && a.Verdict != Unknown && !slices.ContainsFunc(a.Sources, func(c Cited) bool { return c.ID == p.Source }) {
		off = append(off, "source: the answer does not cite "+p.Source)
	}
	return a, off
}

// date is 2025-03-20; "" for no day.
func date(d time.Time) string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
