package casedb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
)

// WitnessSeed returns the seed of this desk's witness key, made on first use. It lies beside what the witness last cosigned: a desk that lost that must not go on under
// the same key, as it could cosign a log that contradicts what it cosigned before.
func (d *DB) WitnessSeed(ctx context.Context) (seed [32]byte, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		var b []byte
		err := tx.QueryRow("SELECT v FROM watch WHERE k = 'witness_seed'").Scan(&b)
		if err == nil && len(b) == len(seed) {
			seed = [32]byte(b)
			return nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading the witness key: %w", err)
		}
		_, _ = rand.Read(seed[:]) // never fails since Go 1.24
		return setWatch(tx, "witness_seed", seed[:])
	})
	return seed, err
}

// HasWitnessSeed reports whether WitnessSeed has made one.
func (d *DB) HasWitnessSeed(ctx context.Context) (made bool, err error) {
	if err := d.sql.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM watch WHERE k = 'witness_seed')").Scan(&made); err != nil {
		return false, fmt.Errorf("looking for the witness key: %w", err)
	}
	return made, nil
}

// A Watched is a partner's gate that this desk is a witness of.
type Watched struct {
	ID       int64
	URL      string
	Key      string      // the gate's verifier key
	Last     ledger.Tree // what this desk cosigned last; zero: nothing yet
	Cosigned string      // that checkpoint, as the gate signed it
	Told     time.Time   // when the gate took the last cosignature; zero: never
	Asked    time.Time   // when the gate was last asked
	Problem  string      // "", "offline", "refused", "clock", "signature", "forked": why there is none newer
}

// Watched lists the gates that this desk is a witness of.
func (d *DB) Watched(ctx context.Context) ([]Watched, error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT id, url, key, size, root, cosigned, told, asked, problem FROM watched ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("reading the watched gates: %w", err)
	}
	defer rows.Close()
	var out []Watched
	for rows.Next() {
		var w Watched
		var root []byte
		var told, asked int64
		if err := rows.Scan(&w.ID, &w.URL, &w.Key, &w.Last.Size, &root, &w.Cosigned, &told, &asked, &w.Problem); err != nil {
			return nil, fmt.Errorf("reading the watched gates: %w", err)
		}
		if len(root) == tlog.HashSize {
			w.Last.Root = tlog.Hash(root)
		}
		w.Told, w.Asked = fromUnix(told), fromUnix(asked)
		out = append(out, w)
	}
	return out, rows.Err()
}

// AddWatched begins to watch the gate with this verifier key. A second time changes its address; what was cosigned stays, so that no gate gets a fresh start.
func (d *DB) AddWatched(ctx context.Context, url, key string) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO watched (url, key) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET url = excluded.url, asked = 0", url, key); err != nil {
			return fmt.Errorf("keeping a watched gate: %w", err)
		}
		return nil
	})
}

// RemoveWatched ends watching a gate. Watched again, it begins anew.
func (d *DB) RemoveWatched(ctx context.Context, id int64) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM watched WHERE id = ?", id); err != nil {
			return fmt.Errorf("ending to watch a gate: %w", err)
		}
		return nil
	})
}

// Cosign keeps what is about to be cosigned. Only when it has returned nil may a cosignature leave. ErrMoved: another tree was kept in the meantime, or the gate is not watched any more.
func (d *DB) Cosign(ctx context.Context, w Watched, t ledger.Tree, checkpoint string) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec("UPDATE watched SET size = ?, root = ?, cosigned = ? WHERE id = ? AND size = ? AND cosigned = ?", t.Size, t.Root[:], checkpoint, w.ID, w.Last.Size, w.Cosigned)
		if err != nil {
			return fmt.Errorf("keeping a cosigned checkpoint: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrMoved, err)
		}
		return nil
	})
}

// AskedWatched records how asking a watched gate ended; told when it took the cosignature.
func (d *DB) AskedWatched(ctx context.Context, id int64, problem string, told bool, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE watched SET asked = ?1, problem = ?2, told = CASE WHEN ?3 THEN ?1 ELSE told END WHERE id = ?4", now.Unix(), problem, told, id)
		if err != nil {
			return fmt.Errorf("recording a watched gate: %w", err)
		}
		return nil
	})
}

// A Witness is a partner's desk that this desk believes to be a witness of its own gate.
type Witness struct {
	Key   string // verifier key
	Label string // who it is, for the people of this desk; the gate is not told
	Added time.Time
	Seen  time.Time // when it made the newest cosignature that this desk found consistent with its own log; zero: none yet
}

// Witnesses lists them.
func (d *DB) Witnesses(ctx context.Context) ([]Witness, error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT key, label, added, seen FROM witness ORDER BY added, key")
	if err != nil {
		return nil, fmt.Errorf("reading witnesses: %w", err)
	}
	defer rows.Close()
	var out []Witness
	for rows.Next() {
		var w Witness
		var added, seen int64
		if err := rows.Scan(&w.Key, &w.Label, &added, &seen); err != nil {
			return nil, fmt.Errorf("reading witnesses: %w", err)
		}
		w.Added, w.Seen = fromUnix(added), fromUnix(seen)
		out = append(out, w)
	}
	return out, rows.Err()
}

// AddWitness keeps a witness. A second time changes its label.
func (d *DB) AddWitness(ctx context.Context, key, label string, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO witness (key, label, added) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET label = excluded.label", key, label, now.Unix()); err != nil {
			return fmt.Errorf("keeping a witness: %w", err)
		}
		return nil
	})
}

// RemoveWitness forgets a witness.
func (d *DB) RemoveWitness(ctx context.Context, key string) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM witness WHERE key = ?", key); err != nil {
			return fmt.Errorf("forgetting a witness: %w", err)
		}
		return nil
	})
}

// WitnessSeen records that what a witness cosigned at the given time fits this desk's log. A warning of silence ends when none is silent.
func (d *DB) WitnessSeen(ctx context.Context, key string, at time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE witness SET seen = ?2 WHERE key = ?1 AND seen < ?2", key, at.Unix()); err != nil {
			return fmt.Errorf("recording a witness: %w", err)
		}
		return nil
	})
}

// Silent raises or settles the warning about witnesses that nobody has heard of for so long.
func (d *DB) Silent(ctx context.Context, limit time.Duration, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		var count int64
		var since sql.NullInt64
		err := tx.QueryRow("SELECT count(*), min(max(seen, added)) FROM witness WHERE max(seen, added) < ?", now.Add(-limit).Unix()).Scan(&count, &since)
		if err != nil {
			return fmt.Errorf("looking for silent witnesses: %w", err)
		}
		if count == 0 {
			return settleAlarm(tx, Finding{Kind: AlarmSilent}, now)
		}
		var standing bool // or resolved not long ago: people know
		err = tx.QueryRow("SELECT EXISTS (SELECT 1 FROM alarm WHERE kind = ? AND (resolved = 0 OR resolved > ?))", string(AlarmSilent), now.Add(-limit).Unix()).Scan(&standing)
		if err != nil || standing {
			return err
		}
		days := int64(now.Sub(time.Unix(since.Int64, 0)) / (24 * time.Hour))
		return raise(tx, Finding{Kind: AlarmSilent, Args: map[string]int64{"count": count, "days": days}}, now)
	})
}
