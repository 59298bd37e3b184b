package council

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/gate"
	"panah/internal/testkit/gates"
)

const (
	passphrase = "four plain words here"
	testLogN   = 10
)

// A town is a real gate with its organisation, behind a road on which tests lie in wait.
type town struct {
	t    *testing.T
	gate *gate.Gate
	road *road
	head *seat // the founding keeper's
	at   clock
}

// A clock is set by hand. It starts at the real time, which the gate goes by.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// A road is a proxy before the gate. before may answer in the gate's place; after may change what it said, or lose it.
type road struct {
	*httptest.Server
	mu     sync.Mutex
	before func(w http.ResponseWriter, r *http.Request) bool          // true: answered
	after  func(r *http.Request, rec *httptest.ResponseRecorder) bool // false: the gate did it, the answer is lost
}

func (r *road) set(before func(http.ResponseWriter, *http.Request) bool, after func(*http.Request, *httptest.ResponseRecorder) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before, r.after = before, after
}

func newRoad(t testing.TB, to string) *road {
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	rd := &road{}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	rd.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rd.mu.Lock()
		before, after := rd.before, rd.after
		rd.mu.Unlock()
		if before != nil && before(w, r) {
			return
		}
		rec := httptest.NewRecorder()
		proxy.ServeHTTP(rec, r)
		if after != nil && !after(r, rec) {
			panic(http.ErrAbortHandler)
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(func() { rd.CloseClientConnections(); rd.Close() })
	return rd
}

// A seat is a desk: its folder, its keys, its council, what was found, and which wraps it made.
type seat struct {
	*Council
	t      testing.TB
	dir    string
	keys   *keyring.Keyring
	name   string
	mu     sync.Mutex
	found  []casedb.Finding
	passes []int
	broken error // what WrapPass returns
	gone   int   // how often it was told to wipe itself
}

func newTown(t *testing.T) (*town, *seat) {
	t.Helper()
	keys, err := keyring.Found("Legal aid of Testville")
	if err != nil {
		t.Fatal(err)
	}
	g := gates.New(t, keys.Founding)
	w := &town{t: t, gate: g, road: newRoad(t, g.URL())}
	err = keys.Update(func(s *keyring.State) error {
		s.Gate = keyring.Gate{URL: w.road.URL, Origin: g.Origin(), Key: g.VKey()}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.head = w.sit(keys, "first")
	w.round(w.head)
	return w, w.head
}

// sit gives keys a folder and a council.
func (w *town) sit(keys *keyring.Keyring, name string) *seat {
	w.t.Helper()
	s := &seat{t: w.t, dir: filepath.Join(w.t.TempDir(), "desk"), keys: keys, name: name}
	if err := keyring.Create(s.dir, keys, passphrase, testLogN); err != nil {
		w.t.Fatal(err)
	}
	w.convene(s)
	return s
}

// convene makes the council of a desk, like unlocking does.
func (w *town) convene(s *seat) {
	w.t.Helper()
	g := s.keys.Gate()
	l, err := line.New(g.URL, g.Origin, s.keys.Device(), time.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(l.Close)
	s.Council = New(Config{
		Keys: s.keys, Line: l, Wraps: s, Now: w.at.now,
		Raise: func(_ context.Context, f casedb.Finding) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.found = append(s.found, f)
			return nil
		},
		Removed: func() { s.mu.Lock(); s.gone++; s.mu.Unlock() },
	})
}

// reopen is a desk that was killed and is opened again.
func (w *town) reopen(s *seat) {
	w.t.Helper()
	keys, err := keyring.Open(s.dir, passphrase)
	if err != nil {
		w.t.Fatal(err)
	}
	s.keys = keys
	w.convene(s)
}

// WrapPass makes seat a Wraps that only counts: that wraps hold what they should is tested where they are made.
func (s *seat) WrapPass(_ context.Context, epoch int) error {
	if s.keys.Identity(epoch) == nil {
		return fmt.Errorf("no key of epoch %d", epoch)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes = append(s.passes, epoch)
	return s.broken
}

func (s *seat) findings(kind casedb.AlarmKind) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.found {
		if f.Kind == kind {
			n++
			if len(f.Evidence) == 0 && kind != casedb.AlarmRecovery {
				s.t.Errorf("%s without evidence", kind)
			}
		}
	}
	return n
}

func (s *seat) noFindings() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.found {
		s.t.Errorf("%s found %s %v", s.name, f.Kind, f.Args)
	}
}

// round lets desks do what there is to do, twice: what one does, the other sees.
func (w *town) round(desks ...*seat) {
	w.t.Helper()
	for range 2 {
		for _, s := range desks {
			if err := s.Round(w.t.Context()); err != nil {
				w.t.Fatalf("%s: %v", s.name, err)
			}
		}
	}
}

// newcomer makes the keys of a desk that is nobody yet.
func (w *town) newcomer(of *seat, name string, role roster.Role) (*keyring.Keyring, Newcomer) {
	w.t.Helper()
	keys, err := keyring.New()
	if err != nil {
		w.t.Fatal(err)
	}
	card, err := roster.SignCard(of.keys.Org, 1, keys.DeviceIdentity(1).Recipient(), keys.Device())
	if err != nil {
		w.t.Fatal(err)
	}
	return keys, Newcomer{Device: pubOf(keys), Card: card, Name: name, Role: role}
}

// join admits a desk and seats it as joining does.
func (w *town) join(by *seat, name string, role roster.Role) *seat {
	w.t.Helper()
	keys, n := w.newcomer(by, name, role)
	if waits, err := by.Carry(w.t.Context(), Change{Admit: &n}); err != nil || waits {
		w.t.Fatalf("admitting %s: %v %v", name, waits, err)
	}
	return w.enter(by, keys, name)
}

// enter is what a newcomer does when it was admitted.
func (w *town) enter(by *seat, keys *keyring.Keyring, name string) *seat {
	w.t.Helper()
	g := by.keys.Gate()
	l, err := line.New(g.URL, g.Origin, keys.Device(), time.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close()
	news, err := l.Keys(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	top, err := roster.OpenChain(news.Rosters, by.keys.Org)
	if err != nil {
		w.t.Fatal(err)
	}
	before, err := roster.Reopen(news.Rosters[len(news.Rosters)-2])
	if err != nil {
		w.t.Fatal(err)
	}
	grant, err := roster.OpenGrant(news.Grant, keys.DeviceIdentity(1), top, &before)
	if err != nil {
		w.t.Fatal(err)
	}
	err = keys.Update(func(s *keyring.State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Gate = top.Name, top.Org, news.Rosters[0], news.Rosters[len(news.Rosters)-1], grant.Gate
		for n, id := range grant.Epochs {
			s.AddEpoch(n, id, grant.Began)
		}
		s.Members = grant.Members
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.sit(keys, name)
	w.round(s)
	return s
}

func (w *town) roll(by *seat) {
	w.t.Helper()
	if waits, err := by.Roll(w.t.Context(), by.keys.Epoch()); err != nil || waits {
		w.t.Fatalf("%s rolls: %v %v", by.name, waits, err)
	}
}

// agree checks what must hold once all desks have done what there is to do.
func (w *town) agree(desks ...*seat) {
	w.t.Helper()
	signed, err := desks[0].c.Line.Rosters(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	top, err := roster.OpenChain(signed, desks[0].keys.Org)
	if err != nil {
		w.t.Fatalf("the chain: %v", err)
	}
	for _, s := range desks {
		st := s.keys.State()
		if s.keys.Newest().Serial != top.Serial {
			w.t.Errorf("%s is at roster %d of %d", s.name, s.keys.Newest().Serial, top.Serial)
		}
		id := st.Epochs[top.Epoch]
		if id == nil || id.Recipient().String() != top.Recipient.String() {
			w.t.Errorf("%s has not the key of epoch %d", s.name, top.Epoch)
		}
		for n := range st.Epochs {
			if n < top.Epoch-1 || n > top.Epoch {
				w.t.Errorf("%s has the key of epoch %d in epoch %d", s.name, n, top.Epoch)
			}
		}
		if len(st.Epochs) > 2 || len(st.DeviceIdentities) > 2 {
			w.t.Errorf("%s has %d epoch keys, %d device keys", s.name, len(st.Epochs), len(st.DeviceIdentities))
		}
		if s.Waits() {
			w.t.Errorf("%s has a plan left", s.name)
		}
		if len(st.Members) != len(desks) {
			w.t.Errorf("%s knows %d desks of %d", s.name, len(st.Members), len(desks))
		}
		if st.Keeper != "" != (st.Role == roster.RoleKeeper) {
			w.t.Errorf("%s is a %s and its keeper's key is there: %v", s.name, st.Role, st.Keeper != "")
		}
	}
}

// opens reports whether a desk's keys open what is sealed to the newest epoch.
func opens(s *seat, to *age.HybridRecipient) bool {
	for _, id := range s.keys.State().Epochs {
		if id.Recipient().String() == to.String() {
			return true
		}
	}
	return false
}

var errTest = errors.New("broken for a test")

func base64Std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// strangeSigner signs under a keeper's name and is nobody.
func strangeSigner() (note.Signer, string, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, keeperName)
	if err != nil {
		return nil, "", err
	}
	s, err := note.NewSigner(skey)
	return s, vkey, err
}

func newIdentity() (*age.HybridIdentity, string, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, "", err
	}
	return id, id.Recipient().String(), nil
}
