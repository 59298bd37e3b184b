package web

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// enrolTime bounds joining: the code lives ten minutes, from the keeper's click.
const enrolTime = 12 * time.Minute

// signTime is how often a desk that a keeper has let in looks whether the other keepers have signed.
const signTime = 3 * time.Second

// A joining is a desk that asks to be let in. It prints as "[joining]".
type joining struct {
	by      sessionKey
	cancel  context.CancelFunc
	passed  string
	Gate    string
	Desk    string
	Six     *[6]byte // the words to compare; nil: the keeper's desk has not answered yet
	Signing bool     // the keeper has let it in, others must sign
	Done    *Joined
	Wrong   string // id of the sentence that says why it ended; empty while it goes on
	Detail  string
	Own     []string // the six words in the language of the page, filled for the page
	English []string // … and in English, when that is another
}

// String hides the passphrase.
func (*joining) String() string { return "[joining]" }

// GoString hides the passphrase.
func (*joining) GoString() string { return "[joining]" }

// joinedBy returns what this session waits for.
func (z *wizard) joinedBy(v visit) *joining {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.joining == nil || z.joining.by != v.key {
		return nil
	}
	j := *z.joining
	return &j
}

func enrolFields() []string { return []string{"gate", "code", "desk"} }

func (s *server) enrolAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	if j := s.wizard.joinedBy(v); j != nil && j.Wrong == "" {
		return s.toWait(w, r)
	}
	p, err := s.setupPage(r, v, "enrol.title", nil)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "enrol", p)
}

func (s *server) toWait(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/setup/join/wait", http.StatusSeeOther)
	return nil
}

// enrol begins to ask; the page that waits follows it.
func (s *server) enrol(w http.ResponseWriter, r *http.Request, v visit) error {
	if j := s.wizard.joinedBy(v); j != nil && j.Wrong == "" {
		return s.toWait(w, r)
	}
	var j Joining
	var no1, no2, no3 refusal
	j.Gate, no1 = checkGate(r.PostForm.Get("gate"))
	j.Code = r.PostForm.Get("code")
	if j.Code != "" || !s.wizard.Begun() { // without one when a keeper has let it in already
		no2 = checkInviteCode(j.Code)
	}
	j.Desk, no3 = checkName("desk", r.PostForm.Get("desk"))
	j.Passphrase = r.PostForm.Get("passphrase")
	if no := firstOf(no1, no2, no3, checkPassphrase(j.Passphrase, r.PostForm.Get("again"))); no.wrong != "" {
		return s.refused(w, r, v, "enrol", "enrol.title", enrolFields(), no, "")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), enrolTime)
	state := &joining{by: v.key, cancel: cancel, passed: j.Passphrase, Gate: j.Gate, Desk: j.Desk}
	s.wizard.mu.Lock()
	s.wizard.joining = state
	s.wizard.mu.Unlock()
	go s.wizard.ask(ctx, s, j, state)
	return s.toWait(w, r)
}

// ask runs until the keeper has decided, the code has run out, or somebody pressed stop.
func (z *wizard) ask(ctx context.Context, s *server, j Joining, state *joining) {
	defer state.cancel()
	z.turn.Lock()
	defer z.turn.Unlock()
	show := func(six [6]byte) {
		z.mu.Lock()
		defer z.mu.Unlock()
		state.Six = &six
	}
	done, err := z.Join(ctx, j, show)
	for errors.Is(err, ErrNotYet) && pause(ctx, signTime) {
		z.mu.Lock()
		state.Signing = true
		z.mu.Unlock()
		done, err = z.Join(ctx, j, show)
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if err == nil {
		state.Done = &done
		return
	}
	s.log.Error("joining an organisation", "err", err)
	no, detail := explainJoin(err)
	state.Wrong, state.Detail, state.passed = no.wrong, detail, ""
}

// pause waits, and reports whether there is time left.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// enrolWait shows where the joining stands; the page asks again by itself, with or without script.
func (s *server) enrolWait(w http.ResponseWriter, r *http.Request, v visit) error {
	j := s.wizard.joinedBy(v)
	switch {
	case j == nil:
		http.Redirect(w, r, "/setup/join", http.StatusSeeOther)
		return nil
	case j.Done != nil:
		return s.arrive(w, r, v, j.passed, arrival{How: "joined", Role: j.Done.Role})
	}
	title := "enrol.wait_title"
	switch {
	case j.Wrong != "":
		title = "enrol.failed_title"
	case j.Six != nil:
		title = "enrol.compare_title"
	}
	p, err := s.setupPage(r, v, title, nil)
	if err != nil {
		return err
	}
	if j.Six != nil {
		j.Own, j.English = spell(j.Six[:], p.lang.Code)
	}
	p.Wait, p.Wrong, p.Detail = j, j.Wrong, j.Detail
	if j.Wrong == "" {
		p.Again = 2
	}
	return s.show(w, http.StatusOK, "enrol_wait", p)
}

// enrolStop ends the waiting.
func (s *server) enrolStop(w http.ResponseWriter, r *http.Request, v visit) error {
	if j := s.wizard.joinedBy(v); j != nil {
		j.cancel()
		s.wizard.mu.Lock()
		s.wizard.joining = nil
		s.wizard.mu.Unlock()
	}
	http.Redirect(w, r, "/setup/join", http.StatusSeeOther)
	return nil
}
