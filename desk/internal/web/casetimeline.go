package web

import (
	"fmt"
	"net/http"
	"slices"
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
	Text    string   // of a note, or a reason
	Refused string   // id of the words that say why it has no effect
	Pending bool     // no other desk has it yet
	Unknown bool     // of a newer version
	Tasks   []string // what a pathway that was followed put on the list at once
	Letter  bool     // a letter of the conversation, no event
}

// fillTimeline tells the case's events and its letters, newest first. The tasks that a pathway brings along are one line with it.
func (s *server) fillTimeline(r *http.Request, p *casePage) error {
	var events []happening
	lines := p.File.Case.Timeline
	for i := 0; i < len(lines); i++ {
		h, err := s.happening(p, lines[i])
		if err != nil {
			return err
		}
		if followed, ok := lines[i].Body.(event.Followed); ok && followed.On && h.Refused == "" {
			h.Tasks = broughtBy(followed.Pathway, lines[i], lines[i+1:])
			i += len(h.Tasks)
		}
		events = append(events, h)
	}
	slices.Reverse(events)
	all := merged(events, writings(p))
	if r.URL.Query().Get("all") == "" && len(all) > timelineRoom {
		p.Earlier = len(all) - timelineRoom
		all = all[:timelineRoom]
	}
	p.Timeline = all
	return nil
}

// broughtBy are the tasks that the lines after the following of a pathway put on the list, as far as the same author did so at once.
func broughtBy(pathway string, followed fold.Line, lines []fold.Line) (tasks []string) {
	for _, l := range lines {
		b, ok := l.Body.(event.TaskAdded)
		if !ok || l.Refused != "" || l.Author != followed.Author || l.Place < 0 != (followed.Place < 0) || !strings.HasPrefix(b.Task, pathway+"/") {
			break
		}
		tasks = append(tasks, b.Do)
	}
	return tasks
}

// writings are the letters and answers of the conversation, newest first. Their words stand in the conversation.
func writings(p *casePage) (list []happening) {
	for _, l := range p.File.Thread.Letters {
		list = append(list, happening{At: written(l), Words: "cases.event_letter", Letter: true})
	}
	for _, r := range p.File.Thread.Replies {
		list = append(list, happening{At: r.At, Words: "cases.event_reply", Letter: true})
	}
	slices.SortStableFunc(list, func(a, b happening) int { return b.At.Compare(a.At) })
	return list
}

// merged puts letters among events, which keep their own order: clocks of several desks differ.
func merged(events, letters []happening) (all []happening) {
	for len(events)+len(letters) > 0 {
		if len(events) == 0 || len(letters) > 0 && letters[0].At.After(events[0].At) {
			all, letters = append(all, letters[0]), letters[1:]
			continue
		}
		all, events = append(all, events[0]), events[1:]
	}
	return all
}

func (s *server) happening(p *casePage, l fold.Line) (h happening, err error) {
	h = happening{At: l.At, Who: p.name(l.Author), Pending: l.Place < 0, Words: "cases.event_" + strings.ReplaceAll(l.Body.Kind(), "-", "")}
	if l.Refused != "" {
		h.Refused = "cases.refused_" + l.Refused
		if l.Refused == "talk" {
			h.Refused = "writing.refused_talk"
		}
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
	case event.PaperChecked:
		return true, s.tellPaper(p, b, h)
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
	case event.LetterMade:
		h.Words, h.Pairs = "writing.event_made", []any{"title", b.Title, "reader", p.letterReader(b)}
	case event.RiskTalked:
		h.Words, h.Text = "writing.event_talked", b.Understood
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
