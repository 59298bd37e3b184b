package web

import (
	"errors"
	"net/http"
	"strings"

	"panah/desk/internal/office"
)

// A calendarPage says what a calendar holds, and where a program on this computer finds it.
type calendarPage struct {
	*page
	Address string // of the feed
}

func (s *server) calendar(w http.ResponseWriter, r *http.Request, v visit) error {
	token, err := s.can.duties.FeedToken(r.Context(), false)
	if err != nil {
		return err
	}
	p, err := s.titled(r, v, "duty.calendar")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/calendar", "duty"
	return s.show(w, http.StatusOK, "calendar", &calendarPage{page: p, Address: "http://" + r.Host + "/calendar/" + token + ".ics"})
}

// calendarFile is the calendar as it is now.
func (s *server) calendarFile(w http.ResponseWriter, r *http.Request, _ visit) error {
	b, err := s.can.duties.Calendar(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="calendar.ics"`)
	writeCalendar(w, b)
	return nil
}

func writeCalendar(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Write(b) // an error here means that the reader went away
}

func (s *server) calendarRenew(w http.ResponseWriter, r *http.Request, v visit) error {
	if _, err := s.can.duties.FeedToken(r.Context(), true); err != nil {
		return err
	}
	s.say(v, "duty.said_renewed")
	http.Redirect(w, r, "/calendar", http.StatusSeeOther)
	return nil
}

// feed answers a calendar program, which has no session: the name of the feed lets it in, and shows nothing that a page would. It puts no lock off.
func (s *server) feed(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutSuffix(r.PathValue("feed"), ".ics")
	if s.can.duties == nil || !ok {
		http.Error(w, "There is no such calendar. Copy its address again from the desk.", http.StatusNotFound)
		return
	}
	b, err := s.can.duties.Feed(r.Context(), token)
	switch {
	case errors.Is(err, office.ErrLocked):
		w.Header().Set("Retry-After", "600")
		http.Error(w, "The desk is locked. The calendar comes again when somebody works at it.", http.StatusServiceUnavailable)
	case errors.Is(err, office.ErrNotFound):
		http.Error(w, "There is no such calendar. Copy its address again from the desk.", http.StatusNotFound)
	case err != nil:
		s.log.Error("writing a calendar", "err", err)
		http.Error(w, "The calendar could not be written. Try again later.", http.StatusInternalServerError)
	default:
		writeCalendar(w, b)
	}
}
