package api

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
)

// shelf keeps witnesses in memory; the real one is gate's, and gate's tests use it.
type shelf struct {
	mu  sync.Mutex
	all []Witness // guarded by mu
}

func (s *shelf) All() []Witness {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Witness(nil), s.all...)
}

func (s *shelf) Add(key string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, Witness{Key: key})
	return true, nil
}

func (s *shelf) Remove(string) error { s.mu.Lock(); defer s.mu.Unlock(); s.all = nil; return nil }

func (s *shelf) Keep(_ string, cosigned []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[0].Cosigned = bytes.Clone(cosigned)
	return nil
}

// ask sends a request signed with key; nil: not signed.
func ask(a *API, key ed25519.PrivateKey, method, target string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	if key != nil {
		s := wire.SignRequest(key, method, target, body, "gate.example.org", time.Now())
		r.Header.Set(wire.HeaderDevice, s.Device)
		r.Header.Set(wire.HeaderDate, s.Date)
		r.Header.Set(wire.HeaderSignature, s.Signature)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func TestWitnessesCosignWhatDesksThenRead(t *testing.T) {
	a, o := start(t, Limits{}, time.Now)
	skey, vkey, err := ledger.NewGateKey("gate.example.org")
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	a.c.Witnesses, a.c.Gate = &shelf{}, verifier
	a.routes()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := torchwood.NewCosignatureSigner("witness", key)
	if err != nil {
		t.Fatal(err)
	}
	for _, sealed := range o.Letters(t, 3) {
		if code, b := put(a, sealed, sealed); code != 201 {
			t.Fatalf("%d %s", code, b)
		}
	}
	const where = "/v1/witness/checkpoint?old=0"
	if w := ask(a, key, "GET", where, nil); w.Code != 401 {
		t.Errorf("a stranger is told the size of the log: %d %s", w.Code, w.Body)
	}
	if w := ask(a, o.Device, "POST", "/v1/desk/witnesses", []byte("not a key")); w.Code != 422 {
		t.Errorf("a malformed key: %d", w.Code)
	}
	if w := ask(a, key, "POST", "/v1/desk/witnesses", []byte(signer.Verifier().String())); w.Code != 401 {
		t.Errorf("a witness registers itself: %d", w.Code)
	}
	if w := ask(a, o.Device, "POST", "/v1/desk/witnesses", []byte(signer.Verifier().String())); w.Code != 201 {
		t.Fatalf("registering: %d %s", w.Code, w.Body)
	}
	w := ask(a, key, "GET", where, nil)
	c, err := ledger.ParseContinuation(w.Body.Bytes())
	if w.Code != 200 || err != nil {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	if w := ask(a, nil, "GET", where, nil); w.Code != 401 {
		t.Errorf("an unsigned request: %d", w.Code)
	}
	if w := ask(a, key, "GET", "/v1/desk/sync", nil); w.Code != 401 {
		t.Errorf("a witness reads letters: %d", w.Code)
	}
	if w := ask(a, key, "POST", "/v1/witness/cosignature", c.Checkpoint); w.Code != 422 {
		t.Errorf("a checkpoint without a cosignature: %d", w.Code)
	}
	// The API's own key is another one than the checkpoint's in this test: take one that verifier knows.
	gate, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Tree{Size: 3}, gate)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := note.Sign(n, signer)
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(a, key, "POST", "/v1/witness/cosignature", cosigned); w.Code != 204 {
		t.Fatalf("cosigning: %d %s", w.Code, w.Body)
	}
	w = ask(a, o.Device, "GET", "/v1/desk/witnesses", nil)
	list, err := wire.ParseWitnesses(w.Body.Bytes())
	if err != nil || len(list) != 1 || list[0].Cosigned != string(cosigned) || list[0].Key != signer.Verifier().String() {
		t.Errorf("the desks read %d %s %v", w.Code, w.Body, err)
	}
	if w := ask(a, o.Device, "DELETE", "/v1/desk/witnesses", []byte(signer.Verifier().String())); w.Code != 204 {
		t.Errorf("removing: %d", w.Code)
	}
	if w := ask(a, key, "GET", where, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("a removed witness is answered: %d", w.Code)
	}
	if WitnessPublic(signer.Verifier().String()) != base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) {
		t.Error("the key of a witness reads as another")
	}
}

func FuzzOpenCosigned(f *testing.F) {
	skey, vkey, err := ledger.NewGateKey("gate.example.org")
	if err != nil {
		f.Fatal(err)
	}
	s, _ := note.NewSigner(skey)
	v, _ := note.NewVerifier(vkey)
	w, err := torchwood.NewCosignatureSigner("witness", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		f.Fatal(err)
	}
	signed, _ := ledger.SignCheckpoint(ledger.Tree{Size: 3}, s)
	n, _ := note.Open(signed, note.VerifierList(v))
	both, err := note.Sign(n, w)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(both, w.Verifier().String())
	f.Add(signed, w.Verifier().String())
	f.Add([]byte{}, "witness+00000000+AAAA")
	f.Fuzz(func(t *testing.T, b []byte, key string) {
		tree, _, err := OpenCosigned(b, key, v)
		if err == nil && (tree.Size != 3 || WitnessPublic(key) == "") {
			t.Fatal("something else than the cosigned checkpoint is taken")
		}
	})
}
