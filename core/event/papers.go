package event

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// Bounds of what the papers check leaves in a case, and of an adopted rulebook.
const (
	maxRound   = 999
	maxSources = 32
	maxFacts   = 16

	// MaxBook bounds BookSet.Files: with the lines around it the event stays under MaxText.
	MaxBook = 60 << 10
)

// verdicts are those of core/rulebook: none is yes or no.
var verdicts = []string{"in-force", "extended", "ended", "revoked", "conflict", "unknown", "stale"}

// Kind is "paper-checked".
func (PaperChecked) Kind() string { return "paper-checked" }

func (b PaperChecked) check() error {
	good := len(b.Sources) <= maxSources && !slices.ContainsFunc(b.Sources, func(s string) bool { return !validName(s) }) && len(b.Facts) <= maxFacts
	for fact, value := range b.Facts {
		good = good && validName(fact) && validName(value) && !numberLike(value)
	}
	return ok(good, validName(b.Paper), b.Round >= 0, b.Round <= maxRound, printed(b.Printed, b.Calendar), day(b.On, false), day(b.Known, false),
		slices.Contains(verdicts, b.Verdict), (b.Would != "") == (b.Verdict == "stale"), b.Would == "" || b.Would != "stale" && slices.Contains(verdicts, b.Would),
		b.Rule == "" || validName(b.Rule), day(b.Since, true), day(b.Until, true), hexOf(b.Book, 8))
}

// printed reports whether a date is the three numbers of a calendar, or none in none: there is no room for a note beside it.
func printed(date, calendar string) bool {
	if date == "" || calendar == "" {
		return date == calendar
	}
	parts := strings.Split(date, "-")
	if len(date) != len("1403-12-30") || len(parts) != 3 || len(parts[0]) != 4 || len(parts[1]) != 2 || !slices.Contains([]string{"solar", "gregorian", "lunar"}, calendar) {
		return false
	}
	number := func(s string, most int) bool {
		n, err := strconv.ParseUint(s, 10, 16)
		return err == nil && n >= 1 && n <= uint64(most)
	}
	return number(parts[0], 9999) && number(parts[1], 12) && number(parts[2], 31)
}

// numberLike reports whether a text could be a paper's number: more digits than a day has, or more in a row than a year.
func numberLike(s string) bool {
	all, row := 0, 0
	for _, r := range s {
		if r < '0' || r > '9' {
			row = 0
			continue
		}
		if all, row = all+1, row+1; all > 8 || row > 4 {
			return true
		}
	}
	return false
}

// Kind is "book-set".
func (BookSet) Kind() string { return "book-set" }

func (b BookSet) check() error {
	if b.Version == "" {
		return ok(b.Files == "", b.Read == "", word(b.Why))
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(b.Files)
	return ok(hexOf(b.Version, 8), day(b.Read, true), err == nil, len(raw) > 0, len(b.Files) <= MaxBook, word(b.Why))
}
