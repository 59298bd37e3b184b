package workday

import (
	"errors"
	"fmt"
	"time"

	"panah/core/calendar"
)

// maxCount bounds a count: a law's longest term in working days is far below.
const maxCount = 1000

// ErrCount says that a count is too long, or leaves the years that core/calendar knows.
var ErrCount = errors.New("that many working days cannot be counted")

// Result is the last day of a count, and how sure it is.
type Result struct {
	Day    time.Time // midnight UTC; the earliest that any reading of the table gives, so that nobody is late
	Late   time.Time // the latest; equal to Day when Sure
	Sure   bool      // every reading gives the same day, and the table covers all of the count
	Beyond bool      // the count leaves the days that the table was read for
	Met    []Met     // days off that were met between, in the order of time, weekly ones without doubt left out
	Notes  []string  // English sentences for a person: what is uncertain and why
}

// Met is a day off that a count met.
type Met struct {
	Day  time.Time // of the table; a lunar one may be a day off
	ID   string    // of the holiday; "" for a weekly day
	Name string    // English
	Sure bool      // certainly off on that very day
	Note string    // why not
}

// a state of a day: whether it is off in every reading, or in one at least.
type state struct {
	always, perhaps bool
	met             []Met
}

// of tells what the table says about a day (midnight UTC). Outside of the table's years only whole weekly days off are certain.
func (c Country) of(d time.Time) state {
	var s state
	if w, ok := c.week[d.Weekday()]; ok {
		s.perhaps, s.always = true, w.Off == Whole
		if w.Off != Whole {
			s.met = append(s.met, Met{Day: d, Name: d.Weekday().String(), Note: w.note()})
		}
	}
	covered := !d.Before(c.From) && !d.After(c.To)
	for _, h := range c.holidays {
		always, perhaps := h.on(d)
		always = always && covered && h.Off == Whole
		s.always, s.perhaps = s.always || always, s.perhaps || perhaps
		if perhaps {
			s.met = append(s.met, Met{Day: d, ID: h.ID, Name: h.Names["en"], Sure: always, Note: h.doubt(covered)})
		}
	}
	return s
}

func (w weekday) note() string {
	if w.Note != "" {
		return w.Note
	}
	return string(w.Off)
}

func (h Holiday) doubt(covered bool) string {
	switch {
	case !covered:
		return "the table does not cover that day"
	case h.Off != Whole && h.Note != "":
		return h.Note
	case h.Off != Whole:
		return string(h.Off)
	case h.Calendar == calendar.Lunar:
		return "± a day: the moon has to be seen"
	}
	return ""
}

// on reports whether a day is the holiday in every reading, or in one: a lunar day may come up to calendar.LunarWithin days earlier or later.
func (h Holiday) on(d time.Time) (always, perhaps bool) {
	within := 0
	if h.Calendar == calendar.Lunar {
		within = calendar.LunarWithin
	}
	always = true
	for shift := -within; shift <= within; shift++ {
		hit := h.tabled(d.AddDate(0, 0, -shift))
		always, perhaps = always && hit, perhaps || hit
	}
	return always, perhaps
}

// tabled reports whether the table itself puts the holiday on a day.
func (h Holiday) tabled(d time.Time) bool {
	for back := range h.Days {
		first := d.AddDate(0, 0, -back)
		w, err := calendar.In(first, h.Calendar)
		if err != nil || first.Before(h.Since) {
			continue
		}
		if w.M == h.Month && (w.D == h.Day || h.Day == 0 && h.lastOf(first)) {
			return true
		}
	}
	return false
}

// lastOf reports whether a day is the last of its month.
func (h Holiday) lastOf(d time.Time) bool {
	next, err := calendar.In(d.AddDate(0, 0, 1), h.Calendar)
	return err == nil && next.D == 1
}

// Add is the day n working days after day, or before it when n is negative; day itself does not count, and its time of day and zone are dropped. Going on, the earliest day
// passes by only what is certainly off; going back, it leaves out all that may be. The error is ErrCount.
func (c Country) Add(day time.Time, n int) (Result, error) {
	if n > maxCount || n < -maxCount {
		return Result{}, fmt.Errorf("%w: %d", ErrCount, n)
	}
	y, m, d := day.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	r := Result{Day: at, Late: at}
	shortest, longest := 0, 0 // working days so far when all that may be worked is worked, and when not
	for t := at; shortest < n || longest < n; {
		t = t.AddDate(0, 0, step)
		if _, err := calendar.In(t, calendar.Solar); err != nil {
			return Result{}, fmt.Errorf("%w: %d from %s", ErrCount, n, at.Format(time.DateOnly))
		}
		s := c.of(t)
		r.Beyond = r.Beyond || t.Before(c.From) || t.After(c.To)
		r.Met = append(r.Met, s.met...)
		if !s.always && shortest < n {
			if shortest++; shortest == n {
				r.Day = t
			}
		}
		if !s.perhaps && longest < n {
			if longest++; longest == n {
				r.Late = t
			}
		}
	}
	if step < 0 {
		r.Day, r.Late = r.Late, r.Day
	}
	r.Sure = r.Day.Equal(r.Late) && !r.Beyond
	r.Notes = c.notes(r)
	return r, nil
}

// notes say what is uncertain, shortly.
func (c Country) notes(r Result) (notes []string) {
	if r.Beyond {
		notes = append(notes, fmt.Sprintf(
			"The table of %s covers %s to %s only: holidays outside of it are a guess.", c.Names["en"], c.From.Format(time.DateOnly), c.To.Format(time.DateOnly)))
	}
	if !r.Day.Equal(r.Late) {
		notes = append(notes, fmt.Sprintf("Between %s and %s; the earlier day is the safe one.", r.Day.Format(time.DateOnly), r.Late.Format(time.DateOnly)))
		told := map[string]bool{}
		for _, m := range r.Met {
			if note := m.Name + ": " + m.Note + "."; !m.Sure && m.Note != "" && !told[note] {
				told[note] = true
				notes = append(notes, note)
			}
		}
	}
	return notes
}
