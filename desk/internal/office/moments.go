package office

import (
	"maps"
	"slices"
	"sync"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/core/workday"
	"panah/rules"
)

// moments are the fields that hold what a task's deadline counts from, by the word that pathways use.
var moments = map[string]string{
	"detention": event.FieldDetained, "release": event.FieldRelease, "order": event.FieldOrder,
	"deadline": event.FieldDeadline, "summons": event.FieldSummons, "leaving": event.FieldLeaving,
}

// MomentField is the field for the word of a moment; "" when there is none.
func MomentField(word string) string { return moments[word] }

// IsMoment reports whether a field holds a moment, which a person types as a day or a time.
func IsMoment(field string) bool { return slices.Contains(slices.Collect(maps.Values(moments)), field) }

// WaitsFor is the word for the moment that a task's deadline counts from: its From, or what its By names; "" when it counts from the beginning.
func WaitsFor(t event.TaskAdded) string {
	if m, ok := pathway.ParseMoment(t.By); ok && t.From == "" {
		return m.Of
	}
	return t.From
}

// readHolidays reads the tables that the program was built with, once.
var readHolidays = sync.OnceValues(rules.Holidays)

// Countries are those whose working days can be counted, by their two letters.
func Countries() (map[string]workday.Country, error) { return readHolidays() }

// A Count is a deadline in working days as it was counted.
type Count struct {
	Workdays int
	Country  workday.Country
	Chosen   bool // the case says the country; otherwise the one with the earliest day was taken
	workday.Result
}

// CountOf counts a task's deadline anew from what the case says; ok is false when it is none in working days, or when the moment is not known.
func CountOf(t event.TaskAdded, fields map[string]fold.Field) (n Count, ok bool) {
	m, named := pathway.ParseMoment(t.By)
	if !named || m.Workdays == 0 {
		return Count{}, false
	}
	at, err := time.Parse(time.RFC3339, fields[moments[m.Of]].Text())
	if err != nil {
		return Count{}, false
	}
	countries, err := readHolidays()
	if err != nil {
		return Count{}, false // the program's own files: a test reads them
	}
	if c, known := countries[fields[event.FieldCountry].Text()]; known {
		countries, n.Chosen = map[string]workday.Country{c.ID: c}, true
	}
	for _, id := range slices.Sorted(maps.Keys(countries)) {
		r, err := countries[id].Add(at.In(time.Local), -m.Workdays)
		if err == nil && (!ok || r.Day.Before(n.Day)) {
			n.Workdays, n.Country, n.Result, ok = m.Workdays, countries[id], r, true
		}
	}
	return n, ok
}

// dueFrom is a task's deadline from the moment that it waits for; ok is false while that is not known. What is counted in working days is due at noon: offices close early.
func dueFrom(t event.TaskAdded, fields map[string]fold.Field) (due time.Time, ok bool) {
	if n, counted := CountOf(t, fields); counted {
		y, m, d := n.Day.Date()
		return time.Date(y, m, d, 12, 0, 0, 0, time.Local), true
	}
	at, err := time.Parse(time.RFC3339, fields[moments[WaitsFor(t)]].Text())
	if err != nil {
		return time.Time{}, false
	}
	if m, named := pathway.ParseMoment(t.By); named {
		return at, m.Workdays == 0
	}
	d, err := pathway.ParseDuration(t.By)
	return at.Add(d), err == nil
}

// dated are the deadlines that become known, or change, with a field: those of tasks that waited for it, and that nobody moved by hand since. The case then has the field and the
// deadlines, so that several fields may come at once.
func dated(set event.Set, c *fold.Case) (bodies []event.Body) {
	before := c.Fields
	c.Fields = maps.Clone(before)
	if c.Fields == nil {
		c.Fields = map[string]fold.Field{}
	}
	c.Fields[set.Field] = fold.Field{{Text: set.Value}}
	if !IsMoment(set.Field) && set.Field != event.FieldCountry {
		return nil
	}
	c.Tasks = slices.Clone(c.Tasks)
	for i, t := range c.Tasks {
		was, known := dueFrom(t.TaskAdded, before)
		now, ok := dueFrom(t.TaskAdded, c.Fields)
		if WaitsFor(t.TaskAdded) == "" || t.State != fold.TaskOpen || !ok || now.Equal(t.Due) {
			continue
		}
		if t.Due.IsZero() || known && t.Due.Equal(was) {
			c.Tasks[i].Due = now
			bodies = append(bodies, event.TaskMoved{Task: t.Task, Due: stamp(now)})
		}
	}
	return bodies
}
