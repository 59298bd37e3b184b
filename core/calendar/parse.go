package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"panah/core/script"
)

// maxWritten bounds what ParseWritten reads, in bytes. The longest honest date, with weekday and era, has about 100.
const maxWritten = 200

// ParseWritten reads a date as people write it in a calendar: "1403/12/29", "29 حوت ۱۴۰۳", "۲۹-۱۲-۱۴۰۳", "5 March 2025", "١٢ ربيع الأول ١٤٤٧ هـ". Digits may be Latin, Arabic or
// Persian; months are numbers, or names of the calendar in five languages and the usual transliterations; anything that is no letter or digit parts the numbers; direction
// marks, vowel signs and zero-width joiners are overlooked, as are weekdays and the signs of eras.
//
// With numbers only the year stands first or last and has four digits. The month then stands in the middle: so are dates written in Iran, Afghanistan and Pakistan, and a date
// that the screen turned round keeps its middle. Only Gregorian dates with the year last may have the month first, as Americans write: where that gives another day, the
// answer is ReasonOrder and nothing is guessed. The error is a *DateError.
func ParseWritten(text string, in Name) (Written, error) {
	if !in.Known() {
		return Written{}, noCalendar(in)
	}
	if len(text) > maxWritten {
		return Written{}, shape("This is too long for a date.")
	}
	numbers, words, era := parts(text)
	if era != "" && era != in {
		return Written{}, &DateError{
			Reason: ReasonYear, Detail: DetailCalendar, Try: era,
			Text: fmt.Sprintf("The date itself says that it is %s.", era.Title()), Next: "Choose that calendar.",
		}
	}
	if len(words) > 0 && len(numbers) > 0 {
		return named(numbers, words, in)
	}
	switch {
	case len(numbers) == 0:
		return Written{}, shape("There is no date here.")
	case len(numbers) == 1 && len(numbers[0]) == 8:
		return Written{}, shape("Year, month and day cannot be told apart without something between them.")
	case len(numbers) > 3:
		return Written{}, shape("This is more than one date.")
	case len(numbers) < 3:
		return Written{}, shape("A part of the date is missing.")
	}
	return numeric(numbers, in)
}

// parts are the numbers of a text, as Latin digits, the words that may name a month, and the calendar whose era stands there ("" when none does).
func parts(text string) (numbers, words []string, era Name) {
	folded := script.Fold(strings.Map(func(r rune) rune {
		if r == 'ـ' { // a tatweel serves as a dash between numbers, and words are joined again below
			return ' '
		}
		return r
	}, text))
	var names []string
	for folded != "" {
		digit := isDigit(rune(folded[0]))
		end := strings.IndexFunc(folded, func(r rune) bool { return r == ' ' || isDigit(r) != digit })
		if end < 0 {
			end = len(folded)
		}
		if token := folded[:end]; digit {
			numbers = append(numbers, token)
		} else if token != "" {
			if named := book().eras[token]; named != "" {
				era = named
			}
			names = append(names, token)
		}
		folded = strings.TrimLeftFunc(folded[end:], unicode.IsSpace)
	}
	return numbers, book().meaning(strings.Join(names, " ")), era
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// named reads a date whose month is a word.
func named(numbers, words []string, in Name) (Written, error) {
	k := key(words)
	m := book().keys[in][k]
	if m == 0 {
		return Written{}, noMonth(k, strings.Join(words, " "), in)
	}
	switch {
	case len(numbers) < 2:
		return Written{}, shape("A part of the date is missing: day, month and year are needed.")
	case len(numbers) > 2:
		return Written{}, shape("This is more than one date, or the month stands there twice.")
	}
	y, d := numbers[0], numbers[1]
	if !isYear(y) {
		y, d = d, y
	}
	return assemble(in, y, m, d)
}

func noMonth(k, word string, in Name) *DateError {
	for _, other := range Names() {
		if m := book().keys[other][k]; m != 0 {
			return &DateError{
				Reason: ReasonMonth, Field: clip(word), Detail: DetailCalendar, Try: other,
				Text: fmt.Sprintf("%s is a month of the %s calendar.", MonthOf(other, m, "en"), other.Title()), Next: "Choose that calendar, if the paper says so.",
			}
		}
	}
	return &DateError{
		Reason: ReasonMonth, Field: clip(word), Detail: DetailWord,
		Text: fmt.Sprintf("“%s” is no name of a month that is known here in the %s calendar.", clip(word), in.Title()),
		Next: "Write the month as a number, like 1403/12/29.",
	}
}

// clip shortens what somebody typed for an answer.
func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// isYear reports whether a number can only be a year.
func isYear(digits string) bool {
	n, err := strconv.Atoi(digits)
	return len(digits) > 2 || err == nil && n > 31
}

// numeric reads three numbers.
func numeric(n []string, in Name) (Written, error) {
	switch {
	case isYear(n[0]) && !isYear(n[2]):
		return middle(in, n[0], n[1], n[2])
	case isYear(n[0]):
		return Written{}, shape("Two of the numbers could be the year.")
	case !isYear(n[2]) && isYear(n[1]):
		return Written{}, &DateError{
			Reason: ReasonOrder, Text: "The year stands in the middle.", Next: "Write the year first, then the month, then the day, like 1403/12/29.",
		}
	case !isYear(n[2]):
		return Written{}, &DateError{
			Reason: ReasonYear, Detail: DetailShort,
			Text: "No number here is a whole year, and which century is meant would be a guess.", Next: "Write the year with four digits, like 1403.",
		}
	}
	d, errD := strconv.Atoi(n[0])
	m, errM := strconv.Atoi(n[1])
	switch {
	case errD != nil || errM != nil || in != Gregorian || d > 12 || d == m:
		return middle(in, n[2], n[1], n[0])
	case m > 12:
		return middle(in, n[2], n[0], n[1]) // as Americans write: no other reading is a date
	case yearOf(in, toYear(n[2])) != nil:
		return middle(in, n[2], n[1], n[0]) // the year is what has to be told first
	}
	return Written{}, &DateError{
		Reason: ReasonOrder, Field: fmt.Sprintf("%d, %d", d, m),
		Text: fmt.Sprintf("%d and %d: which is the day and which is the month?", d, m),
		Next: fmt.Sprintf("Write the year first, like %s-%02d-%02d, or the month by its name.", n[2], m, d),
	}
}

func toYear(digits string) int {
	y, err := strconv.Atoi(digits)
	if err != nil || len(digits) > 4 {
		return -1
	}
	return y
}

// middle reads a date whose month is a number.
func middle(in Name, y, month, d string) (Written, error) {
	m, err := strconv.Atoi(month)
	if err != nil || len(month) > 2 {
		return Written{}, shape("The month has too many digits.")
	}
	return assemble(in, y, m, d)
}

func assemble(in Name, year string, m int, day string) (Written, error) {
	y, err := strconv.Atoi(year)
	if err != nil || len(year) > 4 {
		return Written{}, shape("The year has too many digits.")
	}
	d, err := strconv.Atoi(day)
	if err != nil || len(day) > 2 {
		return Written{}, shape("The day has too many digits.")
	}
	return On(in, y, m, d)
}

func shape(text string) *DateError {
	return &DateError{Reason: ReasonShape, Text: text, Next: "Write year, month and day, like 1403/12/29 or 29 Esfand 1403."}
}

// Guess reads a date whose calendar nobody said, among some calendars (all of them, when none is given): the first in which it is a date whose year does not rather look like
// another calendar. ok is false when there is none. Good enough to show a day beside the text; a verdict asks.
func Guess(text string, among ...Name) (w Written, ok bool) {
	if len(among) == 0 {
		among = Names()
	}
	for _, in := range among {
		if w, err := ParseWritten(text, in); err == nil && w.Rather() == "" {
			return w, true
		}
	}
	return Written{}, false
}
