package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

// A council is a founding roster with its keepers, and one device each.
type council struct {
	signers []note.Signer
	devices []ed25519.PrivateKey
	ids     []*age.HybridIdentity // of devices
	epoch   *age.HybridIdentity
	roster  roster.Roster
	signed  []byte
}

func hybrid(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func founded(t testing.TB, keepers, threshold int) council {
	t.Helper()
	c := council{epoch: hybrid(t)}
	c.roster = roster.Roster{Name: "Example", Serial: 1, Epoch: 1, Recipient: c.epoch.Recipient(), Threshold: threshold}
	for range keepers {
		skey, vkey, err := note.GenerateKey(nil, "keeper")
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		pub, device, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		c.signers, c.devices, c.ids = append(c.signers, signer), append(c.devices, device), append(c.ids, hybrid(t))
		c.roster.Keepers, c.roster.Devices = append(c.roster.Keepers, vkey), append(c.roster.Devices, roster.HashDevice(pub))
	}
	c.roster.Sort()
	c.roster.Org = roster.OrgID(c.roster.Keepers)
	c.signed = sign(t, c.roster, c.signers...)
	return c
}

func sign(t testing.TB, r roster.Roster, by ...note.Signer) []byte {
	t.Helper()
	signed, err := roster.Sign(r, by...)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestWhatMayFollow(t *testing.T) {
	c := founded(t, 3, 2)
	two := c.signers[:2]
	next := func(change func(*roster.Roster)) []byte {
		r := c.roster.Next(c.signed)
		change(&r)
		return sign(t, r, two...)
	}
	roll := func(r *roster.Roster) { r.Epoch, r.Recipient = 2, hybrid(t).Recipient() }
	for name, signed := range map[string][]byte{
		"a new name": next(func(r *roster.Roster) { r.Name = "Other" }), "an epoch": next(roll),
		"a device leaves, an epoch begins": next(func(r *roster.Roster) { roll(r); r.Devices = r.Devices[1:] }),
	} {
		if _, err := roster.OpenNext(signed, c.signed, c.roster); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, signed := range map[string][]byte{
		"a device leaves, the epoch stays": next(func(r *roster.Roster) { r.Devices = r.Devices[1:] }),
		"another key in the same epoch":    next(func(r *roster.Roster) { r.Recipient = hybrid(t).Recipient() }),
		"a new epoch with the old key":     next(func(r *roster.Roster) { r.Epoch = 2 }),
		"an epoch left out":                next(func(r *roster.Roster) { roll(r); r.Epoch = 3 }),
		"an older epoch":                   next(func(r *roster.Roster) { r.Serial = 3 }),
	} {
		if _, err := roster.OpenNext(signed, c.signed, c.roster); !errors.Is(err, roster.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	twice := c.roster.Next(c.signed)
	twice.Devices = append(twice.Devices, twice.Devices[0])
	twice.Sort()
	if _, err := roster.Sign(twice, two...); err == nil {
		t.Error("a device stands twice")
	}
}

func TestProposalsGather(t *testing.T) {
	c := founded(t, 3, 2)
	r := c.roster.Next(c.signed)
	r.Epoch, r.Recipient = 2, hybrid(t).Recipient()
	one := sign(t, r, c.signers[0])
	if _, err := roster.OpenNext(one, c.signed, c.roster); !errors.Is(err, roster.ErrUnsigned) {
		t.Errorf("one of two: %v", err)
	}
	if _, n, err := roster.OpenProposal(one, c.signed, c.roster); err != nil || n != 1 {
		t.Errorf("a proposal: %d, %v", n, err)
	}
	again, err := roster.Cosign(one, c.signers[0])
	if err != nil || !bytes.Equal(again, one) {
		t.Errorf("the same keeper signs twice: %v", err)
	}
	both, err := roster.Cosign(one, c.signers[1])
	if err != nil {
		t.Fatal(err)
	}
	other, err := roster.Cosign(sign(t, r, c.signers[1]), c.signers[0])
	if err != nil || !bytes.Equal(both, other) {
		t.Errorf("the order of signing changes the bytes: %v", err)
	}
	if got, err := roster.OpenNext(both, c.signed, c.roster); err != nil || got.TextHash() != r.TextHash() {
		t.Errorf("two of two: %v", err)
	}
	stranger := founded(t, 1, 1)
	if _, _, err := roster.OpenProposal(sign(t, r, stranger.signers[0]), c.signed, c.roster); !errors.Is(err, roster.ErrUnsigned) {
		t.Errorf("a stranger proposes: %v", err)
	}
	if !roster.Signed(one, stranger.roster, c.roster) || roster.Signed(one, stranger.roster) {
		t.Error("who signed is not told apart")
	}
	if _, err := roster.Merge(one, stranger.signed); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("two texts: %v", err)
	}
}

func TestChains(t *testing.T) {
	c := founded(t, 1, 1)
	notes := [][]byte{c.signed}
	last := c.roster
	for range 4 {
		r := last.Next(notes[len(notes)-1])
		r.Epoch, r.Recipient = last.Epoch+1, hybrid(t).Recipient()
		notes, last = append(notes, sign(t, r, c.signers[0])), r
	}
	got, err := roster.OpenChain(notes, c.roster.Org)
	if err != nil || got.Serial != 5 || got.Epoch != 5 {
		t.Fatalf("serial %d, %v", got.Serial, err)
	}
	if _, err := roster.OpenChain(notes, strings.Repeat("0", 20)); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("another fingerprint: %v", err)
	}
	if _, err := roster.OpenChain(append(notes[:2:2], notes[3:]...), ""); !errors.Is(err, roster.ErrMalformed) || !strings.Contains(err.Error(), "roster 3") {
		t.Errorf("a roster was left out: %v", err)
	}
	if _, err := roster.OpenChain(nil, ""); err == nil {
		t.Error("an empty chain passes")
	}
}

func TestCards(t *testing.T) {
	c := founded(t, 1, 1)
	pub := c.devices[0].Public().(ed25519.PublicKey)
	signed, err := roster.SignCard(c.roster.Org, 7, c.ids[0].Recipient(), c.devices[0])
	if err != nil {
		t.Fatal(err)
	}
	card, err := roster.OpenCard(signed, c.roster.Org, pub)
	if err != nil || card.Generation != 7 || card.Recipient.String() != c.ids[0].Recipient().String() {
		t.Fatalf("%v, %v", card.Generation, err)
	}
	other := founded(t, 1, 1)
	changed := bytes.Replace(signed, []byte("generation 7"), []byte("generation 8"), 1)
	for what, f := range map[string]func() error{
		"another device": func() error {
			_, err := roster.OpenCard(signed, c.roster.Org, other.devices[0].Public().(ed25519.PublicKey))
			return err
		},
		"another organisation": func() error { _, err := roster.OpenCard(signed, other.roster.Org, pub); return err },
		"changed":              func() error { _, err := roster.OpenCard(changed, c.roster.Org, pub); return err },
	} {
		if err := f(); !errors.Is(err, roster.ErrCard) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func grantOf(c council) roster.Grant {
	g := roster.Grant{
		Org: c.roster.Org, Serial: 1, Text: c.roster.TextHash(), Epoch: 1, Began: time.Unix(1_800_000_000, 0).UTC(), Epochs: map[int]*age.HybridIdentity{1: c.epoch},
		Gate: roster.Gate{URL: "https://help.example.org", Origin: "help.example.org", Key: "key"}, Checkpoint: "checkpoint\n",
		Custodians: roster.Custodians{Needed: 2, Recipients: []string{c.ids[0].Recipient().String(), c.epoch.Recipient().String()}, Identity: c.ids[0].Recipient().String(), Made: time.Unix(5, 0).UTC()},
	}
	for i, d := range c.devices {
		pub := d.Public().(ed25519.PublicKey)
		g.Members = append(g.Members, roster.Member{Device: pub, Name: fmt.Sprint("Desk ", i), Role: roster.RoleKeeper, Keeper: c.roster.Keepers[i], Generation: 1, Since: time.Unix(9, 0).UTC()})
	}
	g.To = g.Members[0].Hash()
	return g
}

func TestGrants(t *testing.T) {
	c := founded(t, 1, 1)
	g := grantOf(c)
	sealed, err := roster.SealGrant(g, c.signers[0], c.ids[0].Recipient())
	if err != nil {
		t.Fatal(err)
	}
	got, err := roster.OpenGrant(sealed, c.ids[0], c.roster, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Epochs[1].String() != c.epoch.String() {
		t.Error("another key came back")
	}
	got.Epochs, g.Epochs = nil, nil
	if d := cmp.Diff(g.Members, got.Members) + cmp.Diff(g.Custodians, got.Custodians); d != "" || got.To != g.To || got.Gate != g.Gate || got.Checkpoint != g.Checkpoint || !got.Began.Equal(g.Began) {
		t.Errorf("another grant came back: %s", d)
	}
	if _, err := roster.OpenGrant(sealed, hybrid(t), c.roster, nil); !errors.Is(err, roster.ErrGrantKey) {
		t.Errorf("with another key: %v", err)
	}
	other := founded(t, 1, 1)
	forged, err := roster.SealGrant(grantOf(c), other.signers[0], c.ids[0].Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roster.OpenGrant(forged, c.ids[0], c.roster, nil); !errors.Is(err, roster.ErrGrant) {
		t.Errorf("by a stranger: %v", err)
	}
	if _, err := roster.OpenGrant(forged, c.ids[0], c.roster, &other.roster); err != nil {
		t.Errorf("by a keeper of the roster before: %v", err)
	}
	wrongKey := grantOf(c)
	wrongKey.Epochs = map[int]*age.HybridIdentity{1: hybrid(t)}
	if sealed, err = roster.SealGrant(wrongKey, c.signers[0], c.ids[0].Recipient()); err != nil {
		t.Fatal(err)
	}
	if _, err := roster.OpenGrant(sealed, c.ids[0], c.roster, nil); !errors.Is(err, roster.ErrGrant) {
		t.Errorf("a key that is not the roster's: %v", err)
	}
	if s := fmt.Sprintf("%v %#v", got, got); s != "[grant] [grant]" {
		t.Error(s)
	}
}

func FuzzOpenChain(f *testing.F) {
	c := founded(f, 1, 1)
	f.Add(c.signed, c.signed)
	f.Add(c.signed, sign(f, c.roster.Next(c.signed), c.signers[0]))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if r, err := roster.OpenChain([][]byte{a, b}, ""); err == nil && r.Serial != 2 {
			t.Fatal("two rosters, another serial")
		}
		if m, err := roster.Merge(a, b); err == nil {
			if again, err := roster.Merge(m, m); err != nil || !bytes.Equal(m, again) {
				t.Fatal("merging is not stable")
			}
		}
	})
}

func FuzzOpenCard(f *testing.F) {
	c := founded(f, 1, 1)
	pub := c.devices[0].Public().(ed25519.PublicKey)
	signed, err := roster.SignCard(c.roster.Org, 1, c.ids[0].Recipient(), c.devices[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if card, err := roster.OpenCard(b, c.roster.Org, pub); err == nil && card.Generation < 1 {
			t.Fatal("a card without a generation")
		}
	})
}
