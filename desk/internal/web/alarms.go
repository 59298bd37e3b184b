package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"panah/desk/internal/casedb"
)

// bannerRoom is how many alarms the head of every page shows; the page of alarms shows all.
const bannerRoom = 3

// maxNote bounds the note with which an alarm is resolved, characters.
const maxNote = 2_000

// An alarm is one alarm in words: what was seen, what it means, what to do.
type alarm struct {
	casedb.Alarm
	Seen, Means, Do string // ids of the sentences
	Stops           bool   // no new letters are taken while it stands
}

func newAlarm(a casedb.Alarm) alarm {
	id := "alarm." + strings.ReplaceAll(string(a.Kind), "-", "_")
	return alarm{Alarm: a, Seen: id + ".seen", Means: id + ".means", Do: id + ".do", Stops: a.Kind.Stops()}
}

// Pairs are the numbers for the sentence of what was seen.
func (a alarm) Pairs() []any {
	var pairs []any
	for name, n := range a.Args {
		pairs = append(pairs, name, n)
	}
	return pairs
}

// Thread is the thread that the alarm is about, or 0.
func (a alarm) Thread() int64 { return a.Args["thread"] }

// banner reads the unresolved alarms for the head of a page. A desk whose alarms cannot be read says that: silence would look
// like peace.
func (s *server) banner(r *http.Request, _ *words) (shown []alarm, more int) {
	found, err := s.office.Alarms(r.Context(), false)
	if err != nil {
		s.log.Error("reading alarms for a page", "err", err)
		return []alarm{{Seen: "alarm.unread.seen", Means: "alarm.unread.means", Do: "alarm.unread.do"}}, 0
	}
	for _, a := range found[:min(len(found), bannerRoom)] {
		shown = append(shown, newAlarm(a))
	}
	return shown, len(found) - len(shown)
}

// An alarmsPage lists every alarm there was, with its evidence.
type alarmsPage struct {
	*page
	Standing []alarm
	Resolved []alarm
	Wrong    int64  // the alarm whose note was empty or too long
	Note     string // as it was typed
}

func (s *server) alarms(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showAlarms(w, r, v, http.StatusOK, 0, "")
}

func (s *server) showAlarms(w http.ResponseWriter, r *http.Request, v visit, status int, wrong int64, note string) error {
	found, err := s.office.Alarms(r.Context(), true)
	if err != nil {
		return fmt.Errorf("listing alarms: %w", err)
	}
	p, err := s.titled(r, v, "alarms.title")
	if err != nil {
		return err
	}
	data := &alarmsPage{page: p, Wrong: wrong, Note: note}
	data.Path = "/alarms"
	data.page.Alarms, data.page.More = nil, 0 // the page itself says them all
	for _, a := range found {
		if a.Resolved.IsZero() {
			data.Standing = append(data.Standing, newAlarm(a))
		} else {
			data.Resolved = append(data.Resolved, newAlarm(a))
		}
	}
	return s.show(w, status, "alarms", data)
}

// resolve closes an alarm. A note is asked for: whoever reads it next month must understand what was found out.
func (s *server) resolve(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	note := strings.TrimSpace(r.PostForm.Get("text"))
	if note == "" || len([]rune(note)) > maxNote {
		return s.showAlarms(w, r, v, http.StatusUnprocessableEntity, n, note)
	}
	if err := s.office.Resolve(r.Context(), n, note); err != nil {
		if errors.Is(err, casedb.ErrNotFound) {
			return s.showAlarms(w, r, v, http.StatusNotFound, n, note)
		}
		return fmt.Errorf("resolving an alarm: %w", err)
	}
	s.say(v, "said.resolved")
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
	return nil
}
