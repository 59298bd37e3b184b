package casedb

import (
	"bytes"
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/ledger"
	"panah/core/wire"
)

// A specialist's desk may have the key of a locked case before it has read any of its letters. When the case is erased, the key goes, and a gate that kept the
// key's wrap cannot bring it back.
func TestErasureTakesACaseKeyWithoutACase(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), FileName))
	batch, edge := v1Batch()
	now := time.Now()
	if _, err := db.Apply(t.Context(), batch, edge, now); err != nil {
		t.Fatal(err)
	}
	me := Device{7}
	if err := db.Iam(t.Context(), me); err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	box := wire.MailboxID{0xab, 1} // nothing of it was read here
	lock := Notice{
		Do: doLock, Case: CaseID{1}.String(), Mailboxes: []string{box.Reveal()}, Recipient: id.Recipient().String(),
		Specialists: []string{base64.StdEncoding.EncodeToString(me[:])},
	}
	at := int64(len(batch))
	follow := func(n Notice) {
		t.Helper()
		in := notify(t, n, byte(at))
		in.Index = at
		edge = edge.Append(ledger.LeafHash(in.Commitment))
		if _, err := db.Apply(t.Context(), []Incoming{in}, edge, now); err != nil {
			t.Fatal(err)
		}
		at++
	}
	held := func() int {
		t.Helper()
		ids, err := db.CaseIdentities(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(ids)
	}
	follow(lock)
	key := CaseKey{Case: CaseID{1}, Identity: id.String(), Mailboxes: []wire.MailboxID{box}}
	if news, err := db.TakeCase(t.Context(), key, lock.Recipient, false); err != nil || !news || held() != 1 {
		t.Fatal(news, err)
	}
	follow(Notice{Do: doErase, Mailboxes: []string{box.Reveal()}})
	if held() != 0 {
		t.Error("the key of an erased case stays")
	}
	if bytes.Contains(plain(t, db), []byte(id.String())) {
		t.Error("the key of an erased case is still in the file")
	}
	if news, err := db.TakeCase(t.Context(), key, lock.Recipient, false); err != nil || news || held() != 0 {
		t.Errorf("the gate brought the key back: %v, %v", news, err)
	}
	follow(lock) // a desk that had not heard of the erasure names somebody
	if wants, _, err := db.WantsCaseKey(t.Context()); err != nil || wants {
		t.Errorf("an erased case wants its key: %v, %v", wants, err)
	}
}
