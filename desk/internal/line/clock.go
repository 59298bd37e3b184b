package line

import (
	"context"
	"net/http"

	"panah/core/wire"
)

// CheckClock asks the gate for the time, before anything is begun that a wrong clock would spoil half-way. The error is a ClockError when the two clocks are
// further apart than requests may be, or wraps ErrOffline.
func (l *Line) CheckClock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shortTime)
	defer cancel()
	resp, err := l.send(ctx, http.MethodGet, "/healthz", nil, false, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if ahead := l.skew(resp); ahead.Abs() > wire.RequestWindow {
		return ClockError{ahead}
	}
	return nil
}
