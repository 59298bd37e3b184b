package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

type keeper struct {
	note.Signer
	vkey string
}

func newKeeper(t testing.TB, name string) keeper {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return keeper{s, vkey}
}

func newRecipient(t testing.TB) *age.HybridRecipient {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient()
}

func deviceKey(n byte) ed25519.PublicKey {
	seed := make([]byte, 32)
	seed[0] = n
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}

// founding is the first roster of an organisation with the given keepers, who all sign unless told otherwise.
func founding(t testing.TB, threshold int, keepers ...keeper) roster.Roster {
	t.Helper()
	var vkeys []string
	for _, k := range keepers {
		vkeys = append(vkeys, k.vkey)
	}
	slices.Sort(vkeys)
	return roster.Roster{
		Org: roster.OrgID(vkeys), Name: "Nur Legal Aid (made-up) نور", Serial: 1, Epoch: 1, Recipient: newRecipient(t),
		Threshold: threshold, Keepers: vkeys, Devices: []roster.DeviceHash{roster.HashDevice(deviceKey(1))},
	}
}

func mustSign(t testing.TB, r roster.Roster, by ...keeper) []byte {
	t.Helper()
	var signers []note.Signer
	for _, k := range by {
		signers = append(signers, k)
	}
	signed, err := roster.Sign(r, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestFounding(t *testing.T) {
	a, b, c := newKeeper(t, "a"), newKeeper(t, "b"), newKeeper(t, "c")
	r := founding(t, 2, a, b, c)
	got, err := roster.OpenFounding(mustSign(t, r, a, c))
	if err != nil {
		t.Fatal(err)
	}
	if got.Org != r.Org || got.Name != r.Name || got.Recipient.String() != r.Recipient.String() || !got.HasDevice(deviceKey(1)) || got.HasDevice(deviceKey(2)) {
		t.Errorf("the roster changed: %+v", got)
	}
	if _, err := roster.OpenFounding(mustSign(t, r, a)); !errors.Is(err, roster.ErrUnsigned) {
		t.Errorf("one of two signatures: %v, want ErrUnsigned", err)
	}
	stranger := newKeeper(t, "a")
	if _, err := roster.OpenFounding(mustSign(t, r, stranger, stranger)); !errors.Is(err, roster.ErrUnsigned) {
		t.Errorf("signed by a stranger with a keeper's name: %v, want ErrUnsigned", err)
	}
	r.Org = strings.Repeat("0", 20)
	if _, err := roster.OpenFounding(mustSign(t, r, a, b)); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("a fingerprint that is not the keepers': %v, want ErrMalformed", err)
	}
}

func TestTheSameSignatureDoesNotCountTwice(t *testing.T) {
	a, b := newKeeper(t, "a"), newKeeper(t, "b")
	signed := mustSign(t, founding(t, 2, a, b), a)
	lines := strings.SplitAfter(string(signed), "\n")
	twice := string(signed) + lines[len(lines)-2]
	if _, err := roster.OpenFounding([]byte(twice)); err == nil {
		t.Error("one keeper signed twice and counts as two")
	}
}

func TestChain(t *testing.T) {
	a, b, c, d := newKeeper(t, "a"), newKeeper(t, "b"), newKeeper(t, "c"), newKeeper(t, "d")
	first := founding(t, 2, a, b, c)
	firstSigned := mustSign(t, first, a, b)

	next := first
	next.Serial, next.Epoch, next.Previous, next.Recipient = 2, 2, sha256.Sum256(firstSigned), newRecipient(t)
	next.Keepers = slices.Sorted(slices.Values([]string{a.vkey, b.vkey, d.vkey}))
	if _, err := roster.OpenNext(mustSign(t, next, a, c), firstSigned, first); err != nil {
		t.Errorf("signed by two of the previous keepers, one of whom leaves: %v", err)
	}
	if _, err := roster.OpenNext(mustSign(t, next, a, d), firstSigned, first); !errors.Is(err, roster.ErrUnsigned) {
		t.Errorf("a new keeper voted for itself: %v, want ErrUnsigned", err)
	}
	for name, change := range map[string]func(*roster.Roster){
		"serial skipped":        func(r *roster.Roster) { r.Serial = 3 },
		"serial again":          func(r *roster.Roster) { r.Serial = 1 },
		"epoch back":            func(r *roster.Roster) { r.Epoch = 1; r.Serial = 2; first.Epoch = 2 },
		"another organisation":  func(r *roster.Roster) { r.Org = strings.Repeat("0", 20) },
		"another previous note": func(r *roster.Roster) { r.Previous[0]++ },
	} {
		r, was := next, first
		change(&r)
		prev := first
		first = was
		if _, err := roster.OpenNext(mustSign(t, r, a, b), firstSigned, prev); !errors.Is(err, roster.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

func TestSignRefusesWhatNobodyCouldRead(t *testing.T) {
	a := newKeeper(t, "a")
	for name, change := range map[string]func(*roster.Roster){
		"no name":               func(r *roster.Roster) { r.Name = "" },
		"two-line name":         func(r *roster.Roster) { r.Name = "Nur\nthreshold 0" },
		"direction override":    func(r *roster.Roster) { r.Name = "Nur \u202e gro" },
		"spaces around":         func(r *roster.Roster) { r.Name = " Nur" },
		"long name":             func(r *roster.Roster) { r.Name = strings.Repeat("n", 121) },
		"threshold of none":     func(r *roster.Roster) { r.Threshold = 0 },
		"threshold over all":    func(r *roster.Roster) { r.Threshold = 2 },
		"no keepers":            func(r *roster.Roster) { r.Keepers = nil },
		"keeper twice":          func(r *roster.Roster) { r.Keepers = []string{a.vkey, a.vkey} },
		"serial 0":              func(r *roster.Roster) { r.Serial = 0 },
		"devices not sorted":    func(r *roster.Roster) { r.Devices = []roster.DeviceHash{{2}, {1}} },
		"too many devices":      func(r *roster.Roster) { r.Devices = make([]roster.DeviceHash, 513) },
		"space in a fixed line": func(r *roster.Roster) { r.Org = "a\nb" },
	} {
		r := founding(t, 1, a)
		change(&r)
		if _, err := roster.Sign(r, a); !errors.Is(err, roster.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
	// ZWNJ is spelling, not disguise.
	r := founding(t, 1, a)
	r.Name = "خانه\u200cها"
	if _, err := roster.Sign(r, a); err != nil {
		t.Errorf("a Persian name: %v", err)
	}
}

func TestFingerprint(t *testing.T) {
	x, y := "a+00000000+AAAA", "b+00000000+AAAA"
	id := roster.OrgID([]string{x, y})
	if id != roster.OrgID([]string{y, x}) {
		t.Error("the order of keepers changes the fingerprint")
	}
	if len(id) != 20 || strings.Trim(id, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
		t.Errorf("fingerprint %q", id)
	}
	if g := roster.GroupOrgID("abcdefghjkmnpqrstvwx"); g != "abcd efgh jkmn pqrs tvwx" {
		t.Errorf("grouped: %q", g)
	}
}

func ExampleOrgID() {
	fmt.Println(roster.GroupOrgID(roster.OrgID([]string{"amina+5b9bd5f4+AQ=="})))
	// Output: mr4x dxc1 8wvm g631 7sc1
}

func FuzzOpenFounding(f *testing.F) {
	a := newKeeper(f, "a")
	signed := mustSign(f, founding(f, 1, a), a)
	f.Add(signed)
	f.Add(bytes.Replace(signed, []byte("serial 1"), []byte("serial 2"), 1))
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	f.Add(append(text, '\n'))
	f.Fuzz(func(t *testing.T, b []byte) {
		inputs := [][]byte{b}
		// Signed by the keeper, so that what is not well formed inside is reached.
		if s, err := note.Sign(&note.Note{Text: string(b)}, a); err == nil {
			inputs = append(inputs, s)
		}
		for _, in := range inputs {
			r, err := roster.OpenFounding(in)
			if err != nil {
				if !errors.Is(err, roster.ErrMalformed) && !errors.Is(err, roster.ErrUnsigned) {
					t.Fatalf("an error no caller can tell: %v", err)
				}
				continue
			}
			if r.Org != roster.OrgID(r.Keepers) || r.Threshold < 1 || r.Recipient == nil {
				t.Fatal("a founding roster that is none")
			}
		}
	})
}

// A keeper who stands there under two names would count twice; two whose keys have one name and one hash could not be told apart, and no later roster would open.
func TestKeepersAreDifferent(t *testing.T) {
	one, two := newKeeper(t, "keeper"), newKeeper(t, "keeper")
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(one.vkey, "+", 3)[2])
	if err != nil {
		t.Fatal(err)
	}
	again, err := note.NewEd25519VerifierKey("recovery", raw[1:])
	if err != nil {
		t.Fatal(err)
	}
	r := founding(t, 1, one, two)
	r.Keepers = append(r.Keepers, again)
	slices.Sort(r.Keepers)
	r.Org = roster.OrgID(r.Keepers)
	if _, err := roster.Sign(r, one, two); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("one key under two names: %v, want ErrMalformed", err)
	}
}
