package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"panah/core/roster"
)

// An arrivedPage shows, on the desk that was just made, what was done and what was proved.
type arrivedPage struct {
	*page
	arrival
	Words []string
}

// An arrival is how a desk came to be.
type arrival struct {
	How        string // "rehearsed", "recovered", "joined", "founded"
	Role       string
	Epoch      int
	Took       time.Duration // of the recovery
	Opened     bool          // a letter that only the sheets could open was opened
	IntakeOpen bool          // this was the rehearsal: the gate takes letters from now on
}

// arrive opens the desk that was just made, for this session, and leads to the page that says what was done.
func (s *server) arrive(w http.ResponseWriter, r *http.Request, v visit, passphrase string, a arrival) error {
	ctx, cancel := stepTime(r)
	defer cancel()
	if err := s.front.enter(ctx, s, v, passphrase); err != nil {
		return err
	}
	s.sessions.change(v.key, func(se *session) { se.arrival = &a })
	http.Redirect(w, r, "/arrived", http.StatusSeeOther)
	return nil
}

func (s *server) arrived(w http.ResponseWriter, r *http.Request, v visit) error {
	var a *arrival
	s.sessions.change(v.key, func(se *session) { a = se.arrival })
	if a == nil {
		return s.home(w, r, v)
	}
	p, err := s.titled(r, v, map[string]string{
		"rehearsed": "arrived.rehearsed_title", "recovered": "arrived.recovered_title", "joined": "arrived.joined_title", "founded": "arrived.founded_title",
	}[a.How])
	if err != nil {
		return err
	}
	p.Path = "/arrived"
	data := &arrivedPage{page: p, arrival: *a}
	if data.Words, err = orgWords(p.Status.Org, p.lang.Code); err != nil {
		return fmt.Errorf("spelling the fingerprint: %w", err)
	}
	return s.show(w, http.StatusOK, "arrived", data)
}

// group writes a fingerprint in groups of four.
func group(org string) []string { return strings.Fields(roster.GroupOrgID(org)) }
