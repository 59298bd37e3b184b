package attack

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A copy of the gate's database, without the pepper beside it, and a receipt code that somebody found: was it used here?
func TestBackupWithoutThePepper(t *testing.T) {
	w := found(t)
	p := w.writes("whose-code-was-found")
	w.keeper.thread("whose-code-was-found")
	w.gate.Stop(t) // so that the copy is whole
	var db []byte
	files, err := os.ReadDir(w.gate.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "gate.db") {
			b, err := os.ReadFile(filepath.Join(w.gate.Dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			db = append(db, b...)
		}
	}
	if len(db) == 0 {
		t.Fatal("no database")
	}
	id, auth := p.keys.Mailbox.ID[:], p.keys.Mailbox.Auth[:]
	box := []byte(p.keys.Box.Recipient().String())
	tests := 0
	for _, secret := range [][]byte{id, auth, box} {
		sum := sha256.Sum256(secret)
		for _, form := range [][]byte{secret, sum[:], mac(nil, secret), mac(secret, secret)} {
			for _, written := range [][]byte{form, []byte(hex.EncodeToString(form)), []byte(base64.StdEncoding.EncodeToString(form)), []byte(base64.RawURLEncoding.EncodeToString(form))} {
				tests++
				if bytes.Contains(db, written) {
					t.Errorf("the database answers whether a code was used: %d bytes found", len(written))
				}
			}
		}
	}
	pepper, err := os.ReadFile(filepath.Join(w.gate.Dir, "pepper"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(pepper)))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(db, key) || bytes.Contains(db, bytes.TrimSpace(pepper)) {
		t.Error("the pepper is in the database")
	}
	if !bytes.Contains(db, keyed(key, id)) {
		t.Error("with the pepper the code is not found either: the attack is weaker than it should be")
	}
	report(t, 19, "a copy of the gate's database without the pepper, and a receipt code", "cannot tell whether the code was used (%d ways tried; with the pepper it can)", tests)
}

func mac(key, b []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(b)
	return m.Sum(nil)
}

// keyed is how a gate writes a mailbox id: docs/formats.md does not say, as nobody else has to know; gate/internal/mailbox does.
func keyed(key, id []byte) []byte { return mac(key, append([]byte("panah.mailbox/v1 id\n"), id...)) }
