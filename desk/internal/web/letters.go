package web

import (
	"fmt"
	"net/http"
	"strconv"

	"panah/core/l10n"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// A lettersPage lists conversations, whether a case was opened from them or not.
type lettersPage struct {
	*page
	Rows     []row
	All      bool // also threads that wait for nothing
	Newest   bool
	Previous string // addresses of the neighbouring pages; empty at the ends
	Next     string
}

// A row is one thread in the list. It prints as "[thread]", as the summary in it does.
type row struct {
	casedb.Summary
	Named      string   // what the person is called in the case; empty: unknown, or not needed
	Urgency    string   // "minutes", "hours", "days"
	Situations []string // ids of the words
	Language   string   // name of the language that the person reads, in its own script; empty when unknown
	LangCode   string   // for its lang attribute
	Door       bool     // some letter of it was sealed at the door
	State      string   // "new", "waiting", "queued", "answered", "erased_person", "erased", "joined", "sealed"
}

// letters lists the conversations: those that wait for an answer, or all.
func (s *server) letters(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	newest := v.Newest
	if order := q.Get("order"); order != "" {
		newest = order == "newest"
		s.sessions.change(v.key, func(se *session) { se.newest = newest })
	}
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 || number > 10_000 {
		number = 1
	}
	all := q.Get("show") == "all"
	filter := casedb.Filter{Order: casedb.OrderUrgent, All: all, Waiting: !all, Limit: perPage + 1, Offset: (number - 1) * perPage}
	if newest {
		filter.Order = casedb.OrderNewest
	}
	found, err := s.office.Threads(r.Context(), filter)
	if err != nil {
		return fmt.Errorf("listing threads: %w", err)
	}
	p, err := s.titled(r, v, "queue.title")
	if err != nil {
		return err
	}
	p.Nav = "queue"
	data := &lettersPage{page: p, All: all, Newest: newest}
	if number > 1 {
		data.Previous = lettersPath(all, number-1)
	}
	if len(found) > perPage {
		found, data.Next = found[:perPage], lettersPath(all, number+1)
	}
	for _, t := range found {
		data.Rows = append(data.Rows, s.row(t))
	}
	return s.show(w, http.StatusOK, "letters", data)
}

func lettersPath(all bool, page int) string {
	if all {
		return fmt.Sprintf("/?show=all&page=%d", page)
	}
	return fmt.Sprintf("/?page=%d", page)
}

func (s *server) row(t casedb.Summary) row {
	r := row{
		Summary: t, Urgency: urgencyWord(t.Urgency), Situations: s.situations(t.Situations),
		Door: t.Sealed == seal.SealedDoor, State: state(t),
	}
	// A stranger's words: nothing in them may turn what stands around them.
	r.Beginning, r.District = line(t.Beginning), line(t.District)
	r.Language, r.LangCode = languageName(t.Lang)
	return r
}

// named is the row of a case, with what the person is called.
func (s *server) named(c casedb.CaseRow) row {
	r := s.row(c.Summary)
	r.Named = line(c.Name)
	return r
}

// situations keeps the ids that have words. A letter may claim anything.
func (s *server) situations(claimed []string) (ids []string) {
	for _, c := range claimed {
		if known, ok := s.book.Situation(c); ok {
			ids = append(ids, "intake."+known.ID)
		}
	}
	return ids
}

func urgencyWord(u casedb.Urgency) string {
	switch u {
	case casedb.UrgencyMinutes:
		return "minutes"
	case casedb.UrgencyHours:
		return "hours"
	}
	return "days"
}

// languageName names a language in its own script; "" for one that we do not speak.
func languageName(code string) (name, known string) {
	if l, ok := l10n.Find(code); ok {
		return l.Name, l.Code
	}
	return "", ""
}

// state is the one word that a row shows. What needs a person most wins.
func state(t casedb.Summary) string {
	switch {
	case t.State == casedb.StateErased && t.ByPerson:
		return "erased_person"
	case t.State != casedb.StateOpen:
		return string(t.State)
	case t.Unread > 0:
		return "new"
	case t.Waiting:
		return "waiting"
	case t.Queued > 0:
		return "queued"
	}
	return "answered"
}
