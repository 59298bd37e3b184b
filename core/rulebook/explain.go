package rulebook

import (
	"fmt"
	"slices"
	"strings"

	"panah/core/calendar"
)

// Explain tells an answer in English, line by line: the verdict, its rule and sources, what is told beside it, what to ask next, and why every rule that
// has to do with the paper spoke or not. It is for the terminal of somebody who reads rules; pages have their own words.
func (b *Book) Explain(q Question, a Answer) string {
	w := &strings.Builder{}
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	line("%s", b.asked(q))
	line("%s", a.Sentence())
	if a.Verdict == Stale {
		would := a
		would.Verdict = a.Would
		line("It would be: %s", would.Sentence())
	}
	if a.Printed == PrintedPassed || a.Printed == PrintedRunning {
		line("The date printed on it has %spassed. That alone decides nothing.", map[PrintedDate]string{PrintedRunning: "not "}[a.Printed])
	}
	if a.Rule != nil {
		b.explainRule(line, "Rule", *a.Rule)
	}
	for _, r := range a.Conflicts {
		b.explainRule(line, "Disagrees", r)
	}
	for _, r := range a.Also {
		b.explainRule(line, "Beside it", r)
	}
	for _, k := range a.Ask {
		options := ""
		if len(k.Options) > 0 {
			options = " (" + strings.Join(k.Options, ", ") + ")"
		}
		line("Ask next [%s]: %s%s", k.ID, k.Text, options)
	}
	line("Rules:")
	other := 0
	for _, s := range a.Steps {
		if s.Why == OtherPaper {
			other++
			continue
		}
		line("    %-22s %s", s.Rule, s.Sentence())
	}
	if other > 0 {
		line("    %d more are about other papers.", other)
	}
	line("Rulebook %s, read on %s.", b.version, date(b.read))
	return w.String()
}

func (b *Book) asked(q Question) string {
	p, _ := b.Paper(q.Paper)
	out := p.Names["en"]
	if q.Round > 0 {
		out += fmt.Sprintf(", round %d", q.Round)
	}
	if !q.Printed.IsZero() {
		out += fmt.Sprintf(", printed end %s (%s", q.Printed, q.Printed.In)
		if q.Printed.In != calendar.Gregorian {
			out += ": " + date(q.Printed.Day)
		}
		out += ")"
	}
	out += ", on " + date(q.On)
	if !q.Known.IsZero() {
		out += ", as known on " + date(q.Known)
	}
	var facts []string
	for id, answer := range q.Facts {
		facts = append(facts, id+": "+answer)
	}
	slices.Sort(facts)
	if len(facts) > 0 {
		out += ", " + strings.Join(facts, ", ")
	}
	return out
}

// Sentence is the verdict in English, with its days.
func (a Answer) Sentence() string {
	until := "no day is given"
	if !a.Until.IsZero() {
		until = date(a.Until)
	}
	switch a.Verdict {
	case InForce:
		return "in-force: by this rule the paper is in force until " + until + "."
	case Extended:
		if a.Printed == PrintedPassed {
			return "extended: the printed date has passed, but this rule extends it until " + until + "."
		}
		return "extended: this rule extends it until " + until + "; which date is printed is not known."
	case Ended:
		return "ended: by this rule the paper ended; it no longer counts since " + date(a.Since) + "."
	case Revoked:
		return "revoked: this rule says that the paper no longer counts since " + date(a.Since) + ". It may be open to challenge."
	case Conflict:
		return "conflict: sources disagree. Ask a lawyer."
	case Stale:
		return "stale: the newest rule about this paper is of " + date(a.Newest) + ". Ask before you rely on it."
	}
	if a.Hangs {
		return "unknown: it hangs on something that was not said; see what to ask next. That does not mean that it has ended."
	}
	return "unknown: we found no rule for this paper on this date. That does not mean that it has ended."
}

func (b *Book) explainRule(line func(string, ...any), what string, r Rule) {
	line("%s: %s (%s, %s%s)", what, r.ID, r.Effect, r.Span(), map[bool]string{true: ", its sources disagree"}[r.Conflict])
	for _, words := range []struct{ what, text string }{{"who", r.Who}, {"what", r.What}, {"note", r.Note}, {"condition", r.When}, {"confidence", r.Confidence}} {
		if words.text != "" {
			line("    %s: %s", words.what, words.text)
		}
	}
	if !r.KnownGiven {
		line("    announced: no day is given; taken as known since %s", date(r.KnownOn))
	}
	for _, id := range r.Sources {
		c := b.sources[id]
		line("    source %s (%s): %s <%s>", c.ID, c.Kind, c.Title, c.URL)
	}
}

// Span is the time that a rule speaks of, in English: "2025-07-01 to 2025-12-31", "on 2025-06-07".
func (r Rule) Span() string {
	if !r.On.IsZero() {
		return "on " + date(r.On)
	}
	from := date(r.start())
	if r.To.IsZero() {
		return "from " + from
	}
	return from + " to " + date(r.To)
}

// Sentence says in English why the rule spoke or not.
func (s Step) Sentence() string {
	words := map[Why]string{
		Spoke: "spoke: the verdict comes from it", Agreed: "speaks and agrees with %s", Disagreed: "speaks, and the rules that speak disagree", Told: "is told beside the verdict",
		Ahead: "is told because it is near: from %s", OtherPaper: "is about another paper (%s)", OtherRound: "is about another round (%s)", OtherCountry: "holds in another country (%s)",
		NotKnownYet: "was not known yet on that day: only on %s", NotYet: "was not in force yet: only from %s", Over: "was over: until %s", ConditionNo: "its condition is not met: %s",
		Needs: "cannot be told without: %s", ReplacedBy: "is replaced by %s", GaveWay: "gave way to %s", HeldBack: "speaks, but may be turned by %s",
		ConditionFail: "its condition could not be worked out: %s",
	}[s.Why]
	if strings.Contains(words, "%s") {
		return fmt.Sprintf(words, s.Detail)
	}
	return words
}
