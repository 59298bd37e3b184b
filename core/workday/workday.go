// Package workday counts working days: a country's weekly days off and holidays, as data with sources, and what the data does not cover. It decides no deadline; the
// casework adds what it gives to a law's number of days.
package workday

import "time"

// Country is one table: which days nobody works in a country, and for which years that is known.
type Country struct {
	ID    string            // "ir"
	Names map[string]string // by language code; English is always there
}

// Result is the last day of a count, and how sure it is.
type Result struct {
	Day   time.Time // midnight UTC; the earliest that any reading of the tables gives, so that nobody is late
	Late  time.Time // the latest; equal to Day when Sure
	Sure  bool      // no uncertain holiday and no gap of the table mattered
	Notes []string  // English sentences: which holidays were counted, what is uncertain and why
}

// Parse reads one table, rules/holidays/*.yaml.
func Parse([]byte) (Country, error) { return Country{}, nil }

// Add is the day n working days after day (before it when n is negative); day itself does not count.
func (c Country) Add(day time.Time, n int) (Result, error) { return Result{Day: day, Late: day}, nil }
