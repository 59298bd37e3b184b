package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// CheckWitnessKey refuses what is no verifier key of a witness (C2SP tlog-cosignature, Ed25519). The error wraps ErrKey.
func CheckWitnessKey(vkey string) error {
	if _, err := torchwood.NewCosignatureVerifier(vkey); err != nil || len(vkey) > maxKey {
		return fmt.Errorf("%w: of a witness", ErrKey)
	}
	return nil
}

// OpenCosigned reads a checkpoint that the gate and the witness with this key both signed, and when the witness says it did.
func OpenCosigned(signed []byte, key string, gate note.Verifier) (t ledger.Tree, at time.Time, err error) {
	if t, err = ledger.ParseCheckpoint(signed, gate); err != nil {
		return ledger.Tree{}, time.Time{}, err
	}
	bad := errors.New("reading a cosigned checkpoint: not cosigned by this witness")
	witness, err := torchwood.NewCosignatureVerifier(key)
	if err != nil {
		return ledger.Tree{}, time.Time{}, bad
	}
	n, err := note.Open(signed, note.VerifierList(witness))
	if err != nil {
		return ledger.Tree{}, time.Time{}, bad
	}
	seconds, err := torchwood.CosignatureTimestamp(n.Sigs[0])
	if err != nil {
		return ledger.Tree{}, time.Time{}, bad
	}
	return t, time.Unix(seconds, 0).UTC(), nil
}

// compare holds what witnesses cosigned against the own log, once in a while, and warns of silent ones.
func (w *Watcher) compare(ctx context.Context) error {
	now := w.c.Now()
	known, err := w.c.DB.Witnesses(ctx)
	if err != nil || now.Sub(w.looked).Abs() < askEvery {
		return err
	}
	if cursor, err := w.c.DB.Cursor(ctx); err != nil || cursor.Verified.Size() == 0 {
		return err // nothing to compare with yet
	}
	list, err := w.c.Line.Witnesses(ctx)
	if err != nil {
		return errors.Join(w.c.DB.Silent(ctx, SilentTime, now), ctx.Err()) // the desk's sync tells how the gate is
	}
	w.looked = now
	var errs []error
	for _, one := range list {
		if one.Cosigned != "" {
			errs = append(errs, w.compareOne(ctx, one))
		}
	}
	if len(known) > 0 {
		w.changes++
	}
	return errors.Join(errors.Join(errs...), w.c.DB.Silent(ctx, SilentTime, now))
}

// compareOne compares one cosigned checkpoint. One that the gate and the witness did not both sign says nothing; so does one that no proof could be had for: then the
// witness is as good as silent.
func (w *Watcher) compareOne(ctx context.Context, one wire.Witness) error {
	theirs, at, err := OpenCosigned([]byte(one.Cosigned), one.Key, w.from.Gate)
	if err != nil {
		return nil
	}
	cursor, err := w.c.DB.Cursor(ctx)
	if err != nil {
		return err
	}
	ours, err := cursor.Verified.Tree()
	if err != nil || ours.Size == 0 {
		return err
	}
	older, newer := theirs, ours
	if older.Size > newer.Size {
		older, newer = newer, older
	}
	var proof []tlog.Hash
	if older.Size > 0 && older.Size < newer.Size {
		if proof, err = w.c.Line.Consistency(ctx, older.Size, newer.Size); err != nil {
			return ctx.Err()
		}
	}
	if err := ledger.CheckConsistency(older, newer, proof); err != nil {
		f := casedb.Finding{Kind: casedb.AlarmWitness, Args: map[string]int64{"size": theirs.Size}}
		f.Evidence = []string{one.Cosigned, string(cursor.Checkpoint)}
		return w.raise(ctx, f)
	}
	if now := w.c.Now(); at.After(now) { // a witness whose clock is ahead is not heard of for longer than the others
		at = now
	}
	return w.c.DB.WitnessSeen(ctx, one.Key, at)
}
