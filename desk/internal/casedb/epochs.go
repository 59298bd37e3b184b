package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Epochs brings what the desk remembers of epochs up to date: those that it has the key of, with when they began, and the newest one. Those whose
// key is gone since the last time count as destroyed now.
func (d *DB) Epochs(ctx context.Context, here map[int]time.Time, newest int, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if err := noticeAway(tx, here); err != nil {
			return err
		}
		for n, began := range here {
			if _, err := tx.Exec("INSERT INTO epoch (n, began) VALUES (?,?) ON CONFLICT (n) DO UPDATE SET began = excluded.began, destroyed = 0", n, toUnix(began)); err != nil {
				return fmt.Errorf("recording epochs: %w", err)
			}
		}
		known, err := indices(tx, "SELECT n FROM epoch WHERE destroyed = 0 AND n < ?", newest)
		if err != nil {
			return err
		}
		for _, n := range known {
			if _, ok := here[int(n)]; ok {
				continue
			}
			if _, err := tx.Exec("UPDATE epoch SET destroyed = ? WHERE n = ?", now.Unix(), n); err != nil {
				return fmt.Errorf("recording epochs: %w", err)
			}
		}
		return nil
	})
}

// epochLength is how long an epoch lasts when nobody is removed.
const epochLength = 30 * 24 * time.Hour

// goneBy is when what was sealed to an epoch is out of everybody's reach: two more epochs have begun and its key is destroyed. final says that this desk has
// destroyed it already. Zero when this desk knows nothing of epochs.
func goneBy(tx *sql.Tx, epoch int) (by time.Time, final bool, err error) {
	var destroyed, newest, began int64
	err = tx.QueryRow(`SELECT coalesce((SELECT destroyed FROM epoch WHERE n = ?), 0), n, began FROM epoch WHERE began > 0 ORDER BY n DESC LIMIT 1`, epoch).Scan(&destroyed, &newest, &began)
	if errors.Is(err, sql.ErrNoRows) || epoch == 0 && err == nil {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("reading epochs: %w", err)
	}
	if destroyed > 0 {
		return fromUnix(destroyed), true, nil
	}
	ahead := max(0, int64(epoch)+2-newest)
	return fromUnix(began).Add(time.Duration(ahead) * epochLength), false, nil
}
