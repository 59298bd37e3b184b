package council

import (
	"context"
	"errors"
	"fmt"

	"filippo.io/age"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// grantOf is what a plan grants, to nobody yet.
func (c *Council) grantOf(s keyring.State, p *plan) roster.Grant {
	g := roster.Grant{
		Org: s.Org, Serial: p.Serial, Text: p.Text, Epoch: p.Epoch, Began: p.Began, Epochs: map[int]*age.HybridIdentity{},
		Members: p.Members, Custodians: p.Custodians, Gate: s.Gate,
	}
	for _, n := range []int{p.Epoch - 1, p.Epoch} {
		if id := s.Epochs[n]; id != nil {
			g.Epochs[n] = id
		}
	}
	return g
}

// pack seals a grant for each desk to its newest card, and with a new epoch the custodians' files.
func (c *Council) pack(ctx context.Context, s *keyring.State, p *plan, v view) (wire.Package, error) {
	signer, ok := c.c.Keys.KeeperSigner()
	if !ok {
		return wire.Package{}, ErrKeeper
	}
	pkg := wire.Package{Roster: p.Roster}
	g := c.grantOf(*s, p)
	g.Checkpoint = string(c.c.Checkpoint(ctx))
	cards := map[roster.DeviceHash]*age.HybridRecipient{}
	for i := range g.Members {
		m := &g.Members[i]
		if card, ok := openKnown(s, m.Hash(), m.Device); ok {
			cards[m.Hash()], m.Generation = card.Recipient, card.Generation
		}
	}
	for _, m := range g.Members {
		to := cards[m.Hash()]
		if to == nil {
			continue // it never published a key: nothing can be sealed to it
		}
		g.To = m.Hash()
		sealed, err := roster.SealGrant(g, signer, to)
		if err != nil {
			return pkg, err
		}
		pkg.Grants = append(pkg.Grants, wire.Addressed{Device: g.To, Sealed: sealed})
	}
	if len(p.Custodians.Recipients) == 0 || !p.NewEpoch && p.Files == nil {
		return pkg, nil
	}
	var err error
	pkg.Files, err = c.recoveryFiles(ctx, s, p)
	return pkg, err
}

// recoveryFiles are all files of the custodians: the authority's as they are, or new ones with new sheets; the epoch's made now. A package that brings files
// replaces all there are.
func (c *Council) recoveryFiles(ctx context.Context, s *keyring.State, p *plan) ([]wire.File, error) {
	id := s.Epochs[p.Epoch]
	if id == nil {
		return nil, errors.New("making the recovery files: this desk has no key of the epoch")
	}
	epoch := recovery.Epoch{Org: s.Org, Serial: p.Serial, Epoch: p.Epoch, Identity: id}
	files, err := recovery.EpochFiles(epoch, p.Custodians.Needed, p.Custodians.Recipients)
	if err != nil {
		return nil, fmt.Errorf("making the recovery files: %w", err)
	}
	if p.Files != nil {
		return append(files, p.Files...), nil
	}
	missing := 0
	for _, name := range recovery.Names(recovery.KindAuthority, p.Custodians.Needed, len(p.Custodians.Recipients)) {
		data, err := c.c.Line.Recovery(ctx, name)
		switch {
		case errors.Is(err, line.ErrNoFile) || err == nil && len(data) == 0:
			missing++ // a new epoch does not wait for it
		case err != nil:
			return nil, fmt.Errorf("fetching a recovery file: %w", err)
		default:
			files = append(files, wire.File{Name: name, Data: data})
		}
	}
	if missing > 0 {
		f := casedb.Finding{Kind: casedb.AlarmRecovery, Args: map[string]int64{"count": int64(missing)}}
		if err := c.c.Raise(ctx, f); err != nil {
			return nil, err
		}
	}
	return files, nil
}
