package api

import (
	"encoding/json"
	"net/http"

	"panah/core/wire"
)

// statuses are those of core/wire/errors.go.
var statuses = map[string]int{
	wire.CodeShape: 422, wire.CodeMismatch: 422, wire.CodeTooLarge: 413, wire.CodeOffset: 409, wire.CodeWork: 428,
	wire.CodeBusy: 503, wire.CodeFull: 507, wire.CodeClosed: 503, wire.CodeNoMailbox: 404, wire.CodeRequest: 400,
	wire.CodeDevice: 401, wire.CodeSetup: 401, wire.CodeInternal: 500,
	wire.CodeRoster: 409, wire.CodeJoin: 404, wire.CodeDuty: 409, wire.CodeRulebook: 422,
}

// refuse makes the error for code with its status.
func refuse(code, say string) *wire.Error {
	return &wire.Error{Code: code, Say: say, Status: statuses[code]}
}

func errClosed() *wire.Error {
	return refuse(wire.CodeClosed, "the organisation does not take letters here yet; try again later or reach it another way")
}

func errBusy() *wire.Error {
	return refuse(wire.CodeBusy, "the gate is busy; wait a minute and send the same letter again")
}

// fail writes err as JSON.
func fail(w http.ResponseWriter, err *wire.Error) {
	if err.Code == wire.CodeBusy {
		w.Header().Set("Retry-After", "30")
	}
	writeJSON(w, err.Status, err)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"internal","say":"try again later"}`)
	}
	write(w, status, "application/json", b)
}

// write sends a whole answer that nobody may keep. An error means that the other side has gone; there is nobody to tell.
func write(w http.ResponseWriter, status int, kind string, b []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
