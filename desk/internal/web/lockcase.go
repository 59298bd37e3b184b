package web

import (
	"fmt"
	"net/http"

	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A lockPage asks who may go on reading a case.
type lockPage struct {
	*stepPage
	Choices []office.Desk
	Chosen  map[string]bool // by desk ID
	Locked  bool            // already: specialists are added
}

func (s *server) lockAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showLock(w, r, v, http.StatusOK, "")
}

func (s *server) showLock(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	p, err := s.step(r, v, "lock.title", wrong)
	if err != nil {
		return err
	}
	if p.Row.Summary.State != casedb.StateOpen {
		return office.ErrState
	}
	p.Path = threadPath(p.Row.ID) + "/lock"
	data := &lockPage{stepPage: p, Chosen: map[string]bool{}}
	if data.Choices, err = s.can.specialists.Specialists(r.Context()); err != nil {
		return fmt.Errorf("listing specialists: %w", err)
	}
	for _, d := range r.PostForm["desk"] {
		data.Chosen[d] = true
	}
	return s.show(w, status, "lock", data)
}

// lockCase leaves a case to the desks that were chosen. Nothing is locked without at least one of them, and a tick.
func (s *server) lockCase(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	chosen := r.PostForm["desk"]
	switch {
	case len(chosen) == 0:
		return s.showLock(w, r, v, http.StatusUnprocessableEntity, "lock.choose")
	case r.PostForm.Get("sure") != "yes":
		return s.showLock(w, r, v, http.StatusUnprocessableEntity, "step.tick")
	}
	if err := s.can.specialists.LockCase(r.Context(), n, chosen); err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	s.sessions.forget(n)
	s.say(v, "said.case_locked")
	http.Redirect(w, r, threadPath(n), http.StatusSeeOther)
	return nil
}
