package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A closePage closes a case, opens it again, or keeps it longer.
type closePage struct {
	*page
	Row      row
	File     office.ConsentFile
	Closed   bool
	May      bool
	Outcomes []string // those of the followed pathways first
	First    int      // how many of them those are
	Reasons  []string
	Tasks    []fold.Task // open
	Legal    []string    // bases for keeping other than consent
	Hold     string      // the rule
	Lost     bool        // nobody has heard of the person for as long as counts as lost
	Form     string
	Wrong    string
	typed    url.Values
}

// Val is what was typed into a form that was not taken.
func (p *closePage) Val(form, name string) string {
	if form != p.Form {
		return ""
	}
	return p.typed.Get(name)
}

func (s *server) closeShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showClose(w, r, v, http.StatusOK, "", "")
}

func (s *server) showClose(w http.ResponseWriter, r *http.Request, v visit, status int, form, wrong string) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	f, err := s.can.consents.Consents(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a case: %w", err)
	}
	if !f.Case.Opened {
		return fold.ErrUnopened
	}
	title := "consents.close_title"
	if f.Case.Closure != nil {
		title = "consents.closed_title"
	}
	p, err := s.titled(r, v, title)
	if err != nil {
		return err
	}
	p.Nav, p.Path = "queue", threadPath(n)+"/close"
	data := &closePage{
		page: p, Row: s.named(f.Row), File: f, Closed: f.Case.Closure != nil, May: office.ActorOf(r.Context()).Role != "reader", Reasons: s.book.Common.Closures, Hold: s.book.Common.LegalHold,
		Lost: !f.Row.Last.IsZero() && f.Now.Sub(f.Row.Last) > time.Duration(f.Kept.Lost)*24*time.Hour, Form: form, Wrong: wrong, typed: r.PostForm,
	}
	data.Outcomes, data.First = s.outcomes(f.Case.Pathways)
	for _, t := range f.Case.Tasks {
		if t.State == "open" {
			data.Tasks = append(data.Tasks, t)
		}
	}
	for _, b := range s.book.Common.LegalBases {
		if b != "consent" {
			data.Legal = append(data.Legal, b)
		}
	}
	return s.show(w, status, "close", data)
}

// outcomes lists those of the followed pathways, and then all others.
func (s *server) outcomes(followed []string) (list []string, first int) {
	for _, id := range followed {
		if k, ok := s.book.Pathway(id); ok {
			for _, o := range k.Outcomes {
				if !slices.Contains(list, o) {
					list = append(list, o)
				}
			}
		}
	}
	first = len(list)
	for _, o := range s.book.Common.Outcomes {
		if !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list, first
}

// closeDo closes, opens again, or keeps.
func (s *server) closeDo(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	f := r.PostForm
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	form, said := get("form"), ""
	switch form {
	case "close":
		all, _ := s.outcomes(nil)
		if !slices.Contains(s.book.Common.Closures, get("reason")) || get("outcome") == "" || !slices.Contains(all, get("outcome")) && !s.outcomeOfAny(get("outcome")) {
			return s.showClose(w, r, v, http.StatusUnprocessableEntity, form, "consents.close_missing")
		}
		if get("remains") == "" {
			return s.showClose(w, r, v, http.StatusUnprocessableEntity, form, "consents.close_remains")
		}
		said = "consents.said_closed"
		err = s.can.consents.Do(r.Context(), n, event.Closed{Outcome: get("outcome"), Reason: get("reason"), Note: get("note"), Remains: get("remains")})
	case "reopen":
		said = "consents.said_reopened"
		err = s.can.consents.Do(r.Context(), n, event.Reopened{Why: get("why")})
	case "hold":
		said, err = "consents.said_held", s.hold(r, n)
	case "release":
		said = "consents.said_released"
		err = s.can.consents.Hold(r.Context(), n, get("why"), time.Time{}, nil)
	default:
		return errNowhere
	}
	if words := holdProblem(err); words != "" {
		return s.showClose(w, r, v, http.StatusUnprocessableEntity, form, words)
	}
	if err != nil {
		return fmt.Errorf("closing a case: %w", err)
	}
	s.say(v, said)
	http.Redirect(w, r, threadPath(n)+"/close", http.StatusSeeOther)
	return nil
}

// outcomeOfAny reports whether a pathway knows an outcome.
func (s *server) outcomeOfAny(outcome string) bool {
	for _, k := range s.book.Pathways() {
		if slices.Contains(k.Outcomes, outcome) {
			return true
		}
	}
	return false
}

// hold keeps a case longer.
func (s *server) hold(r *http.Request, thread int64) error {
	until, err := parseMoment(r.PostForm.Get("until"))
	if err != nil {
		return err
	}
	var basis *event.Basis
	reason := strings.TrimSpace(r.PostForm.Get("reason"))
	if b := r.PostForm.Get("basis"); b != "" && slices.Contains(s.book.Common.LegalBases, b) {
		basis = &event.Basis{Processing: "keep", Basis: b, Why: reason}
	}
	return s.can.consents.Hold(r.Context(), thread, reason, until, basis)
}

func holdProblem(err error) string {
	switch {
	case errors.Is(err, office.ErrReason):
		return "consents.hold_reason"
	case errors.Is(err, office.ErrEnd), errors.Is(err, errMoment):
		return "consents.hold_end"
	case errors.Is(err, office.ErrKeep):
		return "consents.hold_keep"
	}
	return caseProblem(err)
}

// A retentionPage lists what goes, and says how long what is kept.
type retentionPage struct {
	*page
	Rows   []goingRow
	Kept   event.Retention
	MaySet bool
	Wrong  string
	typed  url.Values
	Min    int
	Max    int
}

// A goingRow is a case on the list.
type goingRow struct {
	office.Going
	Called string
}

// Val is what the settings hold, or what was typed into them.
func (p *retentionPage) Val(name string) string {
	if p.typed != nil {
		return p.typed.Get(name)
	}
	return map[string]string{
		"text": strconv.Itoa(p.Kept.Text), "identity": strconv.Itoa(p.Kept.Identity), "locked": strconv.Itoa(p.Kept.Locked), "lost": strconv.Itoa(p.Kept.Lost), "list": strconv.Itoa(p.Kept.List),
	}[name]
}

// Fields lists the settings in days.
func (*retentionPage) Fields() []string {
	return []string{"text", "identity", "locked", "lost", "list"}
}

func (s *server) retentionShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showRetention(w, r, v, http.StatusOK, "", nil)
}

func (s *server) showRetention(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string, typed url.Values) error {
	list, kept, err := s.can.consents.Review(r.Context())
	if err != nil {
		return fmt.Errorf("listing what goes: %w", err)
	}
	p, err := s.titled(r, v, "consents.retention_title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "retention", "/retention"
	data := &retentionPage{page: p, Kept: kept, MaySet: office.MayKeep(office.ActorOf(r.Context()).Role), Wrong: wrong, typed: typed, Min: office.MinKept, Max: office.MaxKept}
	for _, g := range list {
		data.Rows = append(data.Rows, goingRow{g, line(g.Name)})
	}
	return s.show(w, status, "retention", data)
}

// retentionSet sets how long what is kept.
func (s *server) retentionSet(w http.ResponseWriter, r *http.Request, v visit) error {
	number := func(name string) int {
		n, err := strconv.Atoi(r.PostForm.Get(name))
		if err != nil {
			return -1
		}
		return n
	}
	k := event.Retention{Text: number("text"), Identity: number("identity"), Locked: number("locked"), Lost: number("lost"), List: number("list"), Why: strings.TrimSpace(r.PostForm.Get("why"))}
	err := s.can.consents.SetKept(r.Context(), k)
	switch {
	case errors.Is(err, office.ErrReason):
		return s.showRetention(w, r, v, http.StatusUnprocessableEntity, "consents.set_reason", r.PostForm)
	case errors.Is(err, office.ErrBounds):
		return s.showRetention(w, r, v, http.StatusUnprocessableEntity, "consents.set_bounds", r.PostForm)
	case err != nil:
		return fmt.Errorf("setting how long what is kept: %w", err)
	}
	s.say(v, "consents.said_set")
	http.Redirect(w, r, "/retention", http.StatusSeeOther)
	return nil
}

// A reportPage asks before a letter that reports somebody is destroyed.
type reportPage struct {
	*stepPage
	Letter int64
	Whole  bool // nothing else is in the conversation
}

func (s *server) reportAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showReport(w, r, v, http.StatusOK, "")
}

func (s *server) showReport(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	letter, err := strconv.ParseInt(r.PathValue("letter"), 10, 64)
	if err != nil {
		return office.ErrNotFound
	}
	p, err := s.step(r, v, "consents.report_title", wrong)
	if err != nil {
		return err
	}
	t, err := s.office.Thread(r.Context(), p.Row.ID)
	if err != nil {
		return fmt.Errorf("reading a thread: %w", err)
	}
	if !slices.ContainsFunc(t.Letters, func(l casedb.Letter) bool { return l.ID == letter }) {
		return office.ErrNotFound
	}
	if t.State != casedb.StateOpen {
		return office.ErrState
	}
	genuine := 0
	for _, l := range t.Letters {
		if l.ID != letter && l.Tag != casedb.TagForged {
			genuine++
		}
	}
	p.Path = fmt.Sprintf("%s/report/%d", threadPath(p.Row.ID), letter)
	return s.show(w, status, "report", &reportPage{stepPage: p, Letter: letter, Whole: genuine == 0})
}

// reportDestroy destroys it. Nothing of it is said afterwards, and it is in no list.
func (s *server) reportDestroy(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	letter, err := strconv.ParseInt(r.PathValue("letter"), 10, 64)
	if err != nil {
		return office.ErrNotFound
	}
	if r.PostForm.Get("sure") != "yes" {
		return s.showReport(w, r, v, http.StatusUnprocessableEntity, "step.tick")
	}
	whole, err := s.can.consents.DestroyReport(r.Context(), n, letter)
	if err != nil {
		return fmt.Errorf("destroying a letter: %w", err)
	}
	s.sessions.forget(n)
	s.say(v, "consents.said_destroyed")
	to := threadPath(n)
	if whole {
		to = "/"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
