package api

import (
	"net/http"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/board"
)

// Board keeps what the desks said last of the times in which somebody is on duty, and the rulebook.
type Board interface {
	Newest() (board.Notice, bool)
	// Put refuses one that was said earlier than the newest with a *wire.Error.
	Put(board.Notice) error
	Rulebook() *board.Rulebook // nil: none
	// PutRulebook refuses one that no keeper of r signed, that is older than the one kept, or that cannot be read, with a *wire.Error.
	PutRulebook(signed wire.Rulebook, r roster.Roster, now time.Time) error
}

// postDuty takes from a desk when somebody is on duty.
func (a *API) postDuty(w http.ResponseWriter, r *http.Request, c call) {
	signed := wire.Signed{
		Device: r.Header.Get(wire.HeaderDevice), Date: r.Header.Get(wire.HeaderDate), Signature: r.Header.Get(wire.HeaderSignature),
	}
	d, _, err := wire.CheckDuty(c.body, signed, a.c.Origin)
	if err != nil || r.URL.RequestURI() != wire.DutyTarget {
		fail(w, refuse(wire.CodeShape, "these are no times of duty as docs/formats.md, section 4, has them; update the desk"))
		return
	}
	if _, err := time.LoadLocation(d.Zone); err != nil {
		fail(w, refuse(wire.CodeShape, "there is no time zone of this name; choose another one"))
		return
	}
	if err := a.c.Board.Put(board.Notice{Duty: d, Body: c.body, Signed: signed}); err != nil {
		fail(w, a.explain("keeping the times of duty", err))
		return
	}
	write(w, http.StatusNoContent, "application/json", nil)
}

// dutyTime is how long caches may keep the times of duty.
const dutyTime = "public, max-age=60"

// getDuty gives everybody what a desk said last of the times of duty, with what it signed, so that a gate cannot make them up.
func (a *API) getDuty(w http.ResponseWriter, _ *http.Request) {
	n, ok := a.c.Board.Newest()
	if !ok {
		e := refuse(wire.CodeDuty, "no desk has said when somebody is on duty")
		e.Status = http.StatusNotFound
		fail(w, e)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", dutyTime)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set(wire.HeaderDevice, n.Signed.Device)
	h.Set(wire.HeaderDate, n.Signed.Date)
	h.Set(wire.HeaderSignature, n.Signed.Signature)
	h.Set(wire.HeaderGate, a.c.Origin)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(n.Body) // the reader went away: nobody is left to tell
}
