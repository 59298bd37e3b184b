package api

import "net/http"

// routes lists every route and who may call it. People's routes need no name; desks' routes need a request signed by a device
// of the roster.
func (a *API) routes() {
	a.mux = http.NewServeMux()
	for pattern, h := range map[string]http.HandlerFunc{
		// everybody
		"PUT /v1/letters/{id}": a.putLetter,
		"GET /v1/letters/{id}": a.getLetter,
		"GET /roster":          a.getRoster,
		"GET /site.json":       a.getSite,
		"GET /healthz":         a.getHealth,
		// whoever holds the receipt code
		"POST /v1/mailbox":   a.readMailbox,
		"DELETE /v1/mailbox": a.eraseMailbox,
		// whoever holds the setup code
		"POST /v1/setup": a.postSetup,
		// the organisation's desks
		"GET /v1/desk/sync":         a.desk(maxListBody, a.sync),
		"GET /v1/desk/news":         a.desk(maxListBody, a.news),
		"POST /v1/desk/replies":     a.desk(maxReplyBody, a.putReply),
		"POST /v1/desk/mailboxes":   a.desk(maxListBody, a.openMailbox),
		"DELETE /v1/desk/mailboxes": a.desk(maxListBody, a.dropMailbox),
		"POST /v1/desk/delete":      a.desk(maxListBody, a.deleteLetters),
	} {
		a.mux.HandleFunc(pattern, h)
	}
	for pattern, h := range a.witnessRoutes() {
		a.mux.HandleFunc(pattern, h)
	}
}

// Paths are what a server hands to the API; everything else is a page.
func Paths() []string { return []string{"/v1/", "/roster", "/site.json", "/healthz"} }
