package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// reply queues an answer. Whatever goes wrong, the page comes back with what was typed.
func (s *server) reply(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	thread, text := strconv.FormatInt(n, 10), strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n")
	// Kept first: an office that locks, a full disk or a closed lid must not cost the caseworker an hour's words.
	s.sessions.keepDraft(v.key, thread, text)
	var photo []byte
	if p := r.PostForm.Get(photoField); p != "" {
		photo = []byte(p)
	}
	err = s.office.Reply(r.Context(), n, office.Draft{Text: text, Photo: photo}, r.PostForm.Get("once"))
	switch {
	case errors.Is(err, office.ErrEmpty):
		return s.showThread(w, r, v, http.StatusUnprocessableEntity, "reply.empty", text)
	case errors.Is(err, office.ErrTooLong):
		return s.showThread(w, r, v, http.StatusUnprocessableEntity, "reply.too_long", text)
	case errors.Is(err, office.ErrPhoto):
		return s.showThread(w, r, v, http.StatusUnprocessableEntity, "reply.photo_bad", text)
	case err != nil:
		return fmt.Errorf("queueing a reply: %w", err)
	}
	s.sessions.keepDraft(v.key, thread, "")
	s.say(v, "said.replied")
	http.Redirect(w, r, threadPath(n), http.StatusSeeOther)
	return nil
}

// urgency sets how urgent a caseworker finds the thread.
func (s *server) urgency(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	u, ok := map[string]casedb.Urgency{
		"minutes": casedb.UrgencyMinutes, "hours": casedb.UrgencyHours, "days": casedb.UrgencyDays,
	}[r.PostForm.Get("urgency")]
	if !ok {
		return errFormKind
	}
	if err := s.office.SetUrgency(r.Context(), n, u); err != nil {
		return fmt.Errorf("setting an urgency: %w", err)
	}
	s.say(v, "said.urgency")
	http.Redirect(w, r, threadPath(n), http.StatusSeeOther)
	return nil
}
