package sync

import (
	"bytes"
	"context"
	"errors"
	"maps"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// learnDevices tells the database which desks are or were the organisation's: events that they signed are believed. Those of the roster in the key file are known without
// asking; former ones stand in the rosters before it, which the gate serves to anybody and which their hashes prove, one by one, from the newest back.
func (s *Syncer) learnDevices(ctx context.Context) error {
	known, err := s.c.DB.DevicesKnown(ctx)
	if err != nil {
		return err
	}
	newest := s.c.Keys.Newest()
	if known >= newest.Serial {
		return s.tellRoles(ctx)
	}
	devices, whole, err := s.formerDevices(ctx, known, newest)
	if err != nil {
		return err
	}
	upTo := newest.Serial
	if !whole {
		upTo = known // asked again in the next round
	}
	for _, d := range newest.Devices {
		devices = append(devices, casedb.Device(d))
	}
	if err := s.c.DB.KnowDevices(ctx, upTo, devices); err != nil {
		return err
	}
	return s.tellRoles(ctx)
}

// tellRoles tells the database what the keepers call each desk.
func (s *Syncer) tellRoles(ctx context.Context) error {
	roles := map[casedb.Device]string{}
	for _, m := range s.c.Keys.State().Members {
		roles[casedb.Device(m.Hash())] = string(m.Role)
	}
	if maps.Equal(roles, s.roles) {
		return nil
	}
	if err := s.c.DB.Roles(ctx, roles); err != nil {
		return err
	}
	s.roles = roles
	return nil
}

// meet looks for rosters beyond this desk's own when a notice of the batch is signed by a desk that none of its rosters names: the order of a desk that came in a moment ago must
// not be refused. The keepers' signatures on those rosters are checked; the rest of what goes with them comes by council.
func (s *Syncer) meet(ctx context.Context, batch []casedb.Incoming) error {
	var by []casedb.Device
	for i := range batch {
		e := &batch[i]
		if e.Letter.Kind != seal.KindNotice || !e.DeskOK || len(e.Letter.Parts) != 1 {
			continue
		}
		if key := casedb.Signer(e.Letter.Parts[0].Data); key != nil {
			by = append(by, casedb.Device(roster.HashDevice(key)))
		}
	}
	if len(by) == 0 {
		return nil
	}
	strange, err := s.c.DB.Strangers(ctx, by)
	if err != nil || !strange {
		return err
	}
	known, err := s.c.DB.DevicesKnown(ctx)
	if err != nil {
		return err
	}
	devices, err := s.rostersAhead(ctx)
	if err != nil || len(devices) == 0 {
		return err
	}
	return s.c.DB.KnowDevices(ctx, known, devices)
}

// rostersAhead lists the desks of the rosters that follow this desk's newest.
func (s *Syncer) rostersAhead(ctx context.Context) (devices []casedb.Device, err error) {
	top, signed := s.c.Keys.Newest(), s.c.Keys.Roster()
	notes, err := s.c.Line.Rosters(ctx, top.Serial+1)
	if errors.Is(err, line.ErrOffline) {
		return nil, nil // the notice stays refused, and people hear of it
	}
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		next, err := roster.OpenNext(n, signed, top)
		if err != nil {
			return devices, nil
		}
		for _, d := range next.Devices {
			devices = append(devices, casedb.Device(d))
		}
		top, signed = next, n
	}
	return devices, nil
}

// formerDevices lists the desks of the rosters after serial known and before the newest. whole is false when the gate did not serve all of them as they were.
func (s *Syncer) formerDevices(ctx context.Context, known int, newest roster.Roster) (devices []casedb.Device, whole bool, err error) {
	var notes [][]byte
	for from := known + 1; from < newest.Serial; from = known + 1 + len(notes) {
		some, err := s.c.Line.Rosters(ctx, from)
		if errors.Is(err, line.ErrOffline) || len(some) == 0 && err == nil {
			return nil, false, nil // the log is read all the same
		}
		if err != nil {
			return nil, false, err
		}
		notes = append(notes, some[:min(len(some), newest.Serial-from, wire.MaxRosters)]...)
	}
	want := newest.Previous
	for i := len(notes) - 1; i >= 0; i-- {
		r, err := roster.Reopen(notes[i])
		if err != nil || roster.Hash(notes[i]) != want || r.Serial != known+1+i {
			return devices, false, nil
		}
		for _, d := range r.Devices {
			devices = append(devices, casedb.Device(d))
		}
		want = r.Previous
	}
	return devices, known > 0 || bytes.Equal(want[:], make([]byte, len(want))), nil
}
