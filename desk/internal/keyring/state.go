package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

// Bounds of what a keyring holds.
const (
	maxPlan      = 12 << 20 // a package of the largest size, in base64
	maxRehearsal = 64 << 10
	maxMembers   = 512
	maxCard      = 4 << 10
	maxEpochs    = 64 // held at once; two are the rule
)

// A State is all of a keyring that changes. Keyring.State gives copies, Keyring.Update changes it. It prints as "[keyring state]".
type State struct {
	Name     string // of the organisation
	Org      string // fingerprint; settled by Create, like Founding
	Founding []byte // roster 1, signed
	Roster   []byte // the newest roster that the chain proves, signed
	Gate     Gate   // zero until the desk is connected

	Generation       int                          // newest generation whose card the gate has taken; 0: none yet
	DeviceIdentities map[int]*age.HybridIdentity  // by generation; at most two
	Epochs           map[int]*age.HybridIdentity  // by number; may hold one that no roster names yet (a rotation under way)
	Began            map[int]time.Time            // when each epoch began, by the keeper's clock, to the second
	Members          []roster.Member              // the keepers' word on who is who
	Cards            map[roster.DeviceHash][]byte // newest card seen of each device, signed; an older one is never sealed to
	Custodians       roster.Custodians            // zero: no sheets yet
	Role             roster.Role                  // of this desk; "": not known yet
	Keeper           string                       // note signer key; "" unless this is a keeper's desk
	Plan             json.RawMessage              // a change of the roster under way: desk/internal/council's, nobody else reads it; nil: none
	Rehearsal        json.RawMessage              // sheets being rehearsed; nil: none
	JoinedAt         int64                        // size of the log when this desk came in
	Removed          bool                         // the chain says that this desk is out

	passkeys map[string]string   // recipient by base64 credential id: who may be sealed to again (passkey.go)
	owners   map[string]string   // staff by base64 credential id; the founder's passkeys may be missing
	seats    map[string][]string // recipients by staff: two while the seat's passphrase changes (seats.go)
	founder  string              // staff whose passphrase unlock.age is; "": nobody said
	login    string              // the founder's folded login name, until it has a seat
	due      bool                // a new master key was begun (door.go)
}

// String hides the state.
func (State) String() string { return "[keyring state]" }

// GoString hides the state.
func (State) GoString() string { return "[keyring state]" }

// MarshalJSON refuses, as Keyring does.
func (State) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a keyring is not written to JSON")
}

// AddEpoch puts in the identity of epoch n, which began at the given time.
func (s *State) AddEpoch(n int, id *age.HybridIdentity, began time.Time) {
	if s.Epochs == nil {
		s.Epochs = map[int]*age.HybridIdentity{}
	}
	if s.Began == nil {
		s.Began = map[int]time.Time{}
	}
	s.Epochs[n], s.Began[n] = id, began
}

// DropEpochsBefore destroys the identities of epochs before n.
func (s *State) DropEpochsBefore(n int) {
	maps.DeleteFunc(s.Epochs, func(e int, _ *age.HybridIdentity) bool { return e < n })
	maps.DeleteFunc(s.Began, func(e int, _ time.Time) bool { return e < n })
}

// SetCard keeps the newest card of a device. signed is the card, verified by the caller.
func (s *State) SetCard(device roster.DeviceHash, signed []byte) {
	if s.Cards == nil {
		s.Cards = map[roster.DeviceHash][]byte{}
	}
	s.Cards[device] = bytes.Clone(signed)
}

// clone copies all that Update's function could change in place.
func (s *State) clone() State {
	c := *s
	c.Founding, c.Roster = bytes.Clone(s.Founding), bytes.Clone(s.Roster)
	c.DeviceIdentities, c.Epochs, c.Began = maps.Clone(s.DeviceIdentities), maps.Clone(s.Epochs), maps.Clone(s.Began)
	c.Members = slices.Clone(s.Members)
	c.Cards, c.passkeys = maps.Clone(s.Cards), maps.Clone(s.passkeys)
	c.owners, c.seats = maps.Clone(s.owners), maps.Clone(s.seats)
	c.Custodians.Recipients = slices.Clone(s.Custodians.Recipients)
	c.Plan, c.Rehearsal = bytes.Clone(s.Plan), bytes.Clone(s.Rehearsal)
	return c
}

// check says whether the state is one that the rest of the desk can rely on, and returns the newest roster. Errors quote nothing.
func (s *State) check() (roster.Roster, error) {
	founding, err := roster.OpenFounding(s.Founding)
	if err != nil || founding.Org != s.Org {
		return roster.Roster{}, errors.New("the founding roster is not the organisation's")
	}
	r, err := roster.Reopen(s.Roster)
	if err != nil || r.Org != s.Org {
		return roster.Roster{}, errors.New("the newest roster is not the organisation's")
	}
	if id := s.Epochs[r.Epoch]; id != nil && id.Recipient().String() != r.Recipient.String() {
		return roster.Roster{}, errors.New("the epoch's key is not the one that the roster names")
	}
	if !s.Removed && (len(s.Epochs) == 0 || len(s.DeviceIdentities) == 0) {
		return roster.Roster{}, errors.New("there is no epoch key, or no device key")
	}
	return r, s.checkBounds()
}

func (s *State) checkBounds() error {
	for n, id := range s.Epochs {
		if n < 1 || id == nil {
			return errors.New("epochs are numbered from 1")
		}
	}
	for n, id := range s.DeviceIdentities {
		if n < 1 || id == nil {
			return errors.New("a device's encryption keys are numbered from 1")
		}
	}
	for _, c := range s.Cards {
		if len(c) == 0 || len(c) > maxCard {
			return errors.New("a card is at most 4 KiB")
		}
	}
	if s.Keeper != "" {
		if _, err := note.NewSigner(s.Keeper); err != nil {
			return errors.New("the keeper's key is not one")
		}
	}
	if s.Gate != (Gate{}) {
		if _, err := s.verifier(); err != nil {
			return err
		}
	}
	switch {
	case s.Role != "" && !s.Role.Valid():
		return errors.New("there is no such role")
	case len(s.DeviceIdentities) > 2 || len(s.Epochs) > maxEpochs || len(s.Members) > maxMembers || len(s.Cards) > maxMembers:
		return errors.New("too many keys, desks or cards")
	case len(s.Plan) > maxPlan || s.Plan != nil && !json.Valid(s.Plan) || len(s.Rehearsal) > maxRehearsal || s.Rehearsal != nil && !json.Valid(s.Rehearsal):
		return errors.New("a plan or a rehearsal is JSON of a bounded size")
	case len(s.seats) > MaxSeats+1 || !s.goodSeats():
		return errors.New("a seat is not one")
	case s.Generation < 0 || s.JoinedAt < 0 || strings.ContainsAny(s.Name, "\r\n"):
		return errors.New("a number or the name is out of bounds")
	}
	return nil
}

func (s *State) goodSeats() bool {
	for staff, recipients := range s.seats {
		if !validStaff(staff) || len(recipients) == 0 || len(recipients) > 2 {
			return false
		}
	}
	return s.founder == "" || validStaff(s.founder)
}

// ErrForgotten says that the keyring was locked in the meantime.
var ErrForgotten = errors.New("the keys are locked")

// State returns a copy of all that changes.
func (k *Keyring) State() State {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.state.clone()
}

// Update lets f change a copy of the state, checks it, and saves it: when Update returns nil it is on the disk and every method sees it; on any error,
// also f's own, nothing has changed. f must not call methods of k that change it. The error wraps ErrForgotten after Forget, and
// ErrInUse or ErrChanged when another program is at the same folder.
func (k *Keyring) Update(f func(*State) error) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	return k.update(f)
}

// update wants k.saving.
func (k *Keyring) update(f func(*State) error) error {
	k.mu.RLock()
	next, gone := k.state.clone(), k.gone
	k.mu.RUnlock()
	if gone {
		return fmt.Errorf("changing the keyring: %w", ErrForgotten)
	}
	if err := k.hold(); err != nil {
		return fmt.Errorf("changing the keyring: %w", err)
	}
	if err := f(&next); err != nil {
		return err
	}
	newest, err := next.check()
	if err != nil {
		return fmt.Errorf("changing the keyring: %w", err)
	}
	if k.dir != "" {
		if next.Org != k.Org || !bytes.Equal(next.Founding, k.Founding) {
			return errors.New("changing the keyring: an organisation keeps its founding roster")
		}
		if err := k.write(&next, k.master); err != nil {
			return err
		}
	} else {
		k.Org, k.Founding = next.Org, bytes.Clone(next.Founding)
	}
	next = next.clone() // f may have kept a reference
	k.mu.Lock()
	k.state, k.newest = next, newest
	k.mu.Unlock()
	return nil
}

// AddEpoch is Update with State.AddEpoch.
func (k *Keyring) AddEpoch(n int, id *age.HybridIdentity, began time.Time) error {
	return k.Update(func(s *State) error { s.AddEpoch(n, id, began); return nil })
}

// DropEpochsBefore is Update with State.DropEpochsBefore.
func (k *Keyring) DropEpochsBefore(n int) error {
	return k.Update(func(s *State) error { s.DropEpochsBefore(n); return nil })
}

// read returns what f reads, which must not be changed by the caller.
func read[T any](k *Keyring, f func(*State) T) T {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return f(&k.state)
}
