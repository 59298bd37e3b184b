package rulebook

import (
	"slices"
	"strings"
	"time"
)

// An outcome is what rules that speak say together.
type outcome struct {
	verdict  Verdict
	rule     *Rule
	since    time.Time // of the verdict, as Answer has them; zero in a conflict
	until    time.Time
	disagree []*Rule // in a conflict all of them, rule too
	steps    map[string]Step
}

// sides of a verdict: what an effect says about the paper.
func side(e Effect) Verdict {
	switch e {
	case Validates, Extends:
		return InForce
	case Ends:
		return Ended
	case Revokes:
		return Revoked
	}
	return Unknown
}

// decide makes a verdict of the rules that speak. What is replaced falls away; then testimony and "nothing is known" give way to the others; what
// is left must be of one side, else sources disagree. Nothing depends on the order of speaking.
func decide(speaking []*Rule, printed PrintedDate) outcome {
	o := outcome{verdict: Unknown, steps: map[string]Step{}}
	left := o.withoutReplaced(speaking)
	left = o.giveWay(left)
	if len(left) == 0 {
		return o
	}
	first := left[0]
	for _, r := range left {
		o.steps[r.ID] = Step{Rule: r.ID, Why: Agreed, Detail: first.ID}
		if r.Conflict || side(r.Effect) != side(first.Effect) {
			o.verdict = Conflict
		}
	}
	if o.verdict == Conflict {
		o.disagree, o.rule = left, first
		for _, r := range left {
			o.steps[r.ID] = Step{Rule: r.ID, Why: Disagreed}
		}
		return o
	}
	o.rule, o.verdict, o.since = first, side(first.Effect), first.start()
	if o.verdict == InForce || o.verdict == Unknown {
		o.until = first.To
	}
	o.steps[first.ID] = Step{Rule: first.ID, Why: Spoke}
	if o.verdict == InForce && (printed == PrintedPassed || printed == PrintedUnread && first.Effect == Extends) {
		o.verdict = Extended
	}
	return o
}

func (o *outcome) withoutReplaced(speaking []*Rule) []*Rule {
	by := map[string]string{}
	for _, r := range speaking {
		for _, id := range r.Replaces {
			if by[id] == "" || r.ID < by[id] {
				by[id] = r.ID
			}
		}
	}
	var left []*Rule
	for _, r := range speaking {
		if by[r.ID] != "" {
			o.steps[r.ID] = Step{Rule: r.ID, Why: ReplacedBy, Detail: by[r.ID]}
			continue
		}
		left = append(left, r)
	}
	return left
}

// giveWay keeps the rules of the best standing, the leading one first: announced last, and of those the one that promises least.
func (o *outcome) giveWay(rules []*Rule) []*Rule {
	standing := func(r *Rule) int {
		switch {
		case r.Effect == Silent:
			return 0
		case r.Confidence == "testimony":
			return 1
		}
		return 2
	}
	best := 0
	for _, r := range rules {
		best = max(best, standing(r))
	}
	left := slices.DeleteFunc(slices.Clone(rules), func(r *Rule) bool { return standing(r) < best })
	slices.SortFunc(left, leads)
	for _, r := range rules {
		if standing(r) < best {
			o.steps[r.ID] = Step{Rule: r.ID, Why: GaveWay, Detail: left[0].ID}
		}
	}
	return left
}

func leads(x, y *Rule) int {
	if c := y.KnownOn.Compare(x.KnownOn); c != 0 {
		return c
	}
	if x.To.IsZero() != y.To.IsZero() { // an end that is known promises less than none
		if y.To.IsZero() {
			return -1
		}
		return 1
	}
	if c := x.To.Compare(y.To); c != 0 {
		return c
	}
	return strings.Compare(x.ID, y.ID)
}

// maxOpen is how many rules may hang on what is not known before the answer is unknown without looking at every way it could go.
const maxOpen = 8

// settled reports whether the verdict stays on one side however the open rules turn out: the same for every answer to what is not known. The days of the
// outcome become those that hold in every case: the earliest end, the latest beginning of an end.
func settled(o *outcome, speaking, open []*Rule, printed PrintedDate) bool {
	if len(open) > maxOpen {
		return false
	}
	for some := 1; some < 1<<len(open); some++ {
		with := slices.Clone(speaking)
		for i, r := range open {
			if some>>i&1 == 1 {
				with = append(with, r)
			}
		}
		other := decide(with, printed)
		if sameSide(other.verdict) != sameSide(o.verdict) {
			return false
		}
		if other.since.After(o.since) {
			o.since = other.since
		}
		if o.until.IsZero() || !other.until.IsZero() && other.until.Before(o.until) {
			o.until = other.until
		}
	}
	return true
}

// sameSide takes extended and in force for one: they differ by the printed date only.
func sameSide(v Verdict) Verdict {
	if v == Extended {
		return InForce
	}
	return v
}
