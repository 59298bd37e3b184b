package api

import (
	"errors"
	"io"
	"net/http"

	"panah/core/wire"
)

// readBody reads a body of at most limit bytes into memory that all senders share. release gives that memory back and must be
// called. Bytes are counted as they arrive: a slow sender holds what it has sent, not what it announces.
func (a *API) readBody(r *http.Request, limit int) (body []byte, release func(), err *wire.Error) {
	var held int64
	release = func() { a.inFlight.Add(-held) }
	if r.ContentLength > int64(limit) {
		return nil, release, errTooLarge()
	}
	size := min(limit, 64<<10)
	if r.ContentLength >= 0 {
		size = min(size, int(r.ContentLength))
	}
	body = make([]byte, 0, size+1) // 1: room to see the end without growing
	for {
		if len(body) > limit {
			return nil, release, errTooLarge()
		}
		grown := int64(cap(body)) - held
		held += grown
		if a.inFlight.Add(grown) > a.limits.InFlight {
			return nil, release, errBusy()
		}
		n, rerr := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case errors.Is(rerr, io.EOF) && len(body) > limit:
			return nil, release, errTooLarge()
		case errors.Is(rerr, io.EOF):
			return body, release, nil
		case rerr != nil:
			return nil, release, refuse(wire.CodeRequest, "not all of it arrived; send it again")
		}
		if len(body) == cap(body) {
			bigger := make([]byte, len(body), min(2*cap(body), limit+1))
			copy(bigger, body)
			body = bigger
		}
	}
}

func errTooLarge() *wire.Error {
	return refuse(wire.CodeTooLarge, "larger than the gate takes; send fewer or smaller photos")
}
