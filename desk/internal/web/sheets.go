package web

import (
	"fmt"
	"net/http"
)

// A newSheetsPage makes the custodians' sheets anew and shows them, as long as this session is open.
type newSheetsPage struct {
	*page
	Splits []string
	Sheets []Sheet
	Needed int
	Of     int
	Wrong  string
}

// A made is a set of sheets that somebody still has to print; in memory only.
type made struct {
	needed, of int
	sheets     []Sheet
}

func (s *server) newSheetsAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showNewSheets(w, r, v, http.StatusOK, "")
}

func (s *server) showNewSheets(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	p, err := s.titled(r, v, "newsheets.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/desks/sheets", "desks"
	data := &newSheetsPage{page: p, Splits: splits(), Wrong: wrong}
	s.sessions.change(v.key, func(se *session) {
		data.Sheets, data.Needed, data.Of = se.made.sheets, se.made.needed, se.made.of
	})
	return s.show(w, status, "newsheets", data)
}

func (s *server) newSheets(w http.ResponseWriter, r *http.Request, v visit) error {
	needed, of, ok := parseSplit(r.PostForm.Get("split"))
	if !ok {
		return errFormKind
	}
	fresh, err := s.can.sheets.NewSheetsIn(r.Context(), needed, of, v.Lang)
	if status, wrong := keeperProblem(err); wrong != "" {
		return s.showNewSheets(w, r, v, status, wrong)
	}
	if err != nil {
		return fmt.Errorf("making new sheets: %w", err)
	}
	m := made{needed: needed, of: of}
	for _, sheet := range fresh {
		m.sheets = append(m.sheets, Sheet(sheet))
	}
	s.sessions.change(v.key, func(se *session) { se.made = m })
	http.Redirect(w, r, "/desks/sheets", http.StatusSeeOther)
	return nil
}

func (s *server) newSheetPrint(w http.ResponseWriter, r *http.Request, v visit) error {
	var sheets []Sheet
	s.sessions.change(v.key, func(se *session) { sheets = se.made.sheets })
	return writeSheet(w, r, sheets)
}

// newSheetsDone forgets the sheets: they are on paper.
func (s *server) newSheetsDone(w http.ResponseWriter, r *http.Request, v visit) error {
	var waiting int
	s.sessions.change(v.key, func(se *session) { waiting = len(se.made.sheets) })
	if len(r.PostForm["printed"]) < waiting {
		return s.showNewSheets(w, r, v, http.StatusUnprocessableEntity, "sheets.tick")
	}
	s.sessions.change(v.key, func(se *session) { se.made = made{} })
	s.say(v, "said.sheets")
	http.Redirect(w, r, "/desks", http.StatusSeeOther)
	return nil
}
