package api

import (
	"net/http"
	"time"

	"panah/core/wire"
)

// newsWait is how long a desk waits for news.
const newsWait = 25 * time.Second

// news waits until the log is larger than after, or, when keys is asked for, until anything about keys has changed since the number that
// a desk was told. A device that leaves the roster meanwhile is told so at once.
func (a *API) news(w http.ResponseWriter, r *http.Request, c call) {
	q := r.URL.Query()
	after, err1 := count(q, "after", 0)
	since, err2 := count(q, "keys", 0)
	if err1 != nil || err2 != nil {
		fail(w, refuse(wire.CodeRequest, "news needs ?after=N, and &keys=K to hear of keys too"))
		return
	}
	withKeys := q.Has("keys")
	patience := time.NewTimer(newsWait)
	defer patience.Stop()
	for waiting := true; ; {
		keys, changed := a.c.Org.Changed()
		size, grown := a.c.Seq.Grown()
		switch {
		case !a.member(c.device):
			fail(w, errDevice(wire.ErrDevice))
			return
		case withKeys && (!waiting || size > after || keys != since):
			writeJSON(w, http.StatusOK, struct {
				Size int64 `json:"size"`
				Keys int64 `json:"keys"`
			}{size, keys})
			return
		case !waiting || size > after:
			writeJSON(w, http.StatusOK, struct {
				Size int64 `json:"size"`
			}{size})
			return
		}
		select {
		case <-grown:
		case <-changed:
		case <-patience.C:
			waiting = false
		case <-r.Context().Done():
			waiting = false
		case <-a.woken:
			waiting = false
		}
	}
}
