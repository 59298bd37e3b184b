package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
)

// timelineRoom is how many happenings are shown at once.
const timelineRoom = 200

// A happening is one event of a case in words.
type happening struct {
	At      time.Time
	Who     string // name; empty: the desk by itself
	Words   string // id
	Pairs   []any
	Text    string // of a note, or a reason
	Refused string // id of the words that say why it has no effect
	Pending bool   // no other desk has it yet
	Unknown bool   // of a newer version
}

// fillTimeline tells the case's events, newest first.
func (s *server) fillTimeline(r *http.Request, p *casePage) error {
	lines := p.File.Case.Timeline
	if r.URL.Query().Get("all") == "" && len(lines) > timelineRoom {
		p.Earlier = len(lines) - timelineRoom
		lines = lines[p.Earlier:]
	}
	for i := len(lines) - 1; i >= 0; i-- {
		h, err := s.happening(p, lines[i])
		if err != nil {
			return err
		}
		p.Timeline = append(p.Timeline, h)
	}
	return nil
}

func (s *server) happening(p *casePage, l fold.Line) (h happening, err error) {
	h = happening{At: l.At, Who: p.name(l.Author), Pending: l.Place < 0, Words: "cases.event_" + strings.ReplaceAll(l.Body.Kind(), "-", "")}
	if l.Refused != "" {
		h.Refused = "cases.refused_" + l.Refused
		if _, err := p.text(h.Refused); err != nil {
			h.Refused = "cases.refused_state"
		}
	}
	known, err := s.tell(p, l.Body, &h)
	if err != nil {
		return h, fmt.Errorf("telling an event: %w", err)
	}
	if !known {
		h.Words, h.Pairs, h.Unknown = "cases.event_unknown", []any{"kind", short(l.Body.Kind(), 40)}, true
	}
	return h, nil
}

// tell finds the words for what an event says. False: there are none, and its kind alone is shown.
func (s *server) tell(p *casePage, body event.Body, h *happening) (known bool, err error) {
	field := func(name, value string) (a, b string) {
		if err == nil {
			a, err = fieldName(p.words, name)
		}
		if err == nil {
			b, err = s.read(p, name, value)
		}
		return a, b
	}
	switch b := body.(type) {
	case event.Opened, event.Claimed, event.ProxyConfirmed, event.Checked, event.Looked, event.VitalAgreed, event.Withdrawn:
	case event.Set:
		name, value := field(b.Field, b.Value)
		h.Pairs = []any{"field", name, "value", value}
	case event.Answered:
		what := "answer:" + b.Pathway + "/" + b.Question
		value, readErr := s.read(p, what, b.Value)
		err = readErr
		h.Pairs = []any{"question", s.asks(b.Pathway, b.Question), "value", value}
	case event.Followed:
		if !b.On {
			h.Words = "cases.event_unfollowed"
		}
		h.Pairs = []any{"pathway", s.pathwayTitle(b.Pathway)}
	case event.Noted:
		h.Text = b.Text
	case event.TaskAdded:
		h.Pairs = []any{"task", b.Do}
	case event.TaskMoved:
		h.Pairs, h.Text = []any{"task", taskDo(p.File.Case, b.Task), "time", readTime(p.words, b.Due)}, b.Why
	case event.TaskState:
		h.Words = "cases.event_task" + b.State
		h.Pairs, h.Text = []any{"task", taskDo(p.File.Case, b.Task)}, b.Note
	default:
		return s.tellMore(p, body, h), nil
	}
	return true, err
}

// tellMore tells of people, consents and endings.
func (s *server) tellMore(p *casePage, body event.Body, h *happening) bool {
	person := func(who event.Staff) []any { return []any{"name", p.name(who)} }
	switch b := body.(type) {
	case event.Assigned:
		if b.Staff == "" {
			h.Words = "cases.event_released"
		} else {
			h.Pairs = person(b.Staff)
		}
		h.Text = b.Note
	case event.Team:
		if !b.On {
			h.Words = "cases.event_teamoff"
		}
		h.Pairs = person(b.Staff)
	case event.Barred:
		if !b.On {
			h.Words = "cases.event_barredoff"
		}
		h.Pairs, h.Text = person(b.Staff), b.Why
	case event.Linked:
		if b.To == "" {
			h.Words = "cases.event_split"
		}
	case event.Proxy:
		h.Text = b.Why
	case event.Consented:
		h.Words = "cases.event_consent" + b.State
		h.Pairs, h.Text = []any{"what", p.term("consents.kind_", b.What), "receiver", b.Receiver}, b.Purpose
	case event.Vital:
		h.Pairs, h.Text = []any{"receiver", b.Receiver}, b.Reason
	case event.Disclosed:
		h.Pairs, h.Text = []any{"receiver", b.Receiver}, b.Facts
	case event.Basis:
		h.Pairs, h.Text = []any{"what", p.term("consents.processing_", b.Processing), "basis", p.term("", p.BasisWord(b.Basis))}, b.Why
	case event.Closed:
		h.Pairs, h.Text = []any{"outcome", p.Plain(b.Outcome), "reason", p.Plain(b.Reason)}, b.Note
	case event.Reopened:
		h.Text = b.Why
	case event.Held:
		if b.Until == "" {
			h.Words = "cases.event_heldoff"
		}
		h.Pairs, h.Text = []any{"date", readTime(p.words, b.Until)}, b.Reason
	case event.Reviewed:
		h.Text = b.Note
	default:
		return false
	}
	return true
}

func (s *server) pathwayTitle(id string) string {
	if k, ok := s.book.Pathway(id); ok {
		return k.Title
	}
	return id
}

// taskDo is what a task says is to be done; its id when the case has it no more.
func taskDo(c fold.Case, id string) string {
	for _, t := range c.Tasks {
		if t.TaskAdded.Task == id {
			return t.Do
		}
	}
	return id
}
