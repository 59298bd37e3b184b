package keyring

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// newPasskey adds a passkey whose authenticator derives the returned secret.
func newPasskey(t *testing.T, k *Keyring, id byte) (p Passkey, secret []byte) {
	t.Helper()
	p = Passkey{ID: []byte{id}, Key: []byte("a key"), Salt: bytes.Repeat([]byte{id}, 32), Name: "laptop", Added: time.Unix(7, 0).UTC()}
	secret = make([]byte, 32)
	rand.Read(secret)
	if err := k.AddPasskey(p, secret); err != nil {
		t.Fatal(err)
	}
	return p, secret
}

func TestAPasskeyOpensTheDesk(t *testing.T) {
	dir, k := newKeyring(t)
	p, secret := newPasskey(t, k, 1)
	_, other := newPasskey(t, k, 2)
	list, err := Passkeys(dir)
	if err != nil || len(list) != 2 || !bytes.Equal(list[0].ID, p.ID) || list[0].Name != p.Name || !list[0].Added.Equal(p.Added) {
		t.Fatalf("listed: %+v, err %v", list, err)
	}
	got, err := OpenWithSecret(dir, p.ID, secret)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, k, got)
	for what, c := range map[string]struct{ id, secret []byte }{
		"another's secret": {p.ID, other}, "short": {p.ID, secret[:31]}, "none": {p.ID, nil}, "unknown id": {[]byte{9}, secret},
	} {
		if _, err := OpenWithSecret(dir, c.id, c.secret); !errors.Is(err, ErrPasskey) {
			t.Errorf("%s: %v, want ErrPasskey", what, err)
		}
	}
	for what, s := range secretsOf(t, k) {
		if name := findIn(t, dir, s); name != "" {
			t.Errorf("%s is readable in %s", what, name)
		}
	}
	if name := findIn(t, dir, secret); name != "" {
		t.Errorf("what the passkey derived is readable in %s", name)
	}
}

func TestAPasskeyGoesAlongWithANewPassphrase(t *testing.T) {
	dir, k := newKeyring(t)
	p, secret := newPasskey(t, k, 1)
	if err := k.ChangePassphrase(passphrase, "other plain words here", 0); err != nil {
		t.Fatal(err)
	}
	if _, cost, err := readUnlock(dir, "other plain words here"); err != nil || cost != minLogN {
		t.Errorf("the new passphrase costs 2^%d, err %v; the old one cost 2^%d", cost, err, minLogN)
	}
	got, err := OpenWithSecret(dir, p.ID, secret)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, k, got)
}

// What a thief copied before must not open what is written after the passkey was taken out.
func TestARemovedPasskeyOpensNothingThatIsWrittenLater(t *testing.T) {
	dir, k := newKeyring(t)
	p, secret := newPasskey(t, k, 1)
	kept, keptSecret := newPasskey(t, k, 2)
	old, err := os.ReadFile(filepath.Join(dir, PasskeysFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.RemovePasskey(p.ID, "wrong words"); !errors.Is(err, ErrPassphrase) {
		t.Fatalf("wrong passphrase: %v", err)
	}
	if err := k.RemovePasskey(p.ID, passphrase); err != nil {
		t.Fatal(err)
	}
	if err := k.RemovePasskey(p.ID, passphrase); !errors.Is(err, ErrPasskey) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := OpenWithSecret(dir, p.ID, secret); !errors.Is(err, ErrPasskey) {
		t.Errorf("removed: %v, want ErrPasskey", err)
	}
	if _, err := OpenWithSecret(dir, kept.ID, keptSecret); err != nil {
		t.Errorf("the other passkey: %v", err)
	}
	alike(t, k, mustOpen(t, dir, passphrase))
	if err := os.WriteFile(filepath.Join(dir, PasskeysFile), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWithSecret(dir, p.ID, secret); err == nil {
		t.Error("an older copy of passkeys.json opens the new key file")
	}
}

// Whoever can write to the folder must not become one of those that the next key is sealed to.
func TestAPasskeyThatSomebodySlippedInGetsNoNewKey(t *testing.T) {
	dir, k := newKeyring(t)
	newPasskey(t, k, 1)
	file, err := readPasskeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	stranger := file.Passkeys[0]
	stranger.ID = []byte{66}
	file.Passkeys = append(file.Passkeys, stranger)
	if err := writePasskeys(dir, file); err != nil {
		t.Fatal(err)
	}
	if err := k.ChangePassphrase(passphrase, "other plain words here", minLogN); err != nil {
		t.Fatal(err)
	}
	if list, err := Passkeys(dir); err != nil || len(list) != 1 {
		t.Errorf("%d passkeys, err %v", len(list), err)
	}
}

func TestEightPasskeysAreEnough(t *testing.T) {
	_, k := newKeyring(t)
	for i := range MaxPasskeys {
		newPasskey(t, k, byte(i+1))
	}
	p := Passkey{ID: []byte{99}, Salt: make([]byte, 32), Name: "one more", Added: time.Unix(1, 0)}
	if err := k.AddPasskey(p, make([]byte, 32)); !errors.Is(err, ErrPasskeys) {
		t.Errorf("got %v, want ErrPasskeys", err)
	}
	p.ID = []byte{1}
	if err := k.AddPasskey(p, make([]byte, 32)); err != nil {
		t.Errorf("one of them again: %v", err)
	}
}

func TestPasskeyFileIsBounded(t *testing.T) {
	dir, k := newKeyring(t)
	if list, err := Passkeys(dir); err != nil || len(list) != 0 {
		t.Fatalf("no file: %v, %v", list, err)
	}
	for _, bad := range []string{"", "{", `{"v":2,"passkeys":[]}`, `{"v":1,"passkeys":[],"more":1}`, `{"v":1,"passkeys":[{"id":"AQ=="}]}`} {
		if err := os.WriteFile(filepath.Join(dir, PasskeysFile), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Passkeys(dir); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v, want ErrDamaged", bad, err)
		}
	}
	if k.AddPasskey(Passkey{ID: []byte{1}, Salt: make([]byte, 32), Name: "two\nlines"}, make([]byte, 32)) == nil {
		t.Error("took a name of two lines")
	}
}
