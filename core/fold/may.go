package fold

import (
	"errors"
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
	ErrWrong    = errors.New("there is no such task, consent or person in this case")
)

// May says whether an actor may do in the case what body says, at that time. The fold refuses what May would have refused for everything but time and roles, so that a desk that asks
// nobody gets no effect either. Errors are those above, or event.ErrMalformed.
func (c Case) May(a Actor, body event.Body, now time.Time) error { return may(c, a, body, now) }

// MayOpen says whether an actor may see the case at all: not when barred; a sensitive case that somebody owns is its team's and the keepers'. Locked cases are the office's
// concern: their events are not there for others.
func (c Case) MayOpen(a Actor) error { return mayOpen(c, a) }
