package line

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"panah/core/ledger"
	"panah/core/wire"
)

// Witnesses asks who cosigns this gate's checkpoints, and what each last cosigned. The caller checks it.
func (l *Line) Witnesses(ctx context.Context) ([]wire.Witness, error) {
	_, answer, err := l.call(ctx, http.MethodGet, "/v1/desk/witnesses", nil, true, nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	list, err := wire.ParseWitnesses(answer)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrOffline, err)
	}
	return list, nil
}

// AddWitness registers the key of a partner's desk. A second time changes nothing.
func (l *Line) AddWitness(ctx context.Context, key string) error {
	_, _, err := l.call(ctx, http.MethodPost, "/v1/desk/witnesses", []byte(key), true, nil, http.StatusCreated, http.StatusOK)
	return err
}

// RemoveWitness forgets the key of a partner's desk.
func (l *Line) RemoveWitness(ctx context.Context, key string) error {
	_, _, err := l.call(ctx, http.MethodDelete, "/v1/desk/witnesses", []byte(key), true, nil, http.StatusNoContent)
	return err
}

// Continuation asks, on a line whose device is a witness, for the newest checkpoint and the proof that it continues the log of size old.
func (l *Line) Continuation(ctx context.Context, old int64) (ledger.Continuation, error) {
	_, answer, err := l.call(ctx, http.MethodGet, "/v1/witness/checkpoint?old="+strconv.FormatInt(old, 10), nil, true, nil, http.StatusOK)
	if err != nil {
		return ledger.Continuation{}, err
	}
	c, err := ledger.ParseContinuation(answer)
	if err != nil || c.Old != old {
		return ledger.Continuation{}, fmt.Errorf("%w: no checkpoint in its answer", ErrOffline)
	}
	return c, nil
}

// Cosigned leaves, on a line whose device is a witness, a checkpoint that the witness has cosigned.
func (l *Line) Cosigned(ctx context.Context, checkpoint []byte) error {
	_, _, err := l.call(ctx, http.MethodPost, "/v1/witness/cosignature", checkpoint, true, nil, http.StatusNoContent)
	return err
}
