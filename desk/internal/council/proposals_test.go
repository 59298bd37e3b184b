package council

import (
	"errors"
	"net/http"
	"testing"

	"panah/core/roster"
	"panah/core/wire"
)

// twoOfTwo is an organisation whose two keepers must both sign, with a third desk.
func twoOfTwo(t *testing.T) (w *town, first, second, third *seat) {
	t.Helper()
	w, first = newTown(t)
	second = w.join(first, "second", roster.RoleKeeper)
	third = w.join(first, "third", roster.RoleCaseworker)
	w.round(first, second, third)
	if waits, err := first.Carry(t.Context(), Change{Threshold: 2}); err != nil || waits {
		t.Fatal(waits, err)
	}
	w.round(first, second, third)
	return w, first, second, third
}

// A new epoch that also changes a role looks like a pure one in the roster. The other keeper's desk leaves it to its human.
func TestRolesAreNotSmuggledInWithAnEpoch(t *testing.T) {
	w, first, second, third := twoOfTwo(t)
	waits, err := first.Carry(t.Context(), Change{Epoch: true, Role: map[roster.DeviceHash]roster.Role{third.me: roster.RoleReader}})
	if err != nil || !waits {
		t.Fatal(waits, err)
	}
	w.round(second, first)
	if e := first.keys.Epoch(); e != 1 {
		t.Fatal("the desk signed by itself")
	}
	_, list := second.Seen()
	if len(list) != 1 || list[0].Ours {
		t.Fatalf("%+v", list)
	}
	if err := second.Cosign(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.round(first, second, third)
	w.agree(first, second, third)
	if third.keys.Role() != roster.RoleReader {
		t.Errorf("third is a %s", third.keys.Role())
	}
}

// A package whose grants do not open, or hold another key than the roster's, is not signed: it would lock everybody out.
func TestProposalWithoutKeysIsNotSigned(t *testing.T) {
	w, first, second, third := twoOfTwo(t)
	if waits, err := first.Roll(t.Context(), 1); err != nil || !waits {
		t.Fatal(waits, err)
	}
	w.lie(second, func(n *wire.KeyNews) {
		for i, b := range n.Proposals {
			p, err := wire.ParsePackage(b)
			if err != nil {
				t.Error(err)
			}
			p.Grants = nil
			n.Proposals[i] = p.Bytes()
		}
	})
	w.round(second)
	if e := second.keys.Newest().Epoch; e != 1 {
		t.Fatal("signed by itself")
	}
	_, list := second.Seen()
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	if err := second.Cosign(t.Context(), list[0].ID); !errors.Is(err, ErrProposal) {
		t.Errorf("%v, want ErrProposal", err)
	}
	w.lie(second, nil)
	w.round(second, first, third)
	w.agree(first, second, third)
}

// Both keepers propose at once; each desk signs the other's epoch by itself. One wins.
func TestTwoProposalsAtOnce(t *testing.T) {
	w, first, second, third := twoOfTwo(t)
	if waits, err := first.Roll(t.Context(), 1); err != nil || !waits {
		t.Fatal(waits, err)
	}
	v, err := second.follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.plan(v, Change{Epoch: true}); err != nil {
		t.Fatal(err)
	}
	if err := second.carry(t.Context()); !errors.Is(err, errWaits) {
		t.Fatal(err)
	}
	done := make(chan error, 2)
	for _, s := range []*seat{first, second} {
		go func() { done <- s.Round(t.Context()) }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	w.round(first, second, third)
	w.agree(first, second, third)
	if e := third.keys.Epoch(); e != 2 {
		t.Errorf("epoch %d", e)
	}
}

// A change that waits gives way to another of the same keeper's. One that the gate lost, or let expire, is sent again.
func TestWaitingChanges(t *testing.T) {
	w, first, second, third := twoOfTwo(t)
	ctx := t.Context()
	if waits, err := first.Carry(ctx, Change{Role: map[roster.DeviceHash]roster.Role{third.me: roster.RoleReader}}); err != nil || !waits {
		t.Fatal(waits, err)
	}
	if waits, err := first.Carry(ctx, Change{Remove: []roster.DeviceHash{third.me}}); err != nil || !waits {
		t.Fatal(waits, err)
	}
	posts := 0
	w.road.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/roster" {
			posts++
		}
		return false
	}, nil)
	w.round(first)
	if posts != 0 {
		t.Errorf("sent %d times although it waits there", posts)
	}
	w.lie(first, func(n *wire.KeyNews) { n.Proposals = nil })
	if err := first.Round(ctx); err != nil || !first.Waits() {
		t.Fatal(err)
	}
	w.lie(first, nil)
	w.round(second)
	_, list := second.Seen()
	var id string
	for _, p := range list {
		if len(p.Removed) == 1 {
			id = p.ID
		}
	}
	if err := second.Cosign(ctx, id); err != nil {
		t.Fatal(err)
	}
	w.round(first, second)
	w.agree(first, second)
	first.noFindings()
	second.noFindings()
}
