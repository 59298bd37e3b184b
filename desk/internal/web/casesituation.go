package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/pathway"
	"panah/desk/internal/office"
)

// A pathwayPart is one pathway that a case follows, with its questions.
type pathwayPart struct {
	pathway.Pathway
	Questions []enquiry
	Answered  int
}

// An enquiry is a question of a pathway with its answer.
type enquiry struct {
	pathway.Question
	ID      string // of its element
	Name    string // of its field
	Input   string // radio, check, text, long, select, date, moment, number
	Choices []choice
	Value   string // as the field holds it
	Answers []said // several: said at once
}

// fillSituation makes the pathways with their questions.
func (s *server) fillSituation(p *casePage) {
	p.Offered = p.File.Suggested
	for i, followed := range p.File.Followed {
		part := pathwayPart{Pathway: followed}
		for j, q := range followed.Triage {
			shown := s.question(p, followed.ID, q)
			shown.ID = fmt.Sprintf("q%d-%d", i, j)
			if len(shown.Answers) > 0 {
				part.Answered++
			}
			part.Questions = append(part.Questions, shown)
		}
		p.Followed = append(p.Followed, part)
	}
	for _, c := range s.pathwayChoices() {
		is := func(k pathway.Pathway) bool { return k.ID == c.Value }
		if !slices.ContainsFunc(p.File.Followed, is) && !slices.ContainsFunc(p.Offered, is) {
			p.Rest = append(p.Rest, c)
		}
	}
}

func (s *server) question(p *casePage, of string, q pathway.Question) enquiry {
	shown := enquiry{Question: q, Name: "q." + q.ID, Input: "text"}
	answers := p.File.Case.Answers[of+"/"+q.ID]
	value := answers.Text()
	for _, a := range answers {
		if a.Text != "" {
			k := s.said(p, a)
			k.Shown = readAnswer(p.words, s, q, a.Text)
			shown.Answers = append(shown.Answers, k)
		}
	}
	shown.Value = value
	switch q.Type {
	case "choice", "yesno":
		shown.Input, shown.Choices = "radio", s.options(p.words, q, []string{value})
	case "multi":
		shown.Input, shown.Choices = "check", s.options(p.words, q, strings.Split(value, ", "))
		if len(q.Choices) == 0 {
			shown.Input = "text"
		}
	case "paper":
		shown.Input = "select"
		for _, k := range s.papers {
			name, in := k.Name(p.lang.Code)
			shown.Choices = append(shown.Choices, choice{Value: k.ID, Words: name, Lang: in, Chosen: k.ID == value})
		}
	case "date":
		shown.Input, shown.Value = "date", typedDay(value)
	case "datetime":
		shown.Input, shown.Value = "moment", typedMoment(value)
	case "number":
		shown.Input = "number"
	}
	return shown
}

// options are the choices of a question: ids of the rules, made readable, or yes and no.
func (s *server) options(w *words, q pathway.Question, chosen []string) (list []choice) {
	if q.Type == "yesno" {
		for _, v := range []string{"yes", "no", "unknown"} {
			name, err := w.P("cases.answer_" + v)
			if err != nil {
				name = v
			}
			list = append(list, choice{Value: v, Words: name, Chosen: slices.Contains(chosen, v)})
		}
		return list
	}
	for _, v := range q.Choices {
		list = append(list, choice{Value: v, Words: strings.NewReplacer("-", " ", "_", " ").Replace(v), Lang: "en", Chosen: slices.Contains(chosen, v)})
	}
	return list
}

// readAnswer is an answer as it is read.
func readAnswer(w *words, s *server, q pathway.Question, value string) string {
	switch q.Type {
	case "yesno":
		if name, err := w.P("cases.answer_" + value); err == nil {
			return name
		}
	case "paper":
		return s.paperName(w, value)
	case "date", "datetime":
		return readTime(w, value)
	case "choice", "multi":
		return strings.NewReplacer("-", " ", "_", " ").Replace(value)
	}
	return value
}

func (s *server) paperName(w *words, id string) string {
	for _, k := range s.papers {
		if k.ID == id {
			name, _ := k.Name(w.lang.Code)
			return name
		}
	}
	return id
}

// readTime writes a stored day or moment in both calendars; other words as they are.
func readTime(w *words, value string) string {
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return w.Both(t)
	}
	if t, err := time.ParseInLocation(time.DateOnly, value, time.Local); err == nil {
		return w.BothDay(t)
	}
	return value
}

func typedDay(value string) string { return value }

// typedMoment writes a stored moment as people type it.
func typedMoment(value string) string {
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t.Local().Format("2006-01-02 15:04")
	}
	return value
}

// follow adds a pathway to a case, or takes it off.
func (s *server) follow(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	on := r.PostForm.Get("off") == ""
	words := "cases.said_followed"
	if !on {
		words = "cases.said_unfollowed"
	}
	return s.caseDone(w, r, v, n, "situation", words, s.can.cases.Follow(r.Context(), n, r.PostForm.Get("pathway"), on))
}

// answers records what was answered anew of one pathway's questions. What did not change is not said again. A day that cannot be read costs no other answer.
func (s *server) answers(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	followed, ok := s.book.Pathway(r.PostForm.Get("pathway"))
	if !ok {
		return errFormKind
	}
	file, err := s.can.cases.Case(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	type given struct{ question, value string }
	var changed []given
	var unread error
	for _, q := range followed.Triage {
		if !r.PostForm.Has("q."+q.ID) && !r.PostForm.Has("was."+q.ID) {
			continue
		}
		value, err := typedAnswer(q, r.PostForm["q."+q.ID])
		if err != nil {
			unread = err
			continue
		}
		if value != file.Case.Answers[followed.ID+"/"+q.ID].Text() {
			changed = append(changed, given{q.ID, value})
		}
	}
	for _, g := range changed {
		if err := s.can.cases.Answer(r.Context(), n, followed.ID, g.question, g.value); err != nil {
			return fmt.Errorf("answering a question: %w", err)
		}
	}
	if unread != nil {
		return unread
	}
	return s.caseDone(w, r, v, n, "situation", "cases.said_answered", nil)
}

// typedAnswer is what a form's field means for a question. Days and moments are kept in one form, whatever calendar they were typed in.
func typedAnswer(q pathway.Question, typed []string) (string, error) {
	typed = slices.DeleteFunc(typed, func(s string) bool { return strings.TrimSpace(s) == "" })
	value := strings.TrimSpace(strings.Join(typed, ", "))
	if value == "" {
		return "", nil
	}
	switch q.Type {
	case "date":
		t, err := parseMoment(value)
		return t.Format(time.DateOnly), err
	case "datetime":
		t, err := parseMoment(value)
		return t.UTC().Format(time.RFC3339), err
	}
	return value, nil
}

// moment records a moment that deadlines count from.
func (s *server) moment(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	field := r.PostForm.Get("field")
	if !office.IsMoment(field) {
		return errFormKind
	}
	t, err := parseMoment(r.PostForm.Get("at"))
	if err != nil {
		return err
	}
	return s.caseDone(w, r, v, n, "tasks", "cases.said_moment", s.can.cases.Do(r.Context(), n, event.Set{Field: field, Value: t.UTC().Format(time.RFC3339)}))
}
