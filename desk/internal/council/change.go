package council

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"time"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/keyring"
)

// A Change is what a keeper wants of the next roster. The zero Change tells every desk the same again.
type Change struct {
	Epoch     bool                // begin a new epoch; implied by Remove
	Remove    []roster.DeviceHash // desks that leave, with their keepers' keys
	Admit     *Newcomer           // a desk that comes
	Role      map[roster.DeviceHash]roster.Role
	Names     map[roster.DeviceHash]string
	Threshold int       // keepers that must sign from then on; 0: as many as now
	Sheets    *Sheets   // new sheets of the custodians
	Rehearsed time.Time // when a recovery was tried; zero: no change

	to int // the epoch to begin; 0: whichever is next
}

// A Newcomer is a desk that a keeper has compared words with.
type Newcomer struct {
	Device ed25519.PublicKey
	Card   []byte // generation 1, signed
	Name   string
	Role   roster.Role
}

// Sheets are new sheets of the custodians, as far as desks know them.
type Sheets struct {
	Custodians roster.Custodians
	Keepers    []string    // verifier keys named recovery, in the place of those before
	Authority  []wire.File // the authority's files, which the sheets open; the epoch's are made when the change is posted
}

// recoveryName is what keepers' keys of custodians are called.
const recoveryName = "recovery"

// desksKeepers are the keepers' keys that desks hold, in the roster's order.
func desksKeepers(r roster.Roster) []string {
	var out []string
	for _, k := range r.Keepers {
		if !strings.HasPrefix(k, recoveryName+"+") {
			out = append(out, k)
		}
	}
	return out
}

// DeskKeepers counts the keepers' keys of a roster that desks hold, and not custodians.
func DeskKeepers(r roster.Roster) int { return len(desksKeepers(r)) }

// A draft is what the next roster and the grants beside it will say.
type draft struct {
	roster     roster.Roster
	members    []roster.Member
	custodians roster.Custodians
	files      []wire.File
}

// draw applies a change to what is in force. It changes no epoch's recipient: that is the caller's. Errors are for people.
func (ch Change) draw(s *keyring.State, now roster.Roster, at time.Time) (draft, error) {
	d := draft{roster: now.Next(s.Roster), members: slices.Clone(s.Members), custodians: s.Custodians}
	for _, hash := range ch.Remove {
		if err := d.remove(hash); err != nil {
			return d, err
		}
	}
	if ch.Admit != nil {
		if err := d.admit(*ch.Admit, at); err != nil {
			return d, err
		}
	}
	for hash, role := range ch.Role {
		if err := d.setRole(hash, role); err != nil {
			return d, err
		}
	}
	for hash, name := range ch.Names {
		i := d.index(hash)
		if i < 0 {
			return d, ErrNoDesk
		}
		d.members[i].Name = name
	}
	if sh := ch.Sheets; sh != nil {
		d.roster.Keepers = append(desksKeepers(d.roster), sh.Keepers...)
		// That a recovery was tried once stays known: an organisation that closes its intake for a while must be able to open it again. Whether these very sheets were is Custodians.Tried.
		rehearsed := d.custodians.Rehearsed
		d.custodians = sh.Custodians
		d.custodians.Rehearsed = rehearsed
		d.files = slices.DeleteFunc(slices.Clone(sh.Authority), func(f wire.File) bool { return !strings.HasPrefix(f.Name, recovery.KindAuthority+"-") })
	}
	if !ch.Rehearsed.IsZero() {
		d.custodians.Rehearsed = ch.Rehearsed
	}
	if ch.Threshold > 0 {
		d.roster.Threshold = ch.Threshold
	}
	d.sort()
	return d, d.check(now)
}

// check refuses what would leave the organisation without anybody who can sign.
func (d *draft) check(now roster.Roster) error {
	keepers := len(desksKeepers(d.roster))
	if keepers == 0 || keepers < d.roster.Threshold {
		return ErrThreshold
	}
	for _, m := range d.members {
		if _, err := m.JSON().Member(); err != nil { // a desk's name, most likely
			return fmt.Errorf("changing the list of desks: %w", err)
		}
	}
	if _, err := d.custodians.JSON().Custodians(); err != nil {
		return fmt.Errorf("changing the custodians: %w", err)
	}
	// Custodians must be able to sign alone: their sheets hold as many keys as the threshold was when they were made.
	if recovery := len(d.roster.Keepers) - keepers; recovery > 0 && recovery < d.roster.Threshold {
		return ErrSheets
	}
	return nil
}

func (d *draft) sort() {
	d.roster.Sort()
	slices.SortFunc(d.members, func(a, b roster.Member) int { return slices.Compare(a.Device, b.Device) })
}

func (d *draft) index(hash roster.DeviceHash) int {
	return slices.IndexFunc(d.members, func(m roster.Member) bool { return m.Hash() == hash })
}

func (d *draft) dropKeeper(vkey string) {
	d.roster.Keepers = slices.DeleteFunc(d.roster.Keepers, func(k string) bool { return k == vkey })
}

func (d *draft) remove(hash roster.DeviceHash) error {
	if !slices.Contains(d.roster.Devices, hash) {
		return ErrNoDesk
	}
	d.roster.Devices = slices.DeleteFunc(d.roster.Devices, func(h roster.DeviceHash) bool { return h == hash })
	if i := d.index(hash); i >= 0 {
		if k := d.members[i].Keeper; k != "" {
			d.dropKeeper(k)
		}
		d.members = slices.Delete(d.members, i, i+1)
	}
	return nil
}

func (d *draft) admit(n Newcomer, at time.Time) error {
	if _, err := roster.OpenCard(n.Card, d.roster.Org, n.Device); err != nil {
		return fmt.Errorf("admitting a desk: %w", err)
	}
	hash := roster.HashDevice(n.Device)
	if slices.Contains(d.roster.Devices, hash) {
		return nil // admitted already: the same again
	}
	d.roster.Devices = append(d.roster.Devices, hash)
	d.members = append(d.members, roster.Member{Device: n.Device, Name: n.Name, Role: roster.RoleReader, Since: at.Truncate(time.Second)})
	return d.setRole(hash, n.Role)
}

// setRole also gives or takes the keeper's key.
func (d *draft) setRole(hash roster.DeviceHash, role roster.Role) error {
	i := d.index(hash)
	if i < 0 {
		return ErrNoDesk
	}
	if !role.Valid() {
		return fmt.Errorf("giving a desk a role: there is no role %q", role)
	}
	m := &d.members[i]
	m.Role = role
	switch {
	case role == roster.RoleKeeper && m.Keeper == "":
		vkey, err := KeeperOf(m.Device)
		if err != nil {
			return err
		}
		m.Keeper = vkey
		if !slices.Contains(d.roster.Keepers, vkey) {
			d.roster.Keepers = append(d.roster.Keepers, vkey)
		}
	case role != roster.RoleKeeper && m.Keeper != "":
		d.dropKeeper(m.Keeper)
		m.Keeper = ""
	}
	return nil
}
