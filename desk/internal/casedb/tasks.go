package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"panah/core/event"
)

// A TaskFilter chooses open tasks that have a deadline.
type TaskFilter struct {
	Viewer event.Staff // as in CaseFilter
	All    bool
	Locked bool
	Mine   bool      // only of cases that Viewer owns or is on the team of
	Before time.Time // only what is due before; zero: all
	Limit  int       // at most 500; 0: 100
}

// TasksDue lists open tasks by their deadlines, those of closed cases left out.
func (d *DB) TasksDue(ctx context.Context, f TaskFilter) ([]TaskRow, error) {
	query, args := f.query()
	rows, err := d.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading tasks: %w", err)
	}
	defer rows.Close()
	var out []TaskRow
	for rows.Next() {
		var t TaskRow
		var owner string
		var due int64
		if err := rows.Scan(&t.Thread, &t.Name, &owner, &t.Task, &t.Do, &due, &t.Basis, &t.Source, &t.Who); err != nil {
			return nil, fmt.Errorf("reading tasks: %w", err)
		}
		t.Owner, t.Due = event.Staff(owner), fromUnix(due)
		out = append(out, t)
	}
	return out, rows.Err()
}

func (f TaskFilter) query() (query string, args []any) {
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 500)
	before := int64(1) << 62
	if !f.Before.IsZero() {
		before = f.Before.Unix()
	}
	var walls []int
	if !f.Mine {
		walls = wallsOf(f.Viewer, f.All, f.Locked)
	}
	const columns = "SELECT k.thread, t.name, k.owner, k.task, k.do, k.due, k.basis, k.source, k.who FROM "
	home := "" // a conversation that belongs to another case stands behind that one's walls too
	if f.Viewer != "" {
		home = " AND (t.home = 0 OR EXISTS (SELECT 1 FROM thread h WHERE h.id = t.home AND (" + inside("h.walled", wallsOf(f.Viewer, f.All, f.Locked)) +
			" OR EXISTS (SELECT 1 FROM team o WHERE o.staff = ? AND o.thread = h.id)) AND NOT EXISTS (SELECT 1 FROM barred o WHERE o.staff = ? AND o.thread = h.id)))"
	}
	open := " AND t.state = 'open' AND k.state = 'open' AND k.due > 0 AND k.due < ? AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.staff = ? AND b.thread = k.thread)" + home + " ORDER BY k.due LIMIT ?"
	rest := []any{before, string(f.Viewer)}
	if f.Viewer != "" {
		rest = append(rest, string(f.Viewer), string(f.Viewer))
	}
	rest = append(rest, limit)
	var parts []string
	for _, w := range walls {
		parts = append(parts, "SELECT * FROM ("+columns+"task k INDEXED BY task_due CROSS JOIN thread t ON t.id = k.thread WHERE k.walled = ?"+open+")")
		args = append(append(args, w), rest...)
	}
	if f.Viewer != "" {
		parts = append(parts, "SELECT * FROM ("+columns+"team m CROSS JOIN task k ON k.thread = m.thread CROSS JOIN thread t ON t.id = k.thread WHERE m.staff = ? AND NOT "+
			inside("k.walled", walls)+open+")")
		args = append(append(args, string(f.Viewer)), rest...)
	}
	if len(parts) == 0 { // nobody's own
		return columns + "task k JOIN thread t ON false", nil
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY due, thread, task LIMIT ?", append(args, limit)
}

// A Waiter is a case whose person waits for an answer and has no clock yet.
type Waiter struct {
	Thread  int64
	Urgency Urgency
	Since   time.Time // hour of the first letter that nobody has answered
}

// WaitingWithoutClock lists cases whose person waits and for which nobody has said by when, those that wait longest first.
func (d *DB) WaitingWithoutClock(ctx context.Context, limit int) ([]Waiter, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT t.id, t.urgency, coalesce((SELECT min(l.hour) FROM letter l WHERE l.thread = t.id AND l.tag <> 'forged'
			AND l.hour + 3600 > coalesce((SELECT max(r.at) FROM reply r WHERE r.thread = t.id AND r.tag = 'ok'), 0)), t.latest)
		FROM thread t WHERE t.listed AND t.asks AND t.reply_by = 0 AND t.state = 'open' ORDER BY t.latest LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for those who wait: %w", err)
	}
	defer rows.Close()
	var out []Waiter
	for rows.Next() {
		var w Waiter
		var urgency, since int64
		if err := rows.Scan(&w.Thread, &urgency, &since); err != nil {
			return nil, fmt.Errorf("looking for those who wait: %w", err)
		}
		w.Urgency, w.Since = Urgency(urgency), fromUnix(since)
		out = append(out, w)
	}
	return out, rows.Err()
}

// SetReplyBy says by when the persons of some cases are to have their answer; zero takes the clock off. It goes by itself when they have it.
func (d *DB) SetReplyBy(ctx context.Context, by map[int64]time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for thread, at := range by {
			if _, err := tx.Exec("UPDATE thread SET reply_by = ?2, escalated = iif(?2 > escalated, 0, escalated) WHERE id = ?1 AND state = 'open'", thread, toUnix(at)); err != nil {
				return fmt.Errorf("setting a reply clock: %w", err)
			}
		}
		return nil
	})
}

// Escalate marks the cases of minutes that nobody has answered within their clock, and returns those that were not marked before. Cases of hours and days that are late
// stand in the queue as such; nobody is called for them.
func (d *DB) Escalate(ctx context.Context, now time.Time) (list []int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		list, err = indices(tx, `UPDATE thread SET escalated = ?1 WHERE reply_by > 0 AND escalated = 0 AND reply_by <= ?1 AND urgency = ?2 AND listed AND asks RETURNING id`, now.Unix(), int64(UrgencyMinutes))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("escalating: %w", err)
	}
	return list, nil
}
