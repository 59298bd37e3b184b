package fold

import (
	"errors"
	"slices"
	"time"

	"panah/core/event"
)

// An Actor is who wants to do something. Role is "keeper", "caseworker", "specialist" or "reader"; a desk by itself has none.
type Actor struct {
	Staff event.Staff
	Role  string
}

// Why something may not be done. Callers have sentences for each.
var (
	ErrRole     = errors.New("a reader changes nothing")
	ErrBarred   = errors.New("this person is kept out of the case")
	ErrTeam     = errors.New("only the case's team may do this; ask its owner or a keeper")
	ErrTaken    = errors.New("somebody else has taken the case")
	ErrConsent  = errors.New("this needs a consent that is given and has not ended, or a vital interest that two people stated")
	ErrSecond   = errors.New("the second person must be another one")
	ErrClosed   = errors.New("the case is closed; open it again first")
	ErrOpen     = errors.New("the case is open; close it first")
	ErrUnopened = errors.New("open the case first")
	ErrTalk     = errors.New("talk about the danger of carrying it first, and write down that you did")
	ErrWrong    = errors.New("there is no such task, consent or person in this case")
)

// May says whether an actor may do in the case what body says, at that time. The fold refuses what May would have refused for everything but time and roles, so that a desk that asks
// nobody gets no effect either. Errors are those above, or event.ErrMalformed.
func (c Case) May(a Actor, body event.Body, now time.Time) error { return may(c, a, body, now) }

// MayOpen says whether an actor may see the case at all: not when barred; a sensitive case that somebody owns is its team's and the keepers'. Locked cases are the office's
// concern: their events are not there for others.
func (c Case) MayOpen(a Actor) error { return mayOpen(c, a) }

// Sensitivities that close a case to others than its team.
const (
	sensitive = "sensitive"
	locked    = "locked"
)

// Roles of actors.
const (
	RoleKeeper     = "keeper"
	RoleCaseworker = "caseworker"
	RoleSpecialist = "specialist"
	RoleReader     = "reader"
)

func mayOpen(c Case, a Actor) error {
	if _, out := c.Barred[a.Staff]; out && a.Staff != "" {
		return ErrBarred
	}
	if c.ours(a) || !c.owned() {
		return nil
	}
	switch c.sensitivity() {
	case locked:
		return ErrTeam
	case sensitive:
		if a.Role != RoleKeeper {
			return ErrTeam
		}
	}
	return nil
}

// ours reports whether the actor is the case's owner, or on its team, or the desk itself. Of two owners at once both are.
func (c Case) ours(a Actor) bool {
	return a.Staff == "" && a.Role == "" || a.Staff != "" && (slices.Contains(c.Team, a.Staff) || c.Owner.holds(string(a.Staff)))
}

func (c Case) owned() bool {
	return slices.ContainsFunc(c.Owner, func(v Value) bool { return v.Text != "" })
}

// holds reports whether a text is one of the values.
func (f Field) holds(text string) bool {
	return slices.ContainsFunc(f, func(v Value) bool { return v.Text == text })
}

// sensitivity is the strictest that is said.
func (c Case) sensitivity() string {
	f := c.Fields[event.FieldSensitivity]
	for _, s := range []string{locked, sensitive} {
		if f.holds(s) {
			return s
		}
	}
	return ""
}

func may(c Case, a Actor, body event.Body, now time.Time) error {
	if err := event.Check(body); err != nil {
		return err
	}
	if ofOffice(body) {
		return ErrWrong
	}
	if err := c.MayOpen(a); err != nil {
		return err
	}
	switch a.Role {
	case "", RoleKeeper, RoleCaseworker, RoleSpecialist:
	default:
		if _, look := body.(event.Looked); !look {
			return ErrRole
		}
	}
	if err := c.mayNow(body); err != nil {
		return err
	}
	return c.mayThis(a, body, now)
}

// mayNow asks for the state of the case.
func (c Case) mayNow(body event.Body) error {
	closed := c.Closure != nil
	switch body.(type) {
	case event.Opened:
		if c.Opened && !closed {
			return ErrOpen
		}
	case event.Reopened:
		if !closed {
			return ErrOpen
		}
	case event.Retired:
		if !closed {
			return ErrOpen
		}
	case event.Looked, event.Linked, event.Barred, event.Team, event.Claimed, event.Assigned: // also of a letter that nobody opened a case from
	default:
		if !c.Opened {
			return ErrUnopened
		}
	}
	if closed && !evenClosed(body) {
		return ErrClosed
	}
	return nil
}

// mayThis asks for what each kind needs.
func (c Case) mayThis(a Actor, body event.Body, now time.Time) error {
	switch body := body.(type) {
	case event.Claimed:
		if a.Staff == "" {
			return ErrWrong
		}
		return unless(!slices.ContainsFunc(c.Owner, func(v Value) bool { return v.Text != "" && v.Text != string(a.Staff) }), ErrTaken)
	case event.Assigned:
		return unless(!c.isBarred(body.Staff), ErrBarred)
	case event.Team:
		return unless(!body.On || !c.isBarred(body.Staff), ErrBarred)
	case event.Barred:
		return c.mayBar(a, body)
	case event.Linked:
		return unless(body.To != c.ID.Reveal(), ErrWrong)
	case event.TaskMoved:
		return unless(c.hasTask(body.Task), ErrWrong)
	case event.TaskState:
		return unless(c.hasTask(body.Task), ErrWrong)
	case event.ProxyConfirmed:
		return unless(c.Proxy != nil, ErrWrong)
	case event.Withdrawn:
		return unless(slices.ContainsFunc(c.Consents, func(k Consent) bool { return k.ID == body.ID && k.Withdrawn.IsZero() }), ErrWrong)
	case event.Vital:
		return unless(c.vital(body.ID) == nil && a.Staff != "", ErrWrong)
	case event.VitalAgreed:
		v := c.vital(body.ID)
		if v == nil || v.Second != "" {
			return ErrWrong
		}
		return unless(a.Staff != "" && v.First != "" && v.First != a.Staff, ErrSecond)
	case event.Disclosed:
		return unless(c.Ground(body, now), ErrConsent)
	case event.LetterMade:
		return unless(c.Talked(body.NeedsTalk()), ErrTalk)
	case event.Unknown:
		return event.ErrMalformed
	}
	return nil
}

func unless(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}

// mayBar: anybody may step back from a case; putting others out is for its owner, its team and the keepers (for anybody while it has no owner), and letting them in again for the
// owner and the keepers.
func (c Case) mayBar(a Actor, body event.Barred) error {
	desk := a.Staff == "" && a.Role == ""
	switch {
	case desk, a.Role == RoleKeeper, c.Owner.holds(string(a.Staff)):
		return nil
	case body.On && (a.Staff == body.Staff || !c.owned() || c.ours(a)):
		return nil
	}
	return ErrTeam
}

func (c Case) isBarred(who event.Staff) bool {
	_, out := c.Barred[who]
	return out
}

func (c Case) hasTask(id string) bool {
	return slices.ContainsFunc(c.Tasks, func(t Task) bool { return t.TaskAdded.Task == id })
}

func (c Case) vital(id string) *Vital {
	for i := range c.Vitals {
		if c.Vitals[i].ID == id {
			return &c.Vitals[i]
		}
	}
	return nil
}

// Ground reports whether something may be told now: there is a consent to tell that to this receiver, given, not taken back and not ended, or a vital interest that two people
// stated.
func (c Case) Ground(d event.Disclosed, now time.Time) bool {
	if v := c.vital(d.Ground); v != nil {
		return v.Second != "" && v.What == d.What && v.Receiver == d.Receiver
	}
	return slices.ContainsFunc(c.Consents, func(k Consent) bool { return k.ID == d.Ground && k.Withdrawn.IsZero() && covers(k.Consented, d, now) })
}
