// Package enrol is the talk between a keeper's desk and one that wants to join, over a room at the gate: docs/formats-keys.md, section 6. The keeper's side is a
// Host, the newcomer's a Guest.
//
// It decides nothing: people compare the six words, and the keeper's desk changes the roster.
package enrol

import (
	"context"
	"errors"
	"fmt"
	"time"

	"panah/core/join"
	"panah/desk/internal/line"
)

// Life is how long a code is good for.
const Life = 10 * time.Minute

// What can go wrong that a person can mend. Functions wrap them.
var (
	// ErrNoRoom says that the gate has no invitation for the code.
	ErrNoRoom = errors.New("the gate has no invitation for this code: it is older than ten minutes, was used, or is for another gate; ask the keeper for a new one")
	// ErrTaken says that another desk answered first.
	ErrTaken = errors.New("another desk has used this code already; ask the keeper to turn it away and to make a new code")
	// ErrExpired says that nobody came in time.
	ErrExpired = errors.New("the ten minutes of the code are over; make a new code")
	// ErrRefused says that the keeper turned the desk away.
	ErrRefused = errors.New("the keeper did not let this desk in; ask for a new code")
	// ErrBetween says that messages were changed on the way, or the code is another one.
	ErrBetween = errors.New("what came does not belong to this code: somebody between the two desks changes what they say, or the code is another one; ask for a new code over the telephone")
)

// Numbers of messages, docs/formats-keys.md, section 6.
const (
	msgOffer   byte = 0
	msgHello   byte = 0
	msgReveal  byte = 1
	msgVerdict byte = 2
)

// await asks again until a message is there. read answers nil when there is none yet; the gate holds such a question for half a minute.
func await(ctx context.Context, read func(context.Context) ([]byte, error)) ([]byte, error) {
	for {
		asked := time.Now()
		msg, err := read(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, line.ErrJoin):
			return nil, ErrNoRoom
		case err != nil || msg != nil:
			return msg, err
		}
		// A gate, or a proxy, that does not hold the question must not be asked in a hot loop.
		if spent := time.Since(asked); spent < time.Second {
			select {
			case <-time.After(time.Second - spent):
			case <-ctx.Done():
			}
		}
	}
}

// explain turns what package join says into what a person can do.
func explain(err error) error {
	if errors.Is(err, join.ErrMessage) || errors.Is(err, join.ErrReveal) {
		return fmt.Errorf("%w (%w)", ErrBetween, err)
	}
	return err
}
