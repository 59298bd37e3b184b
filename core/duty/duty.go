// Package duty counts the time in which somebody is there to answer: spans of duty, and when a clock that runs only in them ends.
//
// It knows no names and no clock of its own. A roster that ends, or was never made, stops no clock: beyond what is planned nobody can say that somebody will be there,
// and a letter that waits for ever unseen is worse than a bell at night.
package duty

import (
	"slices"
	"time"
)

// A Span is a time in which somebody is on duty: From is in it, To is not.
type Span struct{ From, To time.Time }

// A Roster is spans in order, none empty, none touching the next: how many people share one, and where they hand over, does not show. The zero Roster is none.
type Roster []Span

// Of makes a roster of spans in any order; those that end before they begin are left out.
func Of(spans []Span) Roster {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return a.From.Compare(b.From) })
	var r Roster
	for _, s := range sorted {
		switch last := len(r) - 1; {
		case !s.To.After(s.From):
		case last >= 0 && !s.From.After(r[last].To):
			if s.To.After(r[last].To) {
				r[last].To = s.To
			}
		default:
			r = append(r, s)
		}
	}
	return r
}

// Within is the part of a roster between two times.
func (r Roster) Within(from, to time.Time) Roster {
	var cut Roster
	for _, s := range r {
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if s.To.After(s.From) {
			cut = append(cut, s)
		}
	}
	return cut
}

// At says whether somebody is on duty at t, and until when that stays so: the end of the span, or the beginning of the next. known is false when nothing is planned at or
// after t: then nobody can say.
func (r Roster) At(t time.Time) (on bool, until time.Time, known bool) {
	for _, s := range r {
		switch {
		case t.Before(s.From):
			return false, s.From, true
		case t.Before(s.To):
			return true, s.To, true
		}
	}
	return false, time.Time{}, false
}

// ReplyBy is when a clock that began at received has run for d: it runs in the spans of the roster, and all the time after its last one.
func (r Roster) ReplyBy(received time.Time, d time.Duration) time.Time {
	at := received
	for _, s := range r {
		if !s.To.After(at) {
			continue
		}
		if s.From.After(at) {
			at = s.From
		}
		left := s.To.Sub(at)
		if d <= left {
			return at.Add(d)
		}
		d -= left
		at = s.To
	}
	return at.Add(d)
}
