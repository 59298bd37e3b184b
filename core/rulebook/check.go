package rulebook

import (
	"slices"
	"strings"
	"time"
)

// Check answers a question. The error is ErrPaper or ErrQuestion. It keeps nothing, and answers the same to the same question for ever.
func (b *Book) Check(q Question) (Answer, error) {
	s, err := b.settle(q)
	if err != nil {
		return Answer{}, err
	}
	heard := make([]hearing, len(b.rules))
	var speaking, open []*Rule
	a := Answer{Book: b.version, Printed: s.standing()}
	for i := range b.rules {
		h := b.hear(&b.rules[i], s)
		heard[i] = h
		if h.about && h.rule.news(q.Paper) && h.rule.KnownOn.After(a.Newest) {
			a.Newest = h.rule.KnownOn
		}
		if !h.rule.Effect.Decides() {
			continue
		}
		if h.speaks() {
			speaking = append(speaking, h.rule)
		} else if h.may() {
			open = append(open, h.rule)
		}
	}
	o := decide(speaking, a.Printed)
	if settled(&o, speaking, open, a.Printed) {
		b.pronounce(&a, o)
		if a.Verdict != Unknown && s.q.On.After(a.Newest.AddDate(0, 0, b.stale)) {
			a.Verdict, a.Would = Stale, a.Verdict
		}
	} else {
		hold(&a, o, open)
	}
	b.tell(&a, heard)
	a.Steps = steps(heard, o)
	a.Ask = b.asks(s, a, heard)
	return a, nil
}

// news reports whether the rule shows that somebody looked for news of the paper: it is about this very paper, and not only our remark that nothing was found.
func (r *Rule) news(paper string) bool {
	return r.Paper == paper && (r.Effect != Silent || r.Confidence != "")
}

// pronounce puts the outcome into the answer.
func (b *Book) pronounce(a *Answer, o outcome) {
	a.Verdict = o.verdict
	if o.rule == nil {
		return
	}
	rule := o.rule.copy()
	a.Rule, a.Confidence, a.Since, a.Until = &rule, rule.Confidence, o.since, o.until
	cite := []*Rule{o.rule}
	if o.verdict == Conflict {
		cite = o.disagree
		for _, r := range o.disagree {
			a.Conflicts = append(a.Conflicts, r.copy())
			if slices.Index(confidences, r.Confidence) > slices.Index(confidences, a.Confidence) {
				a.Confidence = r.Confidence
			}
		}
	}
	a.Sources = b.cited(cite...)
}

// hold leaves the verdict unknown because open rules could turn it.
func hold(a *Answer, o outcome, open []*Rule) {
	var names []string
	for _, r := range open {
		names = append(names, r.ID)
	}
	for id, s := range o.steps {
		if s.Why == Spoke || s.Why == Agreed || s.Why == Disagreed {
			o.steps[id] = Step{Rule: id, Why: HeldBack, Detail: strings.Join(names, ", ")}
		}
	}
	a.Verdict, a.Hangs = Unknown, true
}

// copy is the rule with lists of its own, so that nobody can change the book through an answer.
func (r *Rule) copy() Rule {
	out := *r
	out.Replaces, out.Sources = slices.Clone(r.Replaces), slices.Clone(r.Sources)
	return out
}

// cited are the sources of rules, each once.
func (b *Book) cited(rules ...*Rule) (out []Cited) {
	for _, r := range rules {
		for _, id := range r.Sources {
			if !slices.ContainsFunc(out, func(c Cited) bool { return c.ID == id }) {
				out = append(out, b.sources[id])
			}
		}
	}
	return out
}

// tell fills Also, and marks what another rule that is told replaces.
func (b *Book) tell(a *Answer, heard []hearing) {
	by := map[string]string{}
	for _, h := range heard {
		if h.why == Told {
			for _, id := range h.rule.Replaces {
				by[id] = h.rule.ID
			}
		}
	}
	for i, h := range heard {
		if h.rule.Effect.Decides() || !h.speaks() {
			continue
		}
		if by[h.rule.ID] != "" {
			heard[i].why, heard[i].detail = ReplacedBy, by[h.rule.ID]
			continue
		}
		a.Also = append(a.Also, h.rule.copy())
	}
	slices.SortStableFunc(a.Also, func(x, y Rule) int { return x.when().Compare(y.when()) })
}

// when is the day by which rules that are told are put in order.
func (r *Rule) when() time.Time {
	if !r.On.IsZero() {
		return r.On
	}
	return r.start()
}

func steps(heard []hearing, o outcome) []Step {
	out := make([]Step, len(heard))
	for i, h := range heard {
		out[i] = Step{Rule: h.rule.ID, Why: h.why, Detail: h.detail}
		if s, decided := o.steps[h.rule.ID]; decided {
			out[i] = s
		}
	}
	return out
}
