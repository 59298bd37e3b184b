package keyring

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
)

const passphrase = "four plain words here"

func newKeyring(t testing.TB) (string, *Keyring) {
	t.Helper()
	k, err := Found("Legal aid of Testville")
	if err != nil {
		t.Fatal(err)
	}
	_, vkey, err := ledger.NewGateKey("gate.test")
	if err != nil {
		t.Fatal(err)
	}
	k.Gate = Gate{"https://gate.test", "gate.test", vkey}
	dir := filepath.Join(t.TempDir(), "desk")
	if err := Create(dir, k, passphrase, minLogN); err != nil {
		t.Fatal(err)
	}
	return dir, k
}

func TestKeyringComesBackWhole(t *testing.T) {
	dir, k := newKeyring(t)
	got, err := Open(dir, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if got.Org != k.Org || got.Name != k.Name || got.Gate != k.Gate || !bytes.Equal(got.Founding, k.Founding) {
		t.Error("names, gate or roster changed")
	}
	if got.keeper != k.keeper || !got.device.Equal(k.device) || got.database != k.database || got.epochs[1].String() != k.epochs[1].String() {
		t.Error("keys changed")
	}
	r, err := roster.OpenFounding(got.Founding)
	if err != nil {
		t.Fatal(err)
	}
	if !r.HasDevice(got.Device().Public().(ed25519.PublicKey)) || r.Recipient.String() != got.Recipient().String() {
		t.Error("the founding roster names another device or key")
	}
}

func TestOpenTellsPassphraseFromDamage(t *testing.T) {
	dir, _ := newKeyring(t)
	path := filepath.Join(dir, FileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "four plain words", strings.ToUpper(passphrase)} {
		if _, err := Open(dir, wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("wrong passphrase: got %v", err)
		}
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-40] ^= 1
	for what, b := range map[string][]byte{"half": whole[:len(whole)/2], "no end": whole[:len(whole)-1], "empty": nil, "flipped": flipped, "long": make([]byte, maxFile+1)} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, passphrase); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", what, err)
		}
	}
}

func TestCreateNeverReplacesKeys(t *testing.T) {
	dir, k := newKeyring(t)
	if err := Create(dir, k, passphrase, minLogN); !errors.Is(err, ErrExists) {
		t.Fatalf("got %v, want ErrExists", err)
	}
}

func TestFilesAreForTheOwnerOnlyAndNothingIsReadable(t *testing.T) {
	dir, k := newKeyring(t)
	if err := Save(dir, k, passphrase, minLogN); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("leftovers beside the keyring: %v %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, err %v", info.Mode(), err)
	}
	b, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{k.Name, k.Org, "gate.test", "keeper", "PRIVATE", "AGE-SECRET"} {
		if bytes.Contains(b, []byte(s)) {
			t.Errorf("%q is readable in the file", s)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	_, k := newKeyring(t)
	key, ok := k.DeskKey(1)
	if !ok {
		t.Fatal("no desk key for the first epoch")
	}
	printed := fmt.Sprintf("%v %+v %#v %s %v %#v %v %#v", k, k, k, k, k.Opener(), k.Opener(), key, key)
	for _, secret := range []string{k.keeper, k.epochs[1].String(), "PRIVATE", "AGE-SECRET", fmt.Sprint(k.database), fmt.Sprint([32]byte(key))} {
		if strings.Contains(printed, secret) {
			t.Errorf("a secret in %q", printed)
		}
	}
	if _, err := json.Marshal(k); err == nil {
		t.Error("a keyring went into JSON")
	}
}

func TestOpenerOpensWhatIsSealedToTheOrganisation(t *testing.T) {
	_, k := newKeyring(t)
	_, other := newKeyring(t)
	l := seal.Letter{Kind: seal.KindNotice, Org: k.Org, Epoch: 1, Sealed: seal.SealedDesk, Parts: []seal.Part{{Type: seal.TypeOctets}}}
	key, _ := k.DeskKey(1)
	l.DeskTag = key.Tag(l)
	sealed, err := seal.Seal(l, k.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(sealed, k.Opener()); err != nil {
		t.Error(err)
	}
	if _, err := seal.Open(sealed, other.Opener()); !errors.Is(err, seal.ErrNotForUs) {
		t.Errorf("another organisation: got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	_, k := newKeyring(f)
	b, err := k.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := decode(b); err == nil && k.Epoch() < 1 {
			t.Fatal("a keyring without a key was accepted")
		}
	})
}
