package casedb

import (
	"context"
	"fmt"
)

// Holdings is how much of what the database holds.
type Holdings struct {
	Cases, Letters, Replies, Events, Parts, Queued, CaseKeys int
	LogSize                                                  int64 // entries of the gate's log that were verified
}

// Holdings counts rows, those of erased things left out: nothing of them is there.
func (d *DB) Holdings(ctx context.Context) (h Holdings, err error) {
	err = d.sql.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM counted), (SELECT count(*) FROM letter), (SELECT count(*) FROM reply), (SELECT count(*) FROM event),
		(SELECT count(*) FROM part), (SELECT count(*) FROM outbox WHERE sent = 0), (SELECT count(*) FROM case_key), coalesce((SELECT v FROM meta WHERE k = 'verified_size'), 0)`).
		Scan(&h.Cases, &h.Letters, &h.Replies, &h.Events, &h.Parts, &h.Queued, &h.CaseKeys, &h.LogSize)
	if err != nil {
		return Holdings{}, fmt.Errorf("counting what is here: %w", err)
	}
	return h, nil
}
