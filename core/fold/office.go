package fold

import (
	"maps"
	"slices"
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
	People    []Person        // also those who left, in the order they came
	Shifts    []OnDuty        // by From
	Destroyed map[string]int  // denunciations by month
	Retention event.Retention // the last that was set; zero: nobody has
	Searches  []Line          // of the whole organisation, in order
	Books     []Book          // rulebooks that were adopted, or gone back from, in order; one counts at most: Current
	Heads     []event.Hash
}

// OfficeOf folds the office's stream. What was said last of a person or a shift counts; of what was said at once, the last in the order of events.
func OfficeOf(events []Entry) Office { return officeOf(events) }

func officeOf(events []Entry) Office {
	h := arrange(event.Office, events)
	staff, shifts := registers[event.Staff, event.StaffIs]{}, registers[string, event.Shift]{}
	o := Office{Destroyed: map[string]int{}, Heads: h.heads()}
	var came []event.Staff
	var kept register[event.Retention]
	var books register[int]
	for i := range h.events {
		e := &h.events[i]
		switch body := e.Body.(type) {
		case event.StaffIs:
			if _, known := staff[body.Staff]; !known {
				came = append(came, body.Staff)
			}
			staff[body.Staff] = staff[body.Staff].set(h, i, body)
		case event.Shift:
			shifts[body.ID] = shifts[body.ID].set(h, i, body)
		case event.Destroyed:
			o.Destroyed[body.Month]++
		case event.Retention:
			kept = kept.set(h, i, body)
		case event.BookSet:
			b := Book{BookSet: body, By: e.Author, At: e.At, Hash: e.Hash, Refused: refusedRole}
			if mayAdopt(staff, e.Author) {
				b.Refused = ""
				books = books.set(h, i, len(o.Books))
			}
			o.Books = append(o.Books, b)
		case event.SearchedAll:
			o.Searches = append(o.Searches, Line{Signed: e.Signed, Place: e.Place})
		}
	}
	o.Retention = longest(kept)
	o.chooseBook(books)
	for _, who := range came {
		now := staff[who][len(staff[who])-1]
		o.People = append(o.People, Person{now.value, h.events[now.at].At})
	}
	for _, id := range slices.Sorted(maps.Keys(shifts)) {
		if s, ok := shift(shifts[id].last()); ok {
			o.Shifts = append(o.Shifts, s)
		}
	}
	slices.SortStableFunc(o.Shifts, func(a, b OnDuty) int { return a.From.Compare(b.From) })
	return o
}

// registers are registers by name.
type registers[K comparable, T any] map[K]register[T]

// shift is none when nobody is on it.
func shift(s event.Shift) (OnDuty, bool) {
	from, err1 := time.Parse(time.RFC3339, s.From)
	to, err2 := time.Parse(time.RFC3339, s.To)
	return OnDuty{s.ID, from, to, s.Staff}, err1 == nil && err2 == nil && len(s.Staff) > 0
}

// longest is what was set; of what was set at once, the longest of each: what is destroyed too late can still be destroyed.
func longest(kept register[event.Retention]) (r event.Retention) {
	r = kept.last()
	for _, k := range kept {
		v := k.value
		r.Text, r.Identity, r.Locked, r.Lost = max(r.Text, v.Text), max(r.Identity, v.Identity), max(r.Locked, v.Locked), max(r.Lost, v.Lost)
		if v.List == 0 || r.List == 0 {
			r.List = 0
		} else {
			r.List = max(r.List, v.List)
		}
	}
	return r
}
