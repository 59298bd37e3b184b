package web

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/office"
)

// A task is one task of a case, ready to show.
type task struct {
	fold.Task
	ID     string        // of its element
	Own    bool          // in a caseworker's words, not of the rules
	Asks   string        // the field with the moment that its deadline counts from, when nobody has said it yet
	Waits  string        // the word for the moment that its deadline counts from
	From   string        // what the deadline waits for, when it is no field
	Count  *office.Count // how a deadline in working days was counted
	Who    string
	Source source
	Needs  []need
	ByName string // who changed it last
}

// A need is a consent that a task needs, and whether there is one.
type need struct {
	What  string
	Given bool
}

// A source is where a deadline comes from.
type source struct{ ID, Title, URL, Kind string }

// fillTasks puts open tasks by deadline, those without one last, and the finished ones newest first.
func (s *server) fillTasks(p *casePage) {
	c := p.File.Case
	for i, t := range c.Tasks {
		shown := s.task(p, t, i)
		if t.State == "open" {
			p.Tasks = append(p.Tasks, shown)
		} else {
			p.Finished = append(p.Finished, shown)
		}
	}
	slices.SortStableFunc(p.Tasks, func(a, b task) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.Due.IsZero()]
		}
		return a.Due.Compare(b.Due)
	})
	slices.SortStableFunc(p.Finished, func(a, b task) int { return b.At.Compare(a.At) })
	for _, t := range p.Tasks {
		if len(p.Next) < 3 && !t.Due.IsZero() && p.Open {
			p.Next = append(p.Next, t)
		}
	}
}

func (s *server) task(p *casePage, t fold.Task, i int) task {
	shown := task{Task: t, ID: fmt.Sprint("k", i), Own: !strings.Contains(t.TaskAdded.Task, "/"), Who: t.TaskAdded.Who, Source: s.source(t.Source), ByName: p.name(t.By)}
	shown.Note = line(t.Note)
	shown.Waits = office.WaitsFor(t.TaskAdded)
	if t.Due.IsZero() && shown.Waits != "" {
		if field := office.MomentField(shown.Waits); field != "" && p.File.Case.Fields[field].Text() == "" {
			shown.Asks = field
		} else {
			shown.From = shown.Waits
		}
	}
	if n, counted := office.CountOf(t.TaskAdded, p.File.Case.Fields); counted && !t.Due.IsZero() {
		shown.Count = &n
	}
	for _, what := range t.TaskAdded.Needs {
		n := need{What: what}
		for _, k := range p.File.Case.Consents {
			n.Given = n.Given || k.What == what && k.State == "given" && k.Withdrawn.IsZero() && (k.Ends == "" || k.Ends >= p.now.Format(time.DateOnly))
		}
		shown.Needs = append(shown.Needs, n)
	}
	return shown
}

// source finds where a rule comes from; the id alone when the list does not know it.
func (s *server) source(id string) source {
	if k, ok := s.sources[id]; ok {
		return source{ID: id, Title: k.Title, URL: k.URL, Kind: k.Kind}
	}
	return source{ID: id}
}

// taskAdd puts a task of the caseworker's own on the list.
func (s *server) taskAdd(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	do, due := strings.TrimSpace(r.PostForm.Get("text")), ""
	if do == "" {
		return errEmpty
	}
	if typed := r.PostForm.Get("due"); typed != "" {
		t, err := parseMoment(typed)
		if err != nil {
			return err
		}
		due = t.UTC().Format(time.RFC3339)
	}
	var b [8]byte
	rand.Read(b[:]) // never fails
	err = s.can.cases.Do(r.Context(), n, event.TaskAdded{Task: hex.EncodeToString(b[:]), Do: do, Due: due, Who: "caseworker"})
	return s.caseDone(w, r, v, n, "tasks", "cases.said_task", err)
}

// taskState says that a task was done, dropped or is open again.
func (s *server) taskState(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	state := event.TaskState{Task: r.PostForm.Get("task"), State: r.PostForm.Get("state"), Note: strings.TrimSpace(r.PostForm.Get("text"))}
	words := map[string]string{"done": "cases.said_done", "dropped": "cases.said_dropped", "open": "cases.said_again"}[state.State]
	if words == "" {
		return errFormKind
	}
	if state.State == "dropped" && state.Note == "" {
		return errEmpty
	}
	return s.caseDone(w, r, v, n, "tasks", words, s.can.cases.Do(r.Context(), n, state))
}

// taskMove gives a task another deadline, with the reason.
func (s *server) taskMove(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	t, err := parseMoment(r.PostForm.Get("due"))
	if err != nil {
		return err
	}
	why := strings.TrimSpace(r.PostForm.Get("text"))
	if why == "" {
		return errEmpty
	}
	err = s.can.cases.Do(r.Context(), n, event.TaskMoved{Task: r.PostForm.Get("task"), Due: t.UTC().Format(time.RFC3339), Why: why})
	return s.caseDone(w, r, v, n, "tasks", "cases.said_moved", err)
}

// Kind is the word for what the deadline rests on.
func (t task) Kind() string { return cmp.Or(t.Basis, "proposal") }

// CountDay is a counted day in both calendars, as plain words.
func (w *words) CountDay(t time.Time) string {
	y, m, d := t.Date()
	return w.BothDay(time.Date(y, m, d, 12, 0, 0, 0, time.Local))
}
