package fold

import (
	"time"

	"panah/core/event"
)

// A Person works at a desk of the organisation.
type Person struct {
	event.StaffIs
	At time.Time
}

// An OnDuty is a shift.
type OnDuty struct {
	ID       string
	From, To time.Time
	Staff    []event.Staff
}

// An Office is the fold of the organisation's own stream.
type Office struct {
	People    []Person       // also those who left, in the order they came
	Shifts    []OnDuty       // by From
	Destroyed map[string]int // denunciations by month
	Searches  []Line         // of the whole organisation
	Heads     []event.Hash
}

// OfficeOf folds the office's stream.
func OfficeOf(events []Entry) Office { return officeOf(events) }
