package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"panah/desk/internal/casedb"
	"panah/desk/internal/moving"
	"panah/desk/internal/office"
	"panah/desk/internal/spreadsheet"
)

// problemRoom is how many problems the page lists: of a list with thousands one looks at the first, and at the counts.
const problemRoom = 100

// A movingPage brings a list in: the file, what its columns are, what would be done, how far it is.
type movingPage struct {
	*page
	Import   office.Import
	Fields   []string
	Batches  []casedb.ImportBatch
	Counts   []problemCount // by kind
	Problems []moving.Problem
	Further  int    // problems that are not listed
	Wrong    string // id of what is wrong with the file
	Never    []string
}

// A problemCount is how many rows have a problem.
type problemCount struct {
	What string
	N    int
}

func (s *server) importShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.importPage(w, r, v, http.StatusOK, "")
}

func (s *server) importPage(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	now, err := s.can.mover.Import(r.Context())
	if err != nil {
		return err
	}
	batches, err := s.can.mover.ImportBatches(r.Context())
	if err != nil {
		return err
	}
	p, err := s.titled(r, v, "moving.title")
	if err != nil {
		return err
	}
	p.Nav, p.Path = "about", "/import"
	data := &movingPage{page: p, Import: now, Fields: moving.Fields(), Batches: batches, Wrong: wrong}
	if now.Stage == office.ImportRunning {
		p.Again = 2
	}
	if now.Stage == office.ImportNone {
		data.Never = s.book.Common.NeverCollect
	}
	data.Counts, data.Problems = countProblems(now.Plan.Problems), now.Plan.Problems
	if more := len(data.Problems) - problemRoom; more > 0 {
		data.Problems, data.Further = data.Problems[:problemRoom], more
	}
	return s.show(w, status, "moving", data)
}

// countProblems counts each kind, in the order in which they come first.
func countProblems(all []moving.Problem) (counts []problemCount) {
	at := map[string]int{}
	for _, p := range all {
		i, known := at[p.What]
		if !known {
			i = len(counts)
			at[p.What], counts = i, append(counts, problemCount{What: p.What})
		}
		counts[i].N++
	}
	return counts
}

// tableProblems are the ids of sentences for what is wrong with a file.
var tableProblems = [...]struct {
	err error
	id  string
}{
	{spreadsheet.ErrSize, "moving.wrong_size"},
	{spreadsheet.ErrRows, "moving.wrong_rows"},
	{spreadsheet.ErrColumns, "moving.wrong_columns"},
	{spreadsheet.ErrCell, "moving.wrong_cell"},
	{spreadsheet.ErrKind, "moving.wrong_kind"},
	{spreadsheet.ErrOld, "moving.wrong_old"},
	{spreadsheet.ErrDamaged, "moving.wrong_damaged"},
	{spreadsheet.ErrEmpty, "moving.wrong_empty"},
	{office.ErrImport, "moving.wrong_gone"},
}

// importAnswer shows what went wrong beside the form, or goes on.
func (s *server) importAnswer(w http.ResponseWriter, r *http.Request, v visit, err error) error {
	for _, p := range tableProblems {
		if errors.Is(err, p.err) {
			return s.importPage(w, r, v, http.StatusUnprocessableEntity, p.id)
		}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/import", http.StatusSeeOther)
	return nil
}

func (s *server) importRead(w http.ResponseWriter, r *http.Request, v visit) error {
	list := listOf(r)
	defer clear(list)
	return s.importAnswer(w, r, v, s.can.mover.ImportRead(r.Context(), list))
}

func (s *server) importPlan(w http.ResponseWriter, r *http.Request, v visit) error {
	chosen := moving.Mapping{}
	for i := range spreadsheet.MaxColumns {
		chosen[i] = r.PostForm.Get("c" + strconv.Itoa(i))
	}
	options := office.ImportOptions{Calendar: r.PostForm.Get("calendar"), KeepNumbers: r.PostForm.Get("numbers") == "keep", WithClosed: r.PostForm.Get("closed") == "yes"}
	return s.importAnswer(w, r, v, s.can.mover.ImportPlan(r.Context(), chosen, options, s.book))
}

func (s *server) importRun(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.importAnswer(w, r, v, s.can.mover.ImportRun(r.Context(), s.can.cases))
}

func (s *server) importForget(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.importAnswer(w, r, v, s.can.mover.ImportForget(r.Context()))
}

// A undoPage asks whether an import is to be taken back.
type undoPage struct {
	*page
	Batch casedb.ImportBatch
	Wrong string
}

func (s *server) importUndoAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.undoPage(w, r, v, http.StatusOK, "")
}

func (s *server) undoPage(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	n, err := id(r)
	if err != nil {
		return err
	}
	batches, err := s.can.mover.ImportBatches(r.Context())
	if err != nil {
		return err
	}
	for _, b := range batches {
		if b.ID != n {
			continue
		}
		p, err := s.titled(r, v, "moving.undo")
		if err != nil {
			return err
		}
		p.Nav = "about"
		return s.show(w, status, "undo", &undoPage{page: p, Batch: b, Wrong: wrong})
	}
	return errNowhere
}

func (s *server) importUndo(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.PostForm.Get("sure") != "yes" {
		return s.undoPage(w, r, v, http.StatusUnprocessableEntity, "moving.undo_sure")
	}
	n, err := id(r)
	if err != nil {
		return err
	}
	if _, err := s.can.mover.ImportUndo(r.Context(), n); err != nil {
		return fmt.Errorf("taking an import back: %w", err)
	}
	s.say(v, "moving.said_undone")
	http.Redirect(w, r, "/import", http.StatusSeeOther)
	return nil
}
