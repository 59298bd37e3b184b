package sync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
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
	if err := s.learnDevices(ctx); err != nil {
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
