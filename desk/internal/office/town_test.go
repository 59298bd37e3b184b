package office

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/receipt"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/gate"
	"panah/internal/testkit/gates"
)

const (
	passphrase = "four plain words here"
	testLogN   = 10
)

// A town is a real gate with its organisation, behind a road on which tests can lie in wait.
type town struct {
	t    *testing.T
	keys *keyring.Keyring
	gate *gate.Gate
	road *road
}

// A road is a proxy before the gate. before runs ahead of a request and may refuse it; after sees the answer and may lose it.
type road struct {
	*httptest.Server
	mu     sync.Mutex
	before func(r *http.Request) bool // false: cut the connection
	after  func(r *http.Request) bool // false: the gate did it, the answer is lost
}

func (r *road) set(before, after func(*http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before, r.after = before, after
}

func newTown(t *testing.T) *town {
	t.Helper()
	keys, err := keyring.Found("Legal aid of Testville")
	if err != nil {
		t.Fatal(err)
	}
	g := gates.New(t, keys.Founding)
	to, err := url.Parse(g.URL())
	if err != nil {
		t.Fatal(err)
	}
	rd := &road{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // desks that lock hang up
	rd.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rd.mu.Lock()
		before, after := rd.before, rd.after
		rd.mu.Unlock()
		if before != nil && !before(r) {
			panic(http.ErrAbortHandler)
		}
		if after == nil {
			proxy.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		proxy.ServeHTTP(rec, r)
		if !after(r) {
			panic(http.ErrAbortHandler)
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(func() { rd.CloseClientConnections(); rd.Close() })
	here := keyring.Gate{URL: rd.URL, Origin: g.Origin(), Key: g.VKey()}
	if err := keys.Update(func(s *keyring.State) error { s.Gate = here; return nil }); err != nil {
		t.Fatal(err)
	}
	return &town{t, keys, g, rd}
}

// update changes what desks that open later know.
func (w *town) update(f func(*keyring.State)) {
	w.t.Helper()
	if err := w.keys.Update(func(s *keyring.State) error { f(s); return nil }); err != nil {
		w.t.Fatal(err)
	}
}

// goOn gives desks that open later a roster that the gate never heard of.
func (w *town) goOn() {
	w.t.Helper()
	signer, ok := w.keys.KeeperSigner()
	if !ok {
		w.t.Fatal("the town has no keeper")
	}
	next, err := roster.Sign(w.keys.Newest().Next(w.keys.Roster()), signer)
	if err != nil {
		w.t.Fatal(err)
	}
	w.update(func(s *keyring.State) { s.Roster = next })
}

// A seat is a desk with its folder.
type seat struct {
	*Office
	t   *testing.T
	dir string
}

// desk opens a desk of the organisation in a folder of its own, unlocked.
func (w *town) desk() *seat {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "desk")
	for _, at := range []string{dir, filepath.Join(w.t.TempDir(), "town")} { // the town's keys stay nobody's desk
		if err := keyring.Create(at, w.keys, passphrase, testLogN); err != nil {
			w.t.Fatal(err)
		}
	}
	o, err := Open(Config{Data: dir})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(o.Close)
	if err := o.Unlock(w.t.Context(), passphrase); err != nil {
		w.t.Fatal(err)
	}
	return &seat{o, w.t, dir}
}

// until waits for cond, looking again after every change and twenty times a second.
func (s *seat) until(what string, cond func() bool) {
	s.t.Helper()
	changes, stop := s.Subscribe()
	defer stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !cond() {
		select {
		case <-changes:
		case <-tick.C:
		case <-deadline:
			alarms, _ := s.Alarms(context.Background(), false)
			s.t.Fatalf("waited in vain until %s; status %+v, alarms %+v", what, s.Status(context.Background()), alarms)
		}
	}
}

func (s *seat) list() []casedb.Summary {
	s.t.Helper()
	l, err := s.Threads(context.Background(), casedb.Filter{})
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func (s *seat) thread(id int64) casedb.Thread {
	s.t.Helper()
	t, err := s.Thread(context.Background(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// the waits for the first thread whose first letter begins so.
func (s *seat) the(beginning string) int64 {
	s.t.Helper()
	var id int64
	s.until("there is "+beginning, func() bool {
		for _, sum := range s.list() {
			if len(sum.Beginning) > 0 && bytes.HasPrefix([]byte(sum.Beginning), []byte(beginning)) {
				id = sum.ID
				return true
			}
		}
		return false
	})
	return id
}

func (s *seat) alarms() map[casedb.AlarmKind]casedb.Alarm {
	s.t.Helper()
	list, err := s.Alarms(context.Background(), false)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[casedb.AlarmKind]casedb.Alarm{}
	for _, a := range list {
		out[a.Kind] = a
	}
	return out
}

func (s *seat) noAlarms() {
	s.t.Helper()
	if a := s.alarms(); len(a) > 0 {
		s.t.Errorf("alarms: %+v", a)
	}
}

// A person writes with a code, as the browser does.
type person struct {
	w    *town
	code receipt.Code
	keys receipt.Keys
}

func (w *town) person() *person {
	w.t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.personWith(code)
}

func (w *town) personWith(code receipt.Code) *person {
	w.t.Helper()
	keys, err := receipt.Derive(code, w.keys.Org)
	if err != nil {
		w.t.Fatal(err)
	}
	return &person{w, code, keys}
}

// writes sends a letter: the thread's first when n is 0.
func (p *person) writes(n uint32, kind string, parts ...seal.Part) wire.Accepted {
	p.w.t.Helper()
	l := seal.Letter{
		Kind: kind, Org: p.w.keys.Org, Epoch: 1, Sealed: seal.SealedBrowser, Box: p.keys.Recipient().String(), Mailbox: p.keys.Mailbox.ID,
		N: n, At: time.Now(), Parts: parts,
	}
	if n == 0 {
		l.MAC = &p.keys.MAC
	} else {
		l.Tag = p.keys.MAC.Tag(l)
	}
	sealed, err := seal.Seal(l, p.w.keys.Recipient(1))
	if err != nil {
		p.w.t.Fatal(err)
	}
	return p.w.put(sealed, p.keys.Mailbox)
}

func (w *town) put(sealed []byte, key wire.MailboxKey) (a wire.Accepted) {
	w.t.Helper()
	id := wire.IDOf(sealed).String()
	status, body := w.ask(http.MethodPut, "/v1/letters/"+id, sealed, key)
	if status != http.StatusCreated && status != http.StatusOK {
		w.t.Fatalf("the gate answered %d: %s", status, body)
	}
	decode(w.t, body, &a)
	return a
}

// ask sends a request to the gate itself, past the road.
func (w *town) ask(method, path string, body []byte, key wire.MailboxKey) (int, []byte) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.gate.URL()+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if !key.ID.IsZero() {
		req.Header.Set(wire.HeaderMailbox, key.ID.Reveal())
		req.Header.Set(wire.HeaderAuth, key.RevealAuth())
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// replies opens the mailbox; ok is false when there is none.
func (p *person) replies() (letters []seal.Letter, ok bool) {
	p.w.t.Helper()
	status, body := p.w.ask(http.MethodPost, "/v1/mailbox", nil, p.keys.Mailbox)
	if status == http.StatusNotFound {
		return nil, false
	}
	if status != http.StatusOK {
		p.w.t.Fatalf("the mailbox answered %d: %s", status, body)
	}
	all, err := wire.ParseReplies(body)
	if err != nil {
		p.w.t.Fatal(err)
	}
	for _, sealed := range all {
		l, err := seal.Open(sealed, age.Identity(p.keys.Box))
		if err != nil {
			p.w.t.Fatal(err)
		}
		if err := p.keys.MAC.Check(l); err != nil {
			p.w.t.Errorf("reply %d: %v", l.N, err)
		}
		letters = append(letters, l)
	}
	return letters, true
}

// texts lists what the mailbox holds as "number: text".
func (p *person) texts() []string {
	p.w.t.Helper()
	letters, _ := p.replies()
	var out []string
	for _, l := range letters {
		out = append(out, fmt.Sprintf("%d: %s", l.N, l.Text()))
	}
	return out
}

func text(s string) seal.Part { return seal.Part{Type: seal.TypeText, Data: []byte(s)} }

// grep reports whether any file under dir holds one of the words.
func grep(t *testing.T, dir string, words ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%q is readable in %s", w, filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil || files < 2 {
		t.Errorf("looked at %d files: %v", files, err)
	}
}
