package post

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// A gate that refuses whatever goes to one mailbox must not keep answers from other people.
func TestARefusedItemHoldsUpItsOwnThreadOnly(t *testing.T) {
	keys, err := keyring.Found("Legal aid")
	if err != nil {
		t.Fatal(err)
	}
	db, err := casedb.Open(t.Context(), filepath.Join(t.TempDir(), casedb.FileName), keys.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var batch []casedb.Incoming
	var edge ledger.Edge
	for i := range int64(2) {
		in := letter(t, keys.Org, i)
		edge = edge.Append(ledger.LeafHash(in.Commitment))
		batch = append(batch, in)
	}
	if _, err := db.Apply(t.Context(), batch, edge, time.Now()); err != nil {
		t.Fatal(err)
	}
	for thread := range int64(2) {
		if err := db.AddReply(t.Context(), thread+1, "an answer", nil, "", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Update(func(s *keyring.State) error { s.Gate = keyring.Gate{Origin: "gate.test", Key: vkey}; return nil }); err != nil {
		t.Fatal(err)
	}
	refuses, lies := true, false
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if refuses && r.URL.Path == "/v1/desk/replies" && wire.MailboxID(body[:16]) == batch[0].Letter.Mailbox {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_ = json.NewEncoder(w).Encode(&wire.Error{Code: wire.CodeShape, Say: "no"})
			return
		}
		w.WriteHeader(http.StatusCreated)
		if r.Method == http.MethodPut && !lies {
			_ = json.NewEncoder(w).Encode(accepted(t, skey, keys.Org, body))
		}
	}))
	defer gate.Close()
	l, err := line.New(gate.URL, "gate.test", keys.Device(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := Config{DB: db, Line: l, Keys: keys, Now: time.Now}
	sent, err := Push(t.Context(), c)
	var no *wire.Error
	if sent != 2 || !errors.As(err, &no) {
		t.Errorf("sent %d, %v; want the reply and the copy of the second thread, and the refusal told", sent, err)
	}
	if open, _, err := db.PromiseCounts(t.Context()); open != 1 || err != nil {
		t.Errorf("%d promises are kept after one copy went out: %v", open, err)
	}
	refuses, lies = false, true
	if sent, err := Push(context.Background(), c); sent != 1 || !errors.Is(err, line.ErrReceipt) {
		t.Errorf("a gate that takes a copy and promises nothing: sent %d, %v; want the copy to wait", sent, err)
	}
	if alarms, err := db.Alarms(t.Context(), false); err != nil || len(alarms) != 1 || alarms[0].Kind != casedb.AlarmReceipt || len(alarms[0].Evidence) != 3 {
		t.Errorf("%+v %v; want the alarm about the receipt", alarms, err)
	}
	lies = false
	if sent, err := Push(context.Background(), c); sent != 1 || err != nil {
		t.Errorf("when the gate takes it: sent %d, %v", sent, err)
	}
}

// accepted is a true receipt.
func accepted(t *testing.T, skey, org string, sealed []byte) wire.Accepted {
	t.Helper()
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	record := ledger.Record{Letter: wire.IDOf(sealed), Size: int64(len(sealed)), Hour: time.Now()}.String()
	c := ledger.Commit([32]byte{1}, record)
	promise, err := ledger.SignPromise(ledger.Promise{Org: org, Commitment: c, Deadline: time.Now().Add(24 * time.Hour).Truncate(time.Hour)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	key := [32]byte{1}
	return wire.Accepted{ID: wire.IDOf(sealed).String(), Commitment: c[:], Key: key[:], Record: record, Promise: promise}
}

func letter(t *testing.T, org string, index int64) casedb.Incoming {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	l := seal.Letter{
		Kind: seal.KindLetter, Org: org, Epoch: 1, Sealed: seal.SealedBrowser, Box: id.Recipient().String(), MAC: new(seal.ThreadKey),
		Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("help")}},
	}
	rand.Read(l.Mailbox[:])
	rand.Read(l.MAC[:])
	in := casedb.Incoming{Index: index, Present: true, Letter: l, Hour: time.Now(), Urgency: casedb.UrgencyDays}
	rand.Read(in.ID[:])
	rand.Read(in.Commitment[:])
	return in
}
