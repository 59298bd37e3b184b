package web

import (
	"fmt"
	"net/http"
	"slices"

	"panah/core/event"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A lockPage asks who may go on reading a case, or who else may read one that is locked.
type lockPage struct {
	*stepPage
	Choices []office.Desk
	Chosen  map[string]bool    // by desk ID
	People  []office.Colleague // specialists who could be named
	Named   map[event.Staff]bool
	Locked  bool // already: specialists are added
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
	data := &lockPage{stepPage: p, Chosen: map[string]bool{}, Named: map[event.Staff]bool{}, Locked: t.Locked}
	if data.Choices, err = s.can.specialists.Specialists(r.Context()); err != nil {
		return fmt.Errorf("listing specialists: %w", err)
	}
	data.Choices = slices.DeleteFunc(data.Choices, func(d office.Desk) bool { return t.Locked && slices.Contains(t.Specialists, d.ID) })
	for _, d := range r.PostForm["desk"] {
		data.Chosen[d] = true
	}
	if err := s.namable(r, data, t); err != nil {
		return err
	}
	return s.show(w, status, "lock", data)
}

// namable lists the specialists who may be named: those at desks that read a locked case, or could.
func (s *server) namable(r *http.Request, data *lockPage, t casedb.Thread) (err error) {
	if s.can.namer == nil {
		return nil
	}
	if data.People, err = s.can.namer.SpecialistPeople(r.Context()); err != nil {
		return fmt.Errorf("listing specialists: %w", err)
	}
	if t.Locked {
		team, err := s.can.people.CasePeople(r.Context(), t.ID)
		if err != nil {
			return fmt.Errorf("reading who has to do with a case: %w", err)
		}
		data.People = slices.DeleteFunc(data.People, func(c office.Colleague) bool {
			return slices.ContainsFunc(team.Members, func(m office.Member) bool { return m.Staff == c.Staff && (m.Team || m.Owns) })
		})
	}
	for _, p := range r.PostForm["person"] {
		data.Named[staffOf(p)] = true
	}
	return nil
}

// lockCase leaves a case to the desks that were chosen, or lets them read one that is locked. Nothing happens without at least one of them, and a tick.
func (s *server) lockCase(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	chosen := r.PostForm["desk"]
	var people []event.Staff
	for _, p := range r.PostForm["person"] {
		people = append(people, staffOf(p))
	}
	switch {
	case len(chosen)+len(people) == 0:
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
		err = s.nameSpecialists(r, n, chosen, people)
	} else {
		err = s.lockFor(r, n, chosen, people)
	}
	if status, wrong := peopleProblem(err); wrong != "" {
		return s.showLock(w, r, v, status, wrong)
	}
	if err == nil && !t.Locked {
		s.sessions.forget(n)
	}
	if err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	s.say(v, said)
	http.Redirect(w, r, threadPath(n), http.StatusSeeOther)
	return nil
}

// lockFor locks a case for desks, and for people at them.
func (s *server) lockFor(r *http.Request, thread int64, desks []string, people []event.Staff) error {
	if s.can.namer == nil {
		return s.can.specialists.LockCase(r.Context(), thread, desks)
	}
	return s.can.namer.LockCaseFor(r.Context(), thread, desks, people)
}

// nameSpecialists lets further desks, and further people, read a locked case.
func (s *server) nameSpecialists(r *http.Request, thread int64, desks []string, people []event.Staff) error {
	for _, d := range desks {
		if err := s.can.specialists.NameSpecialist(r.Context(), thread, d); err != nil {
			return err
		}
	}
	if s.can.namer == nil || len(people) == 0 {
		return nil
	}
	return s.can.namer.NamePeople(r.Context(), thread, people)
}
