package web

import (
	"fmt"
	"net/http"
	"strconv"

	"panah/core/l10n"
	"panah/desk/internal/office"
)

// A samePage suggests cases that may be the same matter; a human decides.
type samePage struct {
	*page
	Thread  int64
	Found   []suggestion
	Linked  []int64 // conversations that belong to this case already
	MayLink bool
}

// A suggestion is a case that may be the same matter.
type suggestion struct {
	office.Suggestion
	Name string
}

func (s *server) same(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	found, err := s.can.searcher.Suggest(r.Context(), n)
	if err != nil {
		return fmt.Errorf("looking for the same matter: %w", err)
	}
	p, err := s.titled(r, v, "search.same_title")
	if err != nil {
		return err
	}
	p.Path = threadPath(n) + "/same"
	data := &samePage{page: p, Thread: n, MayLink: s.can.linker != nil && v.Role != "reader"}
	for _, f := range found {
		data.Found = append(data.Found, suggestion{f, line(f.Name)})
	}
	if s.can.cases != nil {
		file, err := s.can.cases.Case(r.Context(), n)
		if err != nil {
			return fmt.Errorf("reading a case: %w", err)
		}
		for _, t := range file.Linked {
			data.Linked = append(data.Linked, t.ID)
		}
	}
	return s.show(w, http.StatusOK, "same", data)
}

// link makes another conversation part of this case.
func (s *server) link(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	other, err := number(r.PostForm.Get("other"))
	if err != nil {
		return err
	}
	if err := s.can.linker.Link(r.Context(), other, n); err != nil {
		return fmt.Errorf("linking two conversations: %w", err)
	}
	s.say(v, "search.linked")
	http.Redirect(w, r, threadPath(n)+"/same", http.StatusSeeOther)
	return nil
}

// split makes a conversation a case of its own again.
func (s *server) split(w http.ResponseWriter, r *http.Request, v visit) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	other, err := number(r.PostForm.Get("other"))
	if err != nil {
		return err
	}
	if err := s.can.linker.Split(r.Context(), other); err != nil {
		return fmt.Errorf("taking two conversations apart: %w", err)
	}
	s.say(v, "search.split")
	http.Redirect(w, r, threadPath(n)+"/same", http.StatusSeeOther)
	return nil
}

// number reads a thread's number from a form.
func number(s string) (int64, error) {
	n, err := strconv.ParseInt(l10n.FoldDigits(s), 10, 64)
	if err != nil || n < 1 {
		return 0, office.ErrNotFound
	}
	return n, nil
}
