package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/web"
)

// clockSlack is how far the clocks of a gate and of who looks at it may be apart, when somebody just comes on duty or goes.
const clockSlack = 2 * time.Minute

// duties are what a gate's pages may say now of whether somebody reads: one state, or two about a time at which that changes. problem says what is wrong with the times of
// duty that the gate serves; what it cannot say is whether a desk said others since: the desks look for that.
func (v visitor) duties(ctx context.Context, r roster.Roster, now time.Time) (states []web.Duty, problem string, err error) {
	res, body, err := v.get(ctx, "/duty.json", "identity")
	if err != nil {
		return nil, "", err
	}
	if res.StatusCode == http.StatusNotFound { // a gate of an earlier release, or one that no desk has told anything
		return []web.Duty{{}}, "", nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("the gate answers %s to /duty.json", res.Status)
	}
	h := res.Header
	signed := wire.Signed{Device: h.Get(wire.HeaderDevice), Date: h.Get(wire.HeaderDate), Signature: h.Get(wire.HeaderSignature)}
	d, device, err := wire.CheckDuty(body, signed, h.Get(wire.HeaderGate))
	switch {
	case errors.Is(err, wire.ErrDevice):
		problem = "no desk signed these times of duty"
	case err != nil:
		return []web.Duty{{}}, "malformed", nil
	case !r.HasDevice(device):
		problem = "they are signed by a desk that is not in the roster"
	case d.At > now.Add(wire.RequestWindow+clockSlack).Unix():
		problem = "signed in the future"
	}
	if d, err = wire.ParseDuty(body); err != nil {
		return []web.Duty{{}}, "malformed", nil
	}
	for _, at := range []time.Time{now, now.Add(-clockSlack), now.Add(clockSlack)} {
		if s := web.DutyAt(d, at); len(states) == 0 || states[len(states)-1] != s {
			states = append(states, s)
		}
	}
	return states, problem, nil
}
