package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"panah/core/fold"
	"panah/core/rulebook"
	"panah/desk/internal/office"
)

// A paperPage asks about a kind of paper, and shows what the rulebook says. What was asked is in no address: answers are given to forms.
type paperPage struct {
	*page
	Row    row  // of the case; zero: nothing is kept
	Case   bool // it was opened from a case
	May    bool // … into which the viewer may write
	Opened bool // … and that was opened as one
	Form   paperForm
	Kinds  []paperKind
	Rounds bool // some of them have rounds
	Wrong  wrongs
	Book   string // version in use
	Read   string // day on which its sources were read last, both calendars
	Answer *paperAnswer
	Tasks  map[string]bool // names of tasks that the case has
	Done   string          // id of the sentence that says what was just done
	Older  string          // version of the rulebook that gave the check which is made again
}

// Action is where the form goes.
func (p *paperPage) Action() string {
	if p.Case {
		return threadPath(p.Row.ID) + "/papers"
	}
	return "/papers"
}

// Calendars are those that a date may be printed in.
func (*paperPage) Calendars() []string { return []string{"solar", "gregorian", "lunar"} }

// Hidden lists the fields that stay as they are in a form that asks for others.
func (p *paperPage) Hidden(but string) (list []field2) {
	for _, name := range []string{"paper", "round", "printed", "calendar", "on", "known"} {
		if v := p.Form.Val(name); v != "" && name != but {
			list = append(list, field2{name, v})
		}
	}
	for id, v := range p.Form.Facts {
		if name := factField + id; name != but && !p.asks(id) {
			list = append(list, field2{name, v})
		}
	}
	slices.SortStableFunc(list, func(a, b field2) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Whole lists every field, for a form that does something with the answer that is shown.
func (p *paperPage) Whole() []field2 {
	shown := p.Answer
	p.Answer = nil
	defer func() { p.Answer = shown }()
	return p.Hidden("")
}

// AsksRound reports whether the answer asks for the round, with a field of its own.
func (p *paperPage) AsksRound() bool {
	return p.Answer != nil && slices.ContainsFunc(p.Answer.Ask, func(a paperAsk) bool { return a.Field == "round" })
}

// AsksAny reports whether something can be answered beside the answer.
func (p *paperPage) AsksAny() bool {
	return p.Answer != nil && slices.ContainsFunc(p.Answer.Ask, func(a paperAsk) bool { return a.Field != "" })
}

// asks reports whether a fact is among what the answer asks next: its form has a field for it.
func (p *paperPage) asks(id string) bool {
	return p.Answer != nil && slices.ContainsFunc(p.Answer.Ask, func(a paperAsk) bool { return a.Field == factField+id })
}

// A paperKind is a kind of paper that may be chosen.
type paperKind struct {
	choice
	Rounds bool // it has numbered rounds
}

// A field2 is a field with its value.
type field2 struct{ Name, Value string }

// A typedPaper is a form that came while the session was locked.
type typedPaper struct {
	path string
	form paperForm
}

// paperAsk shows the form; after an unlocking with what was typed before.
func (s *server) paperAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.paperPage(r, v)
	if err != nil {
		return err
	}
	s.sessions.change(v.key, func(se *session) {
		if se.paper != nil && se.paper.path == r.URL.Path {
			p.Form, se.paper = se.paper.form, nil
			p.choose()
		}
	})
	return s.show(w, http.StatusOK, "papers", p)
}

// paperPage makes the page with what a case says, or empty.
func (s *server) paperPage(r *http.Request, v visit) (*paperPage, error) {
	base, err := s.titled(r, v, "papers.title")
	if err != nil {
		return nil, err
	}
	base.Nav, base.Path = "papers", "/papers"
	p := &paperPage{page: base, Wrong: wrongs{}, Tasks: map[string]bool{}, Form: paperForm{Facts: map[string]string{}}}
	if r.PathValue("id") != "" {
		if err := s.paperCase(r, v, p); err != nil {
			return nil, err
		}
	}
	return p, s.paperBook(r, p)
}

// paperCase reads the case that a check is for.
func (s *server) paperCase(r *http.Request, v visit, p *paperPage) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	if s.can.cases == nil {
		return errNowhere
	}
	file, err := s.can.cases.Case(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	p.Case, p.Path = true, threadPath(n)+"/papers"
	p.Row = s.named(file.Row)
	p.Opened = file.Case.Opened && file.Case.Closure == nil
	p.May = file.Role != fold.RoleReader && v.Role != fold.RoleReader
	for _, t := range file.Case.Tasks {
		if t.State != fold.TaskDropped {
			p.Tasks[t.TaskAdded.Task] = true
		}
	}
	p.Form = formOfCase(file.Case, file.Thread.Intake.Paper, line(file.Thread.Intake.Printed))
	return nil
}

// paperBook fills in what the rulebook in use offers.
func (s *server) paperBook(r *http.Request, p *paperPage) error {
	book, err := s.can.papers.Rulebook(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	p.Book, p.Read = book.Version(), p.RuleDay(book.ReadOn())
	for _, k := range book.Papers() {
		name, in := paperNamed(k, p.lang.Code)
		p.Kinds = append(p.Kinds, paperKind{choice{Value: k.ID, Words: name, Lang: in, Chosen: k.ID == p.Form.Paper}, len(k.Rounds) > 0})
		p.Rounds = p.Rounds || len(k.Rounds) > 0
		if k.ID == p.Form.Paper && p.Form.Printed != "" && p.Form.Calendar == "" {
			p.Form.Calendar = string(guessCalendar(k, p.Form.Printed))
		}
	}
	return nil
}

// paperNamed is a kind of paper in the reader's language, or in English, and in which.
func paperNamed(k rulebook.Paper, lang string) (name, in string) {
	if n := k.Names[lang]; n != "" {
		return n, lang
	}
	if n := k.Names["fa"]; n != "" && lang == "fa-AF" {
		return n, "fa"
	}
	return k.Names["en"], "en"
}

// paperCheck answers the form: asks, keeps the answer in the case, or puts a deadline on its list of tasks.
func (s *server) paperCheck(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.paperPage(r, v)
	if err != nil {
		return err
	}
	p.Form = readPaperForm(r.PostForm)
	book, err := s.can.papers.Rulebook(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	p.Older = s.olderBook(r.PostForm.Get("book"), book.Version())
	p.choose()
	q, wrong := p.Form.question(book, p.today())
	if p.Wrong = wrong; len(wrong) > 0 {
		return s.show(w, http.StatusUnprocessableEntity, "papers", p)
	}
	do, rule, _ := strings.Cut(r.PostForm.Get("do"), ":")
	if do == "save" && p.Case {
		return s.paperSave(w, r, v, p.Row.ID, q)
	}
	a, err := s.can.papers.CheckPaper(r.Context(), q)
	if err != nil {
		return s.paperRefused(w, p, err)
	}
	if do == "task" && p.Case {
		if err := s.paperTask(r, p, a, rule); err != nil {
			return err
		}
	}
	if p.Answer, err = s.paperAnswer(p, book, q, a); err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "papers", p)
}

// choose marks the kind of paper that the form has.
func (p *paperPage) choose() {
	for i := range p.Kinds {
		p.Kinds[i].Chosen = p.Kinds[i].Value == p.Form.Paper
	}
}

// olderBook is a version that a form names, when it is one and another than the one in use.
func (*server) olderBook(named, now string) string {
	if named == now || len(named) != len(now) || strings.Trim(named, "0123456789abcdef") != "" {
		return ""
	}
	return named
}

// paperRefused says what the rulebook cannot be asked.
func (s *server) paperRefused(w http.ResponseWriter, p *paperPage, err error) error {
	switch {
	case errors.Is(err, rulebook.ErrPaper):
		p.Wrong["paper"] = wrongField{Words: "papers.wrong_paper"}
	case errors.Is(err, rulebook.ErrQuestion):
		p.Wrong["paper"] = wrongField{Words: "papers.wrong_question"}
	default:
		return fmt.Errorf("checking a paper: %w", err)
	}
	return s.show(w, http.StatusUnprocessableEntity, "papers", p)
}

// paperSave keeps the answer in the case.
func (s *server) paperSave(w http.ResponseWriter, r *http.Request, v visit, thread int64, q rulebook.Question) error {
	if err := s.can.papers.SavePaperCheck(r.Context(), thread, q); err != nil {
		return fmt.Errorf("keeping a check in a case: %w", err)
	}
	s.say(v, "papers.said_saved")
	http.Redirect(w, r, caseTab(thread, "situation")+"#papers", http.StatusSeeOther)
	return nil
}

// paperTask puts a deadline that the answer tells of on the case's list.
func (s *server) paperTask(r *http.Request, p *paperPage, a rulebook.Answer, rule string) error {
	i := slices.IndexFunc(a.Also, func(k rulebook.Rule) bool { return k.ID == rule && k.Effect == rulebook.Deadline })
	if i < 0 {
		return errFormKind
	}
	task := office.DeadlineTask(a.Also[i])
	if !p.Tasks[task.Task] {
		if err := s.can.cases.Do(r.Context(), p.Row.ID, task); err != nil {
			return fmt.Errorf("putting a deadline on the list: %w", err)
		}
	}
	p.Tasks[task.Task], p.Done = true, "papers.said_task"
	return nil
}
