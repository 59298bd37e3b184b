package organisation_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/organisation"
	"panah/gate/internal/store"
	"panah/gate/internal/store/sqlite"
	"panah/internal/testkit"
)

// A shelf is an organisation over a real store.
type shelf struct {
	*organisation.Organisation
	db  *sqlite.DB
	dir string
	now time.Time
}

// open opens the store in dir.
func open(t *testing.T, dir string) *shelf {
	t.Helper()
	db, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{db: db, dir: dir, now: time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)}
	t.Cleanup(func() { _ = db.Close() }) // a test may have closed it
	if s.Organisation, err = organisation.Open(t.Context(), db, func() time.Time { return s.now }); err != nil {
		t.Fatal(err)
	}
	return s
}

// found opens a new store with the founding roster of c.
func found(t *testing.T, c *testkit.Council) *shelf {
	t.Helper()
	s := open(t, t.TempDir())
	if first, err := s.Follow(t.Context(), c.Chain[0], true); err != nil || !first {
		t.Fatalf("founding: %v, %v", first, err)
	}
	return s
}

// reopen closes the store and opens it again.
func (s *shelf) reopen(t *testing.T) *shelf {
	t.Helper()
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, s.dir)
	again.now = s.now
	return again
}

// grants makes one sealed grant for each device of r.
func grants(t *testing.T, r roster.Roster) (all []wire.Addressed) {
	t.Helper()
	for _, d := range r.Devices {
		all = append(all, wire.Addressed{Device: d, Sealed: testkit.SealedFor(t, "a grant")})
	}
	return all
}

func (s *shelf) offer(t *testing.T, p wire.Package) (organisation.Outcome, error) {
	t.Helper()
	return s.Offer(t.Context(), p)
}

// TestChainGrows takes rosters as their keepers sign them, and keeps them over a restart.
func TestChainGrows(t *testing.T) {
	c := testkit.NewCouncil(t, 3, 2, 3)
	s := found(t, c)
	r := c.Without(t, 1)
	p := wire.Package{Roster: c.Sign(t, r, c.Keepers[0], c.Keepers[2]), Grants: grants(t, r), Files: []wire.File{{Name: "epoch-ab.age", Data: testkit.SealedFor(t, "file")}}}
	before, next := s.Changed()
	if got, err := s.offer(t, p); err != nil || got != organisation.Accepted {
		t.Fatalf("the next roster: %v, %v", got, err)
	}
	select {
	case <-next:
	default:
		t.Error("nobody was told")
	}
	if after, _ := s.Changed(); after == before {
		t.Error("the number of changes did not change")
	}
	if got, err := s.offer(t, p); err != nil || got != organisation.Already {
		t.Errorf("the same again: %v, %v", got, err)
	}
	c.Accept(p.Roster, r)
	s = s.reopen(t)
	if signed, now, ok := s.Roster(); !ok || now.Serial != 2 || !bytes.Equal(signed, p.Roster) {
		t.Errorf("after a restart: roster %d", now.Serial)
	}
	if chain, err := s.Chain(t.Context(), 1); err != nil || !cmp.Equal(chain, c.Chain) {
		t.Errorf("a chain of %d, %v", len(chain), err)
	}
	news, err := s.News(t.Context(), c.Public(0), 2)
	if err != nil || len(news.Rosters) != 1 || !bytes.Equal(news.Grant, grantOf(p, c.Public(0))) || !news.Intake {
		t.Errorf("news: %d rosters, %v", len(news.Rosters), err)
	}
	if gone, err := s.News(t.Context(), c.Public(1), 1); err != nil || gone.Grant != nil {
		t.Errorf("a desk that left has a grant, %v", err)
	}
	if b, err := s.File(t.Context(), "epoch-ab.age"); err != nil || !bytes.Equal(b, p.Files[0].Data) {
		t.Errorf("the recovery file: %v", err)
	}
}

func grantOf(p wire.Package, device ed25519.PublicKey) []byte {
	for _, g := range p.Grants {
		if g.Device == roster.HashDevice(device) {
			return g.Sealed
		}
	}
	return nil
}

// TestRefusals: what keepers did not sign, what does not follow, and packages that do not fit their roster leave everything as it is.
func TestRefusals(t *testing.T) {
	c, other := testkit.NewCouncil(t, 2, 1, 2), testkit.NewCouncil(t, 2, 1, 2)
	s := found(t, c)
	r := c.Next(func(r *roster.Roster) { r.Devices = append(r.Devices, roster.HashDevice(c.NewDesk(t))) })
	good := c.Sign(t, r, c.Keepers[0])
	stranger := roster.HashDevice(other.Public(0))
	swapped := c.Next(func(r *roster.Roster) { r.Recipient = other.Roster.Recipient })
	farther := r
	farther.Serial = 9
	broken := bytes.Clone(good)
	broken[len(broken)-5] ^= 1
	for name, q := range map[string]struct {
		p    wire.Package
		want error
	}{
		"nothing":                           {wire.Package{}, organisation.ErrShape},
		"not a roster":                      {wire.Package{Roster: []byte("panah.roster/v1\n\n— x y\n")}, organisation.ErrShape},
		"another organisation's":            {wire.Package{Roster: other.Chain[0]}, organisation.ErrFollow},
		"another serial":                    {wire.Package{Roster: c.Sign(t, farther, c.Keepers[0])}, organisation.ErrFollow},
		"signed by strangers":               {wire.Package{Roster: other.Sign(t, r, other.Keepers[0])}, organisation.ErrShape},
		"a broken signature":                {wire.Package{Roster: broken}, organisation.ErrShape},
		"another recipient, the same epoch": {wire.Package{Roster: c.Sign(t, swapped, c.Keepers[0])}, organisation.ErrShape},
		"a grant for a stranger":            {wire.Package{Roster: good, Grants: []wire.Addressed{{Device: stranger, Sealed: testkit.SealedFor(t, "x")}}}, organisation.ErrShape},
		"two grants for one":                {wire.Package{Roster: good, Grants: append(grants(t, r), grants(t, r)[0])}, organisation.ErrShape},
		"a grant in the open":               {wire.Package{Roster: good, Grants: []wire.Addressed{{Device: r.Devices[0], Sealed: []byte("AGE-SECRET-KEY-PQ-1")}}}, organisation.ErrShape},
		"a recovery file in the open":       {wire.Package{Roster: good, Files: []wire.File{{Name: "epoch-ab.age", Data: []byte("AGE-SECRET-KEY-PQ-1")}}}, organisation.ErrShape},
	} {
		if got, err := s.offer(t, q.p); !errors.Is(err, q.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, now, _ := s.Roster(); now.Serial != 1 {
		t.Fatalf("roster %d is in force", now.Serial)
	}
	if got, err := s.offer(t, wire.Package{Roster: good}); err != nil || got != organisation.Accepted {
		t.Fatalf("the good one: %v, %v", got, err)
	}
	// A rollback: the roster before, which was in force, is one no more.
	if got, err := s.offer(t, wire.Package{Roster: c.Chain[0]}); !errors.Is(err, organisation.ErrFollow) {
		t.Errorf("a rollback: %v, %v", got, err)
	}
	// A fork: another second roster, as well signed.
	fork := c.Sign(t, c.Without(t, 0), c.Keepers[1])
	if got, err := s.offer(t, wire.Package{Roster: fork}); !errors.Is(err, organisation.ErrFollow) {
		t.Errorf("a fork: %v, %v", got, err)
	}
	// Grants of the roster in force are nobody's to change: whoever reads it could send it again with others.
	if got, err := s.offer(t, wire.Package{Roster: good, Grants: grants(t, r)}); err != nil || got != organisation.Already {
		t.Errorf("the same with grants: %v, %v", got, err)
	}
	if news, err := s.News(t.Context(), c.Public(0), 1); err != nil || news.Grant != nil {
		t.Errorf("a grant came in with a roster that was there, %v", err)
	}
}

// TestProposals: signatures of several keepers add up, from whoever sends them, and nobody changes what was proposed.
func TestProposals(t *testing.T) {
	c := testkit.NewCouncil(t, 4, 3, 3)
	s := found(t, c)
	r := c.Without(t, 2)
	first := wire.Package{Roster: c.Sign(t, r, c.Keepers[0]), Grants: grants(t, r)}
	offer := func(p wire.Package, want organisation.Outcome) {
		t.Helper()
		if got, err := s.offer(t, p); err != nil || got != want {
			t.Fatalf("%v, %v, want %v", got, err, want)
		}
	}
	offer(first, organisation.Proposed)
	offer(first, organisation.Proposed)
	// Who has seen it sends it with other grants: they are not taken.
	offer(wire.Package{Roster: first.Roster, Grants: grants(t, r)}, organisation.Proposed)
	s = s.reopen(t)
	waiting := func() wire.Package {
		t.Helper()
		all, err := s.Proposals(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatalf("%d proposals, %v", len(all), err)
		}
		p, err := wire.ParsePackage(all[0])
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if got := waiting(); !cmp.Equal(got, first) {
		t.Error("the proposal is another one")
	}
	// Nor with as many signatures of strangers as a note may have, so that no keeper's would fit.
	full := first.Roster
	for range 99 {
		skey, _, err := note.GenerateKey(nil, "stranger")
		if err != nil {
			t.Fatal(err)
		}
		stranger, err := note.NewSigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		if full, err = roster.Cosign(full, stranger); err != nil {
			t.Fatal(err)
		}
	}
	offer(wire.Package{Roster: full}, organisation.Proposed)
	if got := waiting(); !bytes.Equal(got.Roster, first.Roster) {
		t.Error("strangers' signatures are kept")
	}
	// Two keepers sign at the same time, each only seeing the first's.
	second, err := roster.Cosign(first.Roster, c.Keepers[1])
	if err != nil {
		t.Fatal(err)
	}
	third, err := roster.Cosign(first.Roster, c.Keepers[2])
	if err != nil {
		t.Fatal(err)
	}
	offer(wire.Package{Roster: second}, organisation.Proposed)
	if got := waiting(); !bytes.Equal(got.Roster, second) || !cmp.Equal(got.Grants, first.Grants) {
		t.Error("the second signature is lost, or the grants are")
	}
	offer(wire.Package{Roster: third}, organisation.Accepted)
	signed, now, _ := s.Roster()
	if now.Serial != 2 {
		t.Fatalf("roster %d", now.Serial)
	}
	if _, err := roster.OpenChain([][]byte{c.Chain[0], signed}, c.Roster.Org); err != nil {
		t.Errorf("the merged roster does not follow: %v", err)
	}
	if news, err := s.News(t.Context(), c.Public(0), 2); err != nil || !bytes.Equal(news.Grant, grantOf(first, c.Public(0))) || len(news.Proposals) != 0 {
		t.Errorf("the grant is not the first's, or %d proposals are left, %v", len(news.Proposals), err)
	}
}

// TestProposalsEnd after a week.
func TestProposalsEnd(t *testing.T) {
	c := testkit.NewCouncil(t, 2, 2, 2)
	s := found(t, c)
	p := wire.Package{Roster: c.Sign(t, c.Without(t, 1), c.Keepers[0])}
	if got, err := s.offer(t, p); err != nil || got != organisation.Proposed {
		t.Fatalf("%v, %v", got, err)
	}
	for after, want := range map[time.Duration]int{6 * 24 * time.Hour: 1, 7*24*time.Hour + time.Hour: 0} {
		at := s.now
		s.now = at.Add(after)
		if all, err := s.Proposals(t.Context()); err != nil || len(all) != want {
			t.Errorf("after %v: %d, %v", after, len(all), err)
		}
		s.now = at
	}
	s.now = s.now.Add(7*24*time.Hour + time.Hour)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(-8 * 24 * time.Hour)
	if all, err := s.Proposals(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after the sweep %d are left, %v", len(all), err)
	}
}

// TestLargeProposals: what waits is sent to every desk again and again.
func TestLargeProposals(t *testing.T) {
	c := testkit.NewCouncil(t, 2, 2, 7)
	s := found(t, c)
	p := wire.Package{Roster: c.Sign(t, c.Without(t, 1), c.Keepers[0])}
	sealed := testkit.SealedFor(t, strings.Repeat("x", 500<<10))
	for i := range c.Desks {
		if i != 1 {
			p.Grants = append(p.Grants, wire.Addressed{Device: roster.HashDevice(c.Public(i)), Sealed: sealed})
		}
	}
	if got, err := s.offer(t, p); !errors.Is(err, organisation.ErrShape) {
		t.Errorf("a proposal of %d bytes: %v, %v", len(p.Bytes()), got, err)
	}
	p.Roster = c.Sign(t, c.Without(t, 1), c.Keepers...)
	if got, err := s.offer(t, p); err != nil || got != organisation.Accepted {
		t.Errorf("the same with enough signatures: %v, %v", got, err)
	}
}

// TestCards: a device's own, each of a higher generation, and none of a device that left.
func TestCards(t *testing.T) {
	c, other := testkit.NewCouncil(t, 1, 1, 2), testkit.NewCouncil(t, 1, 1, 1)
	s := found(t, c)
	card := func(org string, generation, desk int, by *testkit.Council) []byte {
		t.Helper()
		signed, err := roster.SignCard(org, generation, by.Roster.Recipient, by.Desks[desk])
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	org := c.Roster.Org
	two := card(org, 2, 0, c)
	for _, q := range []struct {
		name   string
		device ed25519.PublicKey
		card   []byte
		first  bool
		want   error
	}{
		{"its own", c.Public(0), two, true, nil},
		{"the same", c.Public(0), two, false, nil},
		{"earlier", c.Public(0), card(org, 1, 0, c), false, organisation.ErrCard},
		{"later", c.Public(0), card(org, 3, 0, c), true, nil},
		{"another device's", c.Public(1), two, false, organisation.ErrShape},
		{"another organisation", c.Public(1), card(other.Roster.Org, 1, 1, c), false, organisation.ErrShape},
		{"a stranger's", other.Public(0), card(org, 1, 0, other), false, organisation.ErrLeft},
		{"not a card", c.Public(1), []byte("card"), false, organisation.ErrShape},
	} {
		if first, err := s.PutCard(t.Context(), q.device, q.card); first != q.first || !errors.Is(err, q.want) {
			t.Errorf("%s: %v, %v", q.name, first, err)
		}
	}
	if news, err := s.News(t.Context(), c.Public(1), 1); err != nil || len(news.Cards) != 1 {
		t.Fatalf("%d cards, %v", len(news.Cards), err)
	}
	r := c.Without(t, 0)
	if _, err := s.offer(t, wire.Package{Roster: c.Sign(t, r, c.Keepers[0])}); err != nil {
		t.Fatal(err)
	}
	if news, err := s.News(t.Context(), c.Public(1), 1); err != nil || len(news.Cards) != 0 {
		t.Errorf("%d cards after the device left, %v", len(news.Cards), err)
	}
	if _, err := s.PutCard(t.Context(), c.Public(0), card(org, 9, 0, c)); !errors.Is(err, organisation.ErrLeft) {
		t.Errorf("a card of a device that left: %v", err)
	}
}

// TestWraps: of epochs that there are, and letters only.
func TestWraps(t *testing.T) {
	c := testkit.NewCouncil(t, 1, 1, 1)
	s := found(t, c)
	o := testkit.NewOrganisation(t)
	l := o.Letters(t, 2)
	wrap := wire.Wrap{Name: [16]byte{1}, Sealed: l[0]}
	for epoch, want := range map[int]error{0: organisation.ErrEpoch, 1: nil, 2: nil, 3: organisation.ErrEpoch} {
		if err := s.PutWraps(t.Context(), epoch, []wire.Wrap{wrap}); !errors.Is(err, want) {
			t.Errorf("epoch %d: %v", epoch, err)
		}
	}
	if err := s.PutWraps(t.Context(), 1, []wire.Wrap{{Sealed: []byte("not sealed")}}); !errors.Is(err, organisation.ErrShape) {
		t.Errorf("not a letter: %v", err)
	}
	if err := s.PutWraps(t.Context(), 1, make([]wire.Wrap, wire.MaxWraps+1)); !errors.Is(err, organisation.ErrShape) {
		t.Errorf("too many: %v", err)
	}
	// What the current epoch's wraps hold is open: they cannot be dropped before the next begins.
	if err := s.DropWraps(t.Context(), 2); !errors.Is(err, organisation.ErrEpoch) {
		t.Errorf("dropping the epoch in force: %v", err)
	}
	if _, err := s.offer(t, wire.Package{Roster: c.Sign(t, c.Next(func(r *roster.Roster) { r.Epoch++; r.Recipient = c.NewEpoch(t) }), c.Keepers[0])}); err != nil {
		t.Fatal(err)
	}
	if err := s.DropWraps(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for epoch, want := range map[int]int{1: 0, 2: 1} {
		if got, more, err := s.Wraps(t.Context(), epoch, nil); err != nil || more || len(got) != want {
			t.Errorf("epoch %d: %d wraps, %v", epoch, len(got), err)
		}
	}
}

// TestTaking: what was said about intake is kept, and what is configured does not undo it.
func TestTaking(t *testing.T) {
	c := testkit.NewCouncil(t, 1, 1, 1)
	s := open(t, t.TempDir())
	if s.Taking() {
		t.Error("letters are taken for nobody")
	}
	if _, err := s.Follow(t.Context(), c.Chain[0], false); err != nil {
		t.Fatal(err)
	}
	if s.Taking() {
		t.Error("intake is open at once")
	}
	if err := s.SetTaking(true); err != nil {
		t.Fatal(err)
	}
	if s = s.reopen(t); !s.Taking() {
		t.Error("intake is closed after a restart")
	}
	if err := s.SetTaking(false); err != nil {
		t.Fatal(err)
	}
	s = s.reopen(t)
	if first, err := s.Follow(t.Context(), c.Chain[0], true); first || err != nil || s.Taking() {
		t.Errorf("a configured roster opened what a desk had closed: %v, %v", first, err)
	}
}

// TestNoChainIsTrusted: a store whose roster somebody changed is not opened.
func TestNoChainIsTrusted(t *testing.T) {
	c, other := testkit.NewCouncil(t, 1, 1, 1), testkit.NewCouncil(t, 1, 1, 1)
	s := found(t, c)
	// Written past the checks, as whoever holds the disk can.
	if err := s.db.PutPackage(t.Context(), store.Package{Serial: 2, Roster: other.Chain[0]}); err != nil {
		t.Fatal(err)
	}
	if _, err := organisation.Open(t.Context(), s.db, time.Now); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("a chain of two organisations is opened: %v", err)
	}
}

// FuzzOffer offers packages of any form: none may panic, and none is accepted but the one that keepers signed.
func FuzzOffer(f *testing.F) {
	c := testkit.NewCouncil(f, 1, 1, 2)
	db, err := sqlite.Open(f.TempDir(), sqlite.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	s, err := organisation.Open(f.Context(), db, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := s.Follow(f.Context(), c.Chain[0], true); err != nil {
		f.Fatal(err)
	}
	r := c.Without(f, 0)
	signed := c.Sign(f, r, c.Keepers[0])
	unsealed := wire.Package{Roster: signed, Grants: []wire.Addressed{{Device: r.Devices[0], Sealed: []byte("in the open")}}}
	f.Add(unsealed.Bytes())
	f.Add(wire.Package{Roster: c.Chain[0]}.Bytes())
	f.Add([]byte{wire.FrameRoster, 0, 0, 0, 0, wire.FrameEnd, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := wire.ParsePackage(b)
		if err != nil {
			return
		}
		if got, err := s.Offer(t.Context(), p); err == nil && got == organisation.Accepted && !bytes.HasPrefix(p.Roster, []byte(r.Text())) {
			t.Fatal("a roster that no keeper signed is in force")
		}
	})
}
