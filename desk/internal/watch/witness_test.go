package watch

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// write brings a person's letter to a gate.
func (h *hall) write(to string) {
	h.t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	keys, err := receipt.Derive(code, h.keys.Org)
	if err != nil {
		h.t.Fatal(err)
	}
	sealed, err := seal.Seal(seal.Letter{
		Kind: seal.KindLetter, Org: h.keys.Org, Epoch: 1, Sealed: seal.SealedBrowser, Box: keys.Recipient().String(), Mailbox: keys.Mailbox.ID, MAC: &keys.MAC,
		At: time.Now(), Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("please help")}},
	}, h.keys.Recipient(1))
	if err != nil {
		h.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPut, to+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
	if err != nil {
		h.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		b, _ := io.ReadAll(resp.Body)
		h.t.Fatalf("the gate answered %d: %s", resp.StatusCode, b)
	}
}

// double makes a second gate of the same name and key with a log of its own: what a gate that forks shows to somebody.
func (h *hall) double() (url string, proxy *httputil.ReverseProxy) {
	h.t.Helper()
	dir := h.t.TempDir()
	for _, name := range []string{"gate.key", "pepper", "setup.key"} {
		b, err := os.ReadFile(filepath.Join(h.dir, name))
		if err != nil {
			h.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "witnesses"), os.DirFS(filepath.Join(h.dir, "witnesses"))); err != nil {
		h.t.Fatal(err)
	}
	g, proxy := run(h.t, dir, h.keys.Founding)
	return g.URL(), proxy
}

// partners are a desk of a watched gate and a witness of it, each in its own organisation.
type partners struct {
	watched *seat
	witness *seat
	self    Identity
}

func newPartners(t *testing.T) partners {
	t.Helper()
	h := newHall(t, "gate.test")
	p := partners{watched: h.desk(), witness: newHall(t, "partner.test").desk()}
	p.self = p.introduce(p.witness)
	return p
}

// introduce makes a desk a witness of the watched gate, as two people on the telephone do.
func (p partners) introduce(witness *seat) Identity {
	t := witness.t
	t.Helper()
	self, err := Self(t.Context(), witness.db)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.watched.line.AddWitness(t.Context(), self.VKey()); err != nil {
		t.Fatal(err)
	}
	if err := p.watched.db.AddWitness(t.Context(), self.VKey(), "the partner", p.watched.now()); err != nil {
		t.Fatal(err)
	}
	gate := p.watched.hall.keys.Gate()
	if err := witness.db.AddWatched(t.Context(), gate.URL, gate.Key); err != nil {
		t.Fatal(err)
	}
	return self
}

// again lets a witness ask now and not in an hour.
func (s *seat) again() {
	s.t.Helper()
	w := s.watched()
	if err := s.db.AddWatched(s.t.Context(), w.URL, w.Key); err != nil {
		s.t.Fatal(err)
	}
	s.pass()
}

func (s *seat) watched() casedb.Watched {
	s.t.Helper()
	list, err := s.db.Watched(s.t.Context())
	if err != nil || len(list) != 1 {
		s.t.Fatalf("%d gates are watched: %v", len(list), err)
	}
	return list[0]
}

// look lets a desk compare now and not in an hour.
func (s *seat) look() {
	s.t.Helper()
	s.round()
	s.looked = time.Time{}
	s.pass()
}

func (s *seat) heard() time.Time {
	s.t.Helper()
	list, err := s.db.Witnesses(s.t.Context())
	if err != nil || len(list) != 1 {
		s.t.Fatalf("%d witnesses: %v", len(list), err)
	}
	return list[0].Seen
}

func TestWitnessFollowsAHonestGate(t *testing.T) {
	p := newPartners(t)
	h := p.watched.hall
	p.witness.pass() // an empty log is one, too
	for n := int64(1); n <= 5; n++ {
		h.write(h.gate.URL())
		if n == 3 {
			p.witness.restart()
		}
		p.witness.again()
		if w := p.witness.watched(); w.Last.Size != n || w.Problem != "" || w.Told.IsZero() {
			t.Fatalf("after %d letters: %+v", n, w)
		}
	}
	p.watched.look()
	if p.watched.heard().IsZero() {
		t.Error("the desk heard nothing of its witness")
	}
	h.write(h.gate.URL()) // the desk's log is longer than the cosigned one, then shorter
	p.watched.look()
	h.write(h.gate.URL())
	p.witness.again()
	p.watched.looked = time.Time{}
	p.watched.pass()
	p.watched.only()
	p.witness.only()
	list, err := p.watched.line.Witnesses(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	gate, err := h.keys.GateVerifier()
	if err != nil {
		t.Fatal(err)
	}
	if tree, at, err := OpenCosigned([]byte(list[0].Cosigned), p.self.VKey(), gate); err != nil || tree.Size != 7 || time.Since(at).Abs() > time.Minute {
		t.Errorf("what anybody may check: %v %v %v", tree.Size, at, err)
	}
}

// A gate that shows its witness one log and its desks another is found from both sides.
func TestForkSeenByTheWitness(t *testing.T) {
	p := newPartners(t)
	h := p.watched.hall
	h.write(h.gate.URL())
	h.write(h.gate.URL())
	p.witness.pass()
	p.watched.look()
	had := p.witness.watched()
	elsewhere, other := h.double()
	for range 3 {
		h.write(elsewhere)
	}
	h.road.set(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/v1/witness/") {
			other.ServeHTTP(w, r)
			return true
		}
		return false
	})
	p.witness.again()
	p.witness.only(casedb.AlarmWatched)
	a := p.witness.alarms()[casedb.AlarmWatched]
	if a.Args["had"] != 2 || a.Args["has"] != 3 {
		t.Errorf("alarm %+v", a)
	}
	gate, err := h.keys.GateVerifier()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range a.Evidence {
		if _, err := ledger.ParseCheckpoint([]byte(e), gate); err != nil {
			t.Errorf("evidence that outsiders cannot check: %v", err)
		}
	}
	if now := p.witness.watched(); now.Last != had.Last || now.Problem != ProblemForked {
		t.Errorf("the witness went on: %+v", now)
	}
	p.witness.restart()
	p.witness.again()
	if now := p.witness.watched(); now.Last != had.Last {
		t.Error("a restart makes the witness forget")
	}
	p.watched.look()
	p.watched.only()
}

// A witness that was shown the other log only cosigns it in good faith; the desk finds out.
func TestForkSeenByTheDesk(t *testing.T) {
	p := newPartners(t)
	h := p.watched.hall
	for range 4 {
		h.write(h.gate.URL())
	}
	p.watched.look()
	elsewhere, other := h.double()
	for range 3 {
		h.write(elsewhere)
	}
	h.road.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/witness/checkpoint" { // its cosignature goes to the gate that the desks see
			other.ServeHTTP(w, r)
			return true
		}
		return false
	})
	p.witness.pass()
	p.witness.only()
	p.watched.look()
	p.watched.only(casedb.AlarmWitness)
	a := p.watched.alarms()[casedb.AlarmWitness]
	if a.Args["size"] != 3 || len(a.Evidence) != 2 || !strings.Contains(a.Evidence[0], "panah-witness-") {
		t.Errorf("alarm %+v", a)
	}
	if !p.watched.heard().IsZero() {
		t.Error("what does not fit counts as heard of")
	}
}

func TestGateRestoredFromAnOldCopy(t *testing.T) {
	p := newPartners(t)
	h := p.watched.hall
	for range 3 {
		h.write(h.gate.URL())
	}
	p.witness.pass()
	elsewhere, other := h.double()
	h.write(elsewhere)
	h.road.set(func(w http.ResponseWriter, r *http.Request) bool { other.ServeHTTP(w, r); return true })
	p.witness.again()
	p.witness.only(casedb.AlarmWatched)
	if a := p.witness.alarms()[casedb.AlarmWatched]; a.Args["had"] != 3 || a.Args["has"] != 1 {
		t.Errorf("alarm %+v", a)
	}
}

// A desk killed between keeping and leaving a cosignature goes on from what it kept.
func TestCosignatureIsKeptBeforeItLeaves(t *testing.T) {
	p := newPartners(t)
	h := p.watched.hall
	h.write(h.gate.URL())
	h.road.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && r.URL.Path == "/v1/witness/cosignature" {
			if kept := p.witness.watched(); kept.Last.Size != 1 || kept.Cosigned == "" {
				t.Errorf("a cosignature is on its way and the disk does not know: %+v", kept)
			}
			return cut()
		}
		return false
	})
	p.witness.pass()
	if w := p.witness.watched(); w.Problem != ProblemOffline || !w.Told.IsZero() || w.Last.Size != 1 {
		t.Fatalf("%+v", w)
	}
	p.witness.restart()
	h.road.set(nil)
	p.witness.again()
	if w := p.witness.watched(); w.Problem != "" || w.Told.IsZero() {
		t.Fatalf("%+v", w)
	}
	p.witness.only()
}

func TestSilentWitness(t *testing.T) {
	p := newPartners(t)
	h := p.watched.hall
	h.write(h.gate.URL())
	p.witness.pass()
	p.watched.look()
	p.watched.ahead = SilentTime - time.Hour
	p.watched.look()
	p.watched.only()
	p.watched.ahead = SilentTime + time.Hour
	p.watched.look()
	p.watched.only(casedb.AlarmSilent)
	if a := p.watched.alarms()[casedb.AlarmSilent]; a.Args["count"] != 1 || a.Args["days"] != 7 {
		t.Errorf("alarm %+v", a)
	}
	p.watched.ahead = 0
	p.watched.look()
	p.watched.only()
	// A gate that hides what the witness cosigned, or proves nothing, looks the same.
	h.write(h.gate.URL())
	h.road.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/desk/consistency" {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	})
	p.watched.ahead = SilentTime + time.Hour
	p.watched.look()
	p.watched.only(casedb.AlarmSilent)
}

func TestWitnessThatIsNotRegistered(t *testing.T) {
	h := newHall(t, "gate.test")
	h.write(h.gate.URL())
	w := newHall(t, "partner.test").desk()
	gate := h.keys.Gate()
	if err := w.db.AddWatched(t.Context(), gate.URL, gate.Key); err != nil {
		t.Fatal(err)
	}
	w.pass()
	if got := w.watched(); got.Problem != ProblemRefused || got.Last.Size != 0 {
		t.Errorf("%+v", got)
	}
	// Another gate at the address, with another key.
	if err := w.db.RemoveWatched(t.Context(), w.watched().ID); err != nil {
		t.Fatal(err)
	}
	_, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.db.AddWatched(t.Context(), gate.URL, vkey); err != nil {
		t.Fatal(err)
	}
	self, err := Self(t.Context(), w.db)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.desk().line.AddWitness(t.Context(), self.VKey()); err != nil {
		t.Fatal(err)
	}
	w.pass()
	if got := w.watched(); got.Problem != ProblemSignature || got.Last.Size != 0 {
		t.Errorf("%+v", got)
	}
	w.only()
}

func TestKeysThatWereNotCopiedWhole(t *testing.T) {
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	self, err := Self(t.Context(), newHall(t, "gate.test").desk().db)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckWitnessKey(self.VKey()); err != nil {
		t.Error(err)
	}
	if _, err := CheckGateKey(vkey); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "x", vkey, vkey[:len(vkey)-1], skey, self.VKey()[1:], self.VKey() + strings.Repeat(" ", 600)} {
		if CheckWitnessKey(bad) == nil {
			t.Errorf("a witness's key: %.30q", bad)
		}
	}
	for _, bad := range []string{"", self.VKey(), vkey[1:]} {
		if _, err := CheckGateKey(bad); err == nil {
			t.Errorf("a gate's key: %.30q", bad)
		}
	}
}

func FuzzOpenCosigned(f *testing.F) {
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		f.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		f.Fatal(err)
	}
	gate, err := note.NewVerifier(vkey)
	if err != nil {
		f.Fatal(err)
	}
	db, err := casedb.Open(f.Context(), filepath.Join(f.TempDir(), casedb.FileName), [32]byte{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	self, err := Self(f.Context(), db)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Tree{Size: 5}, signer)
	if err != nil {
		f.Fatal(err)
	}
	both, err := self.cosign(signed, gate)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(both)
	f.Add(signed)
	f.Add([]byte("gate.test\n5\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if tree, _, err := OpenCosigned(b, self.VKey(), gate); err == nil && tree.Size != 5 {
			t.Fatal("a checkpoint that nobody cosigned is taken")
		}
	})
}
