package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"panah/core/seal"
)

// HomeOf is the thread of the case that a conversation belongs to: its own, when it is linked to no other. The error wraps ErrNotFound.
func (d *DB) HomeOf(ctx context.Context, thread int64) (home int64, err error) {
	err = d.sql.QueryRowContext(ctx, "SELECT CASE WHEN home = 0 THEN id ELSE home END FROM thread WHERE id = ?", thread).Scan(&home)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("looking for a case: %w", err)
	}
	return home, nil
}

// IntakeOf is what the form of a thread's first letter said; nothing counts as read by asking.
func (d *DB) IntakeOf(ctx context.Context, thread int64) (seal.Intake, error) {
	var raw string
	err := d.sql.QueryRowContext(ctx, "SELECT intake FROM letter WHERE thread = ? ORDER BY hour, idx, id LIMIT 1", thread).Scan(&raw)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return seal.Intake{}, fmt.Errorf("reading a form: %w", err)
	}
	return parseIntake(raw), nil
}
