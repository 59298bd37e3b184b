package organisation_test

import (
	"bytes"
	"testing"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/organisation"
	"panah/gate/internal/store"
	"panah/internal/testkit"
)

// TestLastSignerBringsNoGrants: the keeper whose signature is the last that was needed has read what the others signed, and may not put other grants and recovery files
// in their place.
func TestLastSignerBringsNoGrants(t *testing.T) {
	c := testkit.NewCouncil(t, 2, 2, 2)
	s := found(t, c)
	r := c.Without(t, 1)
	file := func(what string) []wire.File {
		return []wire.File{{Name: "authority-ab.age", Data: testkit.SealedFor(t, what)}}
	}
	first := wire.Package{Roster: c.Sign(t, r, c.Keepers[0]), Grants: grants(t, r), Files: file("the custodians'")}
	if got, err := s.offer(t, first); err != nil || got != organisation.Proposed {
		t.Fatal(got, err)
	}
	both, err := roster.Cosign(first.Roster, c.Keepers[1])
	if err != nil {
		t.Fatal(err)
	}
	other := wire.Package{Roster: both, Grants: grants(t, r), Files: file("nobody's")}
	if got, err := s.offer(t, other); err != nil || got != organisation.Accepted {
		t.Fatal(got, err)
	}
	if signed, _, _ := s.Roster(); !bytes.Equal(signed, both) {
		t.Error("another roster is in force than the one that both signed")
	}
	news, err := s.News(t.Context(), c.Public(0), 2)
	if err != nil || !bytes.Equal(news.Grant, grantOf(first, c.Public(0))) {
		t.Errorf("the grant is the last signer's, %v", err)
	}
	if b, err := s.File(t.Context(), "authority-ab.age"); err != nil || !bytes.Equal(b, first.Files[0].Data) {
		t.Errorf("the recovery file is the last signer's, %v", err)
	}
}

// TestOneKeeperCannotCrowdOutOthers: whoever is about to be removed must not be able to push the proposal that says so off the shelf.
func TestOneKeeperCannotCrowdOutOthers(t *testing.T) {
	c := testkit.NewCouncil(t, 3, 2, 3)
	s := found(t, c)
	offer := func(by int, r roster.Roster) [32]byte {
		t.Helper()
		if got, err := s.offer(t, wire.Package{Roster: c.Sign(t, r, c.Keepers[by]), Grants: grants(t, r)}); err != nil || got != organisation.Proposed {
			t.Fatal(got, err)
		}
		return r.TextHash()
	}
	removal := offer(0, c.Without(t, 2))
	others := offer(1, c.Without(t, 1))
	var last [32]byte
	for range 3 * store.MaxProposals {
		last = offer(2, c.Without(t, 0))
	}
	all, err := s.Proposals(t.Context())
	if err != nil || len(all) != store.MaxProposals {
		t.Fatalf("%d proposals, %v", len(all), err)
	}
	waiting := map[[32]byte]bool{}
	for _, b := range all {
		p, err := wire.ParsePackage(b)
		if err != nil {
			t.Fatal(err)
		}
		r, err := roster.Reopen(p.Roster)
		if err != nil {
			t.Fatal(err)
		}
		waiting[r.TextHash()] = true
	}
	for what, text := range map[string][32]byte{"the removal": removal, "the second keeper's": others, "the newest": last} {
		if !waiting[text] {
			t.Errorf("%s is gone", what)
		}
	}
}
