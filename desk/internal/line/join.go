package line

import (
	"context"
	"errors"
	"net/http"
)

// ErrJoin says that the gate has no such room for joining, or another message in that place.
var ErrJoin = errors.New("the gate has no such room, or another message in it; begin with a new code")

// maxJoin bounds a message of two desks that join, bytes.
const maxJoin = 8 << 10

// JoinSend leaves the keeper's message n in a room; 0 makes the room. The same again changes nothing. The error wraps ErrJoin when another is there.
func (l *Line) JoinSend(ctx context.Context, room [16]byte, n byte, message []byte) error {
	return l.joinSend(ctx, "/v1/desk/join", true, room, n, message)
}

// JoinRead waits up to half a minute for the newcomer's message n; nil when there is none yet. The error wraps ErrJoin when the room is gone.
func (l *Line) JoinRead(ctx context.Context, room [16]byte, n byte) ([]byte, error) {
	return l.joinRead(ctx, "/v1/desk/join/read", true, room, n)
}

// NewcomerSend leaves the newcomer's message n. Not signed: the newcomer is nobody yet.
func (l *Line) NewcomerSend(ctx context.Context, room [16]byte, n byte, message []byte) error {
	return l.joinSend(ctx, "/v1/join", false, room, n, message)
}

// NewcomerRead waits up to half a minute for the keeper's message n; nil when there is none yet. The error wraps ErrJoin when there is no such room.
func (l *Line) NewcomerRead(ctx context.Context, room [16]byte, n byte) ([]byte, error) {
	return l.joinRead(ctx, "/v1/join/read", false, room, n)
}

func (l *Line) joinSend(ctx context.Context, target string, sign bool, room [16]byte, n byte, message []byte) error {
	if len(message) > maxJoin {
		return errors.New("joining: the message is too long")
	}
	body := append(append(room[:], n), message...)
	_, _, err := l.call(ctx, http.MethodPost, target, body, sign, nil, http.StatusCreated, http.StatusOK)
	return err
}

func (l *Line) joinRead(ctx context.Context, target string, sign bool, room [16]byte, n byte) ([]byte, error) {
	status, answer, err := l.ask(ctx, request{method: http.MethodPost, target: target, body: append(room[:], n), sign: sign, limit: maxJoin + 1}, http.StatusOK, http.StatusNoContent)
	if err != nil || status == http.StatusNoContent {
		return nil, err
	}
	if len(answer) > maxJoin {
		return nil, ErrJoin
	}
	return answer, nil
}
