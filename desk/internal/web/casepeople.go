package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"panah/desk/internal/office"
)

// A casePeoplePage says who has a case, who works on it, who is kept out, and who looked.
type casePeoplePage struct {
	*page
	office.CasePeople
	May   bool // the viewer writes
	Mine  bool
	Owner []office.Member
	Free  []office.Member // could get it
	Days  []lookDay
	Wrong string
	Note  string // as it was typed
}

// A lookDay is who opened the case on a day.
type lookDay struct {
	Day   time.Time
	Names []string
}

// Team are those who work on it beside its owner.
func (p *casePeoplePage) Team() (list []office.Member) {
	for _, m := range p.Members {
		if m.Team {
			list = append(list, m)
		}
	}
	return list
}

// Out are those who are kept out.
func (p *casePeoplePage) Out() (list []office.Member) {
	for _, m := range p.Members {
		if m.Barred {
			list = append(list, m)
		}
	}
	return list
}

// Others are those who work in the organisation and are not kept out.
func (p *casePeoplePage) Others() (list []office.Member) {
	for _, m := range p.Members {
		if m.Active && !m.Barred {
			list = append(list, m)
		}
	}
	return list
}

func (s *server) casePeople(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showCasePeople(w, r, v, http.StatusOK, "")
}

func (s *server) showCasePeople(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	c, err := s.can.people.CasePeople(r.Context(), n)
	if err != nil {
		return fmt.Errorf("reading who has to do with a case: %w", err)
	}
	p, err := s.titled(r, v, "people.case_title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = threadPath(n)+"/people", "queue"
	data := &casePeoplePage{page: p, CasePeople: c, May: v.Role != "reader" && v.Staff != "" && !c.Closed, Wrong: wrong}
	if r.PostForm != nil {
		data.Note = r.PostForm.Get("note")
	}
	for _, m := range c.Members {
		if m.Owns {
			data.Owner = append(data.Owner, m)
			data.Mine = data.Mine || m.Staff == v.Staff
		}
		if m.Active && !m.Barred && m.Role != "reader" && (!m.Owns || c.Clash) && (!c.Locked || m.Role == "specialist") {
			data.Free = append(data.Free, m)
		}
	}
	data.Days = days(c.Looks)
	return s.show(w, status, "casepeople", data)
}

// days groups looks, newest first, by the day on which they were.
func days(looks []office.Seen) (list []lookDay) {
	for _, l := range looks {
		name := line(l.Name)
		if name == "" {
			name = string(l.Staff[:min(4, len(l.Staff))])
		}
		at := l.At.Local()
		if k := len(list) - 1; k < 0 || list[k].Day.YearDay() != at.YearDay() || list[k].Day.Year() != at.Year() {
			list = append(list, lookDay{Day: at})
		}
		list[len(list)-1].Names = append(list[len(list)-1].Names, name)
	}
	return list
}

// caseForm runs one change of who has to do with a case, and comes back with what was done or why not.
func (s *server) caseForm(w http.ResponseWriter, r *http.Request, v visit, said string, do func(thread int64) error) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	err = do(n)
	wrong := caseProblem(err)
	if status, words := peopleProblem(err); words != "" {
		return s.showCasePeople(w, r, v, status, words)
	}
	if wrong != "" && !errors.Is(err, office.ErrWall) {
		return s.showCasePeople(w, r, v, http.StatusConflict, wrong)
	}
	if err != nil {
		return fmt.Errorf("changing who has to do with a case: %w", err)
	}
	s.say(v, said)
	next := threadPath(n) + "/people"
	if r.PostForm.Get("next") != "" {
		next = localPath(r.PostForm.Get("next"))
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *server) caseClaim(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.caseForm(w, r, v, "people.said_claimed", func(n int64) error { return s.can.people.Claim(r.Context(), n) })
}

func (s *server) caseAssign(w http.ResponseWriter, r *http.Request, v visit) error {
	to, said := staffOf(r.PostForm.Get("to")), "people.said_assigned"
	if to == "" {
		said = "people.said_released"
	}
	return s.caseForm(w, r, v, said, func(n int64) error { return s.can.people.Assign(r.Context(), n, to, r.PostForm.Get("note")) })
}

func (s *server) caseTeam(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.caseForm(w, r, v, "people.said_team", func(n int64) error {
		return s.can.people.PutOnTeam(r.Context(), n, staffOf(r.PostForm.Get("who")), r.PostForm.Get("on") == "yes")
	})
}

func (s *server) caseBar(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.caseForm(w, r, v, "people.said_barred", func(n int64) error {
		return s.can.people.KeepOut(r.Context(), n, staffOf(r.PostForm.Get("who")), r.PostForm.Get("on") == "yes", r.PostForm.Get("note"))
	})
}

// A wallPage stands where a case is that is not open to the viewer: whom to ask, and nothing of what it is about.
type wallPage struct {
	*page
	office.Wall
}

// wall shows the stub of a case; false when the request was about none, or it cannot be made.
func (s *server) wall(w http.ResponseWriter, r *http.Request, v visit) bool {
	n, err := id(r)
	if err != nil || s.can.people == nil {
		return false
	}
	data := &wallPage{}
	if data.page, err = s.titled(r, v, "people.wall_title"); err != nil {
		return false
	}
	data.Path, data.Nav = threadPath(n), "queue"
	if r.PathValue("id") != "" && r.URL.Path != "/part/"+r.PathValue("id") {
		if data.Wall, err = s.can.people.WallOf(r.Context(), n); err != nil {
			return false
		}
	}
	if err := s.show(w, http.StatusForbidden, "wall", data); err != nil {
		s.log.Error("showing that a case is not open", "err", err)
		return false
	}
	return true
}
