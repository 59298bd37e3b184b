package rulebook

import (
	"fmt"
	"slices"
	"time"
)

// Lint warns of what Parse lets pass: papers whose newest rule is too old on a day, gaps between rules, rules that no question of the test book asks
// about, and rules that testimony or one press report carries alone.
func (b *Book) Lint(today time.Time, posed []Posed) (out []Problem) {
	warn := func(line int, next, format string, args ...any) {
		out = append(out, Problem{File: "rules.yaml", Line: line, Column: 1, Text: fmt.Sprintf(format, args...), Next: next, Warning: true})
	}
	asked := map[string]bool{}
	for _, p := range posed {
		asked[p.Want.Rule] = true
		for _, id := range p.Want.Also {
			asked[id] = true
		}
	}
	for _, l := range b.Leaves() {
		if old := int(midnight(today).Sub(l.Newest).Hours() / 24); !l.Newest.IsZero() && old > b.stale {
			warn(0, "Look for news and add them; until then answers are stale or unknown.", "the newest rule about `%s` is of %s, %d days ago", l.Paper.ID, date(l.Newest), old)
		}
		for _, g := range l.Gaps {
			r, _ := b.Rule(g.By)
			warn(r.Line, "Find the instrument, or add a rule of effect unknown that says what was looked for.", "no rule says anything about `%s` from %s to %s, between `%s` and `%s`", l.Paper.ID, date(g.From), date(g.To), g.After, g.By)
		}
	}
	for _, r := range b.rules {
		if !asked[r.ID] {
			warn(r.Line, "Add one to questions.yaml whose answer comes from it.", "no question of the test book asks about `%s`", r.ID)
		}
		if r.Effect.Decides() && r.Effect != Silent && (r.Confidence == "testimony" || r.Confidence == "press-single") {
			warn(r.Line, "Look for the instrument itself.", "`%s` makes a verdict and rests on %s alone", r.ID, r.Confidence)
		}
	}
	slices.SortStableFunc(out, func(x, y Problem) int { return x.Line - y.Line })
	return out
}
