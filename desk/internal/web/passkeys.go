package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"panah/core/event"
	"panah/desk/internal/office"
	"panah/desk/internal/passkey"
)

// passkeys open the desk beside the passphrase. An office that lacks them has no pages for them.
type passkeys interface {
	Passkeys(ctx context.Context) ([]office.Passkey, error)
	AddPasskey(ctx context.Context, p office.Passkey, secret []byte, passphrase string) error
	RemovePasskey(ctx context.Context, id []byte, passphrase string) error
	UnlockPasskey(ctx context.Context, id, secret []byte) error
	ChangePassphrase(ctx context.Context, old, next string) error
}

// Bounds of the questions that browsers were asked and have not answered.
const (
	questionTime = 5 * time.Minute
	maxQuestions = 64
)

// questions remembers challenges: each may be answered once, by the session that it was put to.
type questions struct {
	mu   sync.Mutex
	open map[string]question // by base64url challenge; guarded by mu
}

type question struct {
	to    sessionKey
	salt  []byte // of the passkey that is being made; nil for an unlock
	until time.Time
}

// ask puts a new question to a session. The oldest one gives way when there are too many.
func (q *questions) ask(to sessionKey, salt []byte) (challenge string) {
	challenge = b64(random32())
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open == nil {
		q.open = map[string]question{}
	}
	for len(q.open) >= maxQuestions {
		var oldest string
		for c, have := range q.open {
			if oldest == "" || have.until.Before(q.open[oldest].until) {
				oldest = c
			}
		}
		delete(q.open, oldest)
	}
	q.open[challenge] = question{to, salt, time.Now().Add(questionTime)}
	return challenge
}

// take ends a question. ok is false when it was not put to this session, was answered already, or is too old.
func (q *questions) take(from sessionKey, challenge string) (asked question, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	asked, ok = q.open[challenge]
	if !ok || asked.to != from {
		return question{}, false
	}
	delete(q.open, challenge)
	return asked, time.Now().Before(asked.until)
}

func random32() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sent reads base64url out of a form; what is not is empty, and refused later.
func sent(r *http.Request, name string) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(r.PostForm.Get(name))
	if err != nil {
		return nil
	}
	return b
}

// A passkeyAsk is what a page needs to ask the browser for a passkey.
type passkeyAsk struct {
	Question  string // challenge, base64url
	Allow     string // for unlocking: "<id>:<salt>,…", base64url
	Salt      string // for a new one
	User      string // for a new one: a handle that says nothing
	Script    string // module that asks
	Elsewhere string // not "": passkeys work at this address only, and the page is at another one
}

// atLocalhost reports whether the page was asked for under the one name that browsers allow passkeys for.
func atLocalhost(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	return err == nil && host == passkey.RPID
}

// elsewhere is the address at which passkeys work, for a browser that is at the IP address. It holds the launch token, which this browser came with.
func (s *server) elsewhere(r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		return ""
	}
	return LaunchURL(net.JoinHostPort(passkey.RPID, port), s.token)
}

// askUnlock prepares the passkey part of the unlock page; nil when there is none.
func (s *server) askUnlock(r *http.Request, v visit) *passkeyAsk {
	if s.can.passkeys == nil || !s.localhost {
		return nil
	}
	list, err := s.can.passkeys.Passkeys(r.Context())
	if err != nil {
		s.log.Error("reading the passkeys", "err", err) // the passphrase still works
		return nil
	}
	if len(list) == 0 {
		return nil
	}
	if !atLocalhost(r) {
		return &passkeyAsk{Elsewhere: s.elsewhere(r)}
	}
	var allow []string
	for _, p := range list {
		allow = append(allow, b64(p.ID)+":"+b64(p.Salt))
	}
	return &passkeyAsk{Question: s.questions.ask(v.key, nil), Allow: strings.Join(allow, ","), Script: s.assets.Passkey}
}

// asked is what the answer in a form must fit.
func asked(r *http.Request) passkey.Asked {
	return passkey.Asked{Challenge: sent(r, "question"), Origin: "http://" + r.Host}
}

// unlockPasskey checks the passkey's answer and opens this session with what the passkey derived.
func (s *server) unlockPasskey(w http.ResponseWriter, r *http.Request, v visit) error {
	next := localPath(r.PostForm.Get("next"))
	if wait := s.attempts.begin(); wait > 0 {
		return s.tellWait(w, r, v, next, wait)
	}
	err := errors.New("the attempt broke off")
	defer func() { s.attempts.finish(errors.Is(err, office.ErrPasskey), err == nil) }()
	var staff event.Staff
	if staff, err = s.tryPasskey(r, v); err != nil {
		status, wrong := unlockProblem(err)
		if status == http.StatusInternalServerError {
			s.log.Error("unlocking the desk with a passkey", "err", err)
		}
		return s.showUnlock(w, r, v, status, &unlockPage{Next: next, Wrong: wrong})
	}
	s.comeIn(w, r, v, staff, next)
	return nil
}

func (s *server) tryPasskey(r *http.Request, v visit) (event.Staff, error) {
	if _, ok := s.questions.take(v.key, r.PostForm.Get("question")); !ok || !atLocalhost(r) {
		return "", passkey.ErrRefused
	}
	list, err := s.can.passkeys.Passkeys(r.Context())
	if err != nil {
		return "", fmt.Errorf("reading the passkeys: %w", err)
	}
	id := sent(r, "id")
	for _, p := range list {
		if string(p.ID) != string(id) {
			continue
		}
		if err := passkey.Used(asked(r), sent(r, "client"), sent(r, "auth"), sent(r, "signature"), p.Key); err != nil {
			return "", fmt.Errorf("%w: %w", office.ErrPasskey, err)
		}
		secret := sent(r, "secret")
		defer clear(secret)
		if s.can.people != nil {
			return s.can.people.UnlockPasskeyAs(r.Context(), id, secret)
		}
		return "", s.can.passkeys.UnlockPasskey(r.Context(), id, secret)
	}
	return "", office.ErrPasskey
}

// A passkeysPage lists the desk's passkeys and takes a new one.
type passkeysPage struct {
	*page
	List  []office.Passkey
	Ask   *passkeyAsk // nil: none can be added now
	Taken bool        // another program could answer at localhost
	Full  bool
	Port  string
	Wrong string // of the form that was sent
	Of    string // id of the passkey whose form that was; "" the form for a new one, ofPassphrase the one for another passphrase
	Name  string // that was typed
}

// ofPassphrase marks the form for another passphrase; no passkey's id has a dot.
const ofPassphrase = ".passphrase"

// OfPassphrase reports whether what went wrong was a change of the passphrase.
func (p *passkeysPage) OfPassphrase() bool { return p.Of == ofPassphrase }

// ID is a passkey's id as forms carry it.
func (*passkeysPage) ID(p office.Passkey) string { return b64(p.ID) }

// Known is what the browser is told not to make twice.
func (p *passkeysPage) Known() string {
	var ids []string
	for _, have := range p.List {
		ids = append(ids, b64(have.ID))
	}
	return strings.Join(ids, ",")
}

func (s *server) passkeysShow(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showPasskeys(w, r, v, http.StatusOK, &passkeysPage{})
}

func (s *server) showPasskeys(w http.ResponseWriter, r *http.Request, v visit, status int, data *passkeysPage) error {
	p, err := s.titled(r, v, "passkey.title")
	if err != nil {
		return err
	}
	p.Path, p.Nav = "/passkeys", "about"
	data.page = p
	if data.List, err = s.can.passkeys.Passkeys(r.Context()); err != nil {
		return fmt.Errorf("reading the passkeys: %w", err)
	}
	_, data.Port, _ = net.SplitHostPort(r.Host)
	switch data.Full = len(data.List) >= office.MaxPasskeys; {
	case !s.localhost:
		data.Taken = true
	case !atLocalhost(r):
		data.Ask = &passkeyAsk{Elsewhere: s.elsewhere(r)}
	case !data.Full:
		salt := random32()
		data.Ask = &passkeyAsk{Question: s.questions.ask(v.key, salt), Salt: b64(salt), User: b64(random32()[:16]), Script: s.assets.Passkey}
	}
	return s.show(w, status, "passkeys", data)
}

// passkeyAdd takes the passkey that the browser has just made.
func (s *server) passkeyAdd(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &passkeysPage{Name: strings.TrimSpace(r.PostForm.Get("name"))}
	question, ok := s.questions.take(v.key, r.PostForm.Get("question"))
	if !ok || question.salt == nil || !s.localhost || !atLocalhost(r) {
		data.Wrong = "passkey.refused"
		return s.showPasskeys(w, r, v, http.StatusForbidden, data)
	}
	made, err := passkey.Made(asked(r), sent(r, "client"), sent(r, "auth"))
	if err != nil {
		s.log.Error("adding a passkey", "err", err)
		data.Wrong = "passkey.refused"
		return s.showPasskeys(w, r, v, http.StatusForbidden, data)
	}
	secret := sent(r, "secret")
	defer clear(secret)
	p := office.Passkey{ID: made.ID, Key: made.Key, Salt: question.salt, Name: data.Name, Added: time.Now()}
	if !p.GoodName() || len(secret) != 32 {
		data.Wrong = "passkey.bad_name"
		if len(secret) != 32 {
			data.Wrong = "passkey.no_prf"
		}
		return s.showPasskeys(w, r, v, http.StatusUnprocessableEntity, data)
	}
	err = s.withPassphrase(func(passphrase string) error {
		return s.can.passkeys.AddPasskey(r.Context(), p, secret, passphrase)
	}, r)
	return s.passkeyDone(w, r, v, data, err, "said.passkey_added")
}

// passkeyRemove takes a passkey out.
func (s *server) passkeyRemove(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &passkeysPage{Of: r.PostForm.Get("id")}
	err := s.withPassphrase(func(passphrase string) error {
		return s.can.passkeys.RemovePasskey(r.Context(), sent(r, "id"), passphrase)
	}, r)
	if errors.Is(err, office.ErrPasskey) {
		err = nil // it is gone already
	}
	return s.passkeyDone(w, r, v, data, err, "said.passkey_removed")
}

// passphraseChange takes another passphrase, typed twice, beside the one that opens the desk now.
func (s *server) passphraseChange(w http.ResponseWriter, r *http.Request, v visit) error {
	data := &passkeysPage{Of: ofPassphrase}
	next := r.PostForm.Get("next")
	if no := checkPassphrase(next, r.PostForm.Get("again")); no.wrong != "" {
		data.Wrong = no.wrong
		return s.showPasskeys(w, r, v, http.StatusUnprocessableEntity, data)
	}
	err := s.withPassphrase(func(passphrase string) error {
		return s.can.passkeys.ChangePassphrase(r.Context(), passphrase, next)
	}, r)
	return s.passkeyDone(w, r, v, data, err, "said.passphrase_changed")
}

// errWait says that the passphrase was guessed at too often.
var errWait = errors.New("too many wrong tries")

// withPassphrase makes one attempt at the passphrase, like the unlock page.
func (s *server) withPassphrase(f func(passphrase string) error, r *http.Request) (err error) {
	if s.attempts.begin() > 0 {
		return errWait
	}
	err = errors.New("the attempt broke off")
	defer func() { s.attempts.finish(errors.Is(err, office.ErrPassphrase), err == nil) }()
	err = f(r.PostForm.Get("passphrase"))
	return err
}

// passkeyDone shows the list again, with what was done or what went wrong.
func (s *server) passkeyDone(w http.ResponseWriter, r *http.Request, v visit, data *passkeysPage, err error, said string) error {
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		s.say(v, said)
		http.Redirect(w, r, "/passkeys", http.StatusSeeOther)
		return nil
	case errors.Is(err, errWait):
		status, data.Wrong = http.StatusTooManyRequests, "passkey.wait"
	case errors.Is(err, office.ErrPassphrase):
		data.Wrong = "unlock.wrong"
	case errors.Is(err, office.ErrPasskeys):
		data.Wrong = "passkey.full"
	default:
		return err
	}
	return s.showPasskeys(w, r, v, status, data)
}
