package storetest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
	"panah/gate/internal/store"
)

// device makes device n.
func device(n byte) (ed25519.PublicKey, [32]byte) {
	pub := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)).Public().(ed25519.PublicKey)
	return pub, sha256.Sum256(pub)
}

// sealedTo is made-up sealed bytes of some length.
func sealedTo(what string, n, size int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%s %d ", what, n)), size/4)[:size]
}

// packaged makes package serial with a grant for each of devices.
func packaged(serial int, devices ...byte) store.Package {
	p := store.Package{Serial: serial, Roster: sealedTo("roster", serial, 900)}
	for _, d := range devices {
		_, hash := device(d)
		p.Devices = append(p.Devices, hash)
		p.Grants = append(p.Grants, wire.Addressed{Device: hash, Sealed: sealedTo("grant", 100*serial+int(d), 3000)})
	}
	return p
}

func packages(t *testing.T, reopen func() (Engine, func() error)) {
	one, two := packaged(1, 1, 2, 3), packaged(2, 1, 3)
	one.Files = []wire.File{{Name: "epoch-ab.age", Data: sealedTo("file", 1, 5000)}, {Name: "epoch-ac.age", Data: sealedTo("file", 2, 5000)}}
	use(t, reopen, func(e Engine) {
		if err := e.PutPackage(ctx, one); err != nil {
			t.Fatal(err)
		}
		for n := byte(1); n <= 3; n++ {
			pub, _ := device(n)
			if err := e.PutCard(ctx, store.Card{Device: pub, Generation: int(n), Signed: sealedTo("card", int(n), 2000)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.PutProposal(ctx, store.Proposal{Text: [32]byte{1}, Hour: 7, Package: []byte("proposal")}); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []int{1, 3, 9} {
			if err := e.PutPackage(ctx, packaged(wrong, 1)); !errors.Is(err, store.ErrMoved) {
				t.Errorf("roster %d after 1: %v", wrong, err)
			}
		}
	})
	use(t, reopen, func(e Engine) {
		cards, err := e.Cards(ctx)
		if err != nil || len(cards) != 3 {
			t.Errorf("a refused package left %d cards, %v", len(cards), err)
		}
		if all, err := e.Proposals(ctx, 0); err != nil || len(all) != 1 {
			t.Errorf("a refused package left %d proposals, %v", len(all), err)
		}
		if err := e.PutPackage(ctx, two); err != nil {
			t.Fatal(err)
		}
	})
	use(t, reopen, func(e Engine) {
		for from, want := range map[int][][]byte{0: {one.Roster, two.Roster}, 1: {one.Roster, two.Roster}, 2: {two.Roster}, 3: nil} {
			if got, err := e.Rosters(ctx, from, 100); err != nil || !cmp.Equal(got, want) {
				t.Errorf("rosters from %d: %d, %v", from, len(got), err)
			}
		}
		if got, err := e.Rosters(ctx, 1, 1); err != nil || !cmp.Equal(got, [][]byte{one.Roster}) {
			t.Errorf("one roster: %d, %v", len(got), err)
		}
		for _, g := range two.Grants {
			if got, err := e.Grant(ctx, g.Device); err != nil || !bytes.Equal(got, g.Sealed) {
				t.Errorf("a grant: %v", err)
			}
		}
		_, left := device(2)
		if _, err := e.Grant(ctx, left); !errors.Is(err, store.ErrNone) {
			t.Errorf("the grant of a device that left: %v", err)
		}
		cards, err := e.Cards(ctx)
		if err != nil || len(cards) != 2 {
			t.Fatalf("%d cards, %v", len(cards), err)
		}
		for _, c := range cards {
			if n := c.Generation; n == 2 || !bytes.Equal(c.Signed, sealedTo("card", n, 2000)) || !c.Device.Equal(must(device(byte(n)))) {
				t.Errorf("card %d", n)
			}
		}
		if all, err := e.Proposals(ctx, 0); err != nil || len(all) != 0 {
			t.Errorf("%d proposals after a roster, %v", len(all), err)
		}
		if got, err := e.File(ctx, "epoch-ac.age"); err != nil || !bytes.Equal(got, one.Files[1].Data) {
			t.Errorf("a package without files changed them: %v", err)
		}
	})
}

func must(pub ed25519.PublicKey, _ [32]byte) ed25519.PublicKey { return pub }

func recovery(t *testing.T, reopen func() (Engine, func() error)) {
	use(t, reopen, func(e Engine) {
		first := []wire.File{{Name: "epoch-ab.age", Data: []byte("one")}, {Name: "authority-ab.age", Data: []byte("two")}}
		if err := e.PutFiles(ctx, first); err != nil {
			t.Fatal(err)
		}
		p := packaged(1, 1)
		p.Files = []wire.File{{Name: "epoch-ab.age", Data: []byte("three")}}
		if err := e.PutPackage(ctx, p); err != nil {
			t.Fatal(err)
		}
	})
	use(t, reopen, func(e Engine) {
		if b, err := e.File(ctx, "epoch-ab.age"); err != nil || string(b) != "three" {
			t.Errorf("the new file: %q, %v", b, err)
		}
		for _, name := range []string{"authority-ab.age", "", "../gate.key"} {
			if _, err := e.File(ctx, name); !errors.Is(err, store.ErrNone) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

func cards(t *testing.T, reopen func() (Engine, func() error)) {
	pub, _ := device(1)
	use(t, reopen, func(e Engine) {
		for generation := 1; generation <= 2; generation++ {
			if err := e.PutCard(ctx, store.Card{Device: pub, Generation: generation, Signed: sealedTo("card", generation, 2000)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	use(t, reopen, func(e Engine) {
		want := []store.Card{{Device: pub, Generation: 2, Signed: sealedTo("card", 2, 2000)}}
		if got, err := e.Cards(ctx); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%d cards, %v", len(got), err)
		}
	})
}

func proposals(t *testing.T, reopen func() (Engine, func() error)) {
	proposal := func(n byte, hour int64, what string) store.Proposal {
		return store.Proposal{Text: [32]byte{n}, Hour: hour, Package: []byte(what)}
	}
	use(t, reopen, func(e Engine) {
		for n := byte(1); n <= store.MaxProposals+2; n++ {
			if err := e.PutProposal(ctx, proposal(n, int64(n), "first")); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.PutProposal(ctx, proposal(5, 5, "second")); err != nil {
			t.Fatal(err)
		}
	})
	use(t, reopen, func(e Engine) {
		want := []store.Proposal{proposal(3, 3, "first"), proposal(4, 4, "first"), proposal(5, 5, "second"), proposal(6, 6, "first")}
		if got, err := e.Proposals(ctx, 0); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%v, %v", cmp.Diff(want, got), err)
		}
		if got, err := e.Proposals(ctx, 5); err != nil || !cmp.Equal(got, want[2:]) {
			t.Errorf("since hour 5: %d, %v", len(got), err)
		}
		if err := e.DropProposal(ctx, want[1].Text); err != nil {
			t.Error(err)
		}
		if got, err := e.Proposals(ctx, 0); err != nil || !cmp.Equal(got, append(want[:1:1], want[2:]...)) {
			t.Errorf("one was dropped: %d, %v", len(got), err)
		}
	})
}

func wraps(t *testing.T, reopen func() (Engine, func() error)) {
	wrap := func(n byte, size int) wire.Wrap {
		return wire.Wrap{Name: [16]byte{n}, Sealed: sealedTo("wrap", int(n), size)}
	}
	use(t, reopen, func(e Engine) {
		err := errors.Join(
			e.PutWraps(ctx, 3, []wire.Wrap{wrap(9, 6000), wrap(1, 6000), wrap(5, 6000), wrap(0, 6000)}),
			e.PutWraps(ctx, 4, []wire.Wrap{wrap(5, 100)}),
			e.PutWraps(ctx, 2, []wire.Wrap{wrap(5, 200)}),
			e.PutWraps(ctx, 3, []wire.Wrap{wrap(5, 7000), {Name: [16]byte{1}}, {Name: [16]byte{77}}}))
		if err != nil {
			t.Fatal(err)
		}
	})
	use(t, reopen, func(e Engine) {
		want := []wire.Wrap{wrap(0, 6000), wrap(5, 7000), wrap(9, 6000)}
		if got, more, err := e.Wraps(ctx, 3, nil, 1<<20); err != nil || more || !cmp.Equal(got, want) {
			t.Errorf("epoch 3: %d, %v, %v", len(got), more, err)
		}
		got, more, err := e.Wraps(ctx, 3, nil, 10_000)
		if err != nil || !more || !cmp.Equal(got, want[:2]) {
			t.Errorf("a bite: %d, %v, %v", len(got), more, err)
		}
		if got, more, err := e.Wraps(ctx, 3, got[1].Name[:], 10_000); err != nil || more || !cmp.Equal(got, want[2:]) {
			t.Errorf("the rest: %d, %v, %v", len(got), more, err)
		}
		if err := e.DropWraps(ctx, 4); err != nil {
			t.Fatal(err)
		}
	})
	use(t, reopen, func(e Engine) {
		for epoch, want := range map[int]int{2: 0, 3: 0, 4: 1} {
			if got, _, err := e.Wraps(ctx, epoch, nil, 1<<20); err != nil || len(got) != want {
				t.Errorf("epoch %d: %d, %v", epoch, len(got), err)
			}
		}
	})
}

// aRulebook is as large as one may be.
var aRulebook = strings.Repeat("کارت آمایش\\n", wire.MaxRulebook/20)[:wire.MaxRulebook/20*20]

func words(t *testing.T, reopen func() (Engine, func() error)) {
	use(t, reopen, func(e Engine) {
		if word, err := e.Meta("intake"); word != "" || err != nil {
			t.Errorf("a word that nobody set: %q, %v", word, err)
		}
		if err := errors.Join(e.SetMeta("intake", "closed"), e.SetMeta("intake", "open"), e.SetMeta("rulebook", aRulebook)); err != nil {
			t.Fatal(err)
		}
	})
	use(t, reopen, func(e Engine) {
		if word, err := e.Meta("intake"); word != "open" || err != nil {
			t.Errorf("%q, %v", word, err)
		}
		if book, err := e.Meta("rulebook"); book != aRulebook || err != nil {
			t.Errorf("a rulebook of %d bytes came back with %d, %v", len(aRulebook), len(book), err)
		}
	})
}
