package api

import (
	"errors"
	"net/http"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/work"
)

// putLetter takes a letter, whole or a piece of it.
func (a *API) putLetter(w http.ResponseWriter, r *http.Request) {
	id, err := wire.ParseLetterID(r.PathValue("id"))
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()))
		return
	}
	if !a.c.Org.Taking() {
		fail(w, errClosed())
		return
	}
	box, err := mailboxKey(r)
	if err != nil && (r.Header.Get(wire.HeaderMailbox) != "" || r.Header.Get(wire.HeaderAuth) != "") {
		fail(w, refuse(wire.CodeRequest, err.Error()))
		return
	}
	if err != nil {
		box = nil // no mailbox: a desk's reply-copy, or somebody who wants no answer
	}
	if piece := r.Header.Get("Content-Range"); piece != "" {
		a.putPiece(w, r, id, piece, box)
		return
	}
	if e := a.askWork(r, id); e != nil {
		fail(w, e)
		return
	}
	sealed, release, e := a.readBody(r, wire.MaxLetter)
	defer release()
	if e != nil {
		fail(w, e)
		return
	}
	a.accept(w, r, id, sealed, box)
}

// accept answers a letter that has arrived whole; it reports whether its bytes are of no further use.
func (a *API) accept(w http.ResponseWriter, r *http.Request, id wire.LetterID, sealed []byte, box *wire.MailboxKey) (settled bool) {
	if wire.IDOf(sealed) != id {
		fail(w, refuse(wire.CodeMismatch, "the bytes are not those of this id; send the letter again from the start"))
		return true
	}
	accepted, first, err := a.acceptAs(r.Context(), id, sealed, box)
	if err != nil {
		e := a.explain("accepting a letter", err)
		fail(w, e)
		return e.Code == wire.CodeShape
	}
	status := http.StatusOK
	if first {
		status = http.StatusCreated
	}
	writeJSON(w, status, accepted)
	return true
}

// putPiece keeps one piece, and accepts the letter with the last.
func (a *API) putPiece(w http.ResponseWriter, r *http.Request, id wire.LetterID, header string, box *wire.MailboxKey) {
	sp, err := parseRange(header)
	if err != nil {
		var e *wire.Error
		if !errors.As(err, &e) {
			e = refuse(wire.CodeRequest, err.Error())
		}
		fail(w, e)
		return
	}
	// The answer to the last piece may have been lost: whoever knows the id gets the first answer again.
	if held, ok := a.held(w, r, id); !ok {
		return
	} else if held != nil {
		writeJSON(w, http.StatusOK, held)
		return
	}
	if a.pieces.have(id) == 0 {
		if e := a.askWork(r, id); e != nil {
			fail(w, e)
			return
		}
	}
	done, e := a.pieces.begin(id, sp)
	if e != nil {
		fail(w, e)
		return
	}
	forget := false
	defer func() { a.pieces.end(id, forget) }()
	if sp.first == 0 && !done {
		// Between the question above and begin another request may have brought the last piece: then this would begin the letter anew.
		held, ok := a.held(w, r, id)
		if forget = held != nil; forget {
			writeJSON(w, http.StatusOK, held)
		}
		if forget || !ok {
			return
		}
	}
	if !done {
		var ok bool
		if done, ok = a.keepPiece(w, r, id, sp); !ok || !done {
			return
		}
	}
	sealed, err := a.pieces.whole(id)
	if err != nil {
		forget = true
		fail(w, a.explain("taking a letter in pieces", err))
		return
	}
	a.inFlight.Add(int64(len(sealed)))
	defer a.inFlight.Add(-int64(len(sealed)))
	forget = a.accept(w, r, id, sealed, box)
}

// keepPiece reads and keeps the piece of this request. done is true when it was the last; ok is false when it was refused.
func (a *API) keepPiece(w http.ResponseWriter, r *http.Request, id wire.LetterID, sp span) (done, ok bool) {
	b, release, e := a.readBody(r, sp.len())
	defer release()
	if e == nil && len(b) != sp.len() {
		e = refuse(wire.CodeRequest, "the piece does not have the length that Content-Range says; send it again")
	}
	if e != nil {
		fail(w, e)
		return false, false
	}
	have, err := a.pieces.add(id, b)
	if err != nil {
		fail(w, a.explain("taking a letter in pieces", err))
		return false, false
	}
	if have == sp.total {
		return true, true
	}
	writeJSON(w, http.StatusAccepted, wire.Progress{Have: have})
	return false, true
}

// held returns the first answer to a letter that is in the log, or nil. ok is false when the request has been answered.
func (a *API) held(w http.ResponseWriter, r *http.Request, id wire.LetterID) (answer *wire.Accepted, ok bool) {
	known, err := a.c.Log.Known(r.Context(), []wire.LetterID{id})
	if err != nil {
		fail(w, a.explain("looking for a letter", err))
		return nil, false
	}
	h, there := known[id]
	if !there {
		return nil, true
	}
	return &wire.Accepted{ID: id.String(), Commitment: h.Commitment[:], Key: h.Key[:], Record: h.Record, Promise: h.Promise}, true
}

// getLetter tells from where to go on.
func (a *API) getLetter(w http.ResponseWriter, r *http.Request) {
	id, err := wire.ParseLetterID(r.PathValue("id"))
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()))
		return
	}
	held, ok := a.held(w, r, id)
	if !ok {
		return
	}
	p := wire.Progress{Have: a.pieces.have(id)}
	if held != nil {
		rec, err := ledger.ParseRecord(held.Record)
		if err != nil {
			fail(w, a.explain("reading a record", err))
			return
		}
		p = wire.Progress{Have: rec.Size, Accepted: true}
	}
	writeJSON(w, http.StatusOK, p)
}

// askWork asks for a proof of work when the gate is under load, before anything of the body is read. It asks everybody alike.
func (a *API) askWork(r *http.Request, id wire.LetterID) *wire.Error {
	n := work.Bits(a.Load())
	if n == 0 {
		return nil
	}
	if header := r.Header.Get(wire.HeaderWork); header != "" && a.meter.Check(header, id, n) == nil {
		return nil
	}
	e := refuse(wire.CodeWork, "the gate is busy and asks your device to compute for a moment; the page does it by itself")
	e.Challenge, e.Bits = a.meter.Challenge(n), n
	return e
}
