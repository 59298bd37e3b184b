package organisation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate/internal/store"
)

// keepProposals is how long a proposal waits for other keepers.
const keepProposals = 7 * 24 * time.Hour

// maxProposal bounds a package that waits, bytes: every desk is sent all that wait with each look at its keys. Forty desks take half a MiB.
const maxProposal = 2 << 20

// An Outcome is what became of an offered package.
type Outcome int

// The outcomes.
const (
	Accepted Outcome = iota + 1 // the roster is in force now
	Already                     // it was already, in these very bytes
	Proposed                    // it waits for the signatures of other keepers
)

// Offer takes a package from anybody: the keepers' signatures are the authority, and grants of a roster that is in force are not
// replaced. The error wraps ErrNobody, ErrFollow or ErrShape where it can.
func (o *Organisation) Offer(ctx context.Context, p wire.Package) (Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, signatures, err := o.look(p.Roster)
	if errors.Is(err, errSame) {
		return Already, nil
	}
	if err == nil {
		err = checkGrants(p, r)
	}
	if err != nil {
		return 0, err
	}
	all, err := o.proposals(ctx)
	if err != nil {
		return 0, err
	}
	// Also when p has all the signatures: who gave the last one has read the proposal, and must not bring grants and files of their own.
	if i := slices.IndexFunc(all, func(old store.Proposal) bool { return old.Text == r.TextHash() }); i >= 0 {
		return o.add(ctx, all[i], p, r)
	}
	if signatures >= o.state.Load().roster.Threshold {
		return Accepted, o.accept(ctx, p, r)
	}
	return Proposed, o.propose(ctx, all, p, r)
}

// Look checks the roster of a package that has not arrived whole yet, so that no stranger's megabytes are read.
func (o *Organisation) Look(signed []byte) error {
	_, _, err := o.look(signed)
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

var errSame = errors.New("in force already")

func (o *Organisation) look(signed []byte) (r roster.Roster, signatures int, err error) {
	c := o.state.Load()
	if c == nil {
		return roster.Roster{}, 0, ErrNobody
	}
	if bytes.Equal(signed, c.signed) {
		return roster.Roster{}, 0, errSame
	}
	r, signatures, err = roster.OpenProposal(signed, c.signed, c.roster)
	switch {
	case errors.Is(err, roster.ErrFollows):
		return r, 0, fmt.Errorf("%w: %w", ErrFollow, err)
	case err != nil:
		return r, 0, fmt.Errorf("%w: %w", ErrShape, err)
	}
	return r, signatures, nil
}

// propose keeps a package that has too few signatures, beside all others. The caller holds mu.
func (o *Organisation) propose(ctx context.Context, all []store.Proposal, p wire.Package, r roster.Roster) error {
	keepers := o.state.Load().roster.Keepers
	var err error
	if p.Roster, err = onlySignedBy(p.Roster, keepers); err != nil {
		return err
	}
	kept := store.Proposal{Text: r.TextHash(), Hour: o.now().Unix() / 3600, Package: p.Bytes()}
	if len(kept.Package) > maxProposal {
		return fmt.Errorf("%w: a package that has to wait for signatures has at most 2 MiB", ErrShape)
	}
	if len(all) >= store.MaxProposals {
		victim, err := crowding(append(slices.Clone(all), kept), keepers)
		if err != nil {
			return err
		}
		if err := o.s.DropProposal(ctx, victim); err != nil {
			return err
		}
	}
	if err := o.s.PutProposal(ctx, kept); err != nil {
		return err
	}
	o.changed()
	return nil
}

// add adds signatures to a proposal. What came first under one text keeps its grants and files: who has seen a proposal cannot put others into it. When the signatures are enough
// the roster is in force. The caller holds mu.
func (o *Organisation) add(ctx context.Context, old store.Proposal, p wire.Package, r roster.Roster) (Outcome, error) {
	keepers := o.state.Load().roster
	signed, err := onlySignedBy(p.Roster, keepers.Keepers)
	if err != nil {
		return 0, err
	}
	first, err := wire.ParsePackage(old.Package)
	if err != nil {
		return 0, fmt.Errorf("reading a proposal: %w", err)
	}
	merged, err := roster.Merge(first.Roster, signed)
	if err != nil {
		return 0, fmt.Errorf("adding a signature to a proposal: %w", err)
	}
	if bytes.Equal(merged, first.Roster) {
		return Proposed, nil
	}
	_, signatures, err := o.look(merged)
	if err != nil {
		return 0, err
	}
	first.Roster = merged
	if signatures >= keepers.Threshold {
		return Accepted, o.accept(ctx, first, r)
	}
	old.Package = first.Bytes()
	if err := o.s.PutProposal(ctx, old); err != nil {
		return 0, err
	}
	o.changed()
	return Proposed, nil
}

// crowding picks the proposal that has to go when there are too many, the last of them new: the oldest of the keeper who has most of them, so that one who is about to be removed cannot push that
// off the shelf. One that several keepers signed counts as that of the keeper among them who has fewest. The new one stays.
func crowding(all []store.Proposal, keepers []string) (victim [32]byte, err error) {
	signers := make([][]string, len(all))
	count := map[string]int{}
	for i, p := range all {
		pkg, err := wire.ParsePackage(p.Package)
		if err != nil {
			return victim, fmt.Errorf("reading a proposal: %w", err)
		}
		for _, k := range keepers {
			if _, err := onlySignedBy(pkg.Roster, []string{k}); err == nil {
				signers[i] = append(signers[i], k)
				count[k]++
			}
		}
	}
	most := -1
	for i, p := range all[:len(all)-1] {
		fewest := len(all)
		for _, k := range signers[i] {
			fewest = min(fewest, count[k])
		}
		if fewest > most {
			most, victim = fewest, p.Text
		}
	}
	return victim, nil
}

// onlySignedBy takes away the signature lines that are of none of keepers. A note has at most a hundred: whoever has seen a proposal could fill
// it up, so that no keeper's fits any more.
func onlySignedBy(signed []byte, keepers []string) ([]byte, error) {
	verifiers := make([]note.Verifier, len(keepers))
	for i, k := range keepers {
		var err error
		if verifiers[i], err = note.NewVerifier(k); err != nil {
			return nil, fmt.Errorf("reading a keeper's key: %w", err)
		}
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrShape, err)
	}
	if len(n.UnverifiedSigs) == 0 {
		return signed, nil
	}
	n.UnverifiedSigs = nil
	if signed, err = note.Sign(n); err != nil {
		return nil, fmt.Errorf("taking strangers' signatures away: %w", err)
	}
	return roster.Merge(signed, signed) // in their order
}

func (o *Organisation) proposals(ctx context.Context) ([]store.Proposal, error) {
	return o.s.Proposals(ctx, o.now().Add(-keepProposals).Unix()/3600)
}

// Sweep forgets proposals that waited for too long.
func (o *Organisation) Sweep(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	all, err := o.s.Proposals(ctx, 0)
	if err != nil {
		return err
	}
	oldest := o.now().Add(-keepProposals).Unix() / 3600
	for _, p := range all {
		if p.Hour < oldest {
			if err := o.s.DropProposal(ctx, p.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// Proposals returns the packages that wait for signatures, oldest first.
func (o *Organisation) Proposals(ctx context.Context) (packages [][]byte, err error) {
	all, err := o.proposals(ctx)
	for _, p := range all {
		packages = append(packages, p.Package)
	}
	return packages, err
}

// checkGrants holds a package to its roster: one grant at most for each device of it, and everything sealed.
func checkGrants(p wire.Package, r roster.Roster) error {
	left := map[[32]byte]bool{}
	for _, d := range r.Devices {
		left[d] = true
	}
	for _, g := range p.Grants {
		if !left[g.Device] {
			return fmt.Errorf("%w: a grant for a device that is not in it, or a second one", ErrShape)
		}
		left[g.Device] = false
		if !sealed(g.Sealed) {
			return fmt.Errorf("%w: a grant that is not sealed", ErrShape)
		}
	}
	return checkFiles(p.Files)
}

func checkFiles(files []wire.File) error {
	for _, f := range files {
		if !sealed(f.Data) {
			return fmt.Errorf("%w: a recovery file that is not sealed", ErrShape)
		}
	}
	return nil
}

// sealed reports whether b looks like an age file to one hybrid recipient: whatever a desk does wrong, no key is kept in the open.
func sealed(b []byte) bool {
	header, _, ok := bytes.Cut(b[:min(len(b), 4<<10)], []byte("\n--- "))
	return ok && bytes.HasPrefix(header, []byte("age-encryption.org/v1\n-> mlkem768x25519 ")) && bytes.Count(header, []byte("\n-> ")) == 1
}
