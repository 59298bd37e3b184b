package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"panah/desk/internal/casedb"
)

// A tasksPage lists what is due in all cases.
type tasksPage struct {
	*page
	Mine  bool
	Days  int // how far it looks ahead
	Parts []dayPart
	Count int
}

// A dayPart is the tasks that are due on one day; the late ones come first, together.
type dayPart struct {
	Day   time.Time // zero: late
	Tasks []dueTask
}

// A dueTask is a task with its case.
type dueTask struct {
	casedb.TaskRow
	Name   string
	Owner  string // name
	Own    bool   // in a caseworker's words, not of the rules
	Source source
}

// Kind is the word for what the deadline rests on.
func (t dueTask) Kind() string {
	if t.Basis == "" {
		return "proposal"
	}
	return t.Basis
}

// tasks lists due tasks: of the viewer, or of everybody.
func (s *server) tasks(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.titled(r, v, "cases.tasks_title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	data := &tasksPage{page: p, Mine: q.Get("whose") != "all", Days: 7}
	if q.Get("days") == "30" {
		data.Days = 30
	}
	p.Nav, p.Path = "tasks", localPath(r.URL.RequestURI())
	now := p.now
	found, err := s.can.cases.Tasks(r.Context(), now.AddDate(0, 0, data.Days), data.Mine)
	if err != nil {
		return fmt.Errorf("listing tasks: %w", err)
	}
	people, err := s.can.cases.People(r.Context())
	if err != nil {
		return fmt.Errorf("listing people: %w", err)
	}
	data.Count = len(found)
	for _, t := range found {
		var day time.Time
		if !t.Due.Before(now) {
			y, m, d := t.Due.Local().Date()
			day = time.Date(y, m, d, 0, 0, 0, 0, time.Local)
		}
		if n := len(data.Parts); n == 0 || !data.Parts[n-1].Day.Equal(day) {
			data.Parts = append(data.Parts, dayPart{Day: day})
		}
		last := &data.Parts[len(data.Parts)-1]
		last.Tasks = append(last.Tasks, dueTask{TaskRow: t, Name: line(t.Name), Owner: line(people[t.Owner]), Own: !strings.Contains(t.Task, "/"), Source: s.source(t.Source)})
	}
	return s.show(w, http.StatusOK, "tasks", data)
}
