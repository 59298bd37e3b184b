package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// beat is how often a quiet stream says that it is alive, so that the browser notices a desk that is gone.
const beat = 25 * time.Second

// settle gathers changes that come together: a sync of a thousand letters makes one refresh a moment, not a thousand.
const settle = 300 * time.Millisecond

// events tells the page, as server-sent events, that there is news, and when the desk locked. It carries no content: the
// page fetches itself again, through the same checks as ever. The stream ends with the session's unlocking.
func (s *server) events(w http.ResponseWriter, r *http.Request, v visit) error {
	changes, stop := s.office.Subscribe()
	defer stop()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(event string) bool {
		_, err := fmt.Fprintf(w, "event: %s\ndata:\n\n", event)
		return err == nil && out.Flush() == nil
	}
	if !send("hello") {
		return nil
	}
	beats := time.NewTicker(beat)
	defer beats.Stop()
	var due <-chan time.Time // set while a change waits to be told
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-v.locked:
			send("locked")
			return nil
		case _, ok := <-changes:
			switch {
			case !ok || s.office.Locked():
				send("locked")
				return nil
			case due == nil:
				due = time.After(settle)
			}
		case <-due:
			due = nil
			if !send("news") {
				return nil
			}
		case <-beats.C:
			if !send("beat") {
				return nil
			}
		}
	}
}

// activity is how the module says that somebody is typing: it puts the idle lock off, and keeps what was typed in case
// the lock comes all the same.
func (s *server) activity(w http.ResponseWriter, r *http.Request, v visit) error {
	if n, err := strconv.ParseInt(r.PostForm.Get("thread"), 10, 64); err == nil && n > 0 {
		s.sessions.keepDraft(v.key, strconv.FormatInt(n, 10), strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
