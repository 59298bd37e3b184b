package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// secretsOf lists every form of every secret that a keyring holds.
func secretsOf(t testing.TB, k *Keyring) map[string][]byte {
	t.Helper()
	s := k.State()
	db := k.Database()
	all := map[string][]byte{"device seed": k.device.Seed(), "database key": db[:], "keeper": []byte(s.Keeper)}
	ids := map[string]*age.HybridIdentity{"master": k.master}
	for n, id := range s.Epochs {
		ids["epoch "+string(rune('0'+n))] = id
	}
	for n, id := range s.DeviceIdentities {
		ids["generation "+string(rune('0'+n))] = id
	}
	for what, id := range ids {
		all[what+", text"] = []byte(id.String())
		all[what+", raw"] = rawIdentity(t, id.String())
	}
	for what, b := range all {
		if !strings.HasSuffix(what, "text") && what != "keeper" {
			all[what+", base64"] = []byte(base64.StdEncoding.EncodeToString(b)[:40])
		}
	}
	for what, text := range map[string]string{"name": s.Name, "organisation": s.Org, "gate": s.Gate.Origin} {
		all[what] = []byte(text)
	}
	return all
}

// rawIdentity is the 32-byte seed in AGE-SECRET-KEY-PQ-1…, by an own reading of Bech32.
func rawIdentity(t testing.TB, text string) []byte {
	t.Helper()
	const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	data := strings.ToLower(text[strings.LastIndexByte(text, '1')+1:])
	var out []byte
	var acc, bits uint32
	for _, c := range data[:len(data)-6] {
		v := strings.IndexRune(charset, c)
		if v < 0 {
			t.Fatal("not Bech32")
		}
		acc, bits = acc<<5|uint32(v), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	if len(out) != 32 {
		t.Fatalf("a seed of %d bytes", len(out))
	}
	return out
}

// findIn returns the name of a file in dir that holds the bytes, or "".
func findIn(t testing.TB, dir string, secret []byte) (name string) {
	t.Helper()
	if len(secret) == 0 {
		t.Fatal("looking for nothing")
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, secret) {
			name = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// A thief with the passphrase, and anybody else, needs nothing but the page that describes the folder.
func TestStockAgeOpensTheFolder(t *testing.T) {
	dir, k := newKeyring(t)
	file, err := os.Open(filepath.Join(dir, UnlockFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pass, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(file, pass)
	if err != nil {
		t.Fatal(err)
	}
	masters, err := age.ParseIdentities(r)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := os.Open(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	if r, err = age.Decrypt(sealed, masters...); err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		V      int
		Epochs map[string]string
	}
	if err := json.Unmarshal(plain, &got); err != nil || got.V != 2 || got.Epochs["1"] != k.Identity(1).String() {
		t.Error("what the page describes is not what is there")
	}
}

// v1 writes k's folder as version 1 did.
func v1(t *testing.T, k *Keyring) (dir string) {
	t.Helper()
	s := k.State()
	db := k.Database()
	plain, err := json.Marshal(contentsV1{
		V: 1, Name: s.Name, Org: s.Org, Keeper: s.Keeper, Device: k.device.Seed(), Epochs: map[int]string{1: s.Epochs[1].String()},
		Database: db[:], Founding: s.Founding, Roster: s.Roster, Gate: s.Gate,
	})
	if err != nil {
		t.Fatal(err)
	}
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(minLogN)
	sealed, err := sealAge(plain, to)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestVersion1IsUpgradedWhenItIsUnlocked(t *testing.T) {
	_, old := newKeyring(t)
	dir := v1(t, old)
	if _, err := Open(dir, "wrong"); err != ErrPassphrase {
		t.Fatalf("wrong passphrase: %v", err)
	}
	// A program that died between the two files of an upgrade left a new unlock.age beside the old file.
	if err := writeUnlock(dir, passphrase, minLogN, newIdentity(t)); err != nil {
		t.Fatal(err)
	}
	got := mustOpen(t, dir, passphrase)
	if got.Org != old.Org || !got.device.Equal(old.device) || got.database != old.database || got.Identity(1).String() != old.Identity(1).String() || got.Gate() != old.Gate() {
		t.Error("the upgrade lost something")
	}
	s := got.State()
	if len(s.Members) != 1 || s.Role != "keeper" || s.Members[0].Keeper != got.Newest().Keepers[0] || got.DeviceIdentity(1) == nil {
		t.Error("the one desk is not the keeper's, or has no key of its own")
	}
	sealed, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || isV1(sealed) {
		t.Fatalf("it is version 1 still, err %v", err)
	}
	alike(t, got, mustOpen(t, dir, passphrase))
}

func FuzzDecodePasskeys(f *testing.F) {
	f.Add([]byte(`{"v":1,"passkeys":[{"id":"AQ==","key":"AQ==","salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","name":"n","added":1,"sealed":"AQ=="}]}`))
	f.Add([]byte(`{"v":1,"passkeys":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := decodePasskeys(b)
		if err != nil {
			return
		}
		for _, p := range file.Passkeys {
			if len(p.ID) == 0 || len(p.Salt) != 32 {
				t.Fatal("a passkey that cannot open anything was accepted")
			}
		}
	})
}
