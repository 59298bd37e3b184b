package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"panah/core/roster"
	"panah/desk/internal/office"
)

// What a keeper's command works with, as desk/internal/office tells it.
type (
	// Keys is how an organisation's keys stand.
	Keys = office.Keys
	// A Member is one desk of the organisation.
	Member = office.Desk
	// An Exposure is what a thief of a desk may have.
	Exposure = office.Exposure
	// An Invitation is a desk on its way in.
	Invitation = office.Invitation
)

// What a keeper's command may branch on.
var (
	ErrKeeper    = office.ErrKeeper    // only a keeper's desk can do this
	ErrConflict  = office.ErrConflict  // somebody else changed the roster at the same moment
	ErrRemoved   = office.ErrRemoved   // the organisation took this desk off its list
	ErrThreshold = office.ErrThreshold // too few keepers would be left
	ErrRehearsal = office.ErrRehearsal // no recovery was tried yet
	// ErrNotFound says that there is no such desk.
	ErrNotFound = errors.New("the organisation has no desk of this name or ID; panah desk desks lists them")
	// ErrAmbiguous says that several desks have the name.
	ErrAmbiguous = errors.New("several desks have this name; use the ID (panah desk desks)")
	// ErrThis says that a desk cannot take itself off the list.
	ErrThis = errors.New("that is this desk; use panah desk purge, and let another keeper remove it")
)

// An Opened is a desk that a command has open: unlocked, and following its gate.
type Opened struct{ office *office.Office }

// Open opens the desk in a folder for a command, and follows the organisation's keys once. The error wraps ErrNone, ErrPassphrase, ErrDamaged, ErrInUse, ErrOffline or ErrClock.
func Open(ctx context.Context, data, passphrase string) (*Opened, error) {
	if !Exists(data) {
		return nil, fmt.Errorf("opening the desk in %s: %w", data, ErrNone)
	}
	o, err := office.Open(office.Config{Data: data, LockAfter: time.Hour})
	if err != nil {
		return nil, fmt.Errorf("opening the desk: %w", err)
	}
	if err = o.Unlock(ctx, passphrase); errors.Is(err, office.ErrPassphrase) {
		err = ErrPassphrase
	}
	if err == nil {
		err = o.Refresh(ctx)
	}
	if err != nil {
		o.Close()
		if office.WasRemoved(data) { // it erased itself meanwhile
			err = ErrRemoved
		}
		return nil, fmt.Errorf("opening the desk: %w", err)
	}
	return &Opened{o}, nil
}

// Close locks it again.
func (d *Opened) Close() { d.office.Close() }

// Keys tells how the organisation's keys stand.
func (d *Opened) Keys(ctx context.Context) (Keys, error) { return d.office.Keys(ctx) }

// Find returns the desk with an ID or a name. The error wraps ErrNotFound or ErrAmbiguous.
func (d *Opened) Find(ctx context.Context, named string) (Member, error) {
	k, err := d.office.Keys(ctx)
	if err != nil {
		return Member{}, err
	}
	var found []Member
	for _, m := range k.Desks {
		if m.ID == strings.ToLower(named) {
			return m, nil
		}
		if m.Name == named {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return Member{}, ErrNotFound
	case 1:
		return found[0], nil
	}
	return Member{}, ErrAmbiguous
}

// Remove takes a desk off the organisation's list, begins a new epoch, and tells what a thief of it may have. The error wraps ErrKeeper, ErrThis, ErrThreshold, ErrConflict or
// ErrOffline.
func (d *Opened) Remove(ctx context.Context, m Member) (Exposure, error) {
	if m.This {
		return Exposure{}, ErrThis
	}
	e, err := d.office.Remove(ctx, m.ID)
	if errors.Is(err, office.ErrNotFound) { // another keeper was faster
		err = ErrNotFound
	}
	return e, err
}

// Roll begins a new epoch. Errors as for Remove.
func (d *Opened) Roll(ctx context.Context) error { return d.office.Roll(ctx) }

// NewSheets makes the custodians' sheets anew; the old ones open nothing any more. lang is the language beside English, "" for none. Errors as for Remove.
func (d *Opened) NewSheets(ctx context.Context, needed, of int, lang string) ([]Sheet, error) {
	made, err := d.office.NewSheetsIn(ctx, needed, of, lang)
	var sheets []Sheet
	for _, s := range made {
		sheets = append(sheets, Sheet{Letter: s.Letter, HTML: s.HTML})
	}
	return sheets, err
}

// SetIntake opens or closes the door to the public's letters. Opening wraps ErrRehearsal when no recovery was tried yet. Errors as for Remove.
func (d *Opened) SetIntake(ctx context.Context, open bool) error {
	if open {
		return d.office.OpenIntake(ctx)
	}
	return d.office.CloseIntake(ctx)
}

// Invite makes a code for a new desk, good for ten minutes.
func (d *Opened) Invite(ctx context.Context) (code string, until time.Time, err error) {
	return d.office.Invite(ctx)
}

// Await waits until the invited desk is there to be compared, or the invitation failed.
func (d *Opened) Await(ctx context.Context) (Invitation, error) {
	changes, end := d.office.Subscribe()
	defer end()
	for {
		in, err := d.office.Invitation(ctx)
		if err != nil || in.State != "waiting" {
			return in, err
		}
		select {
		case <-ctx.Done():
			return in, ctx.Err()
		case <-changes:
		case <-time.After(time.Second): // also when nobody says that the time is over
		}
	}
}

// Admit lets the invited desk in, after the words were compared. Errors as for Remove.
func (d *Opened) Admit(ctx context.Context, role roster.Role) error {
	return d.office.Admit(ctx, role)
}

// TurnAway ends the invitation.
func (d *Opened) TurnAway(ctx context.Context) error { return d.office.TurnAway(ctx) }
