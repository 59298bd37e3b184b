package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"panah/core/roster"
	"panah/desk/internal/office"
)

// A desksPage says who belongs to the organisation and how its keys stand; on a keeper's desk it also changes them.
type desksPage struct {
	*page
	Keys        office.Keys
	Fingerprint []string // groups of four
	Words       []string // the same in eight words, in the language of the page
	English     []string // … and in English, when that is another
	Keepers     []office.Desk
	Splits      []string
	MayRehearse bool // this desk is the only one
	IntakeForm  bool // to close it, always; to open it, when the sheets have been tried
	Posters     []poster
	Wrong       string // id of the sentence that says what was not done
	At          string // what it is about: a desk's ID, "threshold", "roll"
}

// Mine reports whether this desk may change keys.
func (p *desksPage) Mine() bool { return p.Keys.Role == roster.RoleKeeper }

// Others are the thresholds that can be chosen.
func (p *desksPage) Thresholds() (all []int) {
	for n := 1; n <= len(p.Keepers); n++ {
		all = append(all, n)
	}
	return all
}

// Roles are the roles in the order in which they are offered.
func roles() []roster.Role {
	return []roster.Role{roster.RoleCaseworker, roster.RoleSpecialist, roster.RoleReader, roster.RoleKeeper}
}

// Roles are the choices of the forms.
func (*desksPage) Roles() []roster.Role { return roles() }

func (s *server) desks(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showDesks(w, r, v, http.StatusOK, "", "")
}

func (s *server) showDesks(w http.ResponseWriter, r *http.Request, v visit, status int, at, wrong string) error {
	p, err := s.titled(r, v, "desks.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/desks", "desks"
	data := &desksPage{page: p, Splits: splits(), At: at, Wrong: wrong}
	if data.Keys, err = s.can.council.Keys(r.Context()); err != nil {
		return fmt.Errorf("reading the list of desks: %w", err)
	}
	data.Fingerprint = group(data.Keys.Org)
	data.Words, data.English = spell(data.Keys.Words[:], p.lang.Code)
	data.Posters = posters(data.Keys.Words[:])
	for _, d := range data.Keys.Desks {
		if d.Keeper {
			data.Keepers = append(data.Keepers, d)
		}
	}
	data.MayRehearse = len(data.Keys.Desks) == 1 && s.can.purger != nil && s.front.setup != nil
	data.IntakeForm = data.Mine() && s.can.sheets != nil && (data.Keys.Intake || !data.Keys.Custodians.Rehearsed.IsZero())
	return s.show(w, status, "desks", data)
}

// keeperProblem has the words for what hindered a keeper's action; wrong is "" for what no words fit.
func keeperProblem(err error) (status int, wrong string) {
	switch {
	case errors.Is(err, office.ErrConflict):
		return http.StatusConflict, "problem.conflict"
	case errors.Is(err, office.ErrKeeper):
		return http.StatusForbidden, "problem.keeper"
	case errors.Is(err, office.ErrThreshold):
		return http.StatusConflict, "problem.threshold"
	case errors.Is(err, office.ErrSheets):
		return http.StatusConflict, "problem.sheets"
	case errors.Is(err, office.ErrProposal):
		return http.StatusConflict, "problem.proposal"
	case errors.Is(err, office.ErrRehearsal):
		return http.StatusConflict, "intake.not_rehearsed"
	case offline(err):
		return http.StatusBadGateway, "problem.gate"
	}
	return 0, ""
}

// signed is changed for what other keepers may have to sign too: nothing is said to be done that waits.
func (s *server) signed(w http.ResponseWriter, r *http.Request, v visit, at, said string, err error) error {
	if k, failed := s.can.council.Keys(r.Context()); err == nil && failed == nil && k.Waiting != "" {
		said = "said.waits"
	}
	return s.changed(w, r, v, at, said, err)
}

// changed answers a keeper's action: back to the list with what was done, or with what hindered it.
func (s *server) changed(w http.ResponseWriter, r *http.Request, v visit, at, said string, err error) error {
	if status, wrong := keeperProblem(err); wrong != "" {
		return s.showDesks(w, r, v, status, at, wrong)
	}
	if err != nil {
		return err
	}
	s.say(v, said)
	http.Redirect(w, r, "/desks", http.StatusSeeOther)
	return nil
}

func (s *server) roll(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.signed(w, r, v, "roll", "said.rolled", s.can.council.Roll(r.Context()))
}

func (s *server) threshold(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := strconv.Atoi(r.PostForm.Get("n"))
	if err != nil || n < 1 {
		return errFormKind
	}
	return s.signed(w, r, v, "threshold", "said.threshold", s.can.council.SetThreshold(r.Context(), n))
}

func (s *server) setRole(w http.ResponseWriter, r *http.Request, v visit) error {
	role := roster.Role(r.PostForm.Get("role"))
	if !role.Valid() {
		return errFormKind
	}
	desk := r.PathValue("desk")
	return s.signed(w, r, v, desk, "said.role", s.can.council.SetRole(r.Context(), desk, role))
}

func (s *server) cosign(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.changed(w, r, v, "proposals", "said.cosigned", s.can.council.Cosign(r.Context(), r.PathValue("proposal")))
}

// intakeSet opens or closes the door to the public.
func (s *server) intakeSet(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.PostForm.Get("open") == "yes" {
		return s.changed(w, r, v, "intake", "said.intake_open", s.can.sheets.OpenIntake(r.Context()))
	}
	return s.changed(w, r, v, "intake", "said.intake_closed", s.can.sheets.CloseIntake(r.Context()))
}

// role is what this desk may do; a desk that cannot say it may do all, and the office has the last word.
func (s *server) role(ctx context.Context) roster.Role {
	if s.can.council == nil {
		return ""
	}
	k, err := s.can.council.Keys(ctx)
	if err != nil {
		return ""
	}
	return k.Role
}
