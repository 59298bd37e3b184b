package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestADeskThatWasBegunGoesOnWithItsKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	k, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{`{"one":1}`, `{"two":2}`} {
		if err := k.Begin(dir, passphrase, minLogN, json.RawMessage(step)); err != nil {
			t.Fatal(err)
		}
	}
	if Exists(dir) || !HasBegun(dir) {
		t.Error("a desk that was begun is not there, or is a whole one")
	}
	if _, _, err := Resume(dir, "four other words"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	again, step, err := Resume(dir, passphrase)
	if err != nil || string(step) != `{"two":2}` || !bytes.Equal(again.Device(), k.Device()) || again.DeviceIdentity(1).String() != k.DeviceIdentity(1).String() {
		t.Fatalf("other keys came back: %v", err)
	}
	path := filepath.Join(dir, BegunFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Resume(dir, passphrase); !errors.Is(err, ErrDamaged) {
		t.Errorf("a cut file: %v", err)
	}
	if err := Purge(dir); err != nil {
		t.Fatal(err)
	}
	if HasBegun(dir) {
		t.Error("a purge left the keys of a desk that was begun")
	}
}
