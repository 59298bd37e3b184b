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
	refuses := true
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if refuses && r.URL.Path == "/v1/desk/replies" && wire.MailboxID(body[:16]) == batch[0].Letter.Mailbox {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_ = json.NewEncoder(w).Encode(&wire.Error{Code: wire.CodeShape, Say: "no"})
			return
		}
		w.WriteHeader(http.StatusCreated)
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
	refuses = false
	if sent, err := Push(context.Background(), c); sent != 2 || err != nil {
		t.Errorf("when the gate takes it: sent %d, %v", sent, err)
	}
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
