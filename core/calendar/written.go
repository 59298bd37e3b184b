package calendar

import (
	"fmt"
	"time"
)

// Name says which calendar a date is written in.
type Name string

// The calendars of the papers that people bring.
const (
	Solar     Name = "solar"     // Solar Hijri: Iran, and Afghanistan until March 2022
	Gregorian Name = "gregorian" // Pakistan, passports
	Lunar     Name = "lunar"     // Hijri qamari: Afghan official letters since March 2022
)

// Names lists the calendars in the order in which a page offers them.
func Names() []Name { return []Name{Solar, Gregorian, Lunar} }

// Known reports whether there is such a calendar.
func (n Name) Known() bool { return n == Solar || n == Gregorian || n == Lunar }

// Written is a day as it is written in one calendar. The zero Written is no day: nothing was printed, or nobody could read it.
type Written struct {
	In      Name
	Y, M, D int
	Day     time.Time // midnight UTC of the day
	Within  int       // by how many days sources may differ about Day: 1 in the lunar calendar, else 0
}

// IsZero reports whether w is no day at all.
func (w Written) IsZero() bool { return w.In == "" }

// String is "1403-12-30", in Latin digits, in w's own calendar; "" for no day.
func (w Written) String() string {
	if w.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", w.Y, w.M, w.D)
}

// Reasons of a DateError; pages have their words for each.
const (
	ReasonMonth  = "month"  // there is no such month
	ReasonDay    = "day"    // that month has no such day
	ReasonYear   = "year"   // two digits only, or the year of another calendar
	ReasonOrder  = "order"  // day and month cannot be told apart
	ReasonShape  = "shape"  // not a date at all
	ReasonBounds = "bounds" // outside of the years that this package knows
)

// Details tell cases of one reason apart. A page that has no words for one uses those of the reason.
const (
	DetailShort    = "short"    // ReasonYear: "03" instead of 1403
	DetailCalendar = "calendar" // ReasonYear, ReasonMonth: of the calendar Try; ReasonShape: an unknown calendar was asked for
	DetailLeap     = "leap"     // ReasonDay: the leap day of a year without one
	DetailWord     = "word"     // ReasonMonth: a word that names no month
)

// A DateError says why a text is no date, what was wrong in it, and what to do next.
type DateError struct {
	Reason string // one of the constants above
	Field  string // what it is about, with Latin digits: "13"; "" for the whole text
	Detail string // tells cases of one reason apart; one of the Detail constants, mostly ""
	Try    Name   // the calendar that the text may be of, when that is the likely slip; else ""
	Text   string // a plain English sentence
	Next   string // what to do next, in English
}

// Error is the sentence and what to do next.
func (e *DateError) Error() string { return e.Text + " " + e.Next }
