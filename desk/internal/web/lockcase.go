package web

import (
	"fmt"
	"net/http"
	"slices"

	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A lockPage asks who may go on reading a case, or who else may read one that is locked.
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
	n, err := id(r)
	if err != nil {
		return err
	}
	t, err := s.office.Thread(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a thread: %w", err)
	}
	if t.State != casedb.StateOpen {
		return office.ErrState
	}
	title := "lock.title"
	if t.Locked {
		title = "lock.more_title"
	}
	p, err := s.step(r, v, title, wrong)
	if err != nil {
		return err
	}
	p.Path = threadPath(p.Row.ID) + "/lock"
	data := &lockPage{stepPage: p, Chosen: map[string]bool{}, Locked: t.Locked}
	if data.Choices, err = s.can.specialists.Specialists(r.Context()); err != nil {
		return fmt.Errorf("listing specialists: %w", err)
	}
	data.Choices = slices.DeleteFunc(data.Choices, func(d office.Desk) bool { return t.Locked && slices.Contains(t.Specialists, d.ID) })
	for _, d := range r.PostForm["desk"] {
		data.Chosen[d] = true
	}
	return s.show(w, status, "lock", data)
}

// lockCase leaves a case to the desks that were chosen, or lets them read one that is locked. Nothing happens without at least one of them, and a tick.
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
	t, err := s.office.Thread(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading a thread: %w", err)
	}
	said := "said.case_locked"
	if t.Locked {
		said = "said.case_named"
		err = s.nameSpecialists(r, n, chosen)
	} else {
		err = s.can.specialists.LockCase(r.Context(), n, chosen)
		s.sessions.forget(n)
	}
	if err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	s.say(v, said)
	http.Redirect(w, r, threadPath(n), http.StatusSeeOther)
	return nil
}

// nameSpecialists lets further desks read a locked case.
func (s *server) nameSpecialists(r *http.Request, thread int64, desks []string) error {
	for _, d := range desks {
		if err := s.can.specialists.NameSpecialist(r.Context(), thread, d); err != nil {
			return err
		}
	}
	return nil
}
