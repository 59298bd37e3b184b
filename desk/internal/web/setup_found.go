package web

import (
	"fmt"
	"net/http"
	"time"
)

// A founding is an organisation that was just made. It prints as "[founding]"; the sheets in it are gone with the process.
type founding struct {
	by       sessionKey
	Name     string
	Desk     string
	Gate     string
	Needed   int
	Of       int
	Org      []string // fingerprint, groups of four
	Strength string   // of the passphrase
	Sheets   []Sheet
	Printed  bool // somebody said so
	Wiped    bool // the rehearsal has begun
	passed   string
	Began    time.Time // of the rehearsal
}

// String hides the sheets.
func (*founding) String() string { return "[founding]" }

// GoString hides the sheets.
func (*founding) GoString() string { return "[founding]" }

// foundedBy returns what this session founded; another browser never sees the sheets.
func (z *wizard) foundedBy(v visit) *founding {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.founding == nil || z.founding.by != v.key {
		return nil
	}
	f := *z.founding
	return &f
}

// change edits the founding under the lock.
func (z *wizard) change(edit func(*founding)) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.founding != nil {
		edit(z.founding)
	}
}

func foundFields() []string { return []string{"gate", "code", "name", "desk", "split"} }

func (s *server) foundAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	if s.wizard.foundedBy(v) != nil {
		return s.toSheets(w, r)
	}
	p, err := s.setupPage(r, v, "found.title", nil)
	if err != nil {
		return err
	}
	p.Form["split"] = splits()[0]
	return s.show(w, http.StatusOK, "found", p)
}

func (s *server) toSheets(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/setup/sheets", http.StatusSeeOther)
	return nil
}

// found makes the organisation, its desk and the sheets.
func (s *server) found(w http.ResponseWriter, r *http.Request, v visit) error {
	s.wizard.turn.Lock()
	defer s.wizard.turn.Unlock()
	if s.wizard.foundedBy(v) != nil { // the button was pressed twice
		return s.toSheets(w, r)
	}
	f, no := readFounding(r)
	if no.wrong != "" {
		return s.refused(w, r, v, "found", "found.title", foundFields(), no, "")
	}
	f.Lang = v.Lang
	ctx, cancel := stepTime(r)
	defer cancel()
	made, err := s.wizard.Found(ctx, f)
	if err != nil {
		s.log.Error("founding an organisation", "err", err)
		no, detail := explain(err)
		return s.refused(w, r, v, "found", "found.title", foundFields(), no, detail)
	}
	s.wizard.mu.Lock()
	s.wizard.founding = &founding{
		by: v.key, Name: f.Name, Desk: f.Desk, Gate: f.Gate, Needed: f.Needed, Of: f.Of, Org: group(made.Org), Strength: strength(f.Passphrase),
		Sheets: made.Sheets, passed: f.Passphrase,
	}
	s.wizard.mu.Unlock()
	return s.toSheets(w, r)
}

func readFounding(r *http.Request) (f Founding, no refusal) {
	var no1, no2, no3, no4 refusal
	f.Gate, no1 = checkGate(r.PostForm.Get("gate"))
	f.Code = r.PostForm.Get("code")
	no2 = checkSetupCode(f.Code)
	f.Name, no3 = checkName("name", r.PostForm.Get("name"))
	f.Desk, no4 = checkName("desk", r.PostForm.Get("desk"))
	f.Passphrase = r.PostForm.Get("passphrase")
	var ok bool
	if f.Needed, f.Of, ok = parseSplit(r.PostForm.Get("split")); !ok {
		return f, refusal{at: "split", wrong: "setup.split_missing"}
	}
	return f, firstOf(no1, no2, no3, no4, checkPassphrase(f.Passphrase, r.PostForm.Get("again")))
}

// sheetsShow lists the sheets to print.
func (s *server) sheetsShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showSheets(w, r, v, http.StatusOK, "")
}

func (s *server) showSheets(w http.ResponseWriter, r *http.Request, v visit, status int, wrong string) error {
	p, err := s.setupPage(r, v, "sheets.title", nil)
	if err != nil {
		return err
	}
	if p.Made == nil {
		return s.home(w, r, v)
	}
	p.Path, p.Wrong = "/setup/sheets", wrong
	return s.show(w, status, "sheets", p)
}

// sheetPolicy lets a sheet carry its own styles and drawings, and nothing else: it holds a stranger's words no more than a script.
const sheetPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// sheetPrint shows one sheet as it is printed, from memory.
func (s *server) sheetPrint(w http.ResponseWriter, r *http.Request, v visit) error {
	if f := s.wizard.foundedBy(v); f != nil {
		return writeSheet(w, r, f.Sheets)
	}
	return errNowhere
}

func writeSheet(w http.ResponseWriter, r *http.Request, sheets []Sheet) error {
	for _, sheet := range sheets {
		if sheet.Letter == r.PathValue("letter") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", sheetPolicy)
			w.Write(sheet.HTML) // an error here means that the browser went away
			return nil
		}
	}
	return errNowhere
}

// sheetsPrinted goes on to the rehearsal when every sheet is on paper.
func (s *server) sheetsPrinted(w http.ResponseWriter, r *http.Request, v visit) error {
	f := s.wizard.foundedBy(v)
	if f == nil {
		return s.home(w, r, v)
	}
	if len(r.PostForm["printed"]) < len(f.Sheets) {
		return s.showSheets(w, r, v, http.StatusUnprocessableEntity, "sheets.tick")
	}
	s.wizard.change(func(f *founding) { f.Printed = true })
	http.Redirect(w, r, "/setup/rehearse", http.StatusSeeOther)
	return nil
}

func (s *server) rehearseAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.setupPage(r, v, "rehearse.title", nil)
	if err != nil {
		return err
	}
	if p.Made == nil {
		return s.home(w, r, v)
	}
	return s.show(w, http.StatusOK, "rehearse", p)
}

// rehearse wipes the desk that was just made: what comes back now comes from paper.
func (s *server) rehearse(w http.ResponseWriter, r *http.Request, v visit) error {
	s.wizard.turn.Lock()
	defer s.wizard.turn.Unlock()
	f := s.wizard.foundedBy(v)
	if f == nil || !f.Printed {
		return s.toSheets(w, r)
	}
	if !f.Wiped {
		ctx, cancel := stepTime(r)
		defer cancel()
		if err := s.wizard.Wipe(ctx); err != nil {
			return fmt.Errorf("wiping this desk for the rehearsal: %w", err)
		}
		s.wizard.change(func(f *founding) { f.Wiped, f.passed, f.Began = true, "", time.Now() })
	}
	http.Redirect(w, r, "/setup/recover", http.StatusSeeOther)
	return nil
}

// rehearseLater opens the desk with intake closed.
func (s *server) rehearseLater(w http.ResponseWriter, r *http.Request, v visit) error {
	f := s.wizard.foundedBy(v)
	if f == nil || !f.Printed || f.Wiped {
		return s.toSheets(w, r)
	}
	return s.arrive(w, r, v, f.passed, arrival{How: "founded"})
}
