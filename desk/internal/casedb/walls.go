package casedb

import (
	"context"
	"database/sql"
	"fmt"

	"panah/core/event"
)

// A Viewer is a person who wants to see a case. The zero Viewer is the desk itself, for which there are no walls.
type Viewer struct {
	Staff      event.Staff
	Keeper     bool // sees cases that are their team's, unless they are locked
	Specialist bool // sees locked cases that nobody at this desk is named for
}

// MayOpen says whether a viewer may see a thread: they are not kept out of it, nor of the case that it belongs to, and it has no wall or they stand inside. The error wraps ErrNotFound.
func (d *DB) MayOpen(ctx context.Context, v Viewer, thread int64) (may bool, err error) {
	if v.Staff == "" {
		return true, nil
	}
	rows, err := d.sql.QueryContext(ctx, `SELECT t.walled, t.stage = 'office', EXISTS (SELECT 1 FROM team WHERE staff = ?2 AND thread = t.id), EXISTS (SELECT 1 FROM barred WHERE staff = ?2 AND thread = t.id)
		FROM thread t WHERE t.id = ?1 OR t.id = (SELECT home FROM thread WHERE id = ?1)`, thread, string(v.Staff))
	if err != nil {
		return false, fmt.Errorf("looking at a case's walls: %w", err)
	}
	defer rows.Close()
	found := false
	may = true
	for rows.Next() {
		var walled int
		var office, team, barred bool
		if err := rows.Scan(&walled, &office, &team, &barred); err != nil {
			return false, fmt.Errorf("looking at a case's walls: %w", err)
		}
		found = true
		inside := team || walled == wallNone || walled == wallTeam && v.Keeper || walled == wallRole && v.Specialist
		may = may && inside && !barred && !office
	}
	if err := rows.Err(); err != nil {
		return false, fmt.Errorf("looking at a case's walls: %w", err)
	}
	if !found {
		return false, ErrNotFound
	}
	return may, nil
}

// An Owned is an open case that somebody has. It prints as "[case]".
type Owned struct {
	Thread int64
	Name   string // of the person; may be empty
	Line   string
}

// String hides the content.
func (Owned) String() string { return "[case]" }

// GoString hides the content.
func (Owned) GoString() string { return "[case]" }

// OwnedBy lists the open cases that a person has, by number.
func (d *DB) OwnedBy(ctx context.Context, staff event.Staff) (list []Owned, err error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT t.id, t.name, t.line FROM team m CROSS JOIN thread t ON t.id = m.thread WHERE m.staff = ?1 AND t.owner = ?1 AND t.stage = 'open' ORDER BY t.id", string(staff))
	if err != nil {
		return nil, fmt.Errorf("listing somebody's cases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Owned
		if err := rows.Scan(&o.Thread, &o.Name, &o.Line); err != nil {
			return nil, fmt.Errorf("listing somebody's cases: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// LockedHere lists the locked cases that this desk reads, by number.
func (d *DB) LockedHere(ctx context.Context) (list []int64, err error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT id FROM thread WHERE locked > 0 AND state = 'open' ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("listing locked cases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("listing locked cases: %w", err)
		}
		list = append(list, id)
	}
	return list, rows.Err()
}

// A Mark tells whether the events of a thread changed: two that are equal say no. Only Newest is set in a quick one.
type Mark struct {
	Events, Newest, Known, Placed int64
}

// MarkOf is the mark of a thread's events now. A quick one sees new events; not that a desk's came to be believed, nor that some got their place in the log.
func (d *DB) MarkOf(ctx context.Context, thread int64, quick bool) (m Mark, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		m, err = markOf(tx, thread, quick)
		return err
	})
	return m, err
}

func markOf(tx *sql.Tx, thread int64, quick bool) (m Mark, err error) {
	query := "SELECT count(*), coalesce(max(id), 0), coalesce(sum(known), 0), count(notice) FROM event WHERE thread = ?"
	if quick {
		query = "SELECT 0, coalesce(max(id), 0), 0, 0 FROM event WHERE thread = ?"
	}
	if err := tx.QueryRow(query, thread).Scan(&m.Events, &m.Newest, &m.Known, &m.Placed); err != nil {
		return m, fmt.Errorf("looking for news of a case: %w", err)
	}
	return m, nil
}
