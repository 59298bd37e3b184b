package api

import (
	"encoding/hex"
	"net/http"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/wire"
)

// getKeys tells a desk everything about keys: what it needs to follow the chain and to take its grant.
func (a *API) getKeys(w http.ResponseWriter, r *http.Request, c call) {
	from, err := count(r.URL.Query(), "from", 1)
	if err != nil || from < 1 || from > maxSerial {
		fail(w, refuse(wire.CodeRequest, "keys needs ?from=N, from 1"))
		return
	}
	news, err := a.c.Org.News(r.Context(), c.device, int(from))
	if err != nil {
		fail(w, a.explain("reading what is kept for keys", err))
		return
	}
	a.writeHeld(w, news.Bytes())
}

// writeHeld answers with frames that may be many megabytes: like bodies, they are bounded for all who ask together.
func (a *API) writeHeld(w http.ResponseWriter, frames []byte) {
	n := int64(len(frames))
	defer a.inFlight.Add(-n)
	if a.inFlight.Add(n) > a.limits.InFlight {
		fail(w, errBusy())
		return
	}
	write(w, http.StatusOK, wire.TypeSync, frames)
}

// putCard keeps the device's own card.
func (a *API) putCard(w http.ResponseWriter, r *http.Request, c call) {
	first, err := a.c.Org.PutCard(r.Context(), c.device, c.body)
	a.created(w, "keeping a card", first, err)
}

// putRecovery replaces all recovery files of an organisation that was just founded.
func (a *API) putRecovery(w http.ResponseWriter, r *http.Request, body []byte) {
	files, err := wire.ParseFiles(body)
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()+"; send all recovery files again"))
		return
	}
	a.created(w, "keeping recovery files", true, a.c.Org.PutFiles(r.Context(), files))
}

// setIntake opens or closes the public intake.
func (a *API) setIntake(w http.ResponseWriter, _ *http.Request, body []byte) {
	if len(body) != 1 || body[0] > 1 {
		fail(w, refuse(wire.CodeRequest, "intake is one byte: 1 opens, 0 closes"))
		return
	}
	a.done(w, "setting whether letters are taken", a.c.Org.SetTaking(body[0] == 1))
}

// done answers 204.
func (a *API) done(w http.ResponseWriter, attempt string, err error) {
	if err != nil {
		fail(w, a.explain(attempt, err))
		return
	}
	write(w, http.StatusNoContent, "application/octet-stream", nil)
}

// deskLetter takes a desk's letter, also while intake is closed.
func (a *API) deskLetter(w http.ResponseWriter, r *http.Request, body []byte) {
	accepted, first, err := a.acceptAs(r.Context(), wire.IDOf(body), body, nil)
	if err != nil {
		fail(w, a.explain("accepting a desk's letter", err))
		return
	}
	status := http.StatusOK
	if first {
		status = http.StatusCreated
	}
	writeJSON(w, status, accepted)
}

// epochOf reads the epoch that a request about wraps names.
func epochOf(r *http.Request) (int, *wire.Error) {
	epoch, err := count(r.URL.Query(), "epoch", 0)
	if err != nil || epoch < 1 || epoch > maxSerial {
		return 0, refuse(wire.CodeRequest, "wraps need ?epoch=E, from 1")
	}
	return int(epoch), nil
}

// putWraps keeps wraps of one epoch; an empty one is deleted.
func (a *API) putWraps(w http.ResponseWriter, r *http.Request, body []byte) {
	epoch, e := epochOf(r)
	if e != nil {
		fail(w, e)
		return
	}
	wraps, more, err := wire.ParseWraps(body)
	if err != nil || more {
		fail(w, refuse(wire.CodeRequest, "those are not whole frames of wraps; send them again"))
		return
	}
	a.done(w, "keeping wraps", a.c.Org.PutWraps(r.Context(), epoch, wraps))
}

// getWraps gives wraps of one epoch, in the order of their names.
func (a *API) getWraps(w http.ResponseWriter, r *http.Request, _ []byte) {
	epoch, e := epochOf(r)
	if e != nil {
		fail(w, e)
		return
	}
	after, err := afterName(r.URL.Query().Get("after"))
	if err != nil {
		fail(w, refuse(wire.CodeRequest, "after is the name of a wrap, 32 hex digits"))
		return
	}
	wraps, more, err := a.c.Org.Wraps(r.Context(), epoch, after)
	if err != nil {
		fail(w, a.explain("reading wraps", err))
		return
	}
	a.writeHeld(w, wire.AppendWraps(nil, wraps, more))
}

// afterName reads the name of a wrap; nil for none.
func afterName(s string) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	b, err := hex.DecodeString(s)
	if err == nil && len(b) != len(wire.Wrap{}.Name) {
		err = hex.ErrLength
	}
	return b, err
}

// dropWraps destroys the wraps of earlier epochs.
func (a *API) dropWraps(w http.ResponseWriter, r *http.Request, _ []byte) {
	epoch, e := epochOf(r)
	if e != nil {
		fail(w, e)
		return
	}
	a.done(w, "destroying wraps", a.c.Org.DropWraps(r.Context(), epoch))
}

// getConsistency proves that the log at one size is the beginning of the log at another.
func (a *API) getConsistency(w http.ResponseWriter, r *http.Request, _ []byte) {
	q := r.URL.Query()
	older, err1 := count(q, "old", 0)
	newer, err2 := count(q, "new", 0)
	size, _ := a.c.Seq.Grown()
	if err1 != nil || err2 != nil || older < 1 || newer < older || newer > size {
		fail(w, refuse(wire.CodeRequest, "a proof needs ?old=M&new=N, 1 ≤ M ≤ N, and N entries of the log; this gate may have fewer"))
		return
	}
	proof, err := tlog.ProveTree(newer, older, a.c.Log)
	if err != nil {
		fail(w, a.explain("proving the log", err))
		return
	}
	b := make([]byte, 0, len(proof)*tlog.HashSize)
	for _, h := range proof {
		b = append(b, h[:]...)
	}
	write(w, http.StatusOK, "application/octet-stream", b)
}
