package sync

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"filippo.io/age"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// An epochKey opens what was sealed to one epoch and checks what desks wrote in it.
type epochKey struct {
	epoch  int
	opener seal.Opener
	desk   seal.DeskKey
}

// keys is what a round opens letters with. It stays the same while the round lasts.
type keys struct {
	epochs  []epochKey // newest first
	newest  int        // epoch in force
	cases   []caseOpener
	wrapped bool   // wraps have brought keys of entries
	joined  int64  // size of the log when this desk came in, or came back
	away    bool   // it has not caught up since it came back
	tried   string // names the set of keys, without telling any
}

// takeKeys looks at the keyring: epochs begin and end while the desk runs.
func (s *Syncer) takeKeys(ctx context.Context) error {
	k := keys{newest: s.c.Keys.Epoch(), joined: s.c.Keys.JoinedAt()}
	here := map[int]time.Time{}
	for _, n := range s.c.Keys.Epochs() {
		id := s.c.Keys.Identity(n)
		desk, ok := s.c.Keys.DeskKey(n)
		if id == nil || !ok {
			continue
		}
		k.epochs = append([]epochKey{{n, seal.NewOpener(id), desk}}, k.epochs...)
		k.tried += fmt.Sprintf("epoch %d ", n)
		if n <= k.newest {
			here[n] = s.c.Keys.Began(n)
		}
	}
	if err := s.c.DB.Epochs(ctx, here, k.newest, s.c.Now()); err != nil {
		return err
	}
	away, err := s.c.DB.Away(ctx)
	if err != nil {
		return err
	}
	k.joined, k.away = max(k.joined, away), away == math.MaxInt64
	own := map[int][32]byte{1: roster.Hash(s.c.Keys.Founding)}
	newest := s.c.Keys.Newest()
	own[newest.Serial] = roster.Hash(s.c.Keys.Roster())
	if newest.Serial > 1 {
		own[newest.Serial-1] = newest.Previous
	}
	if err := s.c.DB.OwnRosters(ctx, own, s.c.Now()); err != nil {
		return err
	}
	if err := s.c.DB.Iam(ctx, s.me); err != nil {
		return err
	}
	cases, err := s.c.DB.CaseIdentities(ctx)
	if err != nil {
		return err
	}
	for id, list := range cases {
		for _, text := range list {
			identity, err := age.ParseHybridIdentity(text)
			if err != nil {
				return errors.New("reading the key of a locked case: malformed")
			}
			k.cases = append(k.cases, caseOpener{id, identity, seal.NewOpener(identity)})
		}
	}
	k.tried += fmt.Sprintf("cases %d", len(k.cases))
	s.keys = k
	return nil
}

// A caseOpener opens what was sealed to a locked case's key.
type caseOpener struct {
	id       casedb.CaseID
	identity *age.HybridIdentity
	opener   seal.Opener
}

// prepare takes the keys, reads the wraps when the desk starts from nothing, and opens what waited for a key.
func (s *Syncer) prepare(ctx context.Context, from int64) error {
	if err := s.takeKeys(ctx); err != nil {
		return err
	}
	if from == 0 && s.keys.newest > 1 { // of the first epoch there are none yet
		for _, k := range s.keys.epochs {
			if k.epoch > s.keys.newest {
				continue // about to begin, perhaps
			}
			// Also of the one before: after a recovery nobody has made those of the newest yet.
			if _, err := s.wraps.Load(ctx, k.epoch); err != nil {
				return err
			}
		}
	}
	return s.reopen(ctx)
}

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
		var opened []casedb.Incoming
		for _, u := range list {
			e, err := s.one(ctx, u.Index)
			if err != nil {
				return err
			}
			if in := s.openEntry(ctx, &e); in.Problem == "" && in.Present && in.Commitment == u.Commitment && in.ID == u.ID {
				opened = append(opened, in)
			}
		}
		if len(opened) == 0 {
			return nil // the rest stays as it is
		}
		if err := s.storeAgain(ctx, opened); err != nil {
			return err
		}
	}
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
