package casedb

import (
	"context"
	"fmt"

	"panah/core/event"
)

// Looked notes that a person opened a case on a day ("2026-11-24"). first is false when that was noted before.
func (d *DB) Looked(ctx context.Context, thread int64, staff event.Staff, day string) (first bool, err error) {
	res, err := d.sql.ExecContext(ctx, "INSERT INTO look (thread, staff, day) VALUES (?,?,?) ON CONFLICT DO NOTHING", thread, string(staff), day)
	if err != nil {
		return false, fmt.Errorf("noting who looked: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("noting who looked: %w", err)
	}
	return n > 0, nil
}
