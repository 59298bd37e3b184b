package api

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"

	"panah/core/wire"
	"panah/gate/internal/rendezvous"
)

// Bodies: 16 bytes room, one byte number, and the message.
const (
	joinHead    = 16 + 1
	maxJoinBody = joinHead + rendezvous.MaxMessage
)

// joinBody cuts a body into its parts.
func joinBody(body []byte) (room rendezvous.ID, n int, message []byte, err *wire.Error) {
	if len(body) < joinHead {
		return room, 0, nil, refuse(wire.CodeRequest, "a message between desks is 16 bytes of room, its number, and what it says")
	}
	return rendezvous.ID(body), int(body[16]), body[joinHead:], nil
}

// newcomer lets a request through that nobody signed.
func (a *API) newcomer(next func(http.ResponseWriter, *http.Request, call)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := a.c.Org.Roster(); !ok {
			fail(w, errClosed())
			return
		}
		body, release, e := a.readBody(r, maxJoinBody)
		defer release()
		if e != nil {
			fail(w, e)
			return
		}
		next(w, r, call{body: body})
	}
}

// name is how a room knows its keeper's device; "" for a newcomer.
func (c call) name() string { return base64.StdEncoding.EncodeToString(c.device) }

// memberNamed reports whether the keeper's device of that name is in the roster now.
func (a *API) memberNamed(name string) bool {
	device, err := base64.StdEncoding.DecodeString(name)
	return err == nil && a.member(device)
}

// side is who sends a call.
func (c call) side() rendezvous.Side {
	if c.device == nil {
		return rendezvous.Newcomer
	}
	return rendezvous.Keeper
}

// say puts in a message of the side that calls.
func (a *API) say(w http.ResponseWriter, _ *http.Request, c call) {
	room, n, message, e := joinBody(c.body)
	if e != nil {
		fail(w, e)
		return
	}
	first, err := a.rooms.Say(room, c.side(), c.name(), n, message)
	if err != nil {
		fail(w, explainJoin(err))
		return
	}
	a.created(w, "keeping a message between desks", first, nil)
}

// hear answers with a message of the other side, and waits for it. A keeper's desk that leaves the roster meanwhile is told so.
func (a *API) hear(w http.ResponseWriter, r *http.Request, c call) {
	room, n, rest, e := joinBody(c.body)
	if e == nil && len(rest) > 0 {
		e = refuse(wire.CodeRequest, "a question for a message is 16 bytes of room and its number")
	}
	if e != nil {
		fail(w, e)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go a.cancelWhenGone(ctx, c, cancel)
	message, err := a.rooms.Hear(ctx, room, 1-c.side(), c.name(), n)
	switch {
	case c.device != nil && !a.member(c.device):
		fail(w, errDevice(wire.ErrDevice))
	case errors.Is(err, rendezvous.ErrNothing):
		write(w, http.StatusNoContent, "application/octet-stream", nil)
	case err != nil:
		fail(w, explainJoin(err))
	default:
		write(w, http.StatusOK, "application/octet-stream", message)
	}
}

// cancelWhenGone cancels when the device of c leaves the roster, and when the gate stops.
func (a *API) cancelWhenGone(ctx context.Context, c call, cancel func()) {
	defer cancel()
	for {
		_, changed := a.c.Org.Changed()
		if c.device != nil && !a.member(c.device) {
			return
		}
		select {
		case <-changed:
		case <-a.woken:
			return
		case <-ctx.Done():
			return
		}
	}
}

func explainJoin(err error) *wire.Error {
	switch {
	case errors.Is(err, rendezvous.ErrNoRoom):
		return refuse(wire.CodeJoin, "there is no desk waiting with this code, or its ten minutes are over; ask the keeper for a new code")
	case errors.Is(err, rendezvous.ErrTaken):
		e := refuse(wire.CodeJoin, "another message is there already; ask the keeper for a new code and begin again")
		e.Status = http.StatusConflict
		return e
	case errors.Is(err, rendezvous.ErrFull):
		return refuse(wire.CodeBusy, "too many desks are joining at this moment; try again in a minute")
	}
	return refuse(wire.CodeRequest, "a message between desks has a number from 0 to 3 and at most 8 KiB")
}
