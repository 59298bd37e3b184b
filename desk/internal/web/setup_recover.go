package web

import (
	"net/http"
	"strings"
	"time"

	"panah/desk/internal/sheet"
)

// maxSheets is how many custodians there are at most.
const maxSheets = 5

func recoverFields() []string { return []string{"gate", "org", "desk"} }

func (s *server) recoverAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.setupPage(r, v, recoverTitle(s.wizard.tries(v)), nil)
	if err != nil {
		return err
	}
	p.Sheets = []string{"", ""}
	if p.Made != nil {
		if !p.Made.Wiped {
			return s.toSheets(w, r)
		}
		p.Form["desk"] = p.Made.Desk
		p.Sheets = make([]string, p.Made.Needed)
	}
	return s.show(w, http.StatusOK, "recover", p)
}

func recoverTitle(rehearsal bool) string {
	if rehearsal {
		return "recover.rehearse_title"
	}
	return "recover.title"
}

// bringBack makes a desk out of the sheets.
func (s *server) bringBack(w http.ResponseWriter, r *http.Request, v visit) error {
	s.wizard.turn.Lock()
	defer s.wizard.turn.Unlock()
	f, rehearsal := s.wizard.foundedBy(v), s.wizard.tries(v)
	if r.PostForm.Get("more") != "" {
		return s.moreSheets(w, r, v, recoverTitle(rehearsal))
	}
	in, no := readRecovering(r, rehearsal, s.wizard.Begun())
	if no.wrong != "" {
		return s.refused(w, r, v, "recover", recoverTitle(rehearsal), recoverFields(), no, "")
	}
	ctx, cancel := stepTime(r)
	defer cancel()
	done, err := s.wizard.Recover(ctx, in)
	if err != nil {
		s.log.Error("recovering an organisation", "err", err)
		no, detail := explainRecovery(err)
		return s.refused(w, r, v, "recover", recoverTitle(rehearsal), recoverFields(), no, detail)
	}
	a := arrival{How: "recovered", Epoch: done.Epoch, Opened: done.Opened, IntakeOpen: done.Intake}
	if rehearsal {
		a.How = "rehearsed"
	}
	if f != nil {
		a.Took = time.Since(f.Began)
		s.wizard.change(func(f *founding) { f.Sheets = nil })
	}
	return s.arrive(w, r, v, in.Passphrase, a)
}

// moreSheets shows the form with room for one more sheet.
func (s *server) moreSheets(w http.ResponseWriter, r *http.Request, v visit, title string) error {
	if n := len(r.PostForm["sheet"]); n < maxSheets {
		r.PostForm["sheet"] = append(r.PostForm["sheet"], "")
	}
	return s.refused(w, r, v, "recover", title, recoverFields(), refusal{}, "")
}

func readRecovering(r *http.Request, rehearsal, begun bool) (in Recovering, no refusal) {
	var no1, no2, no3, no4 refusal
	in.Gate, no1 = checkGate(r.PostForm.Get("gate"))
	in.Org = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(oneLine(r.PostForm.Get("org"))))
	if len(in.Org) != 20 {
		no2 = refusal{at: "org", wrong: "recover.org_bad"}
	}
	seen := map[string]bool{}
	for i, typed := range r.PostForm["sheet"] {
		if strings.TrimSpace(typed) == "" {
			continue
		}
		in.Sheets = append(in.Sheets, typed)
		if no3.wrong == "" {
			no3 = checkSheet(typed, i+1, seen)
		}
	}
	if len(in.Sheets) < 2 && no3.wrong == "" && !begun {
		no3 = refusal{at: "sheet", wrong: "recover.sheets_few"}
	}
	in.Desk, no4 = checkName("desk", r.PostForm.Get("desk"))
	in.Passphrase = r.PostForm.Get("passphrase")
	no = firstOf(no1, no2, no3, no4, checkPassphrase(in.Passphrase, r.PostForm.Get("again")))
	if no.wrong == "" && !rehearsal && r.PostForm.Get("sure") != "yes" {
		no = refusal{at: "sure", wrong: "recover.tick"}
	}
	return in, no
}

// checkSheet reads the nth sheet; seen are those before it. What exactly is wrong with it the page says (setupPage.Fault).
func checkSheet(typed string, nth int, seen map[string]bool) refusal {
	id, err := sheet.Read(typed)
	if err != nil {
		return refusal{at: "sheet", wrong: "recover.sheet_bad_n", nth: nth}
	}
	if seen[id.String()] {
		return refusal{at: "sheet", wrong: "recover.sheet_twice", nth: nth}
	}
	seen[id.String()] = true
	return refusal{}
}

// Fault is what is wrong with the sheet that cannot be read.
func (p *setupPage) Fault() sheet.Fault {
	if p.Nth < 1 || p.Nth > len(p.Sheets) {
		return sheet.Fault{}
	}
	return sheet.FaultOf(p.Sheets[p.Nth-1])
}
