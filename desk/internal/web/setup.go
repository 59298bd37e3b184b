package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Bounds of what the setup forms take, characters.
const (
	maxName  = 120 // as the roster has it, bytes
	maxField = 300
)

// setupTime is how long the gate and this laptop may take for one step. Closing the page does not break it off: half an organisation would be worse.
const setupTime = 3 * time.Minute

// A wizard makes a desk, step by step. Nothing of it is on disk but what Setup writes there.
type wizard struct {
	Setup
	gone string // id of the sentence that says where the desk went that was here; empty: there was none

	turn sync.Mutex // one step at a time, held while Setup works

	mu       sync.Mutex
	founding *founding // guarded by mu
	joining  *joining  // guarded by mu
}

// goneBy says where the desk went that somebody still asks for.
func goneBy(z Setup) string {
	if z.Removed() {
		return "gone.removed"
	}
	return "gone.purged"
}

// tries reports whether a recovery now is a rehearsal: the desk was wiped for it.
func (z *wizard) tries(v visit) bool { return z.foundedBy(v) != nil || z.gone == "gone.rehearsal" }

// A setupPage is one step of the setup.
type setupPage struct {
	*page
	Gone   string            // id: why there is no desk here any more
	Wrong  string            // id of the sentence that says what is wrong
	Detail string            // what the program says, for whoever helps
	At     string            // name of the field that is wrong
	Nth    int               // which sheet is wrong, from 1; 0: none in particular
	Form   map[string]string // as it was typed, without passphrases
	Sheets []string          // as they were typed
	Made   *founding         // what this session founded; nil: nothing
	Wait   *joining          // what this session waits for; nil: nothing
	Begun  bool              // something was begun in this folder and broken off
	Tries  bool              // what is brought back was wiped to try the sheets
}

// splits are the ways to divide an organisation's key between custodians: how many are needed, of how many.
func splits() []string { return []string{"2/3", "2/2", "3/4", "3/5"} }

// Splits are the choices of the form.
func (*setupPage) Splits() []string { return splits() }

// Split reads one of them: needed, of.
func parseSplit(s string) (needed, of int, ok bool) {
	for _, known := range splits() {
		if s == known {
			return int(s[0] - '0'), int(s[2] - '0'), true
		}
	}
	return 0, 0, false
}

func (s *server) setupTable() []route {
	return []route{
		{"GET /{$}", launched, false, false, s.setupChoose},
		{"GET /setup/found", launched, false, false, s.foundAsk},
		{"POST /setup/found", launched, false, false, s.found},
		{"GET /setup/sheets", launched, false, false, s.sheetsShow},
		{"GET /setup/sheets/{letter}", launched, false, false, s.sheetPrint},
		{"POST /setup/sheets", launched, false, false, s.sheetsPrinted},
		{"GET /setup/rehearse", launched, false, false, s.rehearseAsk},
		{"POST /setup/rehearse", launched, false, false, s.rehearse},
		{"POST /setup/later", launched, false, false, s.rehearseLater},
		{"GET /setup/join", launched, false, false, s.enrolAsk},
		{"POST /setup/join", launched, false, false, s.enrol},
		{"GET /setup/join/wait", launched, false, false, s.enrolWait},
		{"POST /setup/join/stop", launched, false, false, s.enrolStop},
		{"GET /setup/recover", launched, false, false, s.recoverAsk},
		{"POST /setup/recover", launched, false, false, s.bringBack},
		{"POST /setup/forget", launched, false, false, s.forgetBegun},
		{"POST /language", launched, false, false, s.language},
		{"POST /lock", launched, false, false, s.home},
		// Whatever the browser still has open of a desk that is gone leads to the page that says so.
		{"GET /", launched, false, false, s.home},
		{"/", launched, false, false, s.nowhere},
	}
}

// setupChoose asks what this laptop is to become.
func (s *server) setupChoose(w http.ResponseWriter, r *http.Request, v visit) error {
	title := "setup.title"
	if s.wizard.gone != "" {
		title = s.wizard.gone + "_title"
	}
	p, err := s.setupPage(r, v, title, nil)
	if err != nil {
		return err
	}
	if f := s.wizard.foundedBy(v); f != nil {
		http.Redirect(w, r, "/setup/sheets", http.StatusSeeOther)
		return nil
	}
	return s.show(w, http.StatusOK, "setup", p)
}

// forgetBegun destroys what was begun in the folder and broken off, so that something else can be.
func (s *server) forgetBegun(w http.ResponseWriter, r *http.Request, v visit) error {
	s.wizard.turn.Lock()
	defer s.wizard.turn.Unlock()
	if s.wizard.Begun() && !s.wizard.Exists() {
		if err := s.wizard.Wipe(r.Context()); err != nil {
			return fmt.Errorf("forgetting what was begun: %w", err)
		}
	}
	return s.home(w, r, v)
}

// setupPage makes a page of the setup; keep are the fields of the form that come back as they were typed.
func (s *server) setupPage(r *http.Request, v visit, title string, keep []string) (*setupPage, error) {
	p, err := s.titled(r, v, title)
	if err != nil {
		return nil, err
	}
	data := &setupPage{page: p, Gone: s.wizard.gone, Form: map[string]string{}, Made: s.wizard.foundedBy(v), Wait: s.wizard.joinedBy(v), Tries: s.wizard.tries(v), Begun: s.wizard.Begun()}
	for _, name := range keep {
		data.Form[name] = r.PostForm.Get(name)
	}
	return data, nil
}

// A refusal is what is wrong with a form: in which field, and the sentence.
type refusal struct {
	at, wrong string
	nth       int // which of several fields of that name, from 1
}

// checkGate reads the address of a gate: "help.example.org" is what people type.
func checkGate(typed string) (url string, no refusal) {
	typed = strings.TrimRight(strings.TrimSpace(typed), "/")
	if typed == "" || len(typed) > maxField {
		return "", refusal{at: "gate", wrong: "setup.gate_missing"}
	}
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	return typed, refusal{}
}

// checkName reads a name of one line.
func checkName(field, typed string) (name string, no refusal) {
	name = oneLine(typed)
	switch {
	case name == "":
		return "", refusal{at: field, wrong: map[string]string{"name": "setup.name_missing", "desk": "setup.desk_missing"}[field]}
	case len(name) > maxName:
		return "", refusal{at: field, wrong: "setup.name_long"}
	}
	return name, refusal{}
}

// oneLine makes one line of what somebody of ours typed.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// checkPassphrase looks at a new passphrase, typed twice.
func checkPassphrase(first, again string) refusal {
	switch {
	case utf8.RuneCountInString(first) > maxField:
		return refusal{at: "passphrase", wrong: "setup.pass_long"}
	case strength(first) == "":
		return refusal{at: "passphrase", wrong: "setup.pass_weak"}
	case first != again:
		return refusal{at: "passphrase", wrong: "setup.pass_differ"}
	}
	return refusal{}
}

// firstOf returns the first refusal that is one.
func firstOf(all ...refusal) refusal {
	for _, no := range all {
		if no.wrong != "" {
			return no
		}
	}
	return refusal{}
}

// stepTime is the context of one step of the setup.
func stepTime(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), setupTime)
}

// refused shows a step of the setup again, with what is wrong and everything that was typed but passphrases.
func (s *server) refused(w http.ResponseWriter, r *http.Request, v visit, name, title string, keep []string, no refusal, detail string) error {
	p, err := s.setupPage(r, v, title, keep)
	if err != nil {
		return err
	}
	p.Path = r.URL.Path
	p.At, p.Nth, p.Wrong, p.Detail, p.Sheets = no.at, no.nth, no.wrong, detail, r.PostForm["sheet"]
	return s.show(w, http.StatusUnprocessableEntity, name, p)
}
