package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"panah/core/roster"
	"panah/desk/internal/office"
)

// An invitePage brings a desk in: the code, the words to compare, the decision.
type invitePage struct {
	*page
	office.Invitation
	Code    []string // nine digits in threes; empty: not known to this browser
	Six     []string // in the language of the page
	English []string // … and in English, when that is another
	Wrong   string
}

// Roles are the choices of the form.
func (*invitePage) Roles() []roster.Role { return roles() }

// An invited code is kept for the browser that asked for it, in memory.
type invited struct {
	code  string
	until time.Time
}

func (s *server) inviteShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showInvite(w, r, v, http.StatusOK, "")
}

func (s *server) showInvite(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	in, err := s.can.inviter.Invitation(r.Context())
	if err != nil {
		return fmt.Errorf("looking after the invitation: %w", err)
	}
	title := "invite.title"
	if in.State == "compare" {
		title = "invite.compare_title"
	}
	p, err := s.titled(r, v, title)
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/desks/invite", "desks"
	data := &invitePage{page: p, Invitation: in, Wrong: wrong}
	switch in.State {
	case "waiting":
		p.Again = 3
		s.sessions.change(v.key, func(se *session) {
			if time.Now().Before(se.invited.until) {
				data.Code = strings.Fields(se.invited.code)
			}
		})
	case "compare":
		data.Six, data.English = spell(in.Words[:], p.lang.Code)
	}
	return s.show(w, status, "invite", data)
}

// invite makes the code. It is in no address; the page shows it until it has run out.
func (s *server) invite(w http.ResponseWriter, r *http.Request, v visit) error {
	code, until, err := s.can.inviter.Invite(r.Context())
	if err != nil {
		return s.inviteFailed(w, r, v, err)
	}
	s.sessions.change(v.key, func(se *session) { se.invited = invited{code, until} })
	return s.toInvite(w, r)
}

func (s *server) toInvite(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/desks/invite", http.StatusSeeOther)
	return nil
}

func (s *server) inviteFailed(w http.ResponseWriter, r *http.Request, v visit, err error) error {
	if status, wrong := keeperProblem(err); wrong != "" {
		return s.showInvite(w, r, v, status, wrong)
	}
	return fmt.Errorf("inviting a desk: %w", err)
}

// admitDesk lets the newcomer in: somebody has compared the words and chosen what the desk may do.
func (s *server) admitDesk(w http.ResponseWriter, r *http.Request, v visit) error {
	role := roster.Role(r.PostForm.Get("role"))
	if !role.Valid() || r.PostForm.Get("same") != "yes" {
		return s.showInvite(w, r, v, http.StatusUnprocessableEntity, "invite.choose")
	}
	if err := s.can.inviter.Admit(r.Context(), role); err != nil {
		return s.inviteFailed(w, r, v, err)
	}
	s.forgetInvite(v)
	s.say(v, "said.admitted")
	http.Redirect(w, r, "/desks", http.StatusSeeOther)
	return nil
}

// turnAway ends the invitation: the words differ, or nobody is wanted any more.
func (s *server) turnAway(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := s.can.inviter.TurnAway(r.Context()); err != nil {
		return s.inviteFailed(w, r, v, err)
	}
	s.forgetInvite(v)
	s.say(v, "said.turned_away")
	http.Redirect(w, r, "/desks", http.StatusSeeOther)
	return nil
}

func (s *server) forgetInvite(v visit) {
	s.sessions.change(v.key, func(se *session) { se.invited = invited{} })
}
