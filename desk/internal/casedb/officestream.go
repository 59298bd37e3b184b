package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"panah/core/event"
)

// stageOffice marks the thread that holds the organisation's own stream. It is no case: never listed, erased, locked or joined, and wrapped into new epochs like an open one.
const stageOffice = "office"

// OfficeThread is the thread of the organisation's own stream, made when there is none.
func (d *DB) OfficeThread(ctx context.Context, org string) (thread int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		thread, err = officeThread(tx, org)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("looking for the office's stream: %w", err)
	}
	return thread, nil
}

func officeThread(tx *sql.Tx, org string) (thread int64, err error) {
	if thread, err = threadOfCase(tx, event.Office); err != nil || thread != 0 {
		return thread, err
	}
	if thread, err = begin(tx, event.Case(officeMailbox(org))); err != nil {
		return 0, err
	}
	if _, err := tx.Exec("UPDATE thread SET stage = 'office', listed = 0 WHERE id = ?", thread); err != nil {
		return 0, fmt.Errorf("making the office's stream: %w", err)
	}
	return thread, nil
}

// isOffice reports whether a thread is the organisation's own stream.
func isOffice(tx *sql.Tx, thread int64) (is bool, err error) {
	err = tx.QueryRow("SELECT stage = 'office' FROM thread WHERE id = ?", thread).Scan(&is)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the office's stream: %w", err)
	}
	return is, nil
}
