package line

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"panah/core/wire"
)

// A Notice is what a gate serves of the times of duty: unchecked.
type Notice struct {
	Body   []byte
	Signed wire.Signed
}

// Duty asks like a stranger when somebody is on duty. ok is false when the gate says that no desk has told it.
func (l *Line) Duty(ctx context.Context) (n Notice, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, shortTime)
	defer cancel()
	resp, err := l.send(ctx, http.MethodGet, "/duty.json", nil, false, nil)
	if err != nil {
		return Notice{}, false, err
	}
	defer resp.Body.Close()
	n.Body, err = io.ReadAll(io.LimitReader(resp.Body, wire.MaxDuty+1))
	switch {
	case err != nil:
		return Notice{}, false, fmt.Errorf("%w: %v", ErrOffline, err)
	case resp.StatusCode == http.StatusNotFound:
		return Notice{}, false, nil
	case resp.StatusCode != http.StatusOK:
		return Notice{}, false, l.refusal(resp, n.Body)
	}
	h := resp.Header
	n.Signed = wire.Signed{Device: h.Get(wire.HeaderDevice), Date: h.Get(wire.HeaderDate), Signature: h.Get(wire.HeaderSignature)}
	return n, true, nil
}

// PostDuty says when somebody is on duty. A refusal with wire.CodeDuty means that another desk said so later.
func (l *Line) PostDuty(ctx context.Context, d wire.Duty) error {
	_, _, err := l.call(ctx, http.MethodPost, wire.DutyTarget, d.Bytes(), true, nil, http.StatusNoContent)
	return err
}
