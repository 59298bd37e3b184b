// Package calendar knows the days of the three calendars on papers: Solar Hijri (Iran, Afghanistan), Gregorian, and lunar Hijri by the Umm al-Qura table. It reads and writes dates in
// them, with the names that five languages have for their months. It knows days, no hours, and guesses nothing: what can be read in two ways is an error that says so.
package calendar

import (
	"errors"
	"fmt"
	"time"
)

// FirstYear and LastYear bound the years that are right for every day; others are refused (the breaks below end there, and papers do not go so far).
const (
	FirstYear = 1200
	LastYear  = 1600
)

// ErrDay says that there is no such day, or that it is out of bounds.
var ErrDay = errors.New("there is no such day in the Solar Hijri calendar of the years 1200 to 1600")

// A Date is a day of the Solar Hijri calendar.
type Date struct{ Y, M, D int }

// String is "1405-09-03", in Latin digits; core/l10n has the others.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Y, d.M, d.D) }

// breaks are the years at which the run of leap years (every fourth, with a fifth now and then) begins anew: K. M. Borkowski, "The Persian calendar for 3000 years" (Earth, Moon, and
// Planets 74, 1996), as far as this package goes.
var breaks = [...]int{1111, 1181, 1210, 1635}

// leapsBefore is how many leap years of the calendar lie before year 1111.
const leapsBefore = 270

// year finds where year y begins: the day of March of the Gregorian year y+621, and how many years ago the last leap year was (0: y is one).
func year(y int) (march, sinceLeap int) {
	start, leaps := breaks[0], leapsBefore
	var jump int
	for _, next := range breaks[1:] {
		jump = next - start
		if y < next {
			break
		}
		leaps += jump/33*8 + jump%33/4
		start = next
	}
	n := y - start
	leaps += n/33*8 + (n%33+3)/4
	if jump%33 == 4 && jump-n == 4 {
		leaps++
	}
	g := y + 621
	march = 20 + leaps - (g/4 - (g/100+1)*3/4 - 150)
	if jump-n < 6 {
		n = n - jump + (jump+4)/33*33
	}
	sinceLeap = ((n+1)%33 - 1) % 4
	if sinceLeap < 0 {
		sinceLeap = 4
	}
	return march, sinceLeap
}

// days of month m of year y.
func days(y, m int) int {
	switch {
	case m <= 6:
		return 31
	case m <= 11:
		return 30
	}
	if _, since := year(y); since == 0 {
		return 30
	}
	return 29
}

// newYear is noon of 1 Farvardin; noon, so that counting days never meets an hour.
func newYear(y int) time.Time {
	march, _ := year(y)
	return time.Date(y+621, time.March, march, 12, 0, 0, 0, time.UTC)
}

// Valid reports whether there is such a day.
func (d Date) Valid() bool {
	return d.Y >= FirstYear && d.Y <= LastYear && d.M >= 1 && d.M <= 12 && d.D >= 1 && d.D <= days(d.Y, d.M)
}

// FromGregorian is the day of t in t's own time zone. The error is ErrDay.
func FromGregorian(t time.Time) (Date, error) {
	g, m, d := t.Date()
	noon := time.Date(g, m, d, 12, 0, 0, 0, time.UTC)
	y := g - 621
	if y < FirstYear || y-1 > LastYear {
		return Date{}, ErrDay
	}
	begin := newYear(y)
	if noon.Before(begin) {
		y--
		begin = newYear(y)
	}
	n := int(noon.Sub(begin) / (24 * time.Hour))
	out := Date{y, 1 + n/31, 1 + n%31}
	if n >= 6*31 {
		n -= 6 * 31
		out.M, out.D = 7+n/30, 1+n%30
	}
	if !out.Valid() {
		return Date{}, ErrDay
	}
	return out, nil
}

// ToGregorian is midnight UTC of the day. The error is ErrDay.
func (d Date) ToGregorian() (time.Time, error) {
	if !d.Valid() {
		return time.Time{}, ErrDay
	}
	n := (d.M-1)*31 + d.D - 1
	if d.M > 7 {
		n -= d.M - 7
	}
	return newYear(d.Y).AddDate(0, 0, n).Add(-12 * time.Hour), nil
}
