package api

import (
	"net/http"

	"panah/core/wire"
)

// routes lists every route and who may call it. People's routes need no name; desks' routes need a request signed by a device
// of the roster.
func (a *API) routes() {
	a.mux = http.NewServeMux()
	for pattern, h := range map[string]http.HandlerFunc{
		// everybody
		"PUT /v1/letters/{id}": a.putLetter,
		"GET /v1/letters/{id}": a.getLetter,
		"GET /roster":          a.getRoster,
		"GET /rosters":         a.getRosters,
		"GET /recovery/{name}": a.getRecovery,
		"GET /site.json":       a.getSite,
		"GET /duty.json":       a.getDuty,
		"GET /rulebook.json":   a.getRulebook,
		"GET /healthz":         a.getHealth,
		// whoever holds the receipt code
		"POST /v1/mailbox":   a.readMailbox,
		"DELETE /v1/mailbox": a.eraseMailbox,
		// whoever has enough keepers' signatures
		"POST /v1/roster": a.postRoster,
		// a desk that is not in the roster yet, with the code that a keeper told it
		"POST /v1/join":      a.newcomer(a.say),
		"POST /v1/join/read": a.newcomer(a.hear),
		// whoever holds the setup code
		"POST /v1/setup": a.postSetup,
		// the organisation's desks
		"GET /v1/desk/sync":         a.device(maxListBody, a.sync),
		"GET /v1/desk/news":         a.device(maxListBody, a.news),
		"POST /v1/desk/replies":     a.desk(maxReplyBody, a.putReply),
		"POST /v1/desk/mailboxes":   a.desk(maxListBody, a.openMailbox),
		"DELETE /v1/desk/mailboxes": a.desk(maxListBody, a.dropMailbox),
		"POST /v1/desk/delete":      a.desk(maxListBody, a.deleteLetters),
		"POST /v1/desk/letters":     a.desk(wire.MaxLetter, a.deskLetter),
		"GET /v1/desk/consistency":  a.desk(0, a.getConsistency),
		"POST " + wire.DutyTarget:   a.device(wire.MaxDuty, a.postDuty),
		// with a keeper's signature inside
		"POST " + wire.RulebookTarget: a.desk(wire.MaxRulebook, a.postRulebook),
		// and for their keys
		"GET /v1/desk/keys":       a.device(0, a.getKeys),
		"PUT /v1/desk/card":       a.device(wire.MaxCard, a.putCard),
		"PUT /v1/desk/recovery":   a.desk(maxFilesBody, a.putRecovery),
		"POST /v1/desk/intake":    a.desk(1, a.setIntake),
		"PUT /v1/desk/wraps":      a.desk(wire.MaxPackage, a.putWraps),
		"GET /v1/desk/wraps":      a.desk(0, a.getWraps),
		"DELETE /v1/desk/wraps":   a.desk(0, a.dropWraps),
		"POST /v1/desk/join":      a.device(maxJoinBody, a.say),
		"POST /v1/desk/join/read": a.device(maxJoinBody, a.hear),
	} {
		a.mux.HandleFunc(pattern, h)
	}
	for pattern, h := range a.witnessRoutes() {
		a.mux.HandleFunc(pattern, h)
	}
}

// Paths are what a server hands to the API; everything else is a page.
func Paths() []string {
	return []string{"/v1/", "/roster", "/rosters", "/recovery/", "/site.json", "/duty.json", "/rulebook.json", "/healthz"}
}
