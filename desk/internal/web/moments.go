package web

import (
	"errors"
	"strings"
	"time"

	"panah/core/l10n"
)

// errMoment says that a typed day or time cannot be read.
var errMoment = errors.New("a day or time that cannot be read")

// parseMoment reads a moment of this laptop's clock as people type it: "2026-11-24 14:30" or "1405-09-03 14:30", in any of the three digit sets, with "/" or "-", with or
// without the time of day (without: the end of that morning's midnight, the beginning of the day). The error is errMoment.
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
	return date.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute), nil
}

// parseDay reads a day of either calendar, digits folded already: years before 1700 are of the Solar Hijri calendar.
func parseDay(s string) (time.Time, error) {
	if t, err := time.ParseInLocation("2006-1-2", s, time.Local); err == nil && t.Year() >= 1700 {
		return t, nil
	}
	return time.Time{}, errMoment
}
