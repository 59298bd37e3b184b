package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// The Gregorian years that this package writes and reads; papers and births lie well within.
const (
	FirstGregorianYear = 1821
	LastGregorianYear  = 2222
)

// In is a day, in its own time zone, as a calendar has it. The error is a *DateError: out of bounds.
func In(day time.Time, in Name) (Written, error) {
	n := dayNumber(day)
	y, month, d := day.Date()
	m := int(month)
	switch in {
	case Solar:
		s, err := FromGregorian(day)
		if err != nil {
			return Written{}, bounds(in, y)
		}
		return Written{In: in, Y: s.Y, M: s.M, D: s.D, Day: midnight(n)}, nil
	case Lunar:
		y, m, d, ok := lunarDate(n)
		if !ok {
			return Written{}, bounds(in, day.Year())
		}
		return Written{In: in, Y: y, M: m, D: d, Day: midnight(n), Within: LunarWithin}, nil
	case Gregorian:
		if y < FirstGregorianYear || y > LastGregorianYear {
			return Written{}, bounds(in, y)
		}
		return Written{In: in, Y: y, M: m, D: d, Day: midnight(n)}, nil
	}
	return Written{}, noCalendar(in)
}

// On is the day of a year, month and day of a calendar. A lunar month may have a day 30 that the table does not give it: where the moon is watched, such a day is written on
// papers, and it is the day after the 29th. The error is a *DateError.
func On(in Name, y, m, d int) (Written, error) {
	w := Written{In: in, Y: y, M: m, D: d}
	if err := yearOf(in, y); err != nil {
		return Written{}, err
	}
	if m < 1 || m > 12 {
		return Written{}, &DateError{
			Reason: ReasonMonth, Field: strconv.Itoa(m),
			Text: fmt.Sprintf("There is no month %d: a year has 12.", m), Next: "Look at the paper again: is this number perhaps the day?",
		}
	}
	most := 0
	switch in {
	case Solar:
		most = days(y, m)
		if day, err := (Date{y, m, d}).ToGregorian(); err == nil {
			w.Day = day
		}
	case Lunar:
		begin, _ := lunarMonth(y, m)
		most, w.Day, w.Within = 30, midnight(begin+d-1), LunarWithin
	default:
		most = time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		w.Day = time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	}
	if d < 1 || d > most {
		return Written{}, noDay(in, y, m, d, most)
	}
	return w, nil
}

func noDay(in Name, y, m, d, most int) *DateError {
	e := &DateError{
		Reason: ReasonDay, Field: strconv.Itoa(d),
		Text: fmt.Sprintf("%s %d has %d days, so there is no day %d.", MonthOf(in, m, "en"), y, most, d), Next: "Look at the day and the month on the paper again.",
	}
	if in != Lunar && d == most+1 && (in == Solar && m == 12 || in == Gregorian && m == 2) {
		e.Detail = DetailLeap
		e.Text = fmt.Sprintf("%d is no leap year: %s has %d days, so there is no day %d.", y, MonthOf(in, m, "en"), most, d)
		e.Next = "Look at the day and the year on the paper again."
	}
	return e
}

// yearOf refuses years that are written short, that are rather of another calendar, or that lie too far away.
func yearOf(in Name, y int) error {
	first, last := FirstYear, LastYear
	switch in {
	case Solar:
	case Gregorian:
		first, last = FirstGregorianYear, LastGregorianYear
	case Lunar:
		first, last = FirstLunarYear, LastLunarYear
	default:
		return noCalendar(in)
	}
	if y >= first && y <= last {
		return nil
	}
	field := strconv.Itoa(y)
	if y < 1000 {
		return &DateError{
			Reason: ReasonYear, Field: field, Detail: DetailShort,
			Text: fmt.Sprintf("The year %s is written short, and which century is meant would be a guess.", field), Next: "Write the year with four digits, like 1403.",
		}
	}
	if try := likely(y); try != in && try != "" {
		return &DateError{
			Reason: ReasonYear, Field: field, Detail: DetailCalendar, Try: try,
			Text: fmt.Sprintf("%d is no %s year.", y, in.Title()), Next: fmt.Sprintf("Is it %s? Then choose that calendar.", try.Title()),
		}
	}
	return bounds(in, y)
}

// likely is the calendar that a year of four digits is of when it stands on a paper that somebody holds today: solar years are about 1350 to 1420, lunar ones about 1390 to
// 1470, and where both may be, the years before 1421 lunar (2000) are too old for the end of a paper. "" when it is of none.
func likely(y int) Name {
	switch {
	case y >= FirstYear && y <= 1420:
		return Solar
	case y > 1420 && y <= LastLunarYear:
		return Lunar
	case y >= FirstGregorianYear && y <= LastGregorianYear:
		return Gregorian
	}
	return ""
}

// Rather is the calendar that w's year looks like for the end of a paper, when that is not w's own: the year 1447 in the solar calendar is 2068, in the lunar one 2025. It is ""
// when nothing looks wrong, and only ever a question to ask: births and old papers are written so too.
func (w Written) Rather() Name {
	if try := likely(w.Y); !w.IsZero() && try != w.In {
		return try
	}
	return ""
}

// AsEnd says whether a paper that somebody holds today can end on that day, as far as its year tells: the error is a *DateError when the year looks like that of another calendar
// (Rather). A check of papers asks again rather than answer about the year 2068.
func (w Written) AsEnd() error {
	try := w.Rather()
	if try == "" {
		return nil
	}
	return &DateError{
		Reason: ReasonYear, Field: strconv.Itoa(w.Y), Detail: DetailCalendar, Try: try,
		Text: fmt.Sprintf("No paper ends in the %s year %d.", w.In.Title(), w.Y), Next: fmt.Sprintf("Is it %s? Then choose that calendar.", try.Title()),
	}
}

func bounds(in Name, y int) *DateError {
	return &DateError{
		Reason: ReasonBounds, Field: strconv.Itoa(y),
		Text: fmt.Sprintf("The year %d is outside of the years that can be counted here in the %s calendar.", y, in.Title()), Next: "Look at the year and the calendar again.",
	}
}

func noCalendar(in Name) *DateError {
	return &DateError{Reason: ReasonShape, Detail: DetailCalendar, Text: fmt.Sprintf("There is no calendar %.20q here.", string(in)), Next: "Choose solar, gregorian or lunar."}
}
