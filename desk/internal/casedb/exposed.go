package casedb

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Exposed counts what a stolen desk may show: letters of people that were sealed to one of the epochs, threads that every desk can read, and locked cases that the desk was
// named for.
func (d *DB) Exposed(ctx context.Context, epochs []int, device [32]byte) (letters, threads, locked int, err error) {
	list, err := json.Marshal(epochs)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("counting what a desk could read: %w", err)
	}
	err = d.sql.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM letter WHERE epoch IN (SELECT value FROM json_each(?1))),
		(SELECT count(*) FROM thread WHERE state = 'open' AND locked = 0 AND stage <> 'office'),
		(SELECT count(*) FROM locked WHERE instr(specialists, ?2) > 0)`,
		string(list), base64.StdEncoding.EncodeToString(device[:])).Scan(&letters, &threads, &locked)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("counting what a desk could read: %w", err)
	}
	return letters, threads, locked, nil
}
