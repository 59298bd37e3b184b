package office

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"panah/core/roster"
	"panah/desk/internal/council"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// What a change of the organisation's keys can meet, besides ErrKeeper and ErrConflict.
var (
	ErrOffline   = line.ErrOffline
	ErrThreshold = council.ErrThreshold // too few keepers' desks would be left
	ErrSheets    = council.ErrSheets    // the custodians' sheets must be made anew first
	ErrProposal  = council.ErrProposal  // not what it seems: must not be signed
	ErrChain     = council.ErrChain     // what the gate serves does not fit; an alarm says how
)

func pubOf(k *keyring.Keyring) ed25519.PublicKey {
	pub, _ := k.Device().Public().(ed25519.PublicKey)
	return pub
}

// council runs f, which may take as long as the network does, without keeping the office from locking: locking ends f's context and waits for it.
func (o *Office) council(ctx context.Context, f func(context.Context, *room) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	err := o.in(func(r *room) error {
		if r.keep == nil {
			return fmt.Errorf("%w: this desk is not connected to a gate yet", ErrOffline)
		}
		r.work.Go(func() {
			stop := context.AfterFunc(r.ctx, cancel)
			defer stop()
			done <- f(ctx, r)
		})
		return nil
	})
	if err != nil {
		return err
	}
	err = <-done
	o.hub.say(Change{Kind: ChangeKeys}, Change{Kind: ChangeStatus})
	return told(err)
}

// told turns council's errors into those that pages have words for.
func told(err error) error {
	switch {
	case errors.Is(err, council.ErrKeeper):
		return ErrKeeper
	case errors.Is(err, council.ErrConflict):
		return ErrConflict
	case errors.Is(err, council.ErrNoDesk):
		return ErrNotFound
	case errors.Is(err, council.ErrRemoved):
		return ErrRemoved
	case errors.Is(err, council.ErrWithheld):
		return fmt.Errorf("%w: %w", ErrChain, err) // the alarm is about the grant
	}
	return err
}

// Roll begins a new epoch, or proposes it. Errors wrap ErrLocked, ErrKeeper, ErrConflict, ErrOffline, ErrChain.
func (o *Office) Roll(ctx context.Context) error {
	return o.council(ctx, func(ctx context.Context, r *room) error {
		_, err := r.keep.Roll(ctx, r.keys.Epoch())
		return err
	})
}

// Remove takes a desk off the list, with its keeper's key when it has one, and begins a new epoch at once, or proposes both. It tells what a thief of the desk may have. Errors as
// for Roll, ErrNotFound, ErrThreshold.
func (o *Office) Remove(ctx context.Context, desk string) (e Exposure, err error) {
	err = o.council(ctx, func(ctx context.Context, r *room) error {
		m, err := r.member(desk)
		if err != nil {
			return err
		}
		if e, err = r.exposure(ctx, desk); err != nil {
			return err
		}
		waits, err := r.keep.Carry(ctx, council.Change{Remove: []roster.DeviceHash{m.Hash()}})
		if err == nil && !waits {
			e.GoneBy = r.keys.Began(r.keys.Epoch()) // its keys open nothing that is written from then on
		}
		return err
	})
	return e, err
}

// SetRole gives a desk another role, or proposes it: a keeper's desk gets a keeper's key, or loses it. Errors as for Remove, ErrSheets.
func (o *Office) SetRole(ctx context.Context, desk string, role roster.Role) error {
	return o.council(ctx, func(ctx context.Context, r *room) error {
		m, err := r.member(desk)
		if err != nil {
			return err
		}
		_, err = r.keep.Carry(ctx, council.Change{Role: map[roster.DeviceHash]roster.Role{m.Hash(): role}})
		return err
	})
}

// SetThreshold changes how many keepers must sign, or proposes it. The error also wraps ErrThreshold when there are not as many keepers' desks, and ErrSheets when the custodians'
// sheets hold fewer keys.
func (o *Office) SetThreshold(ctx context.Context, n int) error {
	if n < 1 {
		return ErrThreshold
	}
	return o.council(ctx, func(ctx context.Context, r *room) error {
		_, err := r.keep.Carry(ctx, council.Change{Threshold: n})
		return err
	})
}

// Cosign signs a proposal of another keeper's, after a human looked at it. Errors as for Roll, ErrNotFound, ErrProposal.
func (o *Office) Cosign(ctx context.Context, proposal string) error {
	return o.council(ctx, func(ctx context.Context, r *room) error { return r.keep.Cosign(ctx, proposal) })
}

// setIntake opens or closes the door to the public's letters. Only a keeper's desk asks for it.
func (o *Office) setIntake(ctx context.Context, open bool) error {
	return o.council(ctx, func(ctx context.Context, r *room) error {
		if r.keys.Role() != roster.RoleKeeper {
			return ErrKeeper
		}
		if err := r.line.Intake(ctx, open); err != nil {
			return err
		}
		return r.keep.Round(ctx)
	})
}
