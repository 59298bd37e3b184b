package rulebook

import (
	"slices"
	"time"
)

// A Leaf is the part of the book about one paper, as a page shows it: nothing in it needs to be computed any more.
type Leaf struct {
	Paper  Paper
	Rules  []Entry // in the order of days; rules about every paper of a country follow
	Newest time.Time
	Gaps   []Gap
}

// An Entry is one rule with its sources and what replaces it.
type Entry struct {
	Rule
	Start      time.Time // the first day that it speaks about
	Cited      []Cited
	ReplacedBy []string
	General    bool // about every paper of its country
}

// A Gap is a stretch of days between rules that make verdicts, about which no rule says anything. Both days lie inside.
type Gap struct {
	Round     int // 0: of rules for every round
	From, To  time.Time
	After, By string // the rules before and behind it
}

// Leaves is the whole book, a leaf for each paper in the order of the file, and last one for None.
func (b *Book) Leaves() []Leaf {
	var out []Leaf
	for _, p := range append(b.Papers(), b.nothing()) {
		l := Leaf{Paper: p, Gaps: b.gaps(p.ID)}
		for i := range b.rules {
			r := &b.rules[i]
			general := r.Paper == Any && p.ID != None && p.meets(r.Country)
			if r.Paper != p.ID && !general {
				continue
			}
			if r.news(p.ID) && r.KnownOn.After(l.Newest) {
				l.Newest = r.KnownOn
			}
			e := Entry{Rule: r.copy(), Start: r.start(), Cited: b.cited(r), General: general}
			for _, other := range b.rules {
				if slices.Contains(other.Replaces, r.ID) {
					e.ReplacedBy = append(e.ReplacedBy, other.ID)
				}
			}
			l.Rules = append(l.Rules, e)
		}
		slices.SortStableFunc(l.Rules, func(x, y Entry) int {
			if x.General != y.General {
				return map[bool]int{true: 1, false: -1}[x.General]
			}
			return x.when().Compare(y.when())
		})
		out = append(out, l)
	}
	return out
}

// gaps finds the stretches between rules that make verdicts.
func (b *Book) gaps(paper string) (out []Gap) {
	rounds := map[int][]*Rule{}
	for i := range b.rules {
		if r := &b.rules[i]; r.Paper == paper && r.Effect.Decides() {
			rounds[r.Round] = append(rounds[r.Round], r)
		}
	}
	for n, rules := range rounds {
		slices.SortFunc(rules, func(x, y *Rule) int { return x.start().Compare(y.start()) })
		last := rules[0]
		for _, r := range rules[1:] {
			if last.To.IsZero() {
				break // it holds on
			}
			if next := last.To.AddDate(0, 0, 1); r.start().After(next) {
				out = append(out, Gap{Round: n, From: next, To: r.start().AddDate(0, 0, -1), After: last.ID, By: r.ID})
			}
			if r.To.IsZero() || r.To.After(last.To) {
				last = r
			}
		}
	}
	slices.SortFunc(out, func(x, y Gap) int { return x.From.Compare(y.From) })
	return out
}
