package casedb

import (
	"testing"
	"time"

	"panah/core/event"
)

// openV2 opens a copy of testdata/v2.db: a database that version 2 wrote, as its own Apply and FinishRound made it of v1Batch, with an answer that has not gone out (thread 2), an
// erasure (thread 3) and a code made anew (thread 1).
func openV2(t *testing.T) *DB {
	t.Helper()
	return openStored(t, "v2.db")
}

// A desk that is brought up from version 2 has its threads in the queue, reads nothing anew, and can work on them.
func TestVersion2IsBroughtUp(t *testing.T) {
	db, ctx := openV2(t), t.Context()
	c, err := db.Cursor(ctx)
	if err != nil || c.Edge.Size() == 0 || c.Round != 1 || string(c.Checkpoint) != "the newest checkpoint" {
		t.Fatalf("cursor %+v: %v", c, err)
	}
	rows, err := db.Queue(ctx, CaseFilter{})
	if err != nil || len(rows) != 2 || rows[0].Stage != StageNew || rows[0].Line == "" || !rows[0].Due.IsZero() {
		t.Fatalf("queue %d %v", len(rows), err)
	}
	counts, err := db.QueueCounts(ctx, CaseFilter{}, time.Now())
	if err != nil || counts.New != 2 {
		t.Errorf("counts %+v %v", counts, err)
	}
	id, err := db.CaseID(ctx, 1)
	if err != nil || id != (event.Case{1}) { // not that of the new code
		t.Errorf("the case of the thread with a new code has the name %x: %v", id, err)
	}
	s := newScribe(t)
	if err := db.Record(ctx, 1, s.says(id, event.Opened{Source: "letter", Since: "2026-11-01T10:00:00Z"}, event.Set{Field: event.FieldName, Value: "Ahmad"})); err != nil {
		t.Fatal(err)
	}
	row, err := db.Row(ctx, 1)
	if err != nil || row.Stage != StageOpen || row.Name != "Ahmad" {
		t.Errorf("row %v %q: %v", row.Stage, row.Name, err)
	}
	if out, err := db.Outgoing(ctx); err != nil || out == 0 {
		t.Errorf("what was to go out is gone: %d %v", out, err)
	}
}
