package web

import (
	"fmt"
	"net/http"

	"panah/desk/internal/office"
)

// A removePage tells what whoever has a desk may have, before it is removed and after.
type removePage struct {
	*page
	office.Exposure
	Needed int  // keepers who must sign before it is out; 0: not known
	Waits  bool // they have not
	Done   bool
	Wrong  string
}

// First and Last are the ends of the epochs.
func (p *removePage) First() int { return p.Epochs[0] }

// Last is the newest epoch.
func (p *removePage) Last() int { return p.Epochs[len(p.Epochs)-1] }

func (s *server) removeAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showRemove(w, r, v, http.StatusOK, "")
}

func (s *server) showRemove(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	e, err := s.can.council.Exposure(r.Context(), r.PathValue("desk"))
	if err != nil {
		return fmt.Errorf("finding out what a desk holds: %w", err)
	}
	data := &removePage{Exposure: e, Wrong: wrong}
	if k, err := s.can.council.Keys(r.Context()); err == nil {
		data.Needed = k.Threshold
	}
	return s.showExposure(w, r, v, status, data)
}

func (s *server) showExposure(w http.ResponseWriter, r *http.Request, v visit, status int, data *removePage) (err error) {
	title := "remove.title"
	switch {
	case data.Done && data.Waits:
		title = "remove.waits_title"
	case data.Done:
		title = "remove.done_title"
	}
	if data.page, err = s.titled(r, v, title, "desk", data.Desk.Name); err != nil {
		return err
	}
	data.Path, data.Nav = "/desks", "desks"
	if !data.Done {
		data.Path = "/desks/remove/" + data.Desk.ID
	}
	return s.show(w, status, "remove", data)
}

// remove puts a desk out, and tells once more what it may have taken along.
func (s *server) remove(w http.ResponseWriter, r *http.Request, v visit) error {
	e, err := s.can.council.Remove(r.Context(), r.PathValue("desk"))
	if status, wrong := keeperProblem(err); wrong != "" {
		return s.showRemove(w, r, v, status, wrong)
	}
	if err != nil {
		return fmt.Errorf("removing a desk: %w", err)
	}
	data := &removePage{Exposure: e, Done: true}
	if k, err := s.can.council.Keys(r.Context()); err == nil {
		data.Waits = k.Waiting != ""
	}
	return s.showExposure(w, r, v, http.StatusOK, data)
}
