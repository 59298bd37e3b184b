package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"sync"
	"time"

	"panah/core/event"
)

// Bounds of what sessions hold in memory.
const (
	maxSessions = 32 // browsers and profiles on one laptop
	maxDrafts   = 64 // threads with an unsent answer, in one session
)

// sessionKey is the hash of a cookie: the cookie itself is kept by the browser only.
type sessionKey [32]byte

func keyOf(cookie string) sessionKey { return sha256.Sum256([]byte(cookie)) }

// A session is one browser that came through the launch URL. Its fields are guarded by sessions.mu.
type session struct {
	csrf     string
	lang     string // "fa-AF"; kept here only, so the disk does not tell who works at this desk
	newest   bool   // order of the letters: newest first instead of most urgent
	used     time.Time
	unlocked bool
	staff    event.Staff       // who unlocked it; "" while nobody has said who they are
	locked   chan struct{}     // closed when an unlocked session locks
	timer    *time.Timer       // locks the session when it was idle
	drafts   map[string]string // answers not sent yet, by thread; in memory only, also while locked
	said     string            // id of a sentence for the next page
	quiet    bool              // no sound when somebody has waited for too long
	arrival  *arrival          // how this desk came to be, when this session made it
	invited  invited           // the code that this session shows to a newcomer
	made     made              // sheets that this session still has to print
	book     *bookTrial        // a rulebook that is tried before it is adopted: in memory only, gone when the session locks
	paper    *typedPaper       // a check that was asked for while the session was locked: in memory only
	search   lastSearch        // what was looked for last: in memory only, gone when the session locks
}

// A visit is what one request needs to know of its session: a copy, so that handlers hold no lock.
type visit struct {
	key      sessionKey
	CSRF     string
	Lang     string
	Newest   bool
	Unlocked bool
	Staff    event.Staff // who is at this browser; the rest of them is read with every request
	Role     string
	Name     string
	Keeps    bool // may change who works at this desk
	locked   <-chan struct{}
}

// sessions are all browsers of this desk. Sessions are never written to disk: a restart forgets them.
type sessions struct {
	idle time.Duration

	mu        sync.Mutex
	byKey     map[sessionKey]*session
	allLocked func() // called, without mu, when the last unlocked session has locked
}

func newSessions(idle time.Duration, allLocked func()) *sessions {
	return &sessions{idle: idle, allLocked: allLocked, byKey: map[sessionKey]*session{}}
}

// open starts a locked session and returns the cookie for its browser. The longest unused session gives way when
// there are too many.
func (s *sessions) open(lang string) (cookie string) {
	cookie = newSecret()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.byKey) >= maxSessions {
		var oldest sessionKey
		var at time.Time
		for k, se := range s.byKey {
			if at.IsZero() || se.used.Before(at) {
				oldest, at = k, se.used
			}
		}
		s.byKey[oldest].lock()
		delete(s.byKey, oldest)
	}
	s.byKey[keyOf(cookie)] = &session{csrf: newSecret(), lang: lang, used: time.Now(), drafts: map[string]string{}}
	return cookie
}

// visit looks a cookie up. alive says that a person did something: it puts the idle lock off.
func (s *sessions) visit(cookie string, alive bool) (visit, bool) {
	key := keyOf(cookie)
	s.mu.Lock()
	defer s.mu.Unlock()
	se, ok := s.byKey[key]
	if !ok || cookie == "" {
		return visit{}, false
	}
	if alive {
		se.used = time.Now()
		if se.unlocked {
			se.timer.Reset(s.idle)
		}
	}
	return visit{key: key, CSRF: se.csrf, Lang: se.lang, Newest: se.newest, Unlocked: se.unlocked, Staff: se.staff, locked: se.locked}, true
}

// own compares a form's token with the session's.
func (v visit) own(token string) bool {
	return v.CSRF != "" && subtle.ConstantTimeCompare([]byte(v.CSRF), []byte(token)) == 1
}

// unlock opens a session whose passphrase was right, for the person whose it is. What somebody else left there unsent is not for them.
func (s *sessions) unlock(key sessionKey, staff event.Staff) {
	s.mu.Lock()
	defer s.mu.Unlock()
	se, ok := s.byKey[key]
	if !ok || se.unlocked {
		return
	}
	if se.staff != staff && se.staff != "" {
		se.drafts, se.said, se.invited, se.made, se.paper = map[string]string{}, "", invited{}, made{}, nil
	}
	se.staff = staff
	se.unlocked, se.used, se.locked = true, time.Now(), make(chan struct{})
	se.timer = time.AfterFunc(s.idle, func() { s.lock(key) })
}

// lock locks one session; when it was the last open one, the desk's keys go too.
func (s *sessions) lock(key sessionKey) {
	s.mu.Lock()
	if se, ok := s.byKey[key]; ok {
		se.lock()
	}
	last, allLocked := true, s.allLocked
	for _, se := range s.byKey {
		last = last && !se.unlocked
	}
	s.mu.Unlock()
	if last {
		allLocked()
	}
}

// lockOut locks the sessions of one person.
func (s *sessions) lockOut(staff event.Staff) {
	s.mu.Lock()
	var keys []sessionKey
	for k, se := range s.byKey {
		if staff != "" && se.staff == staff {
			keys = append(keys, k)
		}
	}
	s.mu.Unlock()
	for _, k := range keys {
		s.lock(k)
	}
}

// whenAllLocked says what to do from now on when the last unlocked session has locked.
func (s *sessions) whenAllLocked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allLocked = f
}

// lockAll locks every session: the lock button means the whole desk.
func (s *sessions) lockAll() {
	s.mu.Lock()
	for _, se := range s.byKey {
		se.lock()
	}
	allLocked := s.allLocked
	s.mu.Unlock()
	allLocked()
}

func (se *session) lock() {
	if !se.unlocked {
		return
	}
	se.unlocked = false
	se.search, se.book = lastSearch{}, nil
	se.timer.Stop()
	close(se.locked)
}

// change edits a session's preferences under the lock.
func (s *sessions) change(key sessionKey, edit func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if se, ok := s.byKey[key]; ok {
		edit(se)
	}
}

// keepDraft keeps what was typed for a thread; empty text forgets it.
func (s *sessions) keepDraft(key sessionKey, thread, text string) {
	s.change(key, func(se *session) {
		_, known := se.drafts[thread]
		switch {
		case text == "":
			delete(se.drafts, thread)
		case known || len(se.drafts) < maxDrafts:
			se.drafts[thread] = text
		}
	})
}

// draft returns what was typed for a thread and not sent.
func (s *sessions) draft(key sessionKey, thread string) (text string) {
	s.change(key, func(se *session) { text = se.drafts[thread] })
	return text
}

// forget drops the answers that any session has typed for a thread: it was erased.
func (s *sessions) forget(thread int64) {
	name := strconv.FormatInt(thread, 10)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.byKey {
		delete(se.drafts, name)
		delete(se.drafts, letterDraft(thread))
	}
}

// forgetAll drops whatever any session holds of the desk: it was purged.
func (s *sessions) forgetAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.byKey {
		se.drafts, se.arrival, se.invited, se.made, se.search, se.paper = map[string]string{}, nil, invited{}, made{}, lastSearch{}, nil
	}
}
