package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"panah/core/ledger"
	"panah/core/wire"
)

// An Unopened is an entry that nothing opened when it came.
type Unopened struct {
	ID         wire.LetterID
	Index      int64
	Commitment ledger.Commitment
	Hour       time.Time
	Sealed     []byte // nil: from before this desk's time; the gate has it
	at         int64  // where to go on after
}

// Unopened returns entries that no key opened, after the entry after: with wrapped, only those for which a wrap has brought a key since. At most limit.
func (d *DB) Unopened(ctx context.Context, after *Unopened, wrapped bool, limit int) (list []Unopened, err error) {
	var from int64
	if after != nil {
		from = after.at
	}
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.Query(`SELECT id, letter_id, idx, commitment, hour, raw FROM letter l WHERE id > ?1 AND problem = 'key' AND raw IS NOT NULL
			AND (NOT ?2 OR EXISTS (SELECT 1 FROM wrapped_key w WHERE w.letter_id = l.letter_id)) ORDER BY id LIMIT ?3`, from, wrapped, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u Unopened
			var id, commitment []byte
			var hour int64
			if err := rows.Scan(&u.at, &id, &u.Index, &commitment, &hour, &u.Sealed); err != nil {
				return err
			}
			u.ID, u.Commitment, u.Hour = wire.LetterID(id), ledger.Commitment(commitment), fromUnix(hour)
			list = append(list, u)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("looking for unopened letters: %w", err)
	}
	return list, nil
}

// Named returns entries from before this desk's time for which a wrap has brought a key, at most limit.
func (d *DB) Named(ctx context.Context, limit int) (list []Unopened, err error) {
	return d.named(ctx, "SELECT idx, letter_id, commitment FROM before WHERE letter_id IN (SELECT letter_id FROM wrapped_key) ORDER BY idx LIMIT ?", limit)
}

func (d *DB) named(ctx context.Context, query string, args ...any) (list []Unopened, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u Unopened
			var id, commitment []byte
			if err := rows.Scan(&u.Index, &id, &commitment); err != nil {
				return err
			}
			u.ID, u.Commitment = wire.LetterID(id), ledger.Commitment(commitment)
			list = append(list, u)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("looking for entries that a wrap names: %w", err)
	}
	return list, nil
}

// PassedOver returns entries of locked cases that this desk could not read when they came, after a place in the log; at most limit.
func (d *DB) PassedOver(ctx context.Context, after int64, limit int) (list []Unopened, err error) {
	return d.named(ctx, "SELECT idx, letter_id, commitment FROM before WHERE locked AND idx > ? ORDER BY idx LIMIT ?", after, limit)
}

// Reopen stores entries that were not opened when they came, and are now. Their places in the log are known. When nothing unopened is left, the alarm is settled.
func (d *DB) Reopen(ctx context.Context, batch []Incoming, now time.Time) (Applied, error) {
	var applied Applied
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		in, err := newIngest(ctx, tx, now)
		if err != nil {
			return err
		}
		defer in.close()
		for i := range batch {
			if err := in.forgetUnopened(batch[i].ID); err != nil {
				return err
			}
			if err := in.entry(&batch[i]); err != nil {
				return fmt.Errorf("storing log entry %d: %w", batch[i].Index, err)
			}
		}
		if err := in.settleUnopened(); err != nil {
			return err
		}
		if err := in.announceOurs(); err != nil {
			return err
		}
		if err := in.fold(); err != nil {
			return err
		}
		for id := range in.changed {
			applied.Threads = append(applied.Threads, id)
		}
		return nil
	})
	return applied, err
}

// forgetUnopened takes out what stood for a letter while it could not be opened.
func (in *ingest) forgetUnopened(id wire.LetterID) error {
	threads, err := indices(in.tx, "DELETE FROM letter WHERE letter_id = ? AND problem = 'key' RETURNING thread", id[:])
	if err != nil {
		return err
	}
	for _, thread := range threads {
		in.changed[thread] = true
		if _, err := in.tx.Exec("DELETE FROM thread WHERE id = ? AND state = 'sealed'", thread); err != nil {
			return fmt.Errorf("opening a letter after all: %w", err)
		}
	}
	if _, err := in.tx.Exec("DELETE FROM before WHERE letter_id = ?", id[:]); err != nil {
		return fmt.Errorf("opening a letter after all: %w", err)
	}
	return nil
}

// settleUnopened closes the alarm about unopened letters when there are none any more.
func (in *ingest) settleUnopened() error {
	var left bool
	if err := in.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM thread WHERE state = 'sealed')").Scan(&left); err != nil || left {
		return err
	}
	return settleAlarm(in.tx, Finding{Kind: AlarmUnopened}, in.now)
}

// BeforeMyTime counts the entries from before this desk's time that nothing opens: they belong to cases that were closed before it came in.
func (d *DB) BeforeMyTime(ctx context.Context) (n int64, err error) {
	if err := d.sql.QueryRowContext(ctx, "SELECT count(*) FROM before WHERE locked = 0").Scan(&n); err != nil {
		return 0, fmt.Errorf("counting: %w", err)
	}
	return n, nil
}

// KeysSeen says what the desk has of unused keys: whether wraps brought some, and with which set of keys unopened letters were last tried.
func (d *DB) KeysSeen(ctx context.Context) (wrapped bool, tried string, err error) {
	err = d.sql.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM wrapped_key), coalesce((SELECT v FROM meta WHERE k = 'tried'), '')").Scan(&wrapped, &tried)
	if err != nil {
		return false, "", fmt.Errorf("looking for unused keys: %w", err)
	}
	return wrapped, tried, nil
}

// Tried records that unopened letters were tried with a set of keys. Keys from wraps that were there for a whole round and opened nothing are destroyed.
func (d *DB) Tried(ctx context.Context, tried string, spent int64) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if err := setMeta(tx, "tried", tried); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM wrapped_key WHERE round < ?", spent); err != nil {
			return fmt.Errorf("destroying unused keys: %w", err)
		}
		return nil
	})
}
