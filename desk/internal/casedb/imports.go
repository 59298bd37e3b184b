package casedb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"panah/core/event"
)

// An ImportBatch is one list that was brought in.
type ImportBatch struct {
	ID    int64
	At    time.Time
	Staff event.Staff
	Cases int // those that are not erased
}

// BeginImport notes that a list is being brought in, and returns the batch's id.
func (d *DB) BeginImport(ctx context.Context, staff event.Staff, now time.Time) (batch int64, err error) {
	res, err := d.sql.ExecContext(ctx, "INSERT INTO import_batch (at, staff) VALUES (?, ?)", now.Unix(), string(staff))
	if err == nil {
		batch, err = res.LastInsertId()
	}
	if err != nil {
		return 0, fmt.Errorf("beginning an import: %w", room(err))
	}
	return batch, nil
}

// Imported notes that a thread is the case of a reference, and whose batch.
func (d *DB) Imported(ctx context.Context, batch int64, ref string, thread int64) error {
	if _, err := d.sql.ExecContext(ctx, "INSERT INTO imported (ref, batch, thread) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", ref, batch, thread); err != nil {
		return fmt.Errorf("noting what was imported: %w", room(err))
	}
	return nil
}

// ImportedRefs are the references that came in and are not erased.
func (d *DB) ImportedRefs(ctx context.Context) (map[string]bool, error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT ref FROM imported")
	if err != nil {
		return nil, fmt.Errorf("reading what was imported: %w", err)
	}
	defer rows.Close()
	refs := map[string]bool{}
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, fmt.Errorf("reading what was imported: %w", err)
		}
		refs[ref] = true
	}
	return refs, rows.Err()
}

// ImportBatches lists the imports of which a case is left, newest first, at most 100.
func (d *DB) ImportBatches(ctx context.Context) ([]ImportBatch, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT b.id, b.at, b.staff, count(*) FROM import_batch b JOIN imported i ON i.batch = b.id GROUP BY b.id ORDER BY b.id DESC LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("reading imports: %w", err)
	}
	defer rows.Close()
	var out []ImportBatch
	for rows.Next() {
		var b ImportBatch
		var at int64
		var staff string
		if err := rows.Scan(&b.ID, &at, &staff, &b.Cases); err != nil {
			return nil, fmt.Errorf("reading imports: %w", err)
		}
		b.At, b.Staff = fromUnix(at), event.Staff(staff)
		out = append(out, b)
	}
	return out, rows.Err()
}

// ImportedThreads lists the cases of a batch.
func (d *DB) ImportedThreads(ctx context.Context, batch int64) (threads []int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		threads, err = indices(tx, "SELECT thread FROM imported WHERE batch = ? ORDER BY thread", batch)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading an import: %w", err)
	}
	return threads, nil
}

// Uncount takes a case out of the figures: it was brought in by mistake and is about to be erased, and no sum should keep it.
func (d *DB) Uncount(ctx context.Context, thread int64) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return forgetCounted(tx, thread) })
}
