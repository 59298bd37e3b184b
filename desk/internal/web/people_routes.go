package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// people knows who works at this desk.
type people interface {
	comers
	staffReader
	staffKeeper
	caseStaff
}

// comers let people in, each as themselves.
type comers interface {
	Staffed(ctx context.Context) (people, seats bool)
	UnlockAs(ctx context.Context, login, passphrase string) (event.Staff, error)
	UnlockPasskeyAs(ctx context.Context, id, secret []byte) (event.Staff, error)
	Comer(ctx context.Context, staff event.Staff) (office.Comer, error)
}

// namer names the people at specialists' desks who may open a locked case.
type namer interface {
	SpecialistPeople(ctx context.Context) ([]office.Colleague, error)
	LockCaseFor(ctx context.Context, thread int64, specialists []string, people []event.Staff) error
	NamePeople(ctx context.Context, thread int64, people []event.Staff) error
}

// staffReader shows who works in the organisation.
type staffReader interface {
	StaffList(ctx context.Context) ([]office.Colleague, error)
	RolesHere(ctx context.Context) ([]string, error)
	OpenCasesOf(ctx context.Context, staff event.Staff) (list []casedb.Owned, hidden int, err error)
}

// staffKeeper changes it.
type staffKeeper interface {
	FirstPerson(ctx context.Context, name string) (event.Staff, error)
	AddPerson(ctx context.Context, n office.Newcomer, own string) (event.Staff, error)
	SetStaffRole(ctx context.Context, staff event.Staff, role string) error
	RemovePerson(ctx context.Context, staff, to event.Staff) error
}

// caseStaff says who has to do with a case, and changes it.
type caseStaff interface {
	CasePeople(ctx context.Context, thread int64) (office.CasePeople, error)
	WallOf(ctx context.Context, thread int64) (office.Wall, error)
	Claim(ctx context.Context, thread int64) error
	caseChanger
}

// caseChanger puts people on a case and takes them off.
type caseChanger interface {
	Assign(ctx context.Context, thread int64, to event.Staff, note string) error
	PutOnTeam(ctx context.Context, thread int64, who event.Staff, on bool) error
	KeepOut(ctx context.Context, thread int64, who event.Staff, on bool, why string) error
}

func (s *server) peopleRoutes() []route {
	when := func(pattern string, run func(http.ResponseWriter, *http.Request, visit) error) route {
		return route{pattern, unlocked, false, false, s.when(s.can.people, run)}
	}
	return []route{
		when("GET /people", s.peopleShow),
		when("GET /people/first", s.firstAsk),
		when("POST /people/first", s.first),
		when("GET /people/new", s.newcomerAsk),
		when("POST /people/new", s.newcomer),
		when("POST /people/{staff}/role", s.staffRole),
		when("GET /people/{staff}/leave", s.leaveAsk),
		when("POST /people/{staff}/leave", s.leave),
		when("GET /thread/{id}/people", s.casePeople),
		when("POST /thread/{id}/claim", s.caseClaim),
		when("POST /thread/{id}/assign", s.caseAssign),
		when("POST /thread/{id}/team", s.caseTeam),
		when("POST /thread/{id}/bar", s.caseBar),
	}
}

// actAs puts the person of the session into the request: everything that follows is done in their name. ok is false when they may not go on: their session is locked then.
func (s *server) actAs(r *http.Request, v visit) (*http.Request, visit, bool) {
	if s.can.people == nil || !v.Unlocked {
		return r, v, true
	}
	c, err := s.can.people.Comer(r.Context(), v.Staff)
	switch {
	case errors.Is(err, office.ErrGoneHome):
		s.sessions.lock(v.key)
		v.Unlocked, v.Staff = false, ""
		return r, v, false
	case err != nil && v.Staff != "" && c.Staff == "": // the desk has locked: should it open again before the handler asks, this is somebody who reads, and not the desk itself
		return r.WithContext(office.As(r.Context(), fold.Actor{Staff: v.Staff, Role: fold.RoleReader})), v, true
	case err != nil: // nobody has said who they are, or the desk has locked: the handler meets that itself
		return r.WithContext(office.As(r.Context(), c.Actor)), v, true
	}
	v.Staff, v.Role, v.Name, v.Keeps = c.Staff, c.Role, c.Name, c.Keeps
	return r.WithContext(office.As(r.Context(), c.Actor)), v, true
}

// Which routes take more than being at the desk: by the path of their pattern.
var (
	forKeepers = []string{"/desks", "/purge", "/people/new", "/people/{staff}/", "/import"}
	forReaders = []string{"/lock", "/calendar/", "/duty/sound", "/language", "/activity", "/about/", "/passkeys", "/people/first", "/unlock", "/search"}
)

// mayCall refuses routes that are not for a person's role. Rooms behind refuse too; this keeps forms from being filled for nothing.
func (rt route) mayCall(v visit) error {
	method, path, _ := strings.Cut(rt.pattern, " ")
	begins := func(all []string) bool {
		for _, p := range all {
			if strings.HasPrefix(path, p) {
				return true
			}
		}
		return false
	}
	switch {
	case v.Staff == "" || !v.Unlocked:
		return nil
	case !v.Keeps && begins(forKeepers):
		return office.ErrKeeps
	case v.Role == fold.RoleReader && method == http.MethodPost && !begins(forReaders):
		return fold.ErrRole
	}
	return nil
}

// peopleProblem is the sentence for what went wrong with people; "" for errors of other kinds.
func peopleProblem(err error) (status int, words string) {
	for _, p := range [...]struct {
		err    error
		status int
		words  string
	}{
		{errWait, http.StatusTooManyRequests, "passkey.wait"},
		{office.ErrPassphrase, http.StatusUnprocessableEntity, "people.own_wrong"},
		{office.ErrKeeps, http.StatusForbidden, "people.problem_keeps"},
		{office.ErrName, http.StatusUnprocessableEntity, "people.problem_name"},
		{office.ErrSeatName, http.StatusUnprocessableEntity, "people.problem_same"},
		{office.ErrSeats, http.StatusUnprocessableEntity, "people.problem_full"},
		{office.ErrLastKeeper, http.StatusUnprocessableEntity, "people.problem_last"},
		{office.ErrFounder, http.StatusUnprocessableEntity, "people.problem_founder"},
		{office.ErrPersonRole, http.StatusUnprocessableEntity, "people.problem_role"},
		{office.ErrSpecialist, http.StatusUnprocessableEntity, "people.problem_specialist"},
		{office.ErrNotOut, http.StatusServiceUnavailable, "people.problem_notout"},
		{office.ErrNamePeople, http.StatusUnprocessableEntity, "people.problem_who"},
	} {
		if errors.Is(err, p.err) {
			return p.status, p.words
		}
	}
	return 0, ""
}

func peopleWords(err error) string {
	_, words := peopleProblem(err)
	return words
}

// menuFor leaves out of the menu what is not for the person who reads it.
func (s *server) menuFor(v visit) []menuItem {
	items := s.menu()
	if v.Staff == "" || v.Keeps {
		return items
	}
	return slices.DeleteFunc(items, func(m menuItem) bool { return m.Nav == "desks" })
}
