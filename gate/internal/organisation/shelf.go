package organisation

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/gate/internal/store"
)

var (
	// ErrLeft says that a device is not in the roster in force.
	ErrLeft = errors.New("the device is not in the roster")
	// ErrCard says that the card that is there has the same generation or a higher one.
	ErrCard = errors.New("a newer card is there")
	// ErrFiles says that recovery files come with a roster only, which keepers sign.
	ErrFiles = errors.New("recovery files come with a roster")
	// ErrEpoch says that an epoch is not one that there are wraps for.
	ErrEpoch = errors.New("not an epoch that wraps can be kept for")
)

// maxWraps is about how many bytes of wraps are read at once.
const maxWraps = 8<<20 - wire.MaxLetter

// News returns what a device needs to follow: rosters from serial from on, its grant, cards, proposals, whether intake is open.
func (o *Organisation) News(ctx context.Context, device ed25519.PublicKey, from int) (n wire.KeyNews, err error) {
	// Under mu, so that no grant is of another roster than the last one here.
	o.mu.Lock()
	defer o.mu.Unlock()
	if n.Rosters, err = o.Chain(ctx, from); err != nil {
		return n, err
	}
	n.Grant, err = o.s.Grant(ctx, roster.HashDevice(device))
	if err != nil && !errors.Is(err, store.ErrNone) {
		return n, err
	}
	cards, err := o.s.Cards(ctx)
	if err != nil {
		return n, err
	}
	for _, c := range cards {
		n.Cards = append(n.Cards, wire.Carded{Device: c.Device, Card: c.Signed})
	}
	n.Proposals, err = o.Proposals(ctx)
	n.Intake = o.intake.Load()
	return n, err
}

// PutCard keeps a device's own card; first is false when it is there in these very bytes. The error wraps ErrLeft, ErrShape or ErrCard where it can.
func (o *Organisation) PutCard(ctx context.Context, device ed25519.PublicKey, signed []byte) (first bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.state.Load()
	if c == nil || !c.roster.HasDevice(device) {
		return false, ErrLeft
	}
	card, err := roster.OpenCard(signed, c.roster.Org, device)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrShape, err)
	}
	cards, err := o.s.Cards(ctx)
	if err != nil {
		return false, err
	}
	if i := slices.IndexFunc(cards, func(c store.Card) bool { return c.Device.Equal(device) }); i >= 0 {
		switch {
		case bytes.Equal(cards[i].Signed, signed):
			return false, nil
		case cards[i].Generation >= card.Generation:
			return false, ErrCard
		}
	}
	if err := o.s.PutCard(ctx, store.Card{Device: device, Generation: card.Generation, Signed: signed}); err != nil {
		return false, err
	}
	o.changed()
	return true, nil
}

// File returns a recovery file, or store.ErrNone.
func (o *Organisation) File(ctx context.Context, name string) ([]byte, error) {
	return o.s.File(ctx, name)
}

// PutFiles replaces all recovery files while the founding roster is in force, which came without any. Later they come with a roster: one
// stolen desk must not be able to destroy the way back of all. The error wraps ErrFiles or ErrShape where it can.
func (o *Organisation) PutFiles(ctx context.Context, files []wire.File) error {
	if err := checkFiles(files); err != nil {
		return err
	}
	return o.change(func() error {
		if c := o.state.Load(); c == nil || c.roster.Serial != 1 {
			return ErrFiles
		}
		return o.s.PutFiles(ctx, files)
	})
}

// change does something under mu and tells who waits.
func (o *Organisation) change(do func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := do()
	if err == nil {
		o.changed()
	}
	return err
}

// PutWraps keeps wraps of an epoch that is, was, or comes next; an empty one deletes. The error wraps ErrEpoch or ErrShape where it can.
func (o *Organisation) PutWraps(ctx context.Context, epoch int, wraps []wire.Wrap) error {
	if len(wraps) > wire.MaxWraps {
		return fmt.Errorf("%w: more than %d wraps at once", ErrShape, wire.MaxWraps)
	}
	for _, w := range wraps {
		if len(w.Sealed) == 0 {
			continue
		}
		if err := seal.CheckShape(w.Sealed); err != nil {
			return fmt.Errorf("%w: a wrap: %w", ErrShape, err)
		}
	}
	return o.change(func() error {
		if c := o.state.Load(); c == nil || epoch < 1 || epoch > c.roster.Epoch+1 {
			return ErrEpoch
		}
		return o.s.PutWraps(ctx, epoch, wraps)
	})
}

// Wraps returns wraps of an epoch in the order of their names, after the name after (nil: from the first); more says that there are
// further ones.
func (o *Organisation) Wraps(ctx context.Context, epoch int, after []byte) (wraps []wire.Wrap, more bool, err error) {
	return o.s.Wraps(ctx, epoch, after, maxWraps)
}

// DropWraps destroys the wraps of all epochs before epoch, which is at most the one in force: what is open now stays open.
func (o *Organisation) DropWraps(ctx context.Context, epoch int) error {
	return o.change(func() error {
		if c := o.state.Load(); c == nil || epoch < 1 || epoch > c.roster.Epoch {
			return ErrEpoch
		}
		return o.s.DropWraps(ctx, epoch)
	})
}
