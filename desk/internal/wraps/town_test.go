package wraps_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/receipt"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/council"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/post"
	"panah/desk/internal/sync"
	"panah/desk/internal/wraps"
	"panah/gate"
	"panah/internal/testkit/gates"
)

// A town is a real gate behind a road on which tests lie in wait.
type town struct {
	t    testing.TB
	gate *gate.Gate
	url  string

	mu   stdsync.Mutex
	edit func(r *http.Request, answer []byte) []byte // changes what the gate says; nil: nothing. Guarded by mu
}

func (w *town) set(edit func(r *http.Request, answer []byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.edit = edit
}

// A seat is a desk with all that works behind its pages.
type seat struct {
	w       *town
	name    string
	keys    *keyring.Keyring
	db      *casedb.DB
	line    *line.Line
	council *council.Council
	sync    *sync.Syncer
	wraps   *wraps.Wrapper
}

func newTown(t testing.TB) (*town, *seat) {
	t.Helper()
	keys, err := keyring.Found("Legal aid of Testville")
	if err != nil {
		t.Fatal(err)
	}
	g := gates.New(t, keys.Founding)
	w := &town{t: t, gate: g}
	w.url = w.road(g.URL())
	if err := keys.Update(func(s *keyring.State) error {
		s.Gate = keyring.Gate{URL: w.url, Origin: g.Origin(), Key: g.VKey()}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s := w.sit(keys, "first")
	s.round()
	return w, s
}

func (w *town) road(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		w.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		edit := w.edit
		w.mu.Unlock()
		if edit == nil {
			proxy.ServeHTTP(rw, r)
			return
		}
		rec := httptest.NewRecorder()
		proxy.ServeHTTP(rec, r)
		rw.WriteHeader(rec.Code)
		_, _ = rw.Write(edit(r, rec.Body.Bytes()))
	}))
	w.t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

func (w *town) sit(keys *keyring.Keyring, name string) *seat {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "desk")
	if err := keyring.Create(dir, keys, "four plain words here", 10); err != nil {
		w.t.Fatal(err)
	}
	s := &seat{w: w, name: name, keys: keys}
	var err error
	if s.db, err = casedb.Open(context.Background(), filepath.Join(dir, casedb.FileName), keys.Database()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.db.Close() })
	g := keys.Gate()
	if s.line, err = line.New(g.URL, g.Origin, keys.Device(), time.Now); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.line.Close)
	s.wraps = wraps.New(wraps.Config{DB: s.db, Gate: s.line, Keys: keys, Now: time.Now})
	s.council = council.New(council.Config{
		Keys: keys, Line: s.line, Wraps: s.wraps, Now: time.Now,
		Raise: func(ctx context.Context, f casedb.Finding) error { return s.db.Raise(ctx, f, time.Now()) },
	})
	if s.sync, err = sync.New(sync.Config{DB: s.db, Line: s.line, Keys: keys, Now: time.Now}); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// join admits a new desk, which takes its keys and does not sync yet.
func (s *seat) join(name string, role roster.Role) *seat {
	s.w.t.Helper()
	keys, err := keyring.New()
	if err != nil {
		s.w.t.Fatal(err)
	}
	card, err := roster.SignCard(s.keys.Org, 1, keys.DeviceIdentity(1).Recipient(), keys.Device())
	if err != nil {
		s.w.t.Fatal(err)
	}
	n := council.Newcomer{Device: keys.Device().Public().(ed25519.PublicKey), Card: card, Name: name, Role: role}
	if waits, err := s.council.Carry(context.Background(), council.Change{Admit: &n}); err != nil || waits {
		s.w.t.Fatalf("admitting %s: %v %v", name, waits, err)
	}
	g := s.keys.Gate()
	l, err := line.New(g.URL, g.Origin, keys.Device(), time.Now)
	if err != nil {
		s.w.t.Fatal(err)
	}
	defer l.Close()
	news, err := l.Keys(context.Background(), 1)
	if err != nil {
		s.w.t.Fatal(err)
	}
	last := len(news.Rosters) - 1
	top, err := roster.OpenChain(news.Rosters, s.keys.Org)
	if err != nil {
		s.w.t.Fatal(err)
	}
	before, err := roster.Reopen(news.Rosters[last-1])
	if err != nil {
		s.w.t.Fatal(err)
	}
	grant, err := roster.OpenGrant(news.Grant, keys.DeviceIdentity(1), top, &before)
	if err != nil {
		s.w.t.Fatal(err)
	}
	cursor, err := s.db.Cursor(context.Background())
	if err != nil {
		s.w.t.Fatal(err)
	}
	err = keys.Update(func(st *keyring.State) error {
		st.Name, st.Org, st.Founding, st.Roster, st.Gate = top.Name, top.Org, news.Rosters[0], news.Rosters[last], grant.Gate
		for n, id := range grant.Epochs {
			st.AddEpoch(n, id, grant.Began)
		}
		st.Members, st.JoinedAt, st.Role = grant.Members, cursor.Verified.Size(), role
		return nil
	})
	if err != nil {
		s.w.t.Fatal(err)
	}
	return s.w.sit(keys, name)
}

// work is one turn of all a desk does by itself.
func (s *seat) work() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.council.Round(ctx); err != nil {
		return err
	}
	if _, err := s.sync.Round(ctx); err != nil {
		return err
	}
	if _, err := post.Push(ctx, post.Config{DB: s.db, Line: s.line, Keys: s.keys, Now: time.Now}); err != nil {
		return err
	}
	_, err := s.sync.Round(ctx)
	return err
}

// round is work that must go well; what went out has come back in the log after it.
func (s *seat) round() {
	s.w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		if err := s.work(); err != nil {
			s.w.t.Fatalf("%s: %v", s.name, err)
		}
		c, err := s.db.Counts(context.Background())
		if err != nil {
			s.w.t.Fatal(err)
		}
		out, err := s.db.Outgoing(context.Background())
		if err != nil {
			s.w.t.Fatal(err)
		}
		if c.Queued == 0 && out == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.w.t.Fatalf("%s: %d items do not go out", s.name, out)
		}
	}
}

// roll begins the next epoch, and lets every desk follow.
func (s *seat) roll(others ...*seat) {
	s.w.t.Helper()
	if waits, err := s.council.Roll(context.Background(), s.keys.Epoch()); err != nil || waits {
		s.w.t.Fatalf("%s rolls: %v %v", s.name, waits, err)
	}
	for range 2 {
		for _, d := range append([]*seat{s}, others...) {
			d.round()
		}
	}
}

func (s *seat) noAlarms() {
	s.w.t.Helper()
	alarms, err := s.db.Alarms(context.Background(), false)
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, a := range alarms {
		if a.Kind == casedb.AlarmRecovery {
			continue // custodians of these tests have no files at the gate
		}
		s.w.t.Errorf("%s has alarm %s %v %v", s.name, a.Kind, a.Args, a.Evidence)
	}
}

func (s *seat) has(kind casedb.AlarmKind) bool {
	s.w.t.Helper()
	alarms, err := s.db.Alarms(context.Background(), false)
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, a := range alarms {
		if a.Kind == kind {
			return len(a.Evidence) > 0 || kind == casedb.AlarmWithheld
		}
	}
	return false
}

// texts maps each open thread's first letter to everything in it, person and organisation, in order.
func (s *seat) texts() map[string][]string {
	s.w.t.Helper()
	list, err := s.db.Threads(context.Background(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		s.w.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, sum := range list {
		if sum.State != casedb.StateOpen {
			continue
		}
		th, err := s.db.Thread(context.Background(), sum.ID)
		if err != nil {
			s.w.t.Fatal(err)
		}
		var all []string
		for _, l := range th.Letters {
			all = append(all, string(l.Tag)+": "+l.Text)
		}
		for _, r := range th.Replies {
			all = append(all, string(r.Tag)+"> "+r.Text)
		}
		if len(th.Letters) > 0 {
			out[th.Letters[0].Text] = all
		}
	}
	return out
}

// thread is the number of the thread whose first letter says text.
func (s *seat) thread(text string) int64 {
	s.w.t.Helper()
	list, err := s.db.Threads(context.Background(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, sum := range list {
		th, err := s.db.Thread(context.Background(), sum.ID)
		if err != nil {
			s.w.t.Fatal(err)
		}
		if len(th.Letters) > 0 && th.Letters[0].Text == text {
			return sum.ID
		}
	}
	s.w.t.Fatalf("%s has no thread %q", s.name, text)
	return 0
}

// A person writes with a code, as the browser does: to the epoch that it is told.
type person struct {
	w    *town
	org  string
	keys receipt.Keys
	n    uint32
}

func (s *seat) person() *person {
	s.w.t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		s.w.t.Fatal(err)
	}
	keys, err := receipt.Derive(code, s.keys.Org)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return &person{w: s.w, org: s.keys.Org, keys: keys}
}

func (p *person) writes(by *seat, epoch int, text string) {
	p.w.t.Helper()
	p.sends(by.keys.Recipient(epoch), epoch, text)
}

// writesTo seals to what an answer said.
func (p *person) writesTo(recipient, text string) {
	p.w.t.Helper()
	to, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.sends(to, 1, text)
}

func (p *person) sends(to *age.HybridRecipient, epoch int, text string) {
	p.w.t.Helper()
	l := seal.Letter{
		Kind: seal.KindLetter, Org: p.org, Epoch: epoch, Sealed: seal.SealedBrowser, Box: p.keys.Recipient().String(), Mailbox: p.keys.Mailbox.ID,
		N: p.n, At: time.Now(), Parts: []seal.Part{{Type: seal.TypeText, Data: []byte(text)}},
	}
	if p.n == 0 {
		l.MAC = &p.keys.MAC
	} else {
		l.Tag = p.keys.MAC.Tag(l)
	}
	p.n += 100
	sealed, err := seal.Seal(l, to)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.w.put(sealed, p.keys.Mailbox)
}

func pub(device ed25519.PrivateKey) ed25519.PublicKey { return device.Public().(ed25519.PublicKey) }

func (w *town) put(sealed []byte, key wire.MailboxKey) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPut, w.gate.URL()+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
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
	if resp.StatusCode != http.StatusCreated {
		w.t.Fatalf("the gate answered %d", resp.StatusCode)
	}
}
