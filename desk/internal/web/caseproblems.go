package web

import (
	"errors"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/office"
)

// caseProblem is the id of the sentence that says why something may not be done in a case, and what to do next; "" for errors of other kinds.
func caseProblem(err error) string {
	for _, p := range [...]struct {
		err   error
		words string
	}{
		{office.ErrWall, "cases.problem_wall"},
		{fold.ErrRole, "cases.problem_role"},
		{fold.ErrBarred, "cases.problem_barred"},
		{fold.ErrTeam, "cases.problem_team"},
		{fold.ErrTaken, "cases.problem_taken"},
		{fold.ErrConsent, "cases.problem_consent"},
		{fold.ErrSecond, "cases.problem_second"},
		{fold.ErrClosed, "cases.problem_closed"},
		{fold.ErrOpen, "cases.problem_open"},
		{fold.ErrUnopened, "cases.problem_unopened"},
		{fold.ErrTalk, "writing.problem_talk"},
		{fold.ErrWrong, "cases.problem_wrong"},
		{event.ErrMalformed, "cases.problem_malformed"},
	} {
		if errors.Is(err, p.err) {
			return p.words
		}
	}
	return ""
}
