package web

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"panah/core/event"
	"panah/core/rulebook"
	"panah/desk/internal/office"
)

// A bookTrial is what a session tries before it is adopted: in memory only, gone when the session locks.
type bookTrial struct {
	Version string
	Files   rulebook.Source
}

// An updatePage takes three files, says what is wrong with them or what they would change, and asks before they are adopted.
type updatePage struct {
	*page
	Keeper   bool
	Why      string
	Wrong    string
	Trial    *office.BookTrial // nil: nothing was given yet
	Errors   []rulebook.Problem
	Warnings []rulebook.Problem
	Read     string // day on which the sources of what is tried were read last
}

func (s *server) rulebookUpdate(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showUpdate(w, r, v, http.StatusOK, "", nil)
}

// showUpdate shows the form, with what came of a trial.
func (s *server) showUpdate(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string, t *office.BookTrial) error {
	p, err := s.titled(r, v, "papers.update_title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "papers", "/rulebook/update"
	state, err := s.can.books.RulebookState(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	data := &updatePage{page: p, Keeper: state.Keeper, Wrong: wrong, Trial: t}
	if r.PostForm != nil {
		data.Why = r.PostForm.Get("why")
	}
	if t != nil {
		for _, k := range t.Problems {
			if k.Warning {
				data.Warnings = append(data.Warnings, k)
			} else {
				data.Errors = append(data.Errors, k)
			}
		}
		if t.Book != nil {
			data.Read = p.RuleDay(t.Book.ReadOn())
		}
	}
	return s.show(w, status, "rulebookupdate", data)
}

// rulebookTry reads what was given and says what would change; nothing is adopted.
func (s *server) rulebookTry(w http.ResponseWriter, r *http.Request, v visit) error {
	files := rulebook.Source{Papers: []byte(r.PostForm.Get("papers")), Rules: []byte(r.PostForm.Get("rules")), Sources: []byte(r.PostForm.Get("sources"))}
	if len(files.Papers)+len(files.Rules)+len(files.Sources) == 0 {
		return s.showUpdate(w, r, v, http.StatusUnprocessableEntity, "papers.wrong_nofile", nil)
	}
	return s.tryBook(w, r, v, files)
}

func (s *server) tryBook(w http.ResponseWriter, r *http.Request, v visit, files rulebook.Source) error {
	t, whole, err := s.can.books.TryRulebook(r.Context(), files)
	if err != nil {
		return fmt.Errorf("trying a rulebook: %w", err)
	}
	status, wrong := http.StatusOK, ""
	switch {
	case t.Same:
		status, wrong = http.StatusUnprocessableEntity, "papers.wrong_same"
	case !t.Good():
		status, wrong = http.StatusUnprocessableEntity, "papers.wrong_book"
	default:
		s.sessions.change(v.key, func(se *session) { se.book = &bookTrial{t.Version, whole} })
	}
	return s.showUpdate(w, r, v, status, wrong, &t)
}

// rulebookAgain tries a rulebook that was passed over because its desk left.
func (s *server) rulebookAgain(w http.ResponseWriter, r *http.Request, v visit) error {
	var h event.Hash
	raw, err := hex.DecodeString(r.PostForm.Get("book"))
	if err != nil || copy(h[:], raw) != len(h) || len(raw) != len(h) {
		return errFormKind
	}
	files, err := s.can.books.PassedFiles(r.Context(), h)
	if err != nil {
		return fmt.Errorf("reading a rulebook that was passed over: %w", err)
	}
	return s.tryBook(w, r, v, files)
}

// rulebookAdopt makes what this session tried the organisation's rulebook.
func (s *server) rulebookAdopt(w http.ResponseWriter, r *http.Request, v visit) error {
	var tried *bookTrial
	s.sessions.change(v.key, func(se *session) { tried = se.book })
	if tried == nil || tried.Version != r.PostForm.Get("book") {
		return s.showUpdate(w, r, v, http.StatusConflict, "papers.wrong_gone", nil)
	}
	err := s.can.books.AdoptRulebook(r.Context(), tried.Files, strings.TrimSpace(r.PostForm.Get("why")))
	wrong := ""
	switch {
	case err == nil, errors.Is(err, office.ErrSameBook):
	case errors.Is(err, office.ErrBookSize):
		wrong = "papers.wrong_size"
	case errors.Is(err, event.ErrMalformed):
		wrong = "papers.wrong_why"
	case errors.Is(err, office.ErrBook):
		wrong = "papers.wrong_book"
	default:
		return fmt.Errorf("adopting a rulebook: %w", err)
	}
	if wrong != "" {
		t, _, err := s.can.books.TryRulebook(r.Context(), tried.Files)
		if err != nil {
			return fmt.Errorf("trying a rulebook: %w", err)
		}
		return s.showUpdate(w, r, v, http.StatusUnprocessableEntity, wrong, &t)
	}
	s.sessions.change(v.key, func(se *session) { se.book = nil })
	s.say(v, "papers.said_adopted")
	http.Redirect(w, r, "/rulebook", http.StatusSeeOther)
	return nil
}
