package council

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/keyring"
)

// A memory is what council keeps in the key file for itself (keyring.State.Plan).
type memory struct {
	Granted    int       `json:"granted,omitempty"`     // serial of the roster whose grant was taken
	Opened     int       `json:"opened,omitempty"`      // generation of the device's key that it was sealed to
	Shed       bool      `json:"shed,omitempty"`        // earlier grants may be sealed to that key too: it goes as soon as it can
	Known      int       `json:"known,omitempty"`       // serial of the roster whose members and custodians this desk knows, by a grant or by its own plan
	Custody    string    `json:"custody,omitempty"`     // recovery keepers of the roster that the custodians came with
	Wrapped    int       `json:"wrapped,omitempty"`     // epoch whose wraps are complete, as far as this desk knows
	CardSerial int       `json:"card_serial,omitempty"` // newest roster when the gate took our newest card
	CardAt     time.Time `json:"card_at,omitzero"`
	Plan       *plan     `json:"plan,omitempty"`
}

// A plan is a change of the roster under way. The identity of a new epoch is in the key file's epochs. It survives a crash, and is dropped when another roster
// takes its serial.
type plan struct {
	Roster     []byte            `json:"roster"` // signed by this keeper, perhaps by too few
	Serial     int               `json:"serial"`
	Epoch      int               `json:"epoch"`
	NewEpoch   bool              `json:"new_epoch"`
	Text       [32]byte          `json:"text"`
	Began      time.Time         `json:"began"` // of Epoch
	Members    []roster.Member   `json:"members"`
	Custodians roster.Custodians `json:"custodians"`
	Files      []wire.File       `json:"files,omitempty"` // new authority files, when the sheets are new
	Posted     bool              `json:"posted,omitempty"`
}

// names reports whether a device will be a member.
func (p *plan) names(hash roster.DeviceHash) bool {
	_, ok := memberOf(p.Members, hash)
	return ok
}

// knows reports whether this desk knows who is who by the roster now: what it seals to others says so again.
func (m memory) knows(now roster.Roster) bool {
	return now.Serial == 1 || max(m.Known, m.Granted) >= now.Serial
}

// String hides the plan: members have names.
func (plan) String() string { return "[plan]" }

// GoString hides the plan.
func (plan) GoString() string { return "[plan]" }

var errMemory = errors.New("the change under way does not read; was it written by a newer version?")

func recall(s *keyring.State) (memory, error) {
	var m memory
	if len(s.Plan) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(s.Plan, &m); err != nil {
		return m, errMemory // json's error quotes
	}
	return m, nil
}

func (m memory) keep(s *keyring.State) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("writing the change under way: %w", errMemory)
	}
	s.Plan = b
	return nil
}

// update changes state and memory together: all of it is on the disk when update returns, or nothing.
func (c *Council) update(f func(*keyring.State, *memory) error) error {
	return c.c.Keys.Update(func(s *keyring.State) error {
		m, err := recall(s)
		if err != nil {
			return err
		}
		if err := f(s, &m); err != nil {
			return err
		}
		return m.keep(s)
	})
}

// look reads state and memory.
func (c *Council) look() (keyring.State, memory, error) {
	s := c.c.Keys.State()
	m, err := recall(&s)
	return s, m, err
}

// dropPlan forgets a plan and the identity that only it knew.
func dropPlan(s *keyring.State, m *memory, now roster.Roster) {
	if p := m.Plan; p != nil && p.NewEpoch && p.Epoch > now.Epoch {
		delete(s.Epochs, p.Epoch)
		delete(s.Began, p.Epoch)
	}
	m.Plan = nil
}
