package sync

import (
	"bytes"
	"context"
	"errors"

	"panah/core/roster"
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
		return nil
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
	return s.c.DB.KnowDevices(ctx, upTo, devices)
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
