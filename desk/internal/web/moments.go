package web

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/l10n"
)

// errMoment says that a typed day or time cannot be read.
var errMoment = errors.New("a day or time that cannot be read")

// parseMoment reads a moment of this laptop's clock as people type it: "2026-11-24 14:30" or "1405-09-03 14:30", in any of the three digit sets, with "/" or "-", with or
// without the time of day (without: the beginning of the day). The error is errMoment.
func parseMoment(typed string) (time.Time, error) {
	s := strings.NewReplacer("/", "-", "T", " ", "\u200e", "", "\u200f", "").Replace(l10n.FoldDigits(strings.TrimSpace(typed)))
	day, clock, _ := strings.Cut(s, " ")
	date, err := parseDay(day)
	if err != nil {
		return time.Time{}, err
	}
	if clock = strings.TrimSpace(clock); clock == "" {
		return date, nil
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, errMoment
	}
	y, m, d := date.Date() // not hours added to midnight: where clocks change, that is another hour
	return time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, time.Local), nil
}

// parseDay reads a day of either calendar, digits folded already: years before 1700 are of the Solar Hijri calendar.
func parseDay(s string) (time.Time, error) {
	var d calendar.Date
	part := strings.Split(s, "-")
	if len(part) != 3 || len(part[0]) != 4 {
		return time.Time{}, errMoment
	}
	for i, into := range [...]*int{&d.Y, &d.M, &d.D} {
		n, err := strconv.ParseUint(part[i], 10, 16)
		if err != nil || len(part[i]) > 4 {
			return time.Time{}, errMoment
		}
		*into = int(n)
	}
	if d.Y < 1700 {
		t, err := d.ToGregorian()
		if err != nil {
			return time.Time{}, errMoment
		}
		d = calendar.Date{Y: t.Year(), M: int(t.Month()), D: t.Day()}
	}
	t := time.Date(d.Y, time.Month(d.M), d.D, 0, 0, 0, 0, time.Local)
	if t.Year() != d.Y || int(t.Month()) != d.M || t.Day() != d.D {
		return time.Time{}, errMoment // the 31st of a month that has none
	}
	return t, nil
}
