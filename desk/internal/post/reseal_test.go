package post

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/seen"
)

// A copy that was sealed to an epoch that ended before the gate took it is sealed anew, to the one in force; without that one's key it waits.
func TestACopyIsSealedToTheEpochInForce(t *testing.T) {
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil || skey == "" {
		t.Fatal(err)
	}
	keys, err := keyring.Found("Legal aid")
	if err != nil {
		t.Fatal(err)
	}
	var took [][]byte
	closed := true
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/v1/desk/replies" {
			w.WriteHeader(http.StatusCreated)
			return
		}
		if !closed {
			took = append(took, body)
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer gate.Close()
	if err := keys.Update(func(s *keyring.State) error {
		s.Gate = keyring.Gate{URL: gate.URL, Origin: "gate.test", Key: vkey}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	db, err := casedb.Open(t.Context(), filepath.Join(t.TempDir(), casedb.FileName), keys.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	in := letter(t, keys.Org, 0)
	edge := ledger.Edge{}.Append(ledger.LeafHash(in.Commitment))
	if _, err := db.Apply(t.Context(), []casedb.Incoming{in}, edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FinishRound(t.Context(), edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := db.AddReply(t.Context(), 1, "an answer", nil, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	l, err := line.New(gate.URL, "gate.test", keys.Device(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := Config{DB: db, Line: l, Keys: keys, Now: time.Now}
	if _, err := Push(t.Context(), c); err == nil {
		t.Fatal("the gate took it")
	}
	copyOf := func() casedb.Out {
		t.Helper()
		o, ok, err := db.NextOut(t.Context(), 0)
		if err != nil || !ok || o.Kind != casedb.OutCopy {
			t.Fatalf("%+v %v %v", o.Kind, ok, err)
		}
		return o
	}
	first := copyOf()
	if first.Epoch != 1 || first.Sealed == nil {
		t.Fatalf("sealed to epoch %d", first.Epoch)
	}
	// Nothing changed: the same bytes go again.
	if _, err := Push(t.Context(), c); err == nil || string(copyOf().Sealed) != string(first.Sealed) {
		t.Fatalf("sealed anew within its epoch: %v", err)
	}
	second := nextEpoch(t, keys)
	if _, err := Push(t.Context(), c); err == nil || copyOf().Epoch != 1 {
		t.Fatalf("sent without the key of the epoch in force: %v", err)
	}
	if err := keys.AddEpoch(2, second, time.Now()); err != nil {
		t.Fatal(err)
	}
	closed = false
	if _, err := Push(t.Context(), c); err == nil {
		t.Fatal("the gate took it")
	}
	if again := copyOf(); again.Epoch != 2 || len(took) != 1 || string(took[0]) != string(again.Sealed) {
		t.Fatalf("sealed to epoch %d, %d sent", again.Epoch, len(took))
	}
	got, err := seal.Open(took[0], second)
	if err != nil || got.Kind != seal.KindReplyCopy || got.Epoch != 2 {
		t.Fatalf("%+v %v", got.Kind, err)
	}
	key, _ := keys.DeskKey(2)
	saw, err := seen.Parse(got.Seen)
	tree, _ := edge.Tree()
	if key.Check(got) != nil || err != nil || saw.Serial != 2 || saw.Roster != roster.Hash(keys.Roster()) || saw.Tree != tree {
		t.Errorf("saw %+v: %v", saw, err)
	}
	got.Seen = seen.Seen{Serial: 9}.String()
	if key.Check(got) == nil {
		t.Error("what a desk saw is not covered by its tag")
	}
}

// nextEpoch puts a roster of the next epoch into the keyring, without its key, which it returns.
func nextEpoch(t *testing.T, keys *keyring.Keyring) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	signer, ok := keys.KeeperSigner()
	if !ok {
		t.Fatal("no keeper")
	}
	r := keys.Newest().Next(keys.Roster())
	r.Epoch, r.Recipient = 2, id.Recipient()
	signed, err := roster.Sign(r, signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Update(func(s *keyring.State) error { s.Roster = signed; return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}
