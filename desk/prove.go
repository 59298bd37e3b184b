package desk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/custody"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// maxProved is how many entries of the log a recovery tries to open before it leaves the rest to the ordinary sync.
const maxProved = 5000

// prove opens what the log has with the key that the sheets brought back, and writes down that the recovery was a real one. When the rehearsal letter is among it, intake
// opens. It ends the making of the desk, and may be done again.
func prove(ctx context.Context, c RecoverConfig, keys *keyring.Keyring, l *line.Line) (Recovered, error) {
	r := keys.Newest()
	done := Recovered{Org: keys.Org, Name: keys.Name(), Serial: r.Serial, Epoch: r.Epoch, Began: keys.Began(r.Epoch)}
	seen, err := readBack(ctx, l, keys, r.Epoch-1)
	if err != nil {
		return done, fmt.Errorf("reading the letters at the gate: %w", err)
	}
	done.Rehearsed, done.Intake = seen.opened, seen.rehearsal
	if seen.rehearsal {
		if err := l.Intake(ctx, true); err != nil {
			return done, fmt.Errorf("opening intake: %w", err)
		}
	}
	if err := leaveLetter(ctx, l, keys, custody.Again); err != nil {
		return done, err
	}
	if err := keys.Update(func(s *keyring.State) error { s.JoinedAt = seen.size; return nil }); err != nil {
		return done, err
	}
	return done, keyring.Finish(c.Data)
}

// leaveLetter puts a letter of the epoch in force into the log, for the next recovery to open.
func leaveLetter(ctx context.Context, l *line.Line, keys *keyring.Keyring, p custody.Proof) error {
	r := keys.Newest()
	key, ok := keys.DeskKey(r.Epoch)
	if !ok {
		return errors.New("sealing a rehearsal letter: the epoch's key is missing")
	}
	letter, err := custody.Letter(p, r, key, time.Now())
	if err != nil {
		return err
	}
	gate, err := keys.GateVerifier()
	if err != nil {
		return err
	}
	if _, err := l.DeskLetter(ctx, letter, line.Issuer{Gate: gate, Org: keys.Org}); err != nil {
		return fmt.Errorf("leaving a rehearsal letter at the gate: %w", err)
	}
	return nil
}

// A reading is what prove saw of the log.
type reading struct {
	size      int64 // of the log
	opened    bool  // a letter
	rehearsal bool  // the rehearsal letter
}

// readBack reads the log until it opened a letter of an epoch, and the rehearsal letter when it comes first. It proves that the key opens; whether the log fits is
// for the ordinary sync to check.
func readBack(ctx context.Context, l *line.Line, keys *keyring.Keyring, epoch int) (reading, error) {
	var seen reading
	desk, ok := keys.DeskKey(epoch)
	if !ok {
		return seen, errors.New("the key of the epoch before is missing")
	}
	gate, err := keys.GateVerifier()
	if err != nil {
		return seen, err
	}
	for from := int64(0); ; {
		body, err := l.Sync(ctx, from)
		if err != nil {
			return seen, err
		}
		more, err := seen.stream(body, gate, keys.Identity(epoch), desk)
		body.Close()
		from += more
		if err != nil || more == 0 || from >= min(seen.size, maxProved) || seen.rehearsal {
			return seen, err
		}
	}
}

// stream reads one stream of entries and says how many there were.
func (seen *reading) stream(body io.Reader, gate note.Verifier, id age.Identity, desk seal.DeskKey) (n int64, err error) {
	r := bufio.NewReader(body)
	for {
		kind, payload, err := wire.ReadFrame(r)
		if err != nil {
			return n, fmt.Errorf("%w: %v", line.ErrOffline, err)
		}
		switch kind {
		case wire.FrameEnd:
			return n, nil
		case wire.FrameCheckpoint:
			t, err := ledger.ParseCheckpoint(payload, gate)
			if err != nil {
				return n, fmt.Errorf("the gate's log is not signed with the key that the sheets name: %w", err)
			}
			seen.size = t.Size
		case wire.FrameEntry:
			e, err := wire.ParseEntry(payload)
			if err != nil {
				return n, fmt.Errorf("%w: %v", line.ErrOffline, err)
			}
			n++
			if !e.Present {
				continue
			}
			p, err := custody.Open(e.Sealed, id, desk)
			seen.opened = seen.opened || err == nil
			if p == custody.Rehearsal {
				seen.rehearsal = true
				return n, nil
			}
		}
	}
}
