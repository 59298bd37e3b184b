package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/desk/internal/office"
	"panah/desk/internal/passkey"
)

// An unlockPage asks for the passphrase. It never shows what was typed.
type unlockPage struct {
	*page
	Next  string      // where to go on
	Wrong string      // id of the sentence that says what went wrong; empty at first
	Wait  int         // seconds until the next attempt is looked at
	Kept  bool        // an answer that was typed is kept and will be shown again
	Ask   *passkeyAsk // nil: no passkey is offered
	Names bool        // several people work here: who is it?
	Name  string      // as it was typed
}

// keepAndAsk asks for the passphrase in place of the page that was wanted. An answer that came in a form is kept.
func (s *server) keepAndAsk(w http.ResponseWriter, r *http.Request, v visit) error {
	next, kept := r.URL.RequestURI(), false
	if r.Method == http.MethodPost {
		next = "/"
		if strings.HasSuffix(r.URL.Path, "/papers") && r.PostForm.Get("paper") != "" {
			s.sessions.change(v.key, func(se *session) { se.paper = &typedPaper{r.URL.Path, readPaperForm(r.PostForm)} })
			return s.showUnlock(w, r, v, http.StatusUnauthorized, &unlockPage{Next: r.URL.Path, Kept: true})
		}
		if n, err := id(r); err == nil && strings.HasPrefix(r.URL.Path, "/thread/") {
			thread := strconv.FormatInt(n, 10)
			next = "/thread/" + thread
			if strings.HasPrefix(r.URL.Path, next+"/letters") && r.PostForm.Get("kind") != "" {
				s.sessions.keepDraft(v.key, letterDraft(n), letterForm(r.PostForm))
				next, kept = next+"/letters", true
			}
			if text := r.PostForm.Get("text"); text != "" {
				s.sessions.keepDraft(v.key, thread, text)
				kept = true
			}
		}
	}
	return s.showUnlock(w, r, v, http.StatusUnauthorized, &unlockPage{Next: next, Kept: kept})
}

func (s *server) showUnlock(w http.ResponseWriter, r *http.Request, v visit, status int, p *unlockPage) error {
	v.Unlocked = false
	p.page = s.newPage(r, v)
	p.Path = p.Next
	title, err := p.P("unlock.title")
	if err != nil {
		return err
	}
	p.Title = title
	p.Ask = s.askUnlock(r, v)
	if s.can.people != nil {
		_, p.Names = s.can.people.Staffed(r.Context())
	}
	if p.Names && p.Wrong == "unlock.wrong" {
		p.Wrong = "people.unlock_wrong"
	}
	return s.show(w, status, "unlock", p)
}

// unlock checks the passphrase and opens this session.
func (s *server) unlock(w http.ResponseWriter, r *http.Request, v visit) error {
	next := localPath(r.PostForm.Get("next"))
	if wait := s.attempts.begin(); wait > 0 {
		return s.tellWait(w, r, v, next, wait)
	}
	staff, err := s.try(r)
	if err != nil {
		status, wrong := unlockProblem(err)
		if status == http.StatusInternalServerError {
			s.log.Error("unlocking the desk", "err", err)
		}
		return s.showUnlock(w, r, v, status, &unlockPage{Next: next, Wrong: wrong, Name: oneLine(r.PostForm.Get("name"))})
	}
	s.comeIn(w, r, v, staff, next)
	return nil
}

// comeIn opens the session for who was right. Where nobody has said who they are, that is asked first.
func (s *server) comeIn(w http.ResponseWriter, r *http.Request, v visit, staff event.Staff, next string) {
	s.sessions.unlock(v.key, staff)
	if s.can.people != nil {
		if _, err := s.can.people.Comer(r.Context(), staff); errors.Is(err, office.ErrNobody) {
			next = "/people/first?next=" + url.QueryEscape(next)
		}
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// tellWait says how long no attempt is looked at.
func (s *server) tellWait(w http.ResponseWriter, r *http.Request, v visit, next string, wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return s.showUnlock(w, r, v, http.StatusTooManyRequests, &unlockPage{Next: next, Wrong: "unlock.wait", Wait: seconds})
}

// unlockProblem has the words for what kept the desk locked.
func unlockProblem(err error) (status int, wrong string) {
	switch {
	case errors.Is(err, office.ErrPassphrase):
		return http.StatusUnauthorized, "unlock.wrong"
	case errors.Is(err, office.ErrPasskey):
		return http.StatusUnauthorized, "passkey.wrong"
	case errors.Is(err, passkey.ErrRefused):
		return http.StatusUnauthorized, "passkey.refused"
	case errors.Is(err, office.ErrDamaged):
		return http.StatusInternalServerError, "unlock.damaged"
	case errors.Is(err, office.ErrInUse):
		return http.StatusConflict, "unlock.in_use"
	}
	return http.StatusInternalServerError, "unlock.failed"
}

// try makes one attempt, and ends it whatever happens.
func (s *server) try(r *http.Request) (staff event.Staff, err error) {
	err = errors.New("the attempt broke off")
	defer func() { s.attempts.finish(errors.Is(err, office.ErrPassphrase), err == nil) }()
	if s.can.people != nil {
		staff, err = s.can.people.UnlockAs(r.Context(), r.PostForm.Get("name"), r.PostForm.Get("passphrase"))
		return staff, err
	}
	err = s.office.Unlock(r.Context(), r.PostForm.Get("passphrase"))
	return "", err
}

// lock locks the whole desk: every browser, and the keys. Where several people work each locks for themselves, and the keys go with the last.
func (s *server) lock(w http.ResponseWriter, r *http.Request, v visit) error {
	if s.can.people != nil {
		if _, several := s.can.people.Staffed(r.Context()); several {
			s.sessions.lock(v.key)
			return s.home(w, r, v)
		}
	}
	s.sessions.lockAll()
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *server) home(w http.ResponseWriter, r *http.Request, _ visit) error {
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// localPath returns p when it is a path on this desk that a GET may open, and "/" otherwise.
func localPath(p string) string {
	if len(p) > 200 || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}
