package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"panah/core/l10n"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/media"
	"panah/desk/internal/office"
)

// A lastSearch is what a session looked for last. It prints as "[search]".
type lastSearch struct {
	query    office.Query
	typed    searchForm
	recorded bool // a search of everybody's cases that the office has noted already
}

// String hides the words.
func (lastSearch) String() string { return "[search]" }

// GoString hides the words.
func (lastSearch) GoString() string { return "[search]" }

// A searchForm is the form as it was typed.
type searchForm struct {
	Words, Reason, Pathway, Urgency, District, Stage, Lang, From, To string
	Everyone                                                         bool
}

// Narrowed reports whether a filter is chosen.
func (f searchForm) Narrowed() bool {
	return f.Pathway != "" || f.Urgency != "" || f.District != "" || f.Stage != "" || f.Lang != "" || f.From != "" || f.To != ""
}

// A searchPage is the form with what was found.
type searchPage struct {
	*page
	Form      searchForm
	Pathways  []choice
	Languages []choice
	Asked     bool
	Further   bool // not the first page
	Hits      []hitLine
	After     int64 // the last one, when there are more
	Left      int   // cases that are not in the index as they are now
	Done      int   // of a hundred
	Wrong     string
}

// A hitLine is a case that was found.
type hitLine struct {
	caseLine
	Pieces []piecePart
	Cut    [2]bool
	ByName bool
}

// A piecePart is a part of a snippet; Mark: it is what was looked for.
type piecePart struct {
	Text string
	Mark bool
}

func (s *server) searchShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showSearch(w, r, v, http.StatusOK, "")
}

// searchFor takes the form: the words go into the session's memory, and the page is asked for anew, so that a reload sends nothing again.
func (s *server) searchFor(w http.ResponseWriter, r *http.Request, v visit) error {
	f := readSearch(r.PostForm)
	last := lastSearch{query: f.query(), typed: f}
	var wrong string
	switch q := last.query; {
	case q.Words == "" && !f.Narrowed():
		wrong = "search.wrong_empty"
	case q.Everyone && strings.TrimSpace(q.Reason) == "":
		wrong = "search.wrong_reason"
	}
	if wrong != "" {
		last.query = office.Query{}
	}
	s.sessions.change(v.key, func(se *session) { se.search = last })
	if wrong != "" {
		return s.showSearch(w, r, v, http.StatusUnprocessableEntity, wrong)
	}
	http.Redirect(w, r, "/search", http.StatusSeeOther)
	return nil
}

// searchMore goes to the next page.
func (s *server) searchMore(w http.ResponseWriter, r *http.Request, v visit) error {
	after, err := number(r.PostForm.Get("after"))
	if err != nil {
		return err
	}
	s.sessions.change(v.key, func(se *session) { se.search.query.After = after })
	http.Redirect(w, r, "/search", http.StatusSeeOther)
	return nil
}

func (s *server) searchClear(w http.ResponseWriter, r *http.Request, v visit) error {
	s.sessions.change(v.key, func(se *session) { se.search = lastSearch{} })
	http.Redirect(w, r, "/search", http.StatusSeeOther)
	return nil
}

func (s *server) showSearch(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	var last lastSearch
	s.sessions.change(v.key, func(se *session) {
		last = se.search
		se.search.recorded = true // one search is one record; its pages and a reload are no new ones
	})
	p, err := s.titled(r, v, "search.title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "search", "/search"
	data := &searchPage{page: p, Form: last.typed, Pathways: s.pathwayChoices(last.typed.Pathway), Languages: languageChoices(last.typed.Lang), Wrong: wrong}
	if wrong == "" && (last.query.Words != "" || last.typed.Narrowed()) {
		q := last.query
		q.Again = last.recorded
		if err := s.find(r, data, q); errors.Is(err, office.ErrSearchLong) {
			status, data.Wrong = http.StatusUnprocessableEntity, "search.wrong_long"
		} else if err != nil {
			s.sessions.change(v.key, func(se *session) { se.search.recorded = last.recorded })
			return err
		}
	}
	return s.show(w, status, "search", data)
}

func (s *server) find(r *http.Request, data *searchPage, q office.Query) error {
	found, err := s.can.searcher.Search(r.Context(), q)
	if err != nil {
		return fmt.Errorf("searching: %w", err)
	}
	data.Asked, data.Further = true, q.After > 0
	for _, h := range found.Hits {
		data.Hits = append(data.Hits, hitLine{caseLine: s.caseLine(h.Row, found.People, data.now), Pieces: pieces(h), Cut: h.Cut, ByName: h.ByName})
	}
	data.After = found.Next
	if i := found.Indexing; i.Of > 0 {
		data.Left, data.Done = i.Left, 100*(i.Of-min(i.Left, i.Of))/i.Of
	}
	return nil
}

// pieces parts a snippet at its marks. It is a stranger's text: what would turn or break the lines around it is taken out.
func pieces(h casedb.Hit) (out []piecePart) {
	at := 0
	add := func(to int, mark bool) {
		if text := strings.ReplaceAll(media.Text([]byte(h.Snippet[at:to])), "\n", " "); text != "" {
			out = append(out, piecePart{text, mark})
		}
		at = to
	}
	for _, m := range h.Marks {
		add(m.From, false)
		add(m.To, true)
	}
	add(len(h.Snippet), false)
	return out
}

func readSearch(form url.Values) searchForm {
	f := searchForm{
		Words: strings.TrimSpace(form.Get("words")), Reason: strings.TrimSpace(form.Get("reason")), District: strings.TrimSpace(form.Get("district")),
		Everyone: form.Get("everyone") == "yes", From: day(form.Get("from")), To: day(form.Get("to")),
	}
	if p := form.Get("pathway"); len(p) <= 40 {
		f.Pathway = p
	}
	if u := pathway.Urgency(form.Get("urgency")); u == pathway.Minutes || u == pathway.Hours || u == pathway.Days {
		f.Urgency = string(u)
	}
	if st := casedb.Stage(form.Get("stage")); st == casedb.StageNew || st == casedb.StageOpen || st == casedb.StageClosed {
		f.Stage = string(st)
	}
	if l, ok := l10n.Find(form.Get("lang")); ok {
		f.Lang = l.Code
	}
	return f
}

// day keeps a date that a browser's field writes, in any of our digits.
func day(s string) string {
	s = l10n.FoldDigits(strings.TrimSpace(s))
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// query is the form as the office takes it. To is the last day that counts.
func (f searchForm) query() office.Query {
	q := office.Query{Reason: f.Reason, SearchFilter: casedb.SearchFilter{
		Words: f.Words, Everyone: f.Everyone, Pathway: f.Pathway, District: f.District, Stage: casedb.Stage(f.Stage), Lang: f.Lang,
		Urgency: map[string]casedb.Urgency{"minutes": casedb.UrgencyMinutes, "hours": casedb.UrgencyHours, "days": casedb.UrgencyDays}[f.Urgency],
	}}
	if f.From != "" {
		q.From, _ = time.ParseInLocation(time.DateOnly, f.From, time.Local) // day has read it
	}
	if f.To != "" {
		q.To, _ = time.ParseInLocation(time.DateOnly, f.To, time.Local)
		q.To = q.To.AddDate(0, 0, 1)
	}
	return q
}

// Stages lists the stages.
func (*searchPage) Stages() []string {
	return []string{"new", "open", "closed"}
}

// Urgencies lists the urgencies.
func (*searchPage) Urgencies() []string { return []string{"minutes", "hours", "days"} }
