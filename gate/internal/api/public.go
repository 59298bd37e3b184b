package api

import (
	"net/http"

	"panah/core/wire"
)

// maxRosterBody is what core/roster reads.
const maxRosterBody = 64 << 10

// getRoster gives the organisation's signed roster.
func (a *API) getRoster(w http.ResponseWriter, _ *http.Request) {
	signed, _, ok := a.c.Org.Roster()
	if !ok {
		e := errClosed()
		e.Status = http.StatusNotFound
		fail(w, e)
		return
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", signed)
}

// getSite gives what the operator set.
func (a *API) getSite(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, "application/json", a.c.Site)
}

// getHealth answers 200 when the gate can take a letter and keep it.
func (a *API) getHealth(w http.ResponseWriter, r *http.Request) {
	_, err := a.c.Log.Size(r.Context())
	if err == nil {
		err = a.c.Room(wire.MaxLetter)
	}
	if err != nil {
		fail(w, a.explain("checking health", err))
		return
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
}

// postSetup gives a new gate its organisation.
func (a *API) postSetup(w http.ResponseWriter, r *http.Request) {
	body, release, e := a.readBody(r, maxRosterBody)
	defer release()
	if e != nil {
		fail(w, e)
		return
	}
	answer, first, err := a.c.Setup(r.Context(), body, r.Header.Get(wire.HeaderSetup))
	if err != nil {
		fail(w, a.explain("setting up the organisation", err))
		return
	}
	w.Header().Set(wire.HeaderSetup, answer.Proof)
	status := http.StatusOK
	if first {
		status = http.StatusCreated
	}
	write(w, status, "text/plain; charset=utf-8", []byte(answer.VKey))
}
