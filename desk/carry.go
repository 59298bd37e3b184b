package desk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"panah/core/seal"
	"panah/desk/internal/carry"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// What can be wrong with a file that ImportSealed reads.
var (
	ErrNoStick = carry.ErrNoStick // no such file
	ErrForeign = carry.ErrForeign // another organisation's, or of an epoch whose key is not here
	ErrStick   = carry.ErrDamaged // damaged or not complete
)

// Exported counts what a file holds.
type Exported struct {
	Letters, Replies, Notices, Erasures int
	Locked                              int // cases left out: only their specialists may have them
	Unnamed                             int // conversations left out: nothing tells another desk which they are
	TooLarge                            int // letters left out
}

// Imported counts what a desk learnt from a file.
type Imported casedb.Taken

// ExportSealed writes what the desk in the folder data knows and another desk of the organisation may lack, sealed to the epoch in force as far as this desk knows. It needs no network. Nobody
// else may have the desk open. The error wraps ErrNone, ErrPassphrase, ErrDamaged or ErrInUse, or tells what w said.
func ExportSealed(ctx context.Context, data, passphrase string, w io.Writer) (done Exported, err error) {
	err = withCases(ctx, data, passphrase, func(keys *keyring.Keyring, db *casedb.DB) error {
		epoch := keys.Epoch()
		key, ok := keys.DeskKey(epoch)
		if !ok {
			return errors.New("this desk has no key of the epoch in force: connect it once")
		}
		buffered := bufio.NewWriterSize(w, 1<<20)
		out, err := carry.NewWriter(buffered, carry.Keys{Org: keys.Org, Epoch: epoch, To: keys.Recipient(epoch), Desk: key}, time.Now())
		if err != nil {
			return err
		}
		left, err := db.Carry(ctx, func(c casedb.Carried) error {
			if c.What == casedb.CarriedErase {
				var err error
				if c.Notice, err = casedb.SignNotice(c.Notice, keys.Org, keys.Device()); err != nil {
					return err
				}
			}
			return done.count(c.What, out.Add(c))
		})
		if err != nil {
			return err
		}
		done.Locked, done.Unnamed = left.Locked, left.Unnamed
		if err := out.Close(); err != nil {
			return err
		}
		return buffered.Flush()
	})
	if err != nil {
		return Exported{}, fmt.Errorf("writing what this desk knows: %w", err)
	}
	return done, nil
}

// count counts a piece; one that does not fit a letter is left out.
func (e *Exported) count(what string, err error) error {
	switch {
	case errors.Is(err, seal.ErrTooLarge):
		e.TooLarge++
		return nil
	case err != nil:
		return err
	case what == casedb.CarriedLetter:
		e.Letters++
	case what == casedb.CarriedReply:
		e.Replies++
	case what == casedb.CarriedEvents:
		e.Notices++
	case what == casedb.CarriedErase:
		e.Erasures++
	}
	return nil
}

// Pieces are stored in batches, so that neither memory nor a transaction grows with the file. A batch that was stored before a failure is no harm: the same file again adds the rest.
const (
	batchPieces = 256
	batchBytes  = 16 << 20
)

// ImportSealed takes what another desk wrote with ExportSealed into the desk in the folder data. The whole file is checked before anything of it is stored, and what is here already changes
// nothing. It needs no network. The error wraps ErrNoStick, ErrForeign or ErrStick, or those of ExportSealed.
func ImportSealed(ctx context.Context, data, passphrase string, r io.ReadSeeker) (done Imported, err error) {
	err = withCases(ctx, data, passphrase, func(keys *keyring.Keyring, db *casedb.DB) error {
		in := &importing{ctx: ctx, db: db, org: keys.Org}
		book, err := situations()
		if err != nil {
			return err
		}
		in.urgency = urgency(book)
		var epochs []carry.Epoch
		for _, n := range keys.Epochs() {
			if key, ok := keys.DeskKey(n); ok && keys.Identity(n) != nil {
				epochs = append(epochs, carry.Epoch{N: n, Opener: seal.NewOpener(keys.Identity(n)), Desk: key})
			}
		}
		if err := carry.Read(bufio.NewReaderSize(r, 1<<20), keys.Org, epochs, func(casedb.Carried) error { return ctx.Err() }); err != nil {
			return err
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("reading the file again: %w", err)
		}
		if err := carry.Read(bufio.NewReaderSize(r, 1<<20), keys.Org, epochs, in.take); err != nil {
			return err
		}
		err = in.store()
		done = in.done
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("taking what another desk wrote: %w", err)
	}
	return done, nil
}

// importing collects a batch.
type importing struct {
	ctx     context.Context
	db      *casedb.DB
	org     string
	urgency func([]string) casedb.Urgency
	batch   []casedb.Carried
	bytes   int
	done    Imported
}

func (in *importing) take(c casedb.Carried) error {
	in.batch, in.bytes = append(in.batch, c), in.bytes+len(c.Notice)
	for _, p := range c.Letter.Parts {
		in.bytes += len(p.Data)
	}
	if len(in.batch) < batchPieces && in.bytes < batchBytes {
		return nil
	}
	return in.store()
}

func (in *importing) store() error {
	t, err := in.db.TakeCarried(in.ctx, in.org, in.batch, in.urgency, time.Now())
	if err != nil {
		return err
	}
	in.batch, in.bytes = nil, 0
	d := &in.done
	d.Letters, d.Replies, d.Events, d.Erased = d.Letters+t.Letters, d.Replies+t.Replies, d.Events+t.Events, d.Erased+t.Erased
	d.Known, d.Closed, d.Doubtful = d.Known+t.Known, d.Closed+t.Closed, d.Doubtful+t.Doubtful
	return nil
}

// withCases opens the desk in a folder without its gate.
func withCases(ctx context.Context, data, passphrase string, f func(*keyring.Keyring, *casedb.DB) error) error {
	if !Exists(data) {
		return ErrNone
	}
	keys, err := keyring.Open(data, passphrase)
	if err != nil {
		return err
	}
	defer keys.Forget()
	db, err := casedb.Open(ctx, filepath.Join(data, casedb.FileName), keys.Database())
	if err != nil {
		return err
	}
	return errors.Join(f(keys, db), db.Close())
}
