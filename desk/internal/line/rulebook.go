package line

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"panah/core/wire"
)

// Rulebook asks like a stranger which rulebook the gate checks papers by: unchecked. ok is false when the gate says that no keeper gave it one.
func (l *Line) Rulebook(ctx context.Context) (body []byte, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, shortTime)
	defer cancel()
	resp, err := l.send(ctx, http.MethodGet, "/rulebook.json", nil, false, nil)
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, wire.MaxRulebook+1))
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("%w: %v", ErrOffline, err)
	case resp.StatusCode == http.StatusNotFound:
		return nil, false, nil
	case resp.StatusCode != http.StatusOK:
		return nil, false, l.refusal(resp, body)
	}
	return body, true, nil
}

// PostRulebook gives the gate a rulebook that a keeper signed. A refusal with wire.CodeRulebook means that another keeper gave it a later one.
func (l *Line) PostRulebook(ctx context.Context, b wire.Rulebook) error {
	_, _, err := l.call(ctx, http.MethodPost, wire.RulebookTarget, b.Bytes(), true, nil, http.StatusNoContent)
	return err
}
