package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"panah/core/roster"
	"panah/core/rulebook"
	"panah/core/wire"
	"panah/gate/internal/board"
)

// rulebookPath is where a gate serves its rulebook.
const rulebookPath = "/rulebook.json"

// rulebook is what the check on the gate's pages has to answer by; nil: the book of the release. problem says what is wrong with the one that the gate serves; what it cannot say
// is whether a keeper signed a later one: the desks look for that.
func (v visitor) rulebook(ctx context.Context, r roster.Roster, now time.Time) (rules *rulebook.Table, problem string, err error) {
	res, body, err := v.get(ctx, rulebookPath, "identity")
	if err != nil {
		return nil, "", err
	}
	if res.StatusCode == http.StatusNotFound { // a gate of an earlier release, or one that no keeper has given any
		return nil, "", nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("the gate answers %s to %s", res.Status, rulebookPath)
	}
	signed, err := wire.ParseRulebook(body)
	if err != nil {
		return nil, "malformed", nil
	}
	switch s, err := signed.Open(r); {
	case errors.Is(err, wire.ErrRulebookUnsigned):
		problem = "no keeper of the roster in force signed this rulebook"
	case err != nil:
		return nil, "malformed", nil
	case s.At.After(now.Add(wire.RequestWindow + clockSlack)):
		problem = "signed in the future"
	}
	read, e := board.ReadRulebook(signed)
	if e != nil {
		return nil, "this release cannot read it: " + e.Say, nil
	}
	return read.Table, problem, nil
}
