package council

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// offered makes first propose a mere new epoch, after change has been at the package, and says what became of it once second has looked.
func offered(t *testing.T, w *town, first, second *seat, change func(*wire.Package, roster.Grant, note.Signer)) (begun bool) {
	t.Helper()
	ctx := t.Context()
	v, err := first.follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.plan(v, Change{Epoch: true}); err != nil {
		t.Fatal(err)
	}
	s, m, err := first.look()
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := first.pack(ctx, &s, m.Plan, v)
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := first.keys.KeeperSigner()
	change(&pkg, first.grantOf(s, m.Plan), signer)
	if _, err := first.c.Line.PostRoster(ctx, pkg); err != nil {
		t.Fatal(err)
	}
	w.round(second)
	return second.keys.Epoch() > v.now.Epoch
}

// twoOfTwoWithSheets is twoOfTwo, with sheets in force.
func twoOfTwoWithSheets(t *testing.T) (w *town, first, second, third *seat) {
	t.Helper()
	w, first = newTown(t)
	second = w.join(first, "second", roster.RoleKeeper)
	third = w.join(first, "third", roster.RoleCaseworker)
	_, sh := w.sheets(first, 2)
	if waits, err := first.Carry(t.Context(), Change{Sheets: sh}); err != nil || waits {
		t.Fatal(waits, err)
	}
	w.round(first, second, third)
	if waits, err := first.Carry(t.Context(), Change{Threshold: 2}); err != nil || waits {
		t.Fatal(waits, err)
	}
	w.round(first, second, third)
	return w, first, second, third
}

// What one keeper seals to a desk no other keeper sees. Custodians of that keeper's own making would get every later epoch, and the keys of locked cases.
func TestOneKeeperMakesNoCustodians(t *testing.T) {
	w, first, second, third := twoOfTwoWithSheets(t)
	_, evil, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	want := third.keys.State().Custodians
	begun := offered(t, w, first, second, func(p *wire.Package, g roster.Grant, by note.Signer) {
		i := slices.IndexFunc(p.Grants, func(a wire.Addressed) bool { return a.Device == third.me })
		g.To, g.Custodians.Identity, g.Custodians.Recipients = third.me, evil, []string{evil, evil, evil}
		to := third.keys.DeviceIdentity(third.keys.State().Generation).Recipient()
		if p.Grants[i].Sealed, err = roster.SealGrant(g, by, to); err != nil {
			t.Fatal(err)
		}
	})
	if !begun {
		t.Fatal("the epoch did not begin: this test shows nothing")
	}
	w.round(third)
	got := third.keys.State()
	if got.Epochs[2] == nil {
		t.Fatal("the grant was not taken: this test shows nothing")
	}
	if got.Custodians.Identity != want.Identity || !slices.Equal(got.Custodians.Recipients, want.Recipients) {
		t.Error("one keeper's word made other custodians, although the roster's recovery keepers are the same")
	}
	// New sheets, which both sign for, are taken.
	w.round(first, second, third)
	b, sh := w.sheets(first, 2)
	if waits, err := first.Carry(t.Context(), Change{Sheets: sh}); err != nil || !waits {
		t.Fatal(waits, err)
	}
	w.round(second)
	_, list := second.Seen()
	if len(list) != 1 {
		t.Fatalf("%d proposals", len(list))
	}
	if err := second.Cosign(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.round(first, second, third)
	if got := third.keys.State().Custodians; got.Identity != b.Identity.Recipient().String() {
		t.Error("the new sheets are not known")
	}
}

// A new epoch that brings other files for the custodians would take away the way back of all: a human looks at it.
func TestRecoveryFilesAreNotSmuggledInWithAnEpoch(t *testing.T) {
	for what, change := range map[string]func(*wire.Package){
		"other authority files": func(p *wire.Package) {
			for i, f := range p.Files {
				if strings.HasPrefix(f.Name, "authority-") {
					p.Files[i].Data = p.Grants[0].Sealed
				}
			}
		},
		"one file less": func(p *wire.Package) { p.Files = p.Files[1:] },
		"no files":      func(p *wire.Package) { p.Files = nil },
	} {
		t.Run(what, func(t *testing.T) {
			w, first, second, _ := twoOfTwoWithSheets(t)
			if offered(t, w, first, second, func(p *wire.Package, _ roster.Grant, _ note.Signer) { change(p) }) {
				t.Error("the desk signed by itself")
			}
			if waits := len(second.seen.proposals); waits != 1 {
				t.Errorf("%d proposals wait for a human", waits)
			}
		})
	}
}

// A keeper's desk that the gate keeps its grant from does not know who is who any more. What it says next must not bring old roles and custodians back.
func TestKeeperWithoutItsGrantChangesNothing(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleKeeper)
	third := w.join(first, "third", roster.RoleSpecialist)
	w.round(first, second, third)
	w.lie(second, func(n *wire.KeyNews) { n.Grant = nil })
	if waits, err := first.Carry(t.Context(), Change{Role: map[roster.DeviceHash]roster.Role{third.me: roster.RoleReader}}); err != nil || waits {
		t.Fatal(waits, err)
	}
	if _, err := second.Roll(t.Context(), 1); !errors.Is(err, ErrWithheld) {
		t.Errorf("%v, want ErrWithheld", err)
	}
	w.at.pass(EpochTime + 24*turnTime)
	if err := second.Round(t.Context()); err != nil {
		t.Error(err)
	}
	if e := second.keys.Epoch(); e != 1 {
		t.Errorf("it began epoch %d by itself", e)
	}
	w.lie(second, nil)
	w.round(second, first, third)
	w.agree(first, second, third)
	if got := third.keys.Role(); got != roster.RoleReader {
		t.Errorf("third is a %s again", got)
	}
}

// A keeper who was made a caseworker knows the epoch's key still. With the gate's help it must not tell other desks who is who in the roster that took its office.
func TestFormerKeeperGrantsNothing(t *testing.T) {
	w, first := newTown(t)
	second := w.join(first, "second", roster.RoleKeeper)
	third := w.join(first, "third", roster.RoleCaseworker)
	w.round(first, second, third)
	former, _ := second.keys.KeeperSigner()
	if waits, err := first.Carry(t.Context(), Change{Role: map[roster.DeviceHash]roster.Role{second.me: roster.RoleCaseworker}}); err != nil || waits {
		t.Fatal(waits, err)
	}
	now := first.keys.Newest()
	s := first.keys.State()
	g := first.grantOf(s, &plan{Serial: now.Serial, Epoch: now.Epoch, Text: now.TextHash(), Members: slices.Clone(s.Members), Custodians: s.Custodians})
	g.To = third.me
	for i := range g.Members {
		g.Members[i].Role = roster.RoleSpecialist
	}
	sealed, err := roster.SealGrant(g, former, third.keys.DeviceIdentity(third.keys.State().Generation).Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w.lie(third, func(n *wire.KeyNews) { n.Grant = sealed })
	if err := third.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if third.keys.Role() == roster.RoleSpecialist {
		t.Error("a grant of somebody who is a keeper no more was taken")
	}
	if third.findings(casedb.AlarmGrant) == 0 {
		t.Error("the real grant is missing and nobody hears of it")
	}
	w.lie(third, nil)
	w.round(third, second, first)
	w.agree(first, second, third)
}
