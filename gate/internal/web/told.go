package web

import (
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/rulebook"
)

// told is an answer of the rulebook in the reader's words. The script makes the same of the table (web/gate/src/told.ts); the browser tests compare the two.
type told struct {
	Today    string
	Lines    []line // the verdict, and how the printed date stands
	Rule     *toldRule
	Sources  []toldSource
	Trust    string     // id: how good the sources are
	Disputed []toldRule // rules that disagree
	Also     []toldRule
	Next     []string // ids of what to do
	Book     string   // version
	Read     string   // when its sources were read
}

// line is one sentence: the id of a text, and the value of its one place.
type line struct {
	ID, Place, Value string
	Verdict          bool
}

// toldRule is a rule as far as pages show it.
type toldRule struct {
	Heading string   // id
	Days    line     // its place may be all there is: no ID
	Texts   []string // in English
}

// toldSource is a source, its address as text: nobody is sent there by a tap.
type toldSource struct{ Title, URL string }

// effects are the titles of rules that are told beside a verdict.
var effects = map[rulebook.Effect]string{
	rulebook.Deadline: "check_e_deadline", rulebook.Consequence: "check_e_consequence", rulebook.Enforcement: "check_e_enforcement",
	rulebook.CourtProtection: "check_e_court", rulebook.MayRegularise: "check_e_regularise", rulebook.RoundOpen: "check_e_round",
	rulebook.RoundOpens: "check_e_round", rulebook.Replace: "check_e_replace", rulebook.ServicesEnd: "check_e_services",
	rulebook.LeaveArea: "check_e_leave", rulebook.CalendarChange: "check_e_calendar",
}

// trusts say how good a rule's sources are.
var trusts = map[string]string{
	"official": "check_official", "press-quoting": "check_quoting", "press-single": "check_single", "testimony": "check_testimony",
}

// verdicts are the sentences: with a day, and without.
var verdicts = map[rulebook.Verdict][2]string{
	rulebook.InForce: {"check_in_force_until", "check_in_force"}, rulebook.Extended: {"check_extended_until", "check_extended"},
	rulebook.Ended: {"check_ended_since", "check_ended"}, rulebook.Revoked: {"check_revoked_since", "check_revoked"},
	rulebook.Conflict: {"check_conflict", "check_conflict"}, rulebook.Unknown: {"check_unknown", "check_unknown"},
}

// tell puts an answer about today into words.
func (v *view) tell(a rulebook.Answer, printed calendar.Written, today time.Time, b *rulebook.Book) *told {
	t := &told{Today: v.day(today), Book: b.Version(), Read: v.day(b.ReadOn())}
	if a.Verdict == rulebook.Stale {
		t.Lines = append(t.Lines, line{"check_stale", "newest", v.day(a.Newest), true}, line{ID: "check_would"}, v.verdict(a.Would, a))
	} else {
		first := v.verdict(a.Verdict, a)
		first.Verdict = true
		t.Lines = append(t.Lines, first)
	}
	if !printed.IsZero() {
		id := map[rulebook.PrintedDate]string{rulebook.PrintedPassed: "check_passed", rulebook.PrintedRunning: "check_running", rulebook.PrintedUnread: "check_untold"}[a.Printed]
		t.Lines = append(t.Lines, line{id, "date", v.written(printed), false})
	}
	if a.Rule != nil && len(a.Conflicts) == 0 {
		t.Rule = v.rule(*a.Rule, "")
	}
	for _, s := range a.Sources {
		t.Sources = append(t.Sources, toldSource{s.Title, s.URL})
	}
	t.Trust = trusts[a.Confidence]
	for _, r := range a.Conflicts {
		t.Disputed = append(t.Disputed, *v.rule(r, "check_e_rule"))
	}
	for _, r := range a.Also {
		t.Also = append(t.Also, *v.rule(r, effects[r.Effect]))
	}
	t.next(a)
	return t
}

// verdict is the sentence of a verdict.
func (v *view) verdict(verdict rulebook.Verdict, a rulebook.Answer) line {
	ids := verdicts[verdict]
	place, day := "until", a.Until
	switch verdict {
	case rulebook.Ended, rulebook.Revoked:
		place, day = "since", a.Since
	case rulebook.Conflict, rulebook.Unknown, rulebook.Stale:
		day = time.Time{}
	case rulebook.InForce, rulebook.Extended:
	}
	if day.IsZero() {
		return line{ID: ids[1]}
	}
	return line{ID: ids[0], Place: place, Value: v.day(day)}
}

// rule is what pages show of a rule: its days, and its own words, which are English.
func (v *view) rule(r rulebook.Rule, heading string) *toldRule {
	t := &toldRule{Heading: heading}
	switch {
	case !r.On.IsZero():
		t.Days = line{Value: v.day(r.On)}
	case !r.From.IsZero() && !r.To.IsZero():
		t.Days = line{Value: v.day(r.From) + " – " + v.day(r.To)}
	case !r.From.IsZero():
		t.Days = line{ID: "check_from", Place: "date", Value: v.day(r.From)}
	case !r.To.IsZero():
		t.Days = line{ID: "check_to", Place: "date", Value: v.day(r.To)}
	}
	for _, text := range []string{r.Who, r.What, r.Note} {
		if text != "" {
			t.Texts = append(t.Texts, text)
		}
	}
	return t
}

// shownRule is a rule with the words of the page.
type shownRule struct {
	*view
	toldRule
}

// Shown gives a template the words too.
func (v *view) Shown(r toldRule) shownRule { return shownRule{v, r} }

// next lists what to do: what this page could answer better is asked first.
func (t *told) next(a rulebook.Answer) {
	more := false
	for _, ask := range a.Ask {
		switch ask.ID {
		case rulebook.AskRound:
			t.Next = append(t.Next, "check_ask_round")
		case rulebook.AskPrinted:
			t.Next = append(t.Next, "check_ask_printed")
		case rulebook.AskNews:
		default:
			more = true
		}
	}
	if more {
		t.Next = append(t.Next, "check_ask_more")
	}
	t.Next = append(t.Next, "check_keep")
}

// written is a printed date as it is written, and as the day that it means.
func (v *view) written(w calendar.Written) string {
	own := w.Words(v.Lang.Code)
	gregorian, solar := calendar.Both(w.Day, v.Lang.Code)
	others := slices.DeleteFunc([]string{solar, gregorian}, func(other string) bool { return other == "" || other == own })
	return own + " (" + strings.Join(others, "; ") + ")"
}
