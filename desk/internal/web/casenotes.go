package web

import (
	"net/http"
	"strings"

	"panah/core/event"
)

// note writes a caseworker's note into a case.
func (s *server) note(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))
	if text == "" {
		return errEmpty
	}
	return s.caseDone(w, r, v, n, "notes", "cases.said_note", s.can.cases.Do(r.Context(), n, event.Noted{Text: text}))
}

// takeCase claims a case that nobody has.
func (s *server) takeCase(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	return s.caseDone(w, r, v, n, "", "cases.said_taken", s.can.cases.Do(r.Context(), n, event.Claimed{}))
}
