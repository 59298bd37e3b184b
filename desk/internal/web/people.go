package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"panah/core/event"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// A peoplePage says who works in the organisation.
type peoplePage struct {
	*page
	List  []office.Colleague
	Roles []string // that a person at this desk may have
	Keeps bool     // the viewer changes who works here
	Wrong string   // of a change of role
	Of    event.Staff
}

// Others are those at other desks.
func (p *peoplePage) Here(c office.Colleague) bool { return c.Here && c.Active }

func (s *server) peopleShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showPeople(w, r, v, http.StatusOK, "", "")
}

func (s *server) showPeople(w http.ResponseWriter, r *http.Request, v visit, status int, of event.Staff, wrong string) error {
	if v.Staff == "" {
		http.Redirect(w, r, "/people/first", http.StatusSeeOther)
		return nil
	}
	p, err := s.titled(r, v, "people.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/people", "people"
	data := &peoplePage{page: p, Keeps: v.Keeps, Wrong: wrong, Of: of}
	if data.List, err = s.can.people.StaffList(r.Context()); err != nil {
		return fmt.Errorf("listing people: %w", err)
	}
	if data.Roles, err = s.can.people.RolesHere(r.Context()); err != nil {
		return fmt.Errorf("listing roles: %w", err)
	}
	return s.show(w, status, "people", data)
}

// A firstPage asks who unlocked the desk.
type firstPage struct {
	*page
	Name  string // as it was typed
	Next  string
	Wrong string
}

func (s *server) firstAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.Staff != "" {
		return s.home(w, r, v)
	}
	return s.showFirst(w, r, v, http.StatusOK, &firstPage{Next: localPath(r.URL.Query().Get("next"))})
}

func (s *server) showFirst(w http.ResponseWriter, r *http.Request, v visit, status int, data *firstPage) (err error) {
	if data.page, err = s.titled(r, v, "people.first_title"); err != nil {
		return err
	}
	data.Path = "/people/first"
	return s.show(w, status, "first", data)
}

// first keeps the name of the first person of this desk.
func (s *server) first(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &firstPage{Name: r.PostForm.Get("name"), Next: localPath(r.PostForm.Get("next"))}
	staff, err := s.can.people.FirstPerson(r.Context(), data.Name)
	if status, wrong := peopleProblem(err); wrong != "" {
		data.Wrong = wrong
		return s.showFirst(w, r, v, status, data)
	}
	if err != nil {
		return fmt.Errorf("saying who works here: %w", err)
	}
	s.sessions.change(v.key, func(se *session) { se.staff = staff })
	s.say(v, "people.said_first")
	http.Redirect(w, r, data.Next, http.StatusSeeOther)
	return nil
}

// A newcomerPage is filled in by a keeper and, for the passphrase, by the newcomer.
type newcomerPage struct {
	*page
	Name, Role string // as they were typed and chosen
	Roles      []string
	Wrong      string
	At         string // the field that it is about
}

func (s *server) newcomerAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showNewcomer(w, r, v, http.StatusOK, &newcomerPage{Role: "caseworker"})
}

func (s *server) showNewcomer(w http.ResponseWriter, r *http.Request, v visit, status int, data *newcomerPage) (err error) {
	if data.page, err = s.titled(r, v, "people.new_title"); err != nil {
		return err
	}
	data.Path, data.Nav = "/people/new", "people"
	if data.Roles, err = s.can.people.RolesHere(r.Context()); err != nil {
		return fmt.Errorf("listing roles: %w", err)
	}
	return s.show(w, status, "newcomer", data)
}

func (s *server) newcomer(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &newcomerPage{Name: oneLine(r.PostForm.Get("name")), Role: r.PostForm.Get("role")}
	n := office.Newcomer{Name: data.Name, Role: data.Role, Passphrase: r.PostForm.Get("next")}
	if no := checkPassphrase(n.Passphrase, r.PostForm.Get("again")); no.wrong != "" {
		data.Wrong, data.At = no.wrong, "next"
		return s.showNewcomer(w, r, v, http.StatusUnprocessableEntity, data)
	}
	err := s.withPassphrase(func(own string) error {
		_, err := s.can.people.AddPerson(r.Context(), n, own)
		return err
	}, r)
	if status, wrong := peopleProblem(err); wrong != "" {
		data.Wrong, data.At = wrong, map[string]string{"people.own_wrong": "passphrase", "passkey.wait": "passphrase"}[wrong]
		return s.showNewcomer(w, r, v, status, data)
	}
	if err != nil {
		return fmt.Errorf("adding a person: %w", err)
	}
	s.say(v, "people.said_new_"+strength(n.Passphrase))
	http.Redirect(w, r, "/people", http.StatusSeeOther)
	return nil
}

// staffOf reads the person in a path or a form.
func staffOf(text string) event.Staff {
	if len(text) != 16 || strings.Trim(text, "0123456789abcdef") != "" {
		return ""
	}
	return event.Staff(text)
}

func (s *server) staffRole(w http.ResponseWriter, r *http.Request, v visit) error {
	staff := staffOf(r.PathValue("staff"))
	err := s.can.people.SetStaffRole(r.Context(), staff, r.PostForm.Get("role"))
	if status, wrong := peopleProblem(err); wrong != "" {
		return s.showPeople(w, r, v, status, staff, wrong)
	}
	if err != nil {
		return fmt.Errorf("changing a role: %w", err)
	}
	s.say(v, "people.said_role")
	http.Redirect(w, r, "/people", http.StatusSeeOther)
	return nil
}

// A leavePage says in words what happens when somebody stops working here, and asks who goes on with their cases.
type leavePage struct {
	*page
	Who    office.Colleague
	Cases  []casedb.Owned
	Hidden int // of their open cases that the viewer may not see
	Heirs  []office.Colleague
	Wrong  string
}

// CaseName is what a case is called in the list.
func (p *leavePage) CaseName(c casedb.Owned) string {
	if n := line(c.Name); n != "" {
		return n
	}
	return strconv.FormatInt(c.Thread, 10)
}

func (s *server) leaveAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showLeave(w, r, v, http.StatusOK, "")
}

func (s *server) showLeave(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	staff := staffOf(r.PathValue("staff"))
	list, err := s.can.people.StaffList(r.Context())
	if err != nil {
		return fmt.Errorf("listing people: %w", err)
	}
	data := &leavePage{Wrong: wrong}
	for _, c := range list {
		switch {
		case c.Staff == staff && c.Active:
			data.Who = c
		case c.Active && c.Role != "reader":
			data.Heirs = append(data.Heirs, c)
		}
	}
	if data.Who.Staff == "" {
		return errNowhere
	}
	if data.Cases, data.Hidden, err = s.can.people.OpenCasesOf(r.Context(), staff); err != nil {
		return fmt.Errorf("listing somebody's cases: %w", err)
	}
	if data.page, err = s.titled(r, v, "people.leave_title", "name", data.Who.Name); err != nil {
		return err
	}
	data.Path, data.Nav = "/people/"+string(staff)+"/leave", "people"
	return s.show(w, status, "leave", data)
}

func (s *server) leave(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.PostForm.Get("sure") != "yes" {
		return s.showLeave(w, r, v, http.StatusUnprocessableEntity, "step.tick")
	}
	staff := staffOf(r.PathValue("staff"))
	err := s.can.people.RemovePerson(r.Context(), staff, staffOf(r.PostForm.Get("to")))
	if status, wrong := peopleProblem(err); wrong != "" {
		return s.showLeave(w, r, v, status, wrong)
	}
	if err != nil {
		return fmt.Errorf("removing a person: %w", err)
	}
	s.sessions.lockOut(staff)
	s.say(v, "people.said_left")
	http.Redirect(w, r, "/people", http.StatusSeeOther)
	return nil
}
