package rulebook

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
)

// refers checks what a rule names: its country, paper and sources.
func (p *parser) refers(r *reader, k fields, rule Rule) {
	if rule.Country != "" && !countryForm.MatchString(rule.Country) {
		r.fail(k.node("country"), "Write two capital letters: IR, PK, AF.", "%.20q is no country code", rule.Country)
	}
	if rule.Paper != Any && rule.Paper != None {
		paper, ok := p.book.Paper(rule.Paper)
		switch {
		case !ok:
			known := []string{Any, None}
			for _, q := range p.book.papers {
				known = append(known, q.ID)
			}
			next := meant(rule.Paper, known)
			if next == "" {
				next = "Kinds of paper are in papers.yaml: add it there first."
			}
			r.fail(k.node("paper"), next, "there is no paper `%s`", rule.Paper)
		case !paper.meets(rule.Country):
			r.fail(k.node("country"), "Add the country to its `used_in` in papers.yaml, or correct it here.", "`%s` is not used in %s", rule.Paper, rule.Country)
		}
	}
	p.rests(r, k, rule)
}

// rests checks what a rule rests on: its sources, and how good they are.
func (p *parser) rests(r *reader, k fields, rule Rule) {
	for _, s := range rule.Sources {
		if r.full() {
			return
		}
		if _, ok := p.book.sources[s]; !ok {
			var known []string
			for id := range p.book.sources {
				known = append(known, id)
			}
			slices.Sort(known)
			next := meant(s, known)
			if next == "" {
				next = "Add it to sources.yaml first: title, url, kind, seen."
			}
			r.fail(k.node("sources"), next, "there is no source `%s`", s)
		}
	}
	const begin = "Name at least one id of sources.yaml."
	switch {
	case len(rule.Sources) > 0 || k.has("sources") && rule.Effect != Silent:
		if len(rule.Sources) == 0 {
			r.fail(k.node("sources"), begin, "`%s` names no source", rule.ID)
		}
	case rule.Effect == Silent:
		r.warn(k.at, begin, "`%s` names no source", rule.ID)
	default:
		r.fail(k.at, begin, "`%s` names no source", rule.ID)
	}
	if rule.Confidence == "" && rule.Effect != Silent {
		r.fail(k.at, "Write one of: "+strings.Join(confidences, ", ")+".", "`%s` does not say how good its sources are (`confidence`)", rule.ID)
	}
}

// days checks the days of a rule against each other.
func (p *parser) days(r *reader, k fields, rule Rule) {
	date := func(d time.Time) string { return d.Format(time.DateOnly) }
	switch {
	case !rule.From.IsZero() && !rule.To.IsZero() && rule.To.Before(rule.From):
		r.fail(k.node("to"), "Look at both days again.", "`%s` ends on %s, before it begins on %s", rule.ID, date(rule.To), date(rule.From))
	case rule.KnownOn.IsZero():
		r.fail(k.at, "Add known_on (when it was announced), from or on.", "`%s` does not say since when anybody could know it", rule.ID)
	case !rule.To.IsZero() && rule.KnownOn.After(rule.To) && !rule.Retroactive:
		r.fail(k.node("known_on"), "If it covers the days before, write retroactive: true.", "`%s` was over on %s, before it was known on %s: it could never speak", rule.ID, date(rule.To), date(rule.KnownOn))
	case rule.Retroactive && (!rule.KnownGiven || rule.From.IsZero()):
		r.fail(k.node("retroactive"), "Add from and known_on.", "`%s` is retroactive, but does not say from when, or when it became known", rule.ID)
	case rule.Retroactive && !rule.KnownOn.After(rule.From):
		r.fail(k.node("retroactive"), "Take `retroactive` away, or correct from and known_on.", "`%s` contradicts itself: it is retroactive, and was known on %s, before it held", rule.ID, date(rule.KnownOn))
	case !rule.Retroactive && rule.Effect.Decides() && rule.KnownGiven && rule.From.Before(rule.KnownOn) && !rule.From.IsZero():
		r.warn(k.node("from"), "If it covers them, write retroactive: true; if not, let it begin when it was announced.", "`%s` holds from %s and was known only on %s: it says nothing about the days between", rule.ID, date(rule.From), date(rule.KnownOn))
	}
	if k.has("months") && (k.has("to") || rule.From.IsZero() || rule.Months == 0 || rule.Months > 1200) {
		r.fail(k.node("months"), "Keep from and months, or from and to.", "`%s` counts months, which needs from, no to, and a number up to 1200", rule.ID)
	}
}

// dated are the effects of a day and not of a time.
func (e Effect) dated() bool { return e == Deadline || e == RoundOpens || e == ServicesEnd }

// speaks checks that a rule of its effect says what such a rule must say, so that it cannot make a verdict that it has no ground for.
func (p *parser) speaks(r *reader, k fields, rule Rule) {
	switch e := rule.Effect; {
	case e.dated() && rule.On.IsZero():
		r.fail(k.at, "Add on: the day.", "`%s` is a %s without its day", rule.ID, e)
	case !e.dated() && !rule.On.IsZero():
		r.fail(k.node("on"), "Write from (and to).", "`%s` is no deadline, opening or end of services: only these have `on`", rule.ID)
	case (e == Ends || e == Revokes) && rule.From.IsZero():
		r.fail(k.at, "Add from: since when. If nobody knows, write effect: unknown and say so in the note.", "`%s` says that a paper no longer counts, but not since when", rule.ID)
	case (e == Ends || e == Revokes) && rule.Confidence == "testimony":
		r.fail(k.node("confidence"), "Find a source that names the instrument; until then write effect: unknown and tell it in the note.", "`%s` lets a paper end by hearsay", rule.ID)
	case e == Extends && rule.To.IsZero():
		r.fail(k.at, "Add to (or months).", "`%s` extends, but does not say until when", rule.ID)
	case e == Validates && rule.To.IsZero():
		r.warn(k.at, "If it has an end, add to.", "`%s` holds without an end", rule.ID)
	}
	if rule.Effect.Decides() && (rule.Paper == None || rule.Paper == Any) {
		r.fail(k.node("paper"), "Write one rule for each kind of paper: a verdict must not come from a rule that nobody wrote about this paper.", "`%s` makes a verdict about `%s`", rule.ID, rule.Paper)
	}
	if rule.Effect == Silent && (rule.Conflict || len(rule.Replaces) > 0) {
		r.fail(k.at, "Take `conflict` and `replaces` away.", "`%s` contradicts itself: it says that nothing is known, and disagrees", rule.ID)
	}
}

// written checks that days as an instrument writes them are the days of the rule.
func (p *parser) written(r *reader, k fields, rule Rule) {
	for _, w := range []struct {
		key, text, of string
		day           time.Time
	}{
		{"from_as_written", rule.FromWritten, "from", rule.From}, {"to_as_written", rule.ToWritten, "to", rule.To}, {"as_written", rule.AsWritten, "on", rule.On},
	} {
		if w.text == "" {
			continue
		}
		if w.day.IsZero() {
			r.fail(k.node(w.key), "Add "+w.of+".", "`%s` is there without `%s`", w.key, w.of)
			continue
		}
		if said := misread(w.text, w.day); said != "" {
			r.fail(k.node(w.key), fmt.Sprintf("Correct `%s` or `%s`.", w.of, w.key), "%s", said)
		}
	}
}

// misread says what is wrong between a day as it is written and the Gregorian day that it should be; "" when they agree.
func misread(written string, want time.Time) string {
	var read []string
	var wrong error
	for _, in := range calendar.Names() {
		got, err := readWritten(written, in)
		if err != nil {
			if wrong == nil {
				wrong = err
			}
			continue
		}
		apart := int(got.Day.Sub(want).Hours() / 24)
		if apart >= -got.Within && apart <= got.Within {
			return ""
		}
		read = append(read, fmt.Sprintf("%s (%s)", got.Day.Format(time.DateOnly), in))
	}
	if len(read) > 0 {
		return fmt.Sprintf("%q is %s, not %s.", written, strings.Join(read, " or "), want.Format(time.DateOnly))
	}
	var why *calendar.DateError
	if errors.As(wrong, &why) {
		return fmt.Sprintf("%q is no day of any calendar: %s", written, why.Text)
	}
	return fmt.Sprintf("%q is no day of any calendar", written)
}

const endOf = "end of "

// readWritten reads a date as written, and "end of Esfand 1403".
func readWritten(s string, in calendar.Name) (w calendar.Written, err error) {
	month, whole := strings.CutPrefix(s, endOf)
	if !whole {
		return calendar.ParseWritten(s, in)
	}
	for last := 31; last >= 29; last-- {
		if w, err = calendar.ParseWritten(fmt.Sprintf("%d %s", last, month), in); err == nil {
			return w, nil
		}
	}
	return calendar.ParseWritten("28 "+month, in)
}

// agree checks how rules replace one another.
func (p *parser) agree(r *reader) {
	byID := map[string]Rule{}
	var known []string
	for _, rule := range p.book.rules {
		byID[rule.ID] = rule
		known = append(known, rule.ID)
	}
	each := circles(byID)
	for _, rule := range p.book.rules {
		at := p.at[rule.ID].node("replaces")
		for _, id := range rule.Replaces {
			if r.full() {
				return
			}
			old, ok := byID[id]
			switch {
			case !ok:
				next := meant(id, known)
				if next == "" {
					next = "Write the id of a rule."
				}
				r.fail(at, next, "`%s` replaces `%s`, which is not there", rule.ID, id)
			case id == rule.ID:
				r.fail(at, "Take it out.", "`%s` replaces itself", id)
			case old.Paper != rule.Paper:
				r.fail(at, "A rule gives way to one about the same paper only.", "`%s` replaces `%s`, which is about `%s`", rule.ID, id, old.Paper)
			case old.Effect.Decides() != rule.Effect.Decides():
				r.fail(at, "A rule that makes a verdict gives way only to one that makes one.", "`%s` (%s) cannot replace `%s` (%s)", rule.ID, rule.Effect, id, old.Effect)
			case each[rule.ID] && each[id]:
				r.fail(at, "Decide which one gives way, and take the other `replaces` out.", "`%s` and `%s` replace each other", rule.ID, id)
			}
		}
	}
}

// circles are the rules that replace each other, directly or by way of others: what is left when rules that replace nothing, or that nothing replaces, are
// taken away again and again.
func circles(byID map[string]Rule) map[string]bool {
	left, by := map[string]bool{}, map[string][]string{}
	for id, rule := range byID {
		left[id] = true
		for _, old := range rule.Replaces {
			by[old] = append(by[old], id)
		}
	}
	for _, next := range []func(string) []string{func(id string) []string { return byID[id].Replaces }, func(id string) []string { return by[id] }} {
		peel(left, next)
	}
	return left
}

// peel takes away the rules that lead nowhere, and then those that lead to these only.
func peel(left map[string]bool, next func(string) []string) {
	leads, back, ends := map[string]int{}, map[string][]string{}, []string{}
	for id := range left {
		for _, to := range next(id) {
			if left[to] {
				leads[id]++
				back[to] = append(back[to], id)
			}
		}
		if leads[id] == 0 {
			ends = append(ends, id)
		}
	}
	for len(ends) > 0 {
		id := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		delete(left, id)
		for _, from := range back[id] {
			if leads[from]--; leads[from] == 0 {
				ends = append(ends, from)
			}
		}
	}
}
