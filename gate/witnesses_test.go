package gate

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
)

// newWitness makes a partner's desk as far as a gate knows it.
func newWitness(t *testing.T, n byte) *torchwood.CosignatureSigner {
	t.Helper()
	s, err := torchwood.NewCosignatureSigner(fmt.Sprintf("witness-%d", n), ed25519.NewKeyFromSeed(append(make([]byte, 31), n)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWitnessesSurviveARestart(t *testing.T) {
	skey, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	open := func() *witnesses {
		ws, err := loadWitnesses(dir, gate)
		if err != nil {
			t.Fatal(err)
		}
		return ws
	}
	one := newWitness(t, 1)
	key := one.Verifier().String()
	ws := open()
	for i, want := range []bool{true, false} {
		if added, err := ws.Add(key); err != nil || added != want {
			t.Errorf("adding it for the %d. time: %v %v", i+1, added, err)
		}
	}
	signed, err := ledger.SignCheckpoint(ledger.Tree{Size: 9}, signer)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(signed, note.VerifierList(gate))
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(n, one)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.Keep(key, both); err != nil {
		t.Fatal(err)
	}
	if err := ws.Keep(newWitness(t, 2).Verifier().String(), both); err == nil {
		t.Error("a cosignature of somebody who is not registered is kept")
	}
	if err := ws.Keep(key, signed); err == nil {
		t.Error("a checkpoint without a cosignature is kept")
	}
	// What a killed gate left half written is not read.
	if err := os.WriteFile(filepath.Join(dir, witnessDir, ".new-1"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all := open().All(); len(all) != 1 || all[0].Key != key || string(all[0].Cosigned) != string(both) {
		t.Fatalf("after a restart: %d witnesses", len(all))
	}
	for n := byte(2); n <= wire.MaxWitnesses; n++ {
		if _, err := ws.Add(newWitness(t, n).Verifier().String()); err != nil {
			t.Fatal(err)
		}
	}
	var full *wire.Error
	if _, err := ws.Add(newWitness(t, 200).Verifier().String()); !errors.As(err, &full) || full.Status != 413 {
		t.Errorf("one too many: %v", err)
	}
	for range 2 {
		if err := ws.Remove(key); err != nil {
			t.Error(err)
		}
	}
	if all := open().All(); len(all) != wire.MaxWitnesses-1 {
		t.Errorf("%d witnesses after one was removed", len(all))
	}
}
