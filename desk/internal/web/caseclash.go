package web

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"panah/core/event"
	"panah/core/fold"
)

// A clash is what two desks said at once: a human says which holds.
type clash struct {
	What   string // as the form sends it back
	Name   string // what it is about, plain
	Lang   string // of the name, when it is of the rules
	Values []said
}

// clashes lists what a human has to decide.
func (s *server) clashes(p *casePage) (list []clash, err error) {
	for _, what := range p.File.Case.Conflicts() {
		k := clash{What: what}
		var values fold.Field
		kind, rest, _ := strings.Cut(what, ":")
		switch kind {
		case "answer":
			values = p.File.Case.Answers[rest]
			pathway, question, _ := strings.Cut(rest, "/")
			k.Name, k.Lang = s.asks(pathway, question), "en"
		case "task":
			k.Name, k.Lang, values = taskClash(p.File.Case, rest)
		case "owner":
			values = p.File.Case.Owner
			k.Name, err = p.P("cases.field_owner")
		case "hold":
			values = p.File.Case.Hold
			k.Name, err = p.P("cases.field_hold")
		case "linked":
			values = p.File.Case.LinkedTo
			k.Name, err = p.P("cases.field_linked")
		default:
			values = p.File.Case.Fields[what]
			k.Name, err = fieldName(p.words, what)
		}
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			shown := s.said(p, v)
			if shown.Shown, err = s.read(p, what, v.Text); err != nil {
				return nil, err
			}
			if what == event.FieldOtherSide { // read by the conflict check only: the form names the event
				shown.Text = hex.EncodeToString(v.Hash[:])
			}
			k.Values = append(k.Values, shown)
		}
		list = append(list, k)
	}
	return list, nil
}

// taskClash finds what was said of a task at once: of its state, or of its deadline.
func taskClash(c fold.Case, id string) (name, lang string, values fold.Field) {
	for _, t := range c.Tasks {
		if t.TaskAdded.Task != id {
			continue
		}
		if strings.Contains(id, "/") {
			lang = "en"
		}
		if len(t.States) > 1 {
			return t.Do, lang, t.States
		}
		return t.Do, lang, t.Dues
	}
	return "", "", nil
}

// asks is the question of a pathway, in English; its id when this version of the rules has it no more.
func (s *server) asks(pathway, question string) string {
	if p, ok := s.book.Pathway(pathway); ok {
		for _, q := range p.Triage {
			if q.ID == question {
				return q.Ask
			}
		}
	}
	return pathway + "/" + question
}

// settle records which of several values holds. It is the same event as setting it anew: whoever reads later sees who decided, and when.
func (s *server) settle(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	what, value := r.PostForm.Get("what"), r.PostForm.Get("value")
	if !r.PostForm.Has("value") {
		return errEmpty
	}
	kind, rest, _ := strings.Cut(what, ":")
	switch kind {
	case "answer":
		pathway, question, _ := strings.Cut(rest, "/")
		err = s.can.cases.Answer(r.Context(), n, pathway, question, value)
	case "task":
		err = s.can.cases.Do(r.Context(), n, settleTask(rest, value))
	case "owner":
		err = s.can.cases.Do(r.Context(), n, event.Assigned{Staff: event.Staff(value)})
	case "hold", "linked":
		var settled event.Body
		if settled, err = s.settleEnd(r, n, what, value); err == nil {
			err = s.can.cases.Do(r.Context(), n, settled)
		}
	default:
		if !slices.Contains(caseFields[:], what) {
			return errNowhere
		}
		if what == event.FieldOtherSide {
			if value, err = s.otherSide(r, n, value); err != nil {
				return err
			}
		}
		err = s.can.cases.Do(r.Context(), n, event.Set{Field: what, Value: value})
	}
	if err != nil {
		return fmt.Errorf("settling what two desks said: %w", err)
	}
	return s.caseDone(w, r, v, n, r.PostForm.Get("tab"), "cases.said_settled", nil)
}

// settleEnd is the event that says again until when a case is kept, with the reason that was given, or which case a conversation belongs to: of what was said, nothing else.
func (s *server) settleEnd(r *http.Request, thread int64, what, value string) (event.Body, error) {
	file, err := s.can.cases.Case(r.Context(), thread)
	if err != nil {
		return nil, fmt.Errorf("reading a case: %w", err)
	}
	said := file.Case.LinkedTo
	if what == "hold" {
		said = file.Case.Hold
	}
	if !slices.ContainsFunc(said, func(v fold.Value) bool { return v.Text == value }) {
		return nil, errEmpty
	}
	if what == "linked" {
		return event.Linked{To: value}, nil
	}
	held := event.Held{Until: value}
	for _, l := range file.Case.Timeline {
		if b, ok := l.Body.(event.Held); ok && b.Until == value {
			held.Reason = b.Reason
		}
	}
	return held, nil
}

// otherSide is the value that an event gave the field which no page shows.
func (s *server) otherSide(r *http.Request, thread int64, hash string) (string, error) {
	file, err := s.can.cases.Case(r.Context(), thread)
	if err != nil {
		return "", fmt.Errorf("reading a case: %w", err)
	}
	for _, v := range file.Case.Fields[event.FieldOtherSide] {
		if hex.EncodeToString(v.Hash[:]) == hash {
			return v.Text, nil
		}
	}
	return "", errEmpty
}

// settleTask is the event that says again what holds of a task.
func settleTask(task, value string) event.Body {
	switch value {
	case "open", "done", "dropped":
		return event.TaskState{Task: task, State: value}
	}
	return event.TaskMoved{Task: task, Due: value}
}
