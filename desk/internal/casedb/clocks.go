package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"panah/core/event"
)

// ForgetClocks takes the reply clocks off the cases that have not escalated: the times of duty changed, and they are counted anew.
func (d *DB) ForgetClocks(ctx context.Context) error {
	if _, err := d.sql.ExecContext(ctx, "UPDATE thread SET reply_by = 0 WHERE reply_by > 0 AND escalated = 0"); err != nil {
		return fmt.Errorf("forgetting reply clocks: %w", err)
	}
	return nil
}

// A Clock is by when somebody who waits is to be answered.
type Clock struct {
	Waiter
	By time.Time
}

// GiveClocks sets the clocks of those who still wait without one, and whose urgency is still what it was when they were read: whoever said in the meantime that a case is urgent
// must not be overwritten by the clock of a calm one. It returns how many that were.
func (d *DB) GiveClocks(ctx context.Context, clocks []Clock) (given int, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		given = 0
		for _, c := range clocks {
			res, err := tx.Exec("UPDATE thread SET reply_by = ? WHERE id = ? AND urgency = ? AND reply_by = 0 AND asks AND state = 'open'", toUnix(c.By), c.Thread, int64(c.Urgency))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			given += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("setting reply clocks: %w", err)
	}
	return given, nil
}

// An Escalated is how many cases have escalated, of those that a viewer may see.
type Escalated struct {
	N      int
	First  int64     // the thread of the one that has waited longest; 0 for none
	Newest time.Time // when the last one's clock ended
}

// Escalations counts the cases that have escalated and are not answered yet. viewer and all are as in CaseFilter.
func (d *DB) Escalations(ctx context.Context, viewer event.Staff, all bool) (e Escalated, err error) {
	var newest int64
	err = d.sql.QueryRowContext(ctx, `SELECT count(*), coalesce(max(t.escalated), 0), coalesce((SELECT t.id FROM thread t INDEXED BY thread_escalated
			WHERE t.escalated > 0 AND t.listed AND `+wallOf(viewer, all, false)+` ORDER BY t.escalated LIMIT 1), 0)
		FROM thread t INDEXED BY thread_escalated WHERE t.escalated > 0 AND t.listed AND `+wallOf(viewer, all, false), string(viewer)).Scan(&e.N, &newest, &e.First)
	if err != nil {
		return Escalated{}, fmt.Errorf("counting what has escalated: %w", err)
	}
	e.Newest = fromUnix(newest)
	return e, nil
}
