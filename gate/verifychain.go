package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"panah/core/roster"
	"panah/core/wire"
)

// maxChain bounds how many rosters are followed: a roster a day for a generation.
const maxChain = 10_000

// chain follows the rosters that a gate serves from the founding one on, and looks whether people are given the last of them. It returns
// the last that keepers signed as they must (serial 0: none), and in plain words what is wrong; an error means that it could not look.
func (v visitor) chain(ctx context.Context) (last roster.Roster, problems []string, err error) {
	problems = []string{}
	for range 2 { // the roster may change between two questions
		newest, err := v.body(ctx, "/roster")
		if err != nil {
			return last, problems, err
		}
		notes, err := v.rosters(ctx)
		if err != nil {
			return last, problems, err
		}
		var problem string
		if last, problem = follow(notes); problem == "" {
			problem = given(newest, notes, last)
		}
		if problem == "" {
			return last, problems, nil
		}
		problems = []string{problem}
	}
	return last, problems, nil
}

// rosters reads the whole chain.
func (v visitor) rosters(ctx context.Context) (notes [][]byte, err error) {
	for len(notes) < maxChain {
		b, err := v.body(ctx, fmt.Sprintf("/rosters?from=%d", len(notes)+1))
		if err != nil {
			return nil, err
		}
		next, err := wire.ParseRosters(b)
		if err != nil {
			return nil, fmt.Errorf("the rosters that the gate serves: %w", err)
		}
		if len(next) == 0 {
			break
		}
		notes = append(notes, next...)
	}
	return notes, nil
}

// stop is what to do about a roster that keepers did not sign.
const stop = "Do not write to this gate, and tell the organisation by another way than this gate."

// follow returns the last roster of a chain that is signed as it must be, and what is wrong with the one after it.
func follow(notes [][]byte) (last roster.Roster, problem string) {
	if len(notes) == 0 {
		return last, "the gate serves no chain of rosters: nothing shows whose key letters are sealed to. " + stop
	}
	last, err := roster.OpenFounding(notes[0])
	if err != nil {
		return roster.Roster{}, fmt.Sprintf("the first roster is not that of any organisation (%v): nothing shows whose key letters are sealed to. %s", err, stop)
	}
	for i := 1; i < len(notes); i++ {
		next, err := roster.OpenNext(notes[i], notes[i-1], last)
		if err != nil {
			return last, broken(i+1, err)
		}
		last = next
	}
	return last, ""
}

// broken says what is wrong with roster number n.
func broken(n int, err error) string {
	switch {
	case errors.Is(err, roster.ErrUnsigned):
		return fmt.Sprintf("roster %d is not signed by enough keepers of roster %d (%v): somebody else may have put it there, with a key that they can open letters with. %s", n, n-1, err, stop)
	case errors.Is(err, roster.ErrFollows):
		return fmt.Sprintf("roster %d does not follow roster %d: rosters were taken out, put in, or belong to another organisation. %s", n, n-1, stop)
	}
	return fmt.Sprintf("roster %d is not one that follows roster %d (%v). %s", n, n-1, err, stop)
}

// given says what is wrong with the roster that people are given, whose key their letters are sealed to; last is that of the chain.
func given(newest []byte, notes [][]byte, last roster.Roster) string {
	if bytes.Equal(newest, notes[len(notes)-1]) {
		return ""
	}
	for i, n := range notes {
		if bytes.Equal(newest, n) {
			return fmt.Sprintf("people are given roster %d, though the keepers have signed roster %d: letters are sealed to an old key, which a desk that left may have. %s", i+1, last.Serial, stop)
		}
	}
	r, err := roster.Reopen(newest)
	switch {
	case err != nil:
		return fmt.Sprintf("what people are given is not a roster (%v). %s", err, stop)
	case r.Org != last.Org:
		return fmt.Sprintf("people are given the roster of another organisation, %s. %s", roster.GroupOrgID(r.Org), stop)
	case r.Recipient.String() != last.Recipient.String():
		return fmt.Sprintf("people are given another key than that of roster %d, which the keepers signed: whoever put it there can open the letters. %s", last.Serial, stop)
	}
	return fmt.Sprintf("people are given another roster %d than the one that the keepers signed. %s", r.Serial, stop)
}
