package council

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// A Proposal is a change of the roster that too few keepers have signed yet.
type Proposal struct {
	ID             string // 16 hex digits of the roster's text hash
	Added, Removed []roster.Member
	NewEpoch       bool
	Threshold      bool // it changes how many keepers must sign
	Keepers        bool // it changes who they are
	Signed, Needed int
	Ours           bool // this desk has signed it
}

// proposed is a proposal as the gate keeps it, checked.
type proposed struct {
	wire.Package
	roster     roster.Roster
	signatures int
}

func idOf(text [32]byte) string { return hex.EncodeToString(text[:8]) }

// proposals reads those of the gate's that follow the newest roster and that a keeper has signed.
func proposals(v view) (out []proposed) {
	for _, b := range v.news.Proposals {
		p, err := wire.ParsePackage(b)
		if err != nil {
			continue // nobody signed it
		}
		r, n, err := roster.OpenProposal(p.Roster, v.signed, v.now)
		if err == nil {
			out = append(out, proposed{p, r, n})
		}
	}
	return out
}

func proposalOf(v view, text [32]byte) *proposed {
	for _, p := range proposals(v) {
		if p.roster.TextHash() == text {
			return &p
		}
	}
	return nil
}

// describe says what the proposals would change, as far as this desk can tell from the rosters and its own grant in them.
func (c *Council) describe(v view) (out []Proposal) {
	s, _, err := c.look()
	if err != nil {
		return nil
	}
	for _, p := range proposals(v) {
		d := Proposal{
			ID: idOf(p.roster.TextHash()), NewEpoch: p.roster.Epoch != v.now.Epoch, Threshold: p.roster.Threshold != v.now.Threshold,
			Keepers: !slices.Equal(p.roster.Keepers, v.now.Keepers), Signed: p.signatures, Needed: v.now.Threshold, Ours: c.signed(p),
		}
		var coming []roster.Member
		if g, err := c.grantIn(&s, p, v); err == nil {
			coming = g.Members
		}
		d.Added = membersOf(p.roster.Devices, v.now.Devices, coming)
		d.Removed = membersOf(v.now.Devices, p.roster.Devices, s.Members)
		out = append(out, d)
	}
	return out
}

// membersOf are the devices of a that are not in b; those that members do not name have a hash only, which is all that is known.
func membersOf(a, b []roster.DeviceHash, members []roster.Member) (out []roster.Member) {
	for _, hash := range a {
		if slices.Contains(b, hash) {
			continue
		}
		m, ok := memberOf(members, hash)
		if !ok {
			m = roster.Member{Name: hex.EncodeToString(hash[:8])}
		}
		out = append(out, m)
	}
	return out
}

// signed reports whether this desk's keeper has signed.
func (c *Council) signed(p proposed) bool {
	signer, ok := c.c.Keys.KeeperSigner()
	if !ok {
		return false
	}
	with, err := roster.Cosign(p.Roster, signer)
	sorted, err2 := roster.Merge(p.Roster, p.Roster)
	return err == nil && err2 == nil && bytes.Equal(with, sorted)
}

// grantIn opens this desk's own grant in a proposal.
func (c *Council) grantIn(s *keyring.State, p proposed, v view) (roster.Grant, error) {
	for _, a := range p.Grants {
		if a.Device != c.me {
			continue
		}
		as := v
		as.news.Grant = a.Sealed
		as.link = link{signed: p.Roster, now: p.roster, before: &v.now}
		g, _, err := c.openGrant(s, as)
		return g, err
	}
	return roster.Grant{}, roster.ErrGrant
}

// cosignRolls signs proposals that do nothing but begin an epoch: same desks, keepers, roles, threshold, custodians and gate, and a key that this desk was granted.
func (c *Council) cosignRolls(ctx context.Context, v view) error {
	if !v.fits {
		return nil
	}
	s, _, err := c.look()
	if err != nil {
		return err
	}
	for _, p := range proposals(v) {
		if c.signed(p) || !onlyRolls(p.roster, v.now) {
			continue
		}
		if g, err := c.grantIn(&s, p, v); err != nil || !sameOffice(g, s) {
			continue // for a human to look at
		}
		if same, err := c.sameWayBack(ctx, p, s.Custodians); err != nil {
			return err
		} else if !same {
			continue
		}
		return c.cosign(ctx, p)
	}
	return nil
}

// onlyRolls reports whether next differs from now in serial, epoch and key alone.
func onlyRolls(next, now roster.Roster) bool {
	return next.Epoch == now.Epoch+1 && next.Name == now.Name && next.Threshold == now.Threshold &&
		slices.Equal(next.Keepers, now.Keepers) && slices.Equal(next.Devices, now.Devices)
}

// sameOffice reports whether a grant says of members, custodians and gate what is said now.
func sameOffice(g roster.Grant, s keyring.State) bool {
	plain := func(in []roster.Member) []roster.Member {
		out := slices.Clone(in)
		for i := range out {
			out[i].Generation, out[i].Since = 0, out[i].Since.UTC()
		}
		return out
	}
	return reflect.DeepEqual(plain(g.Members), plain(s.Members)) && g.Gate == s.Gate &&
		g.Custodians.Needed == s.Custodians.Needed && g.Custodians.Identity == s.Custodians.Identity &&
		slices.Equal(g.Custodians.Recipients, s.Custodians.Recipients)
}

// sameWayBack reports whether a proposal for a new epoch keeps the custodians' files: those of the authority as they are at the gate, and one more of each for the epoch. What those of the epoch
// hold, only custodians can tell.
func (c *Council) sameWayBack(ctx context.Context, p proposed, of roster.Custodians) (bool, error) {
	if of.Needed == 0 {
		return len(p.Files) == 0, nil
	}
	data := map[string][]byte{}
	for _, f := range p.Files {
		data[f.Name] = f.Data
	}
	for _, name := range recovery.Names(recovery.KindEpoch, of.Needed, len(of.Recipients)) {
		if len(data[name]) == 0 {
			return false, nil
		}
		delete(data, name)
	}
	for _, name := range recovery.Names(recovery.KindAuthority, of.Needed, len(of.Recipients)) {
		have, err := c.c.Line.Recovery(ctx, name)
		if err != nil && !errors.Is(err, line.ErrNoFile) {
			return false, fmt.Errorf("comparing the recovery files of a proposal: %w", err)
		}
		if !bytes.Equal(have, data[name]) {
			return false, nil
		}
		delete(data, name)
	}
	return len(data) == 0, nil
}

// Cosign adds this keeper's signature to a proposal, after a human looked at it. When it is the last that was needed, the change comes into force. The error wraps
// ErrKeeper, ErrNoDesk, ErrProposal, ErrConflict, or what Round returns.
func (c *Council) Cosign(ctx context.Context, id string) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	v, err := c.keepersView(ctx)
	if err != nil {
		return err
	}
	s, _, err := c.look()
	if err != nil {
		return err
	}
	for _, p := range proposals(v) {
		if idOf(p.roster.TextHash()) != id {
			continue
		}
		if slices.Contains(p.roster.Devices, c.me) {
			if _, err := c.grantIn(&s, p, v); err != nil {
				return ErrProposal
			}
		}
		if c.signed(p) {
			return nil
		}
		return c.cosign(ctx, p)
	}
	return ErrNoDesk
}

// cosign sends the whole package with one signature more.
func (c *Council) cosign(ctx context.Context, p proposed) error {
	signer, ok := c.c.Keys.KeeperSigner()
	if !ok {
		return ErrKeeper
	}
	signed, err := roster.Cosign(p.Roster, signer)
	if err != nil {
		return err
	}
	p.Roster = signed
	posted, err := c.c.Line.PostRoster(ctx, p.Package)
	if errors.Is(err, line.ErrRoster) {
		return ErrConflict
	}
	if err != nil || posted == line.PostedProposal {
		return err
	}
	_, err = c.settle(ctx)
	return err
}

// Seen is what the last round learnt of the gate: whether intake is open, and the proposals that wait.
func (c *Council) Seen() (intake bool, waiting []Proposal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen.intake, slices.Clone(c.seen.proposals)
}

// Waits reports whether a change of this desk's is under way: drawn, and not in force yet.
func (c *Council) Waits() bool {
	_, m, err := c.look()
	return err == nil && m.Plan != nil
}

// Wrapped is the newest epoch whose wraps are complete, as far as this desk knows.
func (c *Council) Wrapped() int {
	_, m, err := c.look()
	if err != nil {
		return 0
	}
	return m.Wrapped
}
