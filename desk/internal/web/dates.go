package web

import (
	"html/template"
	"time"

	"panah/core/calendar"
	"panah/core/l10n"
)

// A due is what has to be done by when.
type due struct {
	What string // a task of the rules, in English, or a caseworker's words; empty: the answer to the person
	At   time.Time
}

// Both writes a moment of this laptop's clock in both calendars, in the reader's digits: "2026-11-24 · 1405-09-03, 14:30". The one that the language's readers live by comes first.
func (w *words) Both(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	comma := ", "
	if w.lang.Dir == l10n.RightToLeft {
		comma = "، "
	}
	return w.BothDay(t) + comma + w.Num(t.Local().Format("15:04"))
}

// BothDay is Both without the time of day.
func (w *words) BothDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	gregorian := t.Local().Format(time.DateOnly)
	solar, err := calendar.FromGregorian(t.Local())
	switch {
	case err != nil: // centuries away: the one calendar that everybody has
		return w.Num(gregorian)
	case w.lang.Code == l10n.English || w.lang.Code == "ur":
		return w.Num(gregorian + " · " + solar.String())
	}
	return w.Num(solar.String() + " · " + gregorian)
}

// Until says how long it is until a deadline, or how long ago it was: "in 12 min", "3 h late".
func (w *words) Until(t time.Time) (template.HTML, error) {
	d := t.Sub(w.now)
	late := d < 0
	if late {
		d = -d
	}
	n, unit := int(d/(24*time.Hour)), "days"
	switch {
	case d < 90*time.Minute:
		n, unit = int((d+30*time.Second)/time.Minute), "minutes"
	case d < 48*time.Hour:
		n, unit = int((d+30*time.Minute)/time.Hour), "hours"
	}
	if late {
		return w.T("cases.late_"+unit, "n", n)
	}
	return w.T("cases.in_"+unit, "n", n)
}

// Past reports whether a moment has been.
func (w *words) Past(t time.Time) bool { return !t.IsZero() && t.Before(w.now) }
