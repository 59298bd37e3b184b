package sqlite

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/wire"
	"panah/gate/internal/store"
)

// An Appender is the database as the sequencer uses it: it asks on the connection that it will write with, whose page cache stays
// good from one commit to the next. Everybody else asks the DB, and does not wait for a commit.
type Appender struct{ db *DB }

// Appender returns the sequencer's view of db.
func (db *DB) Appender() Appender { return Appender{db} }

// Size is the number of entries of the log.
func (a Appender) Size(context.Context) (int64, error) { return size(a.db.besideWriting) }

// ReadHashes implements tlog.HashReader over the stored hashes.
func (a Appender) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return readHashes(a.db.besideWriting, indexes)
}

// Known returns which of ids are held, with what was answered for each.
func (a Appender) Known(_ context.Context, ids []wire.LetterID) (map[wire.LetterID]store.Held, error) {
	return known(a.db.besideWriting, ids)
}

// Append is DB.Append.
func (a Appender) Append(ctx context.Context, b store.Batch) error { return a.db.Append(ctx, b) }
