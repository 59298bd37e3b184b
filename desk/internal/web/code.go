package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A stepPage asks before something that cannot be taken back: a new code, joining two threads, erasing.
type stepPage struct {
	*page
	Row      row
	SafeWord string
	Wrong    string // id of the sentence that says what is missing
	Code     []string
	Others   []row // threads that this one may be joined with
	Older    int64 // the chosen one
	Case     bool  // of erasing: it is a case, with all that hangs on it
	Linked   int   // and so many further conversations
}

// step reads the thread of a step and refuses those that the step cannot be done for.
func (s *server) step(r *http.Request, v visit, title, wrong string) (*stepPage, error) {
	n, err := id(r)
	if err != nil {
		return nil, err
	}
	t, err := s.office.Thread(r.Context(), n)
	if err != nil {
		return nil, fmt.Errorf("reading a thread: %w", err)
	}
	p, err := s.titled(r, v, title)
	if err != nil {
		return nil, err
	}
	p.Path = r.URL.Path
	return &stepPage{page: p, Row: s.row(t.Summary), SafeWord: line(t.Intake.SafeWord), Wrong: wrong}, nil
}

func (s *server) codeAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showCode(w, r, v, http.StatusOK, "")
}

func (s *server) showCode(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	p, err := s.step(r, v, "code.title", wrong)
	if err != nil {
		return err
	}
	if p.Row.Summary.State != casedb.StateOpen {
		return office.ErrState
	}
	return s.show(w, status, "code", p)
}

// codeMake makes the new code and shows it, once, in the answer to the form: it is in no address and is kept nowhere.
func (s *server) codeMake(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	code, err := s.office.Reissue(r.Context(), n, r.PostForm.Get("confirmed") == "yes")
	if errors.Is(err, office.ErrSafeWord) {
		return s.showCode(w, r, v, http.StatusUnprocessableEntity, "step.tick")
	}
	if err != nil {
		return fmt.Errorf("making a new code: %w", err)
	}
	p, err := s.step(r, v, "code.made_title", "")
	if err != nil {
		return err
	}
	p.Code = strings.Fields(code.Grouped())
	return s.show(w, http.StatusOK, "code", p)
}

// eraseAsk says in words what erasing destroys.
func (s *server) eraseAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showErase(w, r, v, http.StatusOK, "")
}

func (s *server) showErase(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	p, err := s.step(r, v, "erase.title", wrong)
	if err != nil {
		return err
	}
	if s.can.consents != nil {
		f, err := s.can.consents.Consents(r.Context(), p.Row.ID)
		if err != nil {
			return fmt.Errorf("reading a case: %w", err)
		}
		p.Case, p.Linked = f.Case.Opened, f.Linked
	}
	return s.show(w, status, "erase", p)
}

func (s *server) erase(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	if r.PostForm.Get("sure") != "yes" {
		return s.showErase(w, r, v, http.StatusUnprocessableEntity, "step.tick")
	}
	destroy := s.office.Erase
	if s.can.consents != nil {
		destroy = s.can.consents.EraseCase
	}
	if err := destroy(r.Context(), n); err != nil {
		return fmt.Errorf("erasing a thread: %w", err)
	}
	s.sessions.forget(n)
	s.say(v, "said.erased")
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
