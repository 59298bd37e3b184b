package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"panah/core/ledger"
)

// A Cursor is how far this desk has followed the gate's log.
type Cursor struct {
	Edge       ledger.Edge // of everything stored
	Verified   ledger.Edge // up to the last checkpoint whose root came out; never ahead of Edge
	Checkpoint []byte      // the newest signed checkpoint seen, nil at first
	Round      int64       // number of the last finished sync
	Synced     time.Time   // when it finished; zero: the first one has not
}

// Cursor returns where the desk stands.
func (d *DB) Cursor(ctx context.Context) (Cursor, error) { return readCursor(ctx, d.sql) }

// queryer is *sql.DB or *sql.Tx.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func readCursor(ctx context.Context, q queryer) (Cursor, error) {
	var c Cursor
	rows, err := q.QueryContext(ctx, "SELECT k, v FROM meta")
	if err != nil {
		return c, fmt.Errorf("reading the log cursor: %w", err)
	}
	defer rows.Close()
	numbers, bytes := map[string]int64{}, map[string][]byte{}
	for rows.Next() {
		var k string
		var v any
		if err := rows.Scan(&k, &v); err != nil {
			return c, fmt.Errorf("reading the log cursor: %w", err)
		}
		switch v := v.(type) {
		case int64:
			numbers[k] = v
		case []byte:
			bytes[k] = v
		}
	}
	if err := rows.Err(); err != nil {
		return c, fmt.Errorf("reading the log cursor: %w", err)
	}
	var err1, err2 error
	c.Edge, err1 = ledger.EdgeFrom(numbers["size"], bytes["edge"])
	c.Verified, err2 = ledger.EdgeFrom(numbers["verified_size"], bytes["verified_edge"])
	c.Checkpoint, c.Round, c.Synced = bytes["checkpoint"], numbers["round"], fromUnix(numbers["synced"])
	return c, errors.Join(err1, err2)
}

func setMeta(tx *sql.Tx, k string, v any) error {
	if _, err := tx.Exec("INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", k, v); err != nil {
		return fmt.Errorf("storing the log cursor: %w", err)
	}
	return nil
}

func setEdge(tx *sql.Tx, size, edge string, e ledger.Edge) error {
	if err := setMeta(tx, size, e.Size()); err != nil {
		return err
	}
	return setMeta(tx, edge, e.Bytes())
}

// SawCheckpoint keeps the newest checkpoint: what a later, smaller log will be held against.
func (d *DB) SawCheckpoint(ctx context.Context, signed []byte) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return setMeta(tx, "checkpoint", signed) })
}

// StepBack forgets what was stored beyond the last verified checkpoint, as far as the log goes: letters stay, their places do not.
func (d *DB) StepBack(ctx context.Context) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		c, err := readCursor(ctx, tx)
		if err != nil {
			return err
		}
		if err := setEdge(tx, "size", "edge", c.Verified); err != nil {
			return err
		}
		return forgetPlaces(tx, c.Verified.Size())
	})
}

// ErrStartedOver says that somebody resolved an alarm about the log while a round was under way: it goes on from where the desk was, and
// must not; the next one reads the whole log.
var ErrStartedOver = errors.New("the desk reads the log anew")

// stillAt makes sure that what a round stores continues what is stored.
func stillAt(tx *sql.Tx, size int64) error {
	var at int64
	if err := tx.QueryRow("SELECT coalesce((SELECT v FROM meta WHERE k = 'size'), 0)").Scan(&at); err != nil {
		return fmt.Errorf("reading the log cursor: %w", err)
	}
	if at != size {
		return ErrStartedOver
	}
	return nil
}

// startOver forgets the whole log, so that the next sync reads and checks all of it anew.
func startOver(tx *sql.Tx) error {
	if _, err := tx.Exec("DELETE FROM meta WHERE k IN ('size', 'edge', 'verified_size', 'verified_edge', 'checkpoint', 'signed_from')"); err != nil {
		return fmt.Errorf("starting over: %w", err)
	}
	return forgetPlaces(tx, 0)
}

func forgetPlaces(tx *sql.Tx, from int64) error {
	if err := unlog(tx, from); err != nil {
		return err
	}
	for _, q := range []string{
		"UPDATE letter SET idx = -1 WHERE idx >= ?", "UPDATE reply SET copy_idx = -1 WHERE copy_idx >= ?",
		"UPDATE notice SET idx = -1 WHERE idx >= ?", "DELETE FROM absent WHERE idx >= ?", "DELETE FROM before WHERE idx >= ?",
	} {
		if _, err := tx.Exec(q, from); err != nil {
			return fmt.Errorf("forgetting places in the log: %w", err)
		}
	}
	return nil
}

// FinishRound records that the desk has caught up with a checkpoint whose root came out. Entries that were empty in an earlier
// round and that no notice has explained since are missing letters. Those of this round get one more: the
// notice may stand after the checkpoint. again asks for that round at once.
func (d *DB) FinishRound(ctx context.Context, verified ledger.Edge, now time.Time) (again bool, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		if err := stillAt(tx, verified.Size()); err != nil {
			return err
		}
		if err := setEdge(tx, "verified_size", "verified_edge", verified); err != nil {
			return err
		}
		var round int64
		if err := tx.QueryRow("INSERT INTO meta (k, v) VALUES ('round', 1) ON CONFLICT (k) DO UPDATE SET v = v + 1 RETURNING v").Scan(&round); err != nil {
			return fmt.Errorf("finishing a sync: %w", err)
		}
		if err := setMeta(tx, "synced", now.Unix()); err != nil {
			return err
		}
		if err := tellUnknown(tx, now); err != nil {
			return err
		}
		missing, err := indices(tx, "SELECT idx FROM absent WHERE round < ? ORDER BY idx LIMIT 1000", round-1)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			// One alarm for all that came to light together: a gate that lost its letters must not bury the rest of the list.
			f := Finding{Kind: AlarmMissing, Args: map[string]int64{"index": missing[0], "count": int64(len(missing))}, Evidence: []string{fmt.Sprint(missing)}}
			if err := raise(tx, f, now); err != nil {
				return err
			}
			if _, err := tx.Exec("DELETE FROM absent WHERE round < ? AND idx <= ?", round-1, missing[len(missing)-1]); err != nil {
				return fmt.Errorf("finishing a sync: %w", err)
			}
		}
		return tx.QueryRow("SELECT EXISTS (SELECT 1 FROM absent)").Scan(&again)
	})
	return again, err
}

// indices reads a column of integers.
func indices(tx *sql.Tx, query string, args ...any) ([]int64, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading ids: %w", err)
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("reading ids: %w", err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
