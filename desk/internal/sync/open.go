package sync

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// openLetter opens sealed into in, or says in in.Problem why not.
func (s *Syncer) openLetter(ctx context.Context, in *casedb.Incoming, sealed []byte) {
	err := s.unseal(ctx, in, sealed)
	switch {
	case errors.Is(err, seal.ErrNotForUs):
		in.Problem, in.Before = casedb.ProblemKey, in.Index < s.keys.joined
	case err != nil:
		in.Problem = casedb.ProblemDamaged
	case in.Letter.Org != s.c.Keys.Org:
		in.Problem = casedb.ProblemOrg
	}
	if in.Problem != "" {
		in.Letter, in.FileKey, in.Epoch, in.Sealed = seal.Letter{}, seal.FileKey{}, 0, sealed
		return
	}
	switch l := in.Letter; l.Kind {
	case seal.KindReplyCopy, seal.KindNotice, seal.KindLocked:
		in.DeskOK = false
		for _, k := range s.keys.epochs {
			in.DeskOK = in.DeskOK || k.epoch == l.Epoch && k.desk.Check(l) == nil
		}
		// The gate knows no file key: what a wrap of ours opens is what one of our desks meant when it wrapped it.
		in.DeskOK = in.DeskOK || in.Wrapped && l.DeskTag != nil
	}
	if in.Letter.Kind == seal.KindLocked && in.DeskOK {
		s.unlock(in)
	}
	in.Describe()
	if s.c.Urgency != nil && len(in.Intake.Situations) > 0 {
		in.Urgency = s.c.Urgency(in.Intake.Situations)
	}
}

// unseal tries the epochs' keys, newest first, then what wraps brought.
func (s *Syncer) unseal(ctx context.Context, in *casedb.Incoming, sealed []byte) (err error) {
	for _, k := range s.keys.epochs {
		if in.Letter, in.FileKey, err = k.opener.OpenKeyed(sealed); !errors.Is(err, seal.ErrNotForUs) {
			in.Epoch = k.epoch
			return err
		}
	}
	if err == nil { // no key at all yet
		if err = seal.CheckShape(sealed); err == nil {
			err = seal.ErrNotForUs
		}
	}
	for _, k := range s.keys.cases {
		if !errors.Is(err, seal.ErrNotForUs) {
			return err
		}
		if in.Letter, in.FileKey, err = k.opener.OpenKeyed(sealed); err == nil {
			in.Case = k.id
			return s.fromPersonOnly(in)
		}
	}
	if !s.keys.wrapped || !errors.Is(err, seal.ErrNotForUs) {
		return err
	}
	key, ok, dbErr := s.c.DB.WrappedKey(ctx, in.ID)
	if dbErr != nil || !ok {
		return err
	}
	l, withErr := seal.OpenWith(sealed, key)
	if withErr != nil {
		return err // a wrap that lies opens nothing
	}
	in.Letter, in.FileKey, in.Wrapped = l, key, true
	in.Epoch = max(1, min(l.Epoch, s.keys.newest-1))
	return nil
}

// fromPersonOnly refuses what a desk seems to have sealed to a case's key: that key is known to everybody who writes in it, and desks write kind locked.
func (s *Syncer) fromPersonOnly(in *casedb.Incoming) error {
	if k := in.Letter.Kind; k != seal.KindLetter && k != seal.KindErase {
		return seal.ErrBroken
	}
	return nil
}

// unlock puts what is inside a letter of the kind locked in its place, when this desk has the case's key.
func (s *Syncer) unlock(in *casedb.Incoming) {
	if len(in.Letter.Parts) != 1 {
		return
	}
	for _, k := range s.keys.cases {
		r, err := age.Decrypt(bytes.NewReader(in.Letter.Parts[0].Data), k.identity)
		if err != nil {
			continue
		}
		plain, err := io.ReadAll(io.LimitReader(r, maxInner+1))
		if err != nil || len(plain) > maxInner {
			return
		}
		inner, err := seal.Unpack(plain)
		if err != nil || inner.Org != s.c.Keys.Org || inner.Kind != seal.KindReplyCopy && inner.Kind != seal.KindNotice {
			return
		}
		inner.Seen, inner.Epoch = in.Letter.Seen, in.Letter.Epoch
		in.Letter, in.Case, in.Locked = inner, k.id, true
		return
	}
}

// maxInner bounds a letter inside a letter.
const maxInner = 2 << 20

// openEntry checks one entry against its commitment and opens the letter.
func (s *Syncer) openEntry(ctx context.Context, e *wire.Entry) casedb.Incoming {
	in := casedb.Incoming{Index: e.Index, Commitment: e.Commitment, Present: e.Present, Urgency: casedb.UrgencyDays}
	if !e.Present {
		in.Before = e.Index < s.keys.joined
		return in
	}
	record, err := ledger.CheckEntry(*e)
	if err != nil {
		in.Problem, in.Sealed, in.ID = casedb.ProblemChanged, e.Sealed, wire.IDOf(e.Sealed)
		in.Hour = s.c.Now().Truncate(time.Hour) // its record proves nothing
		return in
	}
	in.ID, in.Hour = record.Letter, record.Hour
	s.openLetter(ctx, &in, e.Sealed)
	return in
}
