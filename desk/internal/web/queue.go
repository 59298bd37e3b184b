package web

import (
	"fmt"
	"net/http"
	"time"

	"panah/core/event"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// perPage is how many lines one page lists.
const perPage = 50

// A queuePage is the triage queue: what has to be done, most urgent first.
type queuePage struct {
	*page
	Counts    office.QueueCounts
	Lines     []caseLine
	Filter    queueFilter
	Pathways  []choice // that can be filtered by
	Languages []choice
	Previous  string // addresses of the neighbouring pages; empty at the ends
	Next      string
}

// A choice of a list: its value and its words, which are plain text.
type choice struct {
	Value, Words string
	Lang         string // of the words, when it is not the page's
	Chosen       bool
}

// A caseLine is one line of the queue.
type caseLine struct {
	row
	Stage     string
	Called    string // the name, or what stands for it; empty: the situations do
	Line      string
	Owner     string // name; empty: nobody
	Pathways  []string
	Due       due
	Late      bool
	Escalated bool
	Conflict  bool
	Linked    int
	Sensitive bool
}

// queue shows the triage queue, or on request all letters. An office without cases has letters only.
func (s *server) queue(w http.ResponseWriter, r *http.Request, v visit) error {
	if s.can.cases == nil || r.URL.Query().Get("show") == "all" {
		return s.letters(w, r, v)
	}
	f := readFilter(r.URL.Query())
	p, err := s.titled(r, v, "cases.title")
	if err != nil {
		return err
	}
	p.Nav = "queue"
	q, err := s.can.cases.Queue(r.Context(), f.casedb(p.now))
	if err != nil {
		return fmt.Errorf("reading the queue: %w", err)
	}
	data := &queuePage{page: p, Counts: q.Counts, Filter: f, Pathways: s.pathwayChoices(f.Pathway), Languages: languageChoices(f.Lang)}
	if f.Page > 1 {
		data.Previous = f.at(f.Page - 1)
	}
	if q.More {
		data.Next = f.at(f.Page + 1)
	}
	for _, c := range q.Rows {
		data.Lines = append(data.Lines, s.caseLine(c, q.People, p.now))
	}
	return s.show(w, http.StatusOK, "queue", data)
}

// lineRoom is how many characters of a person's words a line of the queue shows: fifty lines have to be small.
const lineRoom = 110

func (s *server) caseLine(c casedb.CaseRow, people map[event.Staff]string, now time.Time) caseLine {
	l := caseLine{
		row: s.row(c.Summary), Stage: string(c.Stage), Called: line(c.Name), Line: short(line(c.Line), lineRoom), Owner: line(people[c.Owner]),
		Due: due{What: c.DueTask, At: c.Due}, Late: !c.Due.IsZero() && c.Due.Before(now), Escalated: !c.Escalated.IsZero(), Conflict: c.Conflict, Linked: c.Linked,
		Sensitive: c.Sensitivity == "sensitive",
	}
	if l.Line == "" {
		l.Line = short(l.Beginning, lineRoom)
	}
	if c.Owner != "" && l.Owner == "" {
		l.Owner = string(c.Owner[:min(4, len(c.Owner))])
	}
	for _, id := range c.Pathways {
		if known, ok := s.book.Pathway(id); ok {
			l.Pathways = append(l.Pathways, known.Title)
		}
	}
	return l
}

// short cuts s after n characters, at a space where there is one near.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	for cut := n; cut > n*3/4; cut-- {
		if r[cut] == ' ' {
			return string(r[:cut]) + " …"
		}
	}
	return string(r[:n]) + "…"
}

// Word is the one word that says how things stand: what needs a person most wins.
func (l caseLine) Word() string {
	switch {
	case l.row.State == "sealed" || l.row.State == "locked":
		return l.row.State
	case l.Escalated:
		return "escalated"
	case l.Late:
		return "late"
	case l.Stage == string(casedb.StageNew):
		return "new"
	case l.Stage == string(casedb.StageClosed):
		return "closed"
	case l.Waiting:
		return "waiting"
	case l.Queued > 0:
		return "queued"
	}
	return "open"
}

// Icon goes with the word.
func (l caseLine) Icon() string {
	switch l.Word() {
	case "escalated":
		return "siren"
	case "late", "waiting", "new", "lock":
		return l.Word()
	case "sealed":
		return "warning"
	case "locked":
		return "lock"
	case "queued":
		return "waiting"
	}
	return "check"
}
