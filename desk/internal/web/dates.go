package web

import (
	"html/template"
	"time"
)

// A due is what has to be done by when.
type due struct {
	What string // a task of the rules, in English, or a caseworker's words; empty: the answer to the person
	At   time.Time
}

// Both writes a moment of this laptop's clock in both calendars, in the reader's digits: "2026-11-24 14:30 · 1405-09-03".
func (w *words) Both(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.Num(t.Local().Format("2006-01-02 15:04"))
}

// BothDay is Both without the time of day.
func (w *words) BothDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.Num(t.Local().Format("2006-01-02"))
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
