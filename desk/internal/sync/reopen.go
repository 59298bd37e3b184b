package sync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// reopenStep is how many letters are opened again in one transaction.
const reopenStep = 50

// reopen tries again what could not be opened: an epoch's key may come after its first letters, and a wrap names what was before this desk's time.
func (s *Syncer) reopen(ctx context.Context) error {
	wrapped, tried, err := s.c.DB.KeysSeen(ctx)
	if err != nil {
		return err
	}
	s.keys.wrapped = wrapped
	if !wrapped && tried == s.keys.tried {
		return nil
	}
	var after *casedb.Unopened
	for {
		list, err := s.c.DB.Unopened(ctx, after, tried == s.keys.tried, reopenStep)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		after = &list[len(list)-1]
		if err := s.openAgain(ctx, list); err != nil {
			return err
		}
	}
	if wrapped {
		if err := s.fetchNamed(ctx); err != nil {
			return err
		}
	}
	cursor, err := s.c.DB.Cursor(ctx)
	if err != nil {
		return err
	}
	return s.c.DB.Tried(ctx, s.keys.tried, cursor.Round-1)
}

func (s *Syncer) openAgain(ctx context.Context, list []casedb.Unopened) error {
	var opened []casedb.Incoming
	for _, u := range list {
		in := casedb.Incoming{Index: u.Index, Commitment: u.Commitment, Present: true, ID: u.ID, Hour: u.Hour, Urgency: casedb.UrgencyDays}
		s.openLetter(ctx, &in, u.Sealed)
		if in.Problem == "" {
			opened = append(opened, in)
		}
	}
	return s.storeAgain(ctx, opened)
}

func (s *Syncer) storeAgain(ctx context.Context, opened []casedb.Incoming) error {
	if len(opened) == 0 {
		return nil
	}
	applied, err := s.c.DB.Reopen(ctx, opened, s.c.Now())
	if err != nil {
		return fmt.Errorf("storing letters that could not be opened before: %w", err)
	}
	if s.c.Changed != nil {
		s.c.Changed(applied)
	}
	return nil
}

// fetchNamed reads again, one by one, the entries from before this desk's time that a wrap names. Wraps that a gate withheld at first come later.
func (s *Syncer) fetchNamed(ctx context.Context) error {
	for {
		list, err := s.c.DB.Named(ctx, reopenStep)
		if err != nil || len(list) == 0 {
			return err
		}
		opened, err := s.fetchAgain(ctx, list)
		if err != nil || opened == 0 {
			return err // the rest stays as it is
		}
	}
}

// fetchPassedOver reads again what came of locked cases, after a place in the log, before this desk had their key.
func (s *Syncer) fetchPassedOver(ctx context.Context, after int64) error {
	for {
		list, err := s.c.DB.PassedOver(ctx, after, reopenStep)
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1].Index
		if _, err := s.fetchAgain(ctx, list); err != nil {
			return err
		}
	}
}

// fetchAgain reads entries whose commitments were verified again, and stores those that open now. An enclosed letter that this desk has no key for stays closed.
func (s *Syncer) fetchAgain(ctx context.Context, list []casedb.Unopened) (opened int, err error) {
	var some []casedb.Incoming
	for _, u := range list {
		e, err := s.one(ctx, u.Index)
		if err != nil {
			return 0, err
		}
		in := s.openEntry(ctx, &e)
		if in.Problem == "" && in.Present && in.Commitment == u.Commitment && in.ID == u.ID && in.Letter.Kind != seal.KindLocked {
			some = append(some, in)
		}
	}
	return len(some), s.storeAgain(ctx, some)
}

// one reads a single entry whose commitment was verified before.
func (s *Syncer) one(ctx context.Context, index int64) (wire.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, idleTime)
	defer cancel()
	body, err := s.c.Line.Sync(ctx, index)
	if err != nil {
		return wire.Entry{}, err
	}
	defer body.Close()
	r := bufio.NewReader(body)
	for {
		kind, payload, err := wire.ReadFrame(r)
		switch {
		case errors.Is(err, io.EOF) || err == nil && kind == wire.FrameEnd:
			return wire.Entry{}, fmt.Errorf("%w: it does not serve entry %d", line.ErrOffline, index)
		case err != nil:
			return wire.Entry{}, fmt.Errorf("%w: %v", line.ErrOffline, err)
		case kind != wire.FrameEntry:
			continue
		}
		e, err := wire.ParseEntry(payload)
		if err != nil || e.Index != index {
			return wire.Entry{}, fmt.Errorf("%w: it does not serve entry %d", line.ErrOffline, index)
		}
		return e, nil
	}
}
