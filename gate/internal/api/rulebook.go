package api

import (
	"net/http"

	"panah/core/wire"
)

// rulebookTime is how long caches may keep the rulebook.
const rulebookTime = "public, max-age=60"

// postRulebook takes from a desk what a keeper made the organisation's rulebook.
func (a *API) postRulebook(w http.ResponseWriter, _ *http.Request, body []byte) {
	signed, err := wire.ParseRulebook(body)
	if err != nil {
		fail(w, refuse(wire.CodeRulebook, "this is no rulebook as docs/formats.md, section 4, has it; update the desk"))
		return
	}
	_, org, ok := a.c.Org.Roster()
	if !ok {
		fail(w, errClosed())
		return
	}
	if err := a.c.Board.PutRulebook(signed, org, a.c.Now()); err != nil {
		fail(w, a.explain("keeping a rulebook", err))
		return
	}
	write(w, http.StatusNoContent, "application/json", nil)
}

// getRulebook gives everybody the rulebook with the keeper's signature, so that a gate cannot make up rules.
func (a *API) getRulebook(w http.ResponseWriter, _ *http.Request) {
	b := a.c.Board.Rulebook()
	if b == nil {
		e := refuse(wire.CodeRulebook, "no keeper has given this gate a rulebook; pages answer by the one of the release")
		e.Status = http.StatusNotFound
		fail(w, e)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", rulebookTime)
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b.Signed.Bytes()) // the reader went away: nobody is left to tell
}
