package web

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"panah/core/event"
	"panah/core/rulebook"
	"panah/desk/internal/office"
)

// A rulebookPage shows the rulebook in use: every paper with its rules, each with its days, its sources, how sure it is and how old.
type rulebookPage struct {
	*page
	State     office.RulebookState
	Read      string // day on which the sources were read last, both calendars
	Stale     bool   // that is longer ago than the rulebook itself allows
	Countries []bookCountry
	Passed    []passedBook
	Wrong     string
}

// A bookCountry holds the rules of a country.
type bookCountry struct {
	Code   string
	Word   string // of the words' id
	Papers []bookPaper
}

// A bookPaper is a kind of paper with the rules of one country about it.
type bookPaper struct {
	rulebook.Paper
	Name, In string
	Rules    []paperRule
}

// A passedBook is a rulebook that does not count.
type passedBook struct {
	office.PassedOver
	Words string // id of why
	ID    string // hex of its event
}

func (s *server) rulebookShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showRulebook(w, r, v, http.StatusOK, "")
}

func (s *server) showRulebook(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	state, err := s.can.books.RulebookState(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	p, err := s.titled(r, v, "papers.book_title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "papers", "/rulebook"
	data := &rulebookPage{page: p, State: state, Wrong: wrong, Read: p.RuleDay(state.Book.ReadOn())}
	data.Stale = ago(p.words, state.Book.ReadOn()) > state.Book.StaleAfter()
	data.Countries = countries(p.words, state.Book)
	for _, k := range state.Passed {
		data.Passed = append(data.Passed, passedBook{k, "papers.passed_" + k.Reason, hex.EncodeToString(k.Hash[:])})
	}
	return s.show(w, status, "rulebook", data)
}

// countries puts rules by country, then by paper; rules about every paper, or about none, stand last.
func countries(w *words, book *rulebook.Book) (list []bookCountry) {
	for _, rule := range book.Rules() {
		i := slices.IndexFunc(list, func(c bookCountry) bool { return c.Code == rule.Country })
		if i < 0 {
			list, i = append(list, bookCountry{Code: rule.Country, Word: strings.ToLower(rule.Country)}), len(list)
		}
		c := &list[i]
		j := slices.IndexFunc(c.Papers, func(p bookPaper) bool { return p.ID == rule.Paper })
		if j < 0 {
			k := bookPaper{Paper: rulebook.Paper{ID: rule.Paper}}
			if paper, ok := book.Paper(rule.Paper); ok {
				k.Paper = paper
				k.Name, k.In = paperNamed(paper, w.lang.Code)
			}
			c.Papers, j = append(c.Papers, k), len(c.Papers)
		}
		c.Papers[j].Rules = append(c.Papers[j].Rules, paperRuleOf(w, book, rule))
	}
	every := func(p bookPaper) int {
		if p.ID == rulebook.Any || p.ID == rulebook.None {
			return 1
		}
		return 0
	}
	for i := range list {
		slices.SortStableFunc(list[i].Papers, func(a, b bookPaper) int { return every(a) - every(b) })
	}
	return list
}

// rulebookFile hands out one of the files, for whoever edits them.
func (s *server) rulebookFile(w http.ResponseWriter, r *http.Request, _ visit) error {
	state, err := s.can.books.RulebookState(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	name := r.PathValue("name")
	data, ok := map[string][]byte{"papers.yaml": state.Files.Papers, "rules.yaml": state.Files.Rules, "sources.yaml": state.Files.Sources}[name]
	if !ok {
		return errNowhere
	}
	return hand(w, name, "application/yaml", data)
}

// rulebookBack goes back to the rulebook that each desk's program brings.
func (s *server) rulebookBack(w http.ResponseWriter, r *http.Request, v visit) error {
	err := s.can.books.ShippedRulebook(r.Context(), strings.TrimSpace(r.PostForm.Get("why")))
	switch {
	case errors.Is(err, office.ErrSameBook):
	case errors.Is(err, event.ErrMalformed):
		return s.showRulebook(w, r, v, http.StatusUnprocessableEntity, "papers.wrong_why")
	case err != nil:
		return fmt.Errorf("going back to the program's rulebook: %w", err)
	}
	s.say(v, "papers.said_back")
	http.Redirect(w, r, "/rulebook", http.StatusSeeOther)
	return nil
}
