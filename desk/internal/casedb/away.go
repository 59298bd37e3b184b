package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"
)

// awayPending says that this desk was away for an epoch or more and has not caught up since.
const awayPending = int64(math.MaxInt64)

// noticeAway notices that epochs have come and gone of which this desk never had the key: what was sealed to them and closed meanwhile is like what was before its
// time. here are the epochs that it has the key of.
func noticeAway(tx *sql.Tx, here map[int]time.Time) error {
	var last int
	if err := tx.QueryRow("SELECT coalesce(max(n), 0) FROM epoch").Scan(&last); err != nil {
		return fmt.Errorf("recording epochs: %w", err)
	}
	next := math.MaxInt
	for n := range here {
		if n > last {
			next = min(next, n)
		}
	}
	if last == 0 || next == math.MaxInt || next == last+1 {
		return nil
	}
	return setMeta(tx, "away", awayPending)
}

// Away returns the size of the log up to which this desk was away; the largest number until it has caught up; 0 when it never was.
func (d *DB) Away(ctx context.Context) (size int64, err error) {
	err = d.sql.QueryRowContext(ctx, "SELECT coalesce((SELECT v FROM meta WHERE k = 'away'), 0)").Scan(&size)
	if err != nil {
		return 0, fmt.Errorf("reading how long this desk was away: %w", err)
	}
	return size, nil
}

// awayAlarms is how far back alarms may lie that came of reading the log without the keys of the epochs that were missed.
const awayAlarms = time.Hour

// CameBack counts what nothing opened, and what is empty without a reason that this desk can read, as from before its time, once it has caught up after it was away: the other
// desks, who had the keys, judged it then. Alarms about it that were raised just now are settled.
func (d *DB) CameBack(ctx context.Context, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{
			"INSERT INTO before (idx, letter_id, commitment) SELECT idx, letter_id, commitment FROM letter WHERE problem = 'key' AND idx >= 0 ON CONFLICT DO NOTHING",
			"INSERT INTO before (idx, commitment) SELECT idx, commitment FROM absent WHERE true ON CONFLICT DO NOTHING",
			"DELETE FROM thread WHERE state = 'sealed' AND id IN (SELECT thread FROM letter WHERE problem = 'key' AND idx >= 0)",
			"DELETE FROM letter WHERE problem = 'key' AND idx >= 0", "DELETE FROM absent",
			"UPDATE meta SET v = coalesce((SELECT v FROM meta WHERE k = 'verified_size'), 0) WHERE k = 'away'",
		} {
			if _, err := tx.Exec(q); err != nil {
				return fmt.Errorf("coming back after epochs away: %w", err)
			}
		}
		_, err := tx.Exec("UPDATE alarm SET resolved = ?1 WHERE resolved = 0 AND kind IN (?2, ?3) AND first >= ?4", now.Unix(), string(AlarmUnopened), string(AlarmMissing), now.Add(-awayAlarms).Unix())
		if err != nil {
			return fmt.Errorf("coming back after epochs away: %w", err)
		}
		return nil
	})
}
