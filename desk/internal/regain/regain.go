// Package regain brings an organisation back from custodians' sheets and what its gate kept: docs/formats-keys.md, section 5.
//
// It believes the gate nothing: the chain must have the fingerprint that is printed on the sheets, and what the sheets open must fit the chain. It
// posts nothing; what it makes can be posted again and again.
package regain

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/custody"
	"panah/desk/internal/line"
)

var (
	// ErrFingerprint says that the gate serves another organisation than the sheets name.
	ErrFingerprint = errors.New("the gate serves another organisation than the fingerprint names; compare it with the sheets, character by character, and check the gate's address")
	// ErrChain says that what the gate serves is not the organisation's chain of rosters.
	ErrChain = errors.New("what the gate serves was not signed by the organisation's keepers; do not go on with this gate, and keep the sheets")
	// ErrEmpty says that the gate has no organisation.
	ErrEmpty = errors.New("this gate has no organisation; check its address")
	// ErrSheets says that the sheets do not bring the organisation back as it is now: too few, of another organisation, or replaced by newer ones.
	ErrSheets = errors.New("these sheets do not bring the organisation back: take one more, and check that all were made on the same date; older ones open nothing once new ones were made")
)

// A Find is what sheets and gate brought back. It prints as "[find]".
type Find struct {
	Founding  []byte
	Signed    []byte // newest roster
	Roster    roster.Roster
	Authority recovery.Authority
	Epoch     *age.HybridIdentity // of Roster
}

// String hides the secrets.
func (Find) String() string { return "[find]" }

// GoString hides the secrets.
func (Find) GoString() string { return "[find]" }

// Look fetches chain and recovery files and opens them. org is the fingerprint. The error wraps ErrFingerprint, ErrChain, ErrEmpty, ErrSheets or what desk/internal/line
// says.
func Look(ctx context.Context, l *line.Line, org string, sheets []*age.HybridIdentity) (Find, error) {
	notes, err := chain(ctx, l)
	if err != nil {
		return Find{}, err
	}
	first, err := roster.OpenFounding(notes[0])
	if err != nil {
		return Find{}, fmt.Errorf("%w: %w", ErrChain, err)
	}
	if first.Org != org {
		return Find{}, fmt.Errorf("%w (it has %s)", ErrFingerprint, roster.GroupOrgID(first.Org))
	}
	f := Find{Founding: notes[0], Signed: notes[len(notes)-1]}
	if f.Roster, err = roster.OpenChain(notes, org); err != nil {
		return Find{}, fmt.Errorf("%w: %w", ErrChain, err)
	}
	if err := f.open(ctx, l, sheets); err != nil {
		return Find{}, err
	}
	return f, nil
}

// chain fetches all rosters.
func chain(ctx context.Context, l *line.Line) ([][]byte, error) {
	var notes [][]byte
	for {
		more, err := l.Rosters(ctx, len(notes)+1)
		var refused *wire.Error
		if errors.As(err, &refused) && refused.Status == 404 {
			return nil, ErrEmpty
		}
		if err != nil {
			return nil, fmt.Errorf("asking for the organisation's rosters: %w", err)
		}
		notes = append(notes, more...)
		if len(more) < wire.MaxRosters {
			break
		}
	}
	if len(notes) == 0 {
		return nil, ErrEmpty
	}
	return notes, nil
}

// open opens authority and epoch with the sheets and checks both against the roster.
func (f *Find) open(ctx context.Context, l *line.Line, sheets []*age.HybridIdentity) error {
	files, err := files(ctx, l, recovery.KindAuthority)
	if err != nil {
		return err
	}
	if f.Authority, err = recovery.OpenAuthority(files, sheets); err != nil {
		return explain(err)
	}
	keepers, err := custody.Verifiers(f.Authority.Keepers)
	if err != nil {
		return err
	}
	known := 0
	for _, k := range keepers {
		if slices.Contains(f.Roster.Keepers, k) {
			known++
		}
	}
	if f.Authority.Org != f.Roster.Org || known < f.Roster.Threshold || known < len(keepers) {
		return fmt.Errorf("%w (their keepers are not those of the roster)", ErrSheets)
	}
	if files, err = kind(ctx, l, recovery.KindEpoch, recovery.Names(recovery.KindEpoch, f.Authority.Needed, len(f.Authority.Recipients))); err != nil {
		return err
	}
	epoch, err := recovery.OpenEpoch(files, sheets)
	if err != nil {
		return explain(err)
	}
	if epoch.Org != f.Roster.Org || epoch.Identity.Recipient().String() != f.Roster.Recipient.String() {
		return errors.New("the gate's recovery file is of another epoch than its roster: it keeps the newer one back, or lost it; ask whoever runs the gate, and keep the sheets")
	}
	f.Epoch = epoch.Identity
	return nil
}

// files fetches the files of one kind for every number of custodians there may be: what the sheets are of stands in the files only.
func files(ctx context.Context, l *line.Line, what string) ([]wire.File, error) {
	var names []string
	for needed := recovery.MinNeeded; needed <= recovery.MaxNeeded; needed++ {
		names = append(names, recovery.Names(what, needed, recovery.MaxSheets)...)
	}
	return kind(ctx, l, what, names)
}

func kind(ctx context.Context, l *line.Line, what string, names []string) ([]wire.File, error) {
	var out []wire.File
	for _, name := range names {
		data, err := l.Recovery(ctx, name)
		if errors.Is(err, line.ErrNoFile) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("asking for the recovery files: %w", err)
		}
		out = append(out, wire.File{Name: name, Data: data})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the gate has no %s files: this organisation has no sheets, or the gate lost them; ask whoever runs it", what)
	}
	return out, nil
}

func explain(err error) error {
	if errors.Is(err, recovery.ErrFew) {
		return ErrSheets
	}
	return fmt.Errorf("opening the recovery files: %w", err)
}

// A Return is the roster with which a new desk takes over, and all that belongs to it. It prints as "[return]".
type Return struct {
	Signed  []byte
	Roster  roster.Roster
	Package wire.Package
	Keeper  string              // the desk's signing key
	Epoch   *age.HybridIdentity // of Roster
	Member  roster.Member
	Grant   roster.Grant
}

// String hides the secrets.
func (Return) String() string { return "[return]" }

// GoString hides the secrets.
func (Return) GoString() string { return "[return]" }

// Plan makes the roster that follows the one found: one epoch more, this device alone, and as keepers its own new key and the recovery keepers. name is what people call
// the desk.
func (f Find) Plan(device ed25519.PublicKey, card *age.HybridRecipient, name string, now time.Time) (Return, error) {
	now = now.UTC().Truncate(time.Second)
	r := Return{Roster: f.Roster.Next(f.Signed)}
	skey, vkey, err := note.GenerateKey(rand.Reader, "keeper")
	if err != nil {
		return Return{}, fmt.Errorf("making the keeper's key: %w", err)
	}
	r.Keeper = skey
	if r.Epoch, err = age.GenerateHybridIdentity(); err != nil {
		return Return{}, fmt.Errorf("making the key of a new epoch: %w", err)
	}
	recoverers, err := custody.Verifiers(f.Authority.Keepers)
	if err != nil {
		return Return{}, err
	}
	r.Roster.Epoch, r.Roster.Recipient, r.Roster.Threshold = f.Roster.Epoch+1, r.Epoch.Recipient(), 1
	r.Roster.Keepers = append(recoverers, vkey)
	r.Roster.Devices = []roster.DeviceHash{roster.HashDevice(device)}
	r.Roster.Sort()
	if err := r.sign(f); err != nil {
		return Return{}, err
	}
	r.Member = roster.Member{Device: bytes.Clone(device), Name: name, Role: roster.RoleKeeper, Keeper: vkey, Generation: 1, Since: now}
	return r, r.pack(f, card, now)
}

// sign signs the roster with the recovery keepers and checks that it follows.
func (r *Return) sign(f Find) error {
	signers, err := custody.Signers(f.Authority.Keepers)
	if err != nil {
		return err
	}
	if r.Signed, err = roster.Sign(r.Roster, signers...); err != nil {
		return err
	}
	if _, err := roster.OpenNext(r.Signed, f.Signed, f.Roster); err != nil {
		return fmt.Errorf("signing the roster that brings the organisation back: %w", err)
	}
	return nil
}

// pack makes grant and recovery files, so that the same sheets bring back the new epoch too.
func (r *Return) pack(f Find, card *age.HybridRecipient, now time.Time) error {
	r.Grant = roster.Grant{
		Org: r.Roster.Org, To: r.Member.Hash(), Serial: r.Roster.Serial, Text: r.Roster.TextHash(), Epoch: r.Roster.Epoch, Began: now,
		Epochs:  map[int]*age.HybridIdentity{f.Roster.Epoch: f.Epoch, r.Roster.Epoch: r.Epoch},
		Members: []roster.Member{r.Member}, Gate: f.Authority.Gate,
		Custodians: roster.Custodians{
			Needed: f.Authority.Needed, Recipients: f.Authority.Recipients, Identity: f.Authority.Identity.Recipient().String(), Made: f.Authority.Made,
			Rehearsed: now, // the sheets have opened everything that there is to open, and it fits the roster
		},
	}
	by, err := note.NewSigner(r.Keeper)
	if err != nil {
		return errors.New("signing the grant: the keeper's key is malformed") // note's error might quote it
	}
	sealed, err := roster.SealGrant(r.Grant, by, card)
	if err != nil {
		return err
	}
	files, err := custody.Files(f.Authority, r.Roster, r.Epoch)
	if err != nil {
		return err
	}
	r.Package = wire.Package{Roster: r.Signed, Grants: []wire.Addressed{{Device: r.Grant.To, Sealed: sealed}}, Files: files}
	return nil
}
