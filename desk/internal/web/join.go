package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// joinChoices is how many older threads the page offers, newest first.
const joinChoices = 200

func (s *server) joinAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showJoin(w, r, v, http.StatusOK, "", 0)
}

// showJoin lists the threads that the same person may have written before.
func (s *server) showJoin(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string, older int64) error {
	p, err := s.step(r, v, "join.title", wrong)
	if err != nil {
		return err
	}
	if p.Row.Summary.State != casedb.StateOpen {
		return office.ErrState
	}
	p.Older = older
	found, err := s.office.Threads(r.Context(), casedb.Filter{Order: casedb.OrderNewest, Limit: joinChoices})
	if err != nil {
		return fmt.Errorf("listing threads: %w", err)
	}
	for _, t := range found {
		if t.ID != p.Row.ID && t.State == casedb.StateOpen {
			p.Others = append(p.Others, s.row(t))
		}
	}
	return s.show(w, status, "join", p)
}

// join says that two threads are one person's.
func (s *server) join(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	older, err := strconv.ParseInt(r.PostForm.Get("older"), 10, 64)
	if err != nil || older == n {
		return s.showJoin(w, r, v, http.StatusUnprocessableEntity, "join.choose", 0)
	}
	err = s.office.Join(r.Context(), n, older, r.PostForm.Get("confirmed") == "yes")
	switch {
	case errors.Is(err, office.ErrSafeWord):
		return s.showJoin(w, r, v, http.StatusUnprocessableEntity, "step.tick", older)
	case err != nil:
		return fmt.Errorf("joining two threads: %w", err)
	}
	s.say(v, "said.joined")
	http.Redirect(w, r, threadPath(n), http.StatusSeeOther)
	return nil
}
