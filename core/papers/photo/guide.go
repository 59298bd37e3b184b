package photo

import (
	"cmp"
	"math"
	"slices"
)

// A step is a place that a check digit covers or is.
type step struct {
	place
	field     int  // weight in its field's check digit; 0: in none
	composite int  // weight in the composite check digit; 0: not covered
	closes    bool // the field's check digit
	last      bool // the composite check digit
}

// A path is a choice of symbols up to a step.
type path struct {
	logp float64
	fits bool
	from *path
	symb int
}

// state of the walk: what the field's and the composite's sums leave, modulo 10.
type remainders struct{ field, composite int }

// guide weighs all choices of symbols in the places that check digits cover, and takes the most likely: one where all check digits
// fit, unless the characters were too clear for that. Only candidates that were close take part, so what was seen clearly stays.
// It sets chosen and sure there, and the chance and whether check digits fit; it returns the places.
func (v *verdict) guide(all [][][]guess, chosen [][]byte) map[place]bool {
	steps := v.layout.steps()
	covered := map[place]bool{}
	paths := map[remainders][]*path{{}: {{fits: true}}}
	for _, s := range steps {
		covered[s.place] = true
		paths = advance(paths, s, all[s.line][s.column])
	}
	var ends []*path
	for _, p := range paths {
		ends = append(ends, p...)
	}
	slices.SortStableFunc(ends, byLikelihood)
	best := ends[0]
	var sum float64
	for _, e := range ends {
		sum += math.Exp(e.logp - best.logp)
	}
	right := make([]float64, len(steps))
	for _, e := range ends {
		weight := math.Exp(e.logp-best.logp) / sum
		for i, p, b := len(steps)-1, e, best; i >= 0; i, p, b = i-1, p.from, b.from {
			if p.symb == b.symb {
				right[i] += weight
			}
		}
	}
	for i, b := len(steps)-1, best; i >= 0; i, b = i-1, b.from {
		at := steps[i].place
		chosen[at.line][at.column] = symbols[b.symb]
		rest := left(all[at.line][at.column])
		v.sure[at.line][at.column] = float32(right[i] * rest)
		v.chance *= rest
	}
	v.chance *= 1 / sum
	v.fits = v.fits && best.fits
	return covered
}

// byLikelihood orders paths, equal ones by their symbols, so that the same picture always gives the same answer.
func byLikelihood(a, b *path) int {
	if a.logp != b.logp {
		return cmp.Compare(b.logp, a.logp)
	}
	for a != nil && b != nil {
		if a.symb != b.symb {
			return cmp.Compare(a.symb, b.symb)
		}
		a, b = a.from, b.from
	}
	return 0
}

// advance lengthens every path by one place and keeps the likeliest for each pair of remainders, fitting or not.
func advance(paths map[remainders][]*path, s step, guesses []guess) map[remainders][]*path {
	next := map[remainders][]*path{}
	for at, list := range paths {
		for _, p := range list {
			for _, g := range guesses {
				n := &path{p.logp + g.logp, p.fits, p, g.symbol}
				to := at
				value := worth(g.symbol)
				penalty := 0.0
				switch {
				case s.closes:
					penalty = mismatch(g.symbol, at.field)
					to.field = 0
				case s.field != 0:
					to.field = (at.field + value*s.field) % 10
				}
				if s.composite != 0 {
					to.composite = (to.composite + value*s.composite) % 10
				}
				if s.last {
					penalty = mismatch(g.symbol, at.composite)
					to = remainders{}
				}
				n.logp += penalty
				n.fits = n.fits && penalty > wrongDigit
				next[to] = append(next[to], n)
			}
		}
	}
	for at, list := range next {
		slices.SortStableFunc(list, byLikelihood)
		next[at] = list[:min(len(list), keptPaths)]
	}
	return next
}

// mismatch is 0 for a check digit that fits. A filler stands where nothing is checked (empty optional data) or, on cards, where the
// document number goes on elsewhere: rare.
func mismatch(symbol, remainder int) float64 {
	switch {
	case symbol == filler && remainder == 0:
		return 0
	case symbol == filler:
		return wrongDigit / 2
	case symbol < 10 && symbol == remainder:
		return 0
	}
	return wrongDigit
}

// worth is a symbol's value in check digits: Doc 9303-3, 4.9.
func worth(symbol int) int {
	if symbol == filler {
		return 0
	}
	return symbol
}

// steps lists the covered places line by line, each field's check digit behind it.
func (l layout) steps() []step {
	weights := [3]int{7, 3, 1}
	at := map[place]*step{}
	get := func(p place) *step {
		if at[p] == nil {
			at[p] = &step{place: p}
		}
		return at[p]
	}
	for _, f := range l.checked {
		for c := f.from; c < f.to; c++ {
			get(place{f.line, c}).field = weights[(c-f.from)%3]
		}
		get(place{f.line, f.to}).closes = true
	}
	n := 0
	for _, f := range l.composite {
		for c := f.from; c < f.to; c++ {
			get(place{f.line, c}).composite = weights[n%3]
			n++
		}
	}
	if l.composite != nil {
		get(l.digit).last = true
	}
	var out []step
	for _, s := range at {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	return out
}
