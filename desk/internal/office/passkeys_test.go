package office

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestPasskeyUnlocksBesideThePassphrase(t *testing.T) {
	d := newTown(t).desk()
	p := Passkey{ID: []byte{1}, Key: []byte("key"), Salt: make([]byte, 32), Name: "laptop", Added: time.Unix(1, 0)}
	secret := bytes.Repeat([]byte{5}, 32)
	if err := d.AddPasskey(t.Context(), p, secret, "wrong words"); !errors.Is(err, ErrPassphrase) {
		t.Fatalf("added with a wrong passphrase: %v", err)
	}
	if err := d.AddPasskey(t.Context(), p, secret, passphrase); err != nil {
		t.Fatal(err)
	}
	if err := d.UnlockPasskey(t.Context(), p.ID, make([]byte, 32)); !errors.Is(err, ErrPasskey) {
		t.Errorf("an open desk took a wrong passkey: %v", err)
	}
	d.Lock()
	if list, err := d.Passkeys(t.Context()); err != nil || len(list) != 1 {
		t.Fatalf("locked, it lists %d passkeys: %v", len(list), err)
	}
	if err := d.AddPasskey(t.Context(), p, secret, passphrase); !errors.Is(err, ErrLocked) {
		t.Errorf("added to a locked desk: %v", err)
	}
	if err := d.UnlockPasskey(t.Context(), p.ID, make([]byte, 32)); !errors.Is(err, ErrPasskey) || !d.Locked() {
		t.Errorf("a locked desk took a wrong passkey: %v", err)
	}
	if err := d.UnlockPasskey(t.Context(), p.ID, secret); err != nil || d.Locked() {
		t.Fatalf("the right passkey: %v", err)
	}
	if err := d.Unlock(t.Context(), "wrong words"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("an open desk took a wrong passphrase: %v", err)
	}
	if err := d.RemovePasskey(t.Context(), p.ID, passphrase); err != nil {
		t.Fatal(err)
	}
	d.Lock()
	if err := d.UnlockPasskey(t.Context(), p.ID, secret); !errors.Is(err, ErrPasskey) {
		t.Errorf("the removed passkey: %v", err)
	}
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Error(err)
	}
}
