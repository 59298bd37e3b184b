package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/post"
	"panah/desk/internal/sync"
	"panah/gate"
	"panah/internal/testkit/gates"
)

// A hall is a real gate of an organisation, behind a road on which tests can lie in wait.
type hall struct {
	t    *testing.T
	keys *keyring.Keyring
	dir  string // the gate's folder
	gate *gate.Gate
	road *road
}

// A road is a proxy before the gate. turn may answer a request in the gate's place, or send it to another gate.
type road struct {
	*httptest.Server
	mu   stdsync.Mutex
	turn func(w http.ResponseWriter, r *http.Request) bool // true: answered; guarded by mu
	seen []*http.Request                                   // guarded by mu
}

func (r *road) set(turn func(http.ResponseWriter, *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn = turn
}

// requests returns what came by with this method and the beginning of a path.
func (r *road) requests(method, path string) (out []*http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.seen {
		if one.Method == method && strings.HasPrefix(one.URL.Path, path) {
			out = append(out, one)
		}
	}
	return out
}

// run runs the gate of a folder and returns a proxy to it.
func run(t *testing.T, dir string, roster []byte) (*gate.Gate, *httputil.ReverseProxy) {
	t.Helper()
	g := gates.Run(t, dir, roster)
	to, err := url.Parse(g.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return g, proxy
}

func newHall(t *testing.T, origin string) *hall {
	t.Helper()
	keys, err := keyring.Found("Legal aid of " + origin)
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{t: t, keys: keys, dir: t.TempDir(), road: &road{}}
	if _, err := gate.Init(h.dir, origin); err != nil {
		t.Fatal(err)
	}
	var proxy *httputil.ReverseProxy
	h.gate, proxy = run(t, h.dir, keys.Founding)
	h.road.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.road.mu.Lock()
		turn := h.road.turn
		h.road.seen = append(h.road.seen, r.Clone(context.Background()))
		h.road.mu.Unlock()
		if turn == nil || !turn(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() { h.road.CloseClientConnections(); h.road.Close() })
	if err := keys.Update(func(s *keyring.State) error {
		s.Gate = keyring.Gate{URL: h.road.URL, Origin: origin, Key: h.gate.VKey()}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return h
}

// signer is the gate's own key: what a gate that lies signs with.
func (h *hall) signer() note.Signer {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, "gate.key"))
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := note.NewSigner(strings.SplitN(string(b), "\n", 2)[0])
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// swallow makes the gate promise every letter that comes through the public door and keep none.
func (h *hall) swallow() {
	signer := h.signer()
	h.road.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		sealed, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		a := wire.Accepted{ID: wire.IDOf(sealed).String(), Key: make([]byte, 32)}
		a.Record = ledger.Record{Letter: wire.IDOf(sealed), Size: int64(len(sealed)), Hour: time.Now()}.String()
		c := ledger.Commit([32]byte{}, a.Record)
		a.Commitment = c[:]
		p := ledger.Promise{Org: h.keys.Org, Commitment: c, Deadline: time.Now().Add(25*time.Hour - 1).Truncate(time.Hour)}
		if a.Promise, err = ledger.SignPromise(p, signer); err != nil {
			return false
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(a)
		return true
	})
}

// A seat is one desk of a hall's organisation. Its clock can be put ahead; what it signs to gates has the right time.
type seat struct {
	t     *testing.T
	hall  *hall
	dir   string
	db    *casedb.DB
	line  *line.Line
	ahead time.Duration
	every time.Duration
	asked int // for a sync
	sync  *sync.Syncer
	*Watcher
}

func (h *hall) desk() *seat {
	h.t.Helper()
	s := &seat{t: h.t, hall: h, dir: h.t.TempDir()}
	s.open()
	h.t.Cleanup(s.close)
	return s
}

func (s *seat) now() time.Time { return time.Now().Add(s.ahead) }

// open opens the desk, as after a restart.
func (s *seat) open() {
	s.t.Helper()
	keys := s.hall.keys
	var err error
	if s.db, err = casedb.Open(s.t.Context(), filepath.Join(s.dir, casedb.FileName), keys.Database()); err != nil {
		s.t.Fatal(err)
	}
	if s.line, err = line.New(keys.Gate().URL, keys.Gate().Origin, keys.Device(), time.Now); err != nil {
		s.t.Fatal(err)
	}
	if s.sync, err = sync.New(sync.Config{DB: s.db, Line: s.line, Keys: keys, Now: s.now}); err != nil {
		s.t.Fatal(err)
	}
	if s.Watcher, err = New(s.config()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seat) config() Config {
	return Config{DB: s.db, Line: s.line, Keys: s.hall.keys, Now: s.now, TestEvery: s.every, Sync: func() { s.asked++ }}
}

func (s *seat) close() {
	s.line.Close()
	if err := s.db.Close(); err != nil {
		s.t.Error(err)
	}
}

func (s *seat) restart() { s.t.Helper(); s.close(); s.open() }

// pass runs one pass, and the sync that it asks for.
func (s *seat) pass() {
	s.t.Helper()
	for range 3 {
		before := s.asked
		if _, err := s.Pass(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		if s.asked == before {
			return
		}
		s.round()
	}
	s.t.Fatal("the watcher asks for one sync after the other")
}

func (s *seat) round() {
	s.t.Helper()
	if _, err := s.sync.Round(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seat) push() {
	s.t.Helper()
	if _, err := post.Push(s.t.Context(), post.Config{DB: s.db, Line: s.line, Keys: s.hall.keys, Now: s.now}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seat) send() {
	s.t.Helper()
	if err := Send(s.t.Context(), s.config()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seat) last() casedb.Test {
	s.t.Helper()
	t, _, err := s.db.LastTest(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// alarms are the standing ones, by kind.
func (s *seat) alarms() map[casedb.AlarmKind]casedb.Alarm {
	s.t.Helper()
	list, err := s.db.Alarms(s.t.Context(), false)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[casedb.AlarmKind]casedb.Alarm{}
	for _, a := range list {
		out[a.Kind] = a
	}
	return out
}

// only fails unless exactly these alarms stand.
func (s *seat) only(kinds ...casedb.AlarmKind) {
	s.t.Helper()
	standing := s.alarms()
	for _, k := range kinds {
		if _, ok := standing[k]; !ok {
			s.t.Errorf("no alarm %s; standing: %+v", k, standing)
		}
	}
	if len(standing) != len(kinds) {
		s.t.Errorf("alarms %+v, want %v", standing, kinds)
	}
}

func (s *seat) threads() int {
	s.t.Helper()
	list, err := s.db.Threads(s.t.Context(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

// mailbox asks the gate itself for a mailbox.
func (h *hall) mailbox(key wire.MailboxKey) int {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.gate.URL()+"/v1/mailbox", bytes.NewReader(nil))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set(wire.HeaderMailbox, key.ID.Reveal())
	req.Header.Set(wire.HeaderAuth, key.RevealAuth())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
