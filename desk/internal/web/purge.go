package web

import (
	"fmt"
	"net/http"
)

// A purgePage says what is lost with this desk and what is elsewhere.
type purgePage struct {
	*page
	Others   int // desks that keep everything
	Known    bool
	Rehearse bool // asked for by the page that asks for a rehearsal
	Wrong    string
}

func (s *server) purgeAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showPurge(w, r, v, http.StatusOK, "")
}

func (s *server) showPurge(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	p, err := s.titled(r, v, "purge.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/purge", "about"
	data := &purgePage{page: p, Wrong: wrong, Rehearse: r.FormValue("rehearse") == "yes"}
	if s.can.council != nil {
		if k, err := s.can.council.Keys(r.Context()); err == nil {
			data.Others, data.Known = len(k.Desks)-1, true
		}
	}
	return s.show(w, status, "purge", data)
}

// purge destroys this desk, keys first. The page that follows is the setup's: nothing is left to unlock.
func (s *server) purge(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.PostForm.Get("sure") != "yes" {
		return s.showPurge(w, r, v, http.StatusUnprocessableEntity, "step.tick")
	}
	if err := s.can.purger.Purge(r.Context()); err != nil {
		return fmt.Errorf("purging this desk: %w", err)
	}
	gone := "gone.purged"
	if r.PostForm.Get("rehearse") == "yes" {
		gone = "gone.rehearsal"
	}
	s.sessions.forgetAll()
	s.front.leave(s, gone)
	return s.home(w, r, v)
}
