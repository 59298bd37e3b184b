package sqlite

import (
	"context"
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/store"
)

const sizeSQL = "SELECT coalesce(max(idx)+1, 0) FROM entries"

func (c *conn) size() (n int64, err error) {
	err = c.do(sizeSQL, func(s *sqlite3.Stmt) error { n = s.ColumnInt64(0); return nil })
	return n, err
}

// Size is the number of entries of the log.
func (db *DB) Size(context.Context) (int64, error) { return size(db.reading) }

// through is one of the ways to a connection: DB.reading, DB.besideWriting.
type through func(func(*conn) error) error

func size(via through) (n int64, err error) {
	err = via(func(c *conn) error { n, err = c.size(); return err })
	if err != nil {
		return 0, fmt.Errorf("reading the size of the log: %w", err)
	}
	return n, nil
}

// ReadHashes implements tlog.HashReader over the stored hashes.
func (db *DB) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return readHashes(db.reading, indexes)
}

func readHashes(via through, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	err := via(func(c *conn) error {
		for _, i := range indexes {
			found := false
			err := c.do("SELECT hash FROM hashes WHERE i = ?", func(s *sqlite3.Stmt) error {
				var h tlog.Hash
				found = true
				out = append(out, h)
				return fill(out[len(out)-1][:], s, 0)
			}, i)
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("hash %d is missing", i)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading hashes of the log: %w", err)
	}
	return out, nil
}

// fill copies a blob column of exactly that length.
func fill(into []byte, s *sqlite3.Stmt, column int) error {
	b := s.ColumnRawBlob(column)
	if len(b) != len(into) {
		return fmt.Errorf("column %d has %d bytes, not %d", column, len(b), len(into))
	}
	copy(into, b)
	return nil
}

// Known returns which of ids are held, with what was answered for each.
func (db *DB) Known(_ context.Context, ids []wire.LetterID) (map[wire.LetterID]store.Held, error) {
	return known(db.reading, ids)
}

func known(via through, ids []wire.LetterID) (map[wire.LetterID]store.Held, error) {
	// One statement for all, so that locks are taken once. CROSS JOIN keeps the order of the tables: each id is one look into the index.
	const q = counted + `SELECT n.k, l.key, l.record, l.promise, e.commitment
		FROM n CROSS JOIN letters l ON l.id = substr(?2, 32*n.k+1, 32) CROSS JOIN entries e USING (idx)`
	held := map[wire.LetterID]store.Held{}
	if len(ids) == 0 {
		return held, nil
	}
	err := via(func(c *conn) error {
		return c.do(q, func(s *sqlite3.Stmt) error {
			h := store.Held{ID: ids[s.ColumnInt(0)], Record: s.ColumnText(2), Promise: s.ColumnText(3)}
			err := errors.Join(fill(h.Key[:], s, 1), fill(h.Commitment[:], s, 4))
			held[h.ID] = h
			return err
		}, len(ids), packed(ids))
	})
	if err != nil {
		return nil, fmt.Errorf("looking for held letters: %w", err)
	}
	return held, nil
}

// Append makes b durable in one synced transaction. The error wraps store.ErrFull or store.ErrMoved where it can; with any
// error but these two the caller cannot know whether b was kept and asks Known.
func (db *DB) Append(_ context.Context, b store.Batch) error {
	bytes := 0
	for _, l := range b.Letters {
		bytes += len(l.Sealed)
	}
	// 3: the pages, the same in the WAL, and indexes with what is lost in pages.
	if err := db.HasRoom(3 * bytes); err != nil {
		return err
	}
	err := db.writing(func(c *conn) error {
		size, err := c.size()
		if err != nil {
			return err
		}
		if size != b.First {
			return fmt.Errorf("%w: %d, not %d", store.ErrMoved, size, b.First)
		}
		return c.append(b)
	})
	if err != nil {
		return fmt.Errorf("appending %d letters: %w", len(b.Letters), err)
	}
	return nil
}

func (c *conn) append(b store.Batch) error {
	commitments := make([]ledger.Commitment, len(b.Letters))
	for i, l := range b.Letters {
		commitments[i] = l.Commitment
	}
	err := errors.Join(
		appendAll(c, "entries (idx, commitment)", b.First, commitments),
		appendAll(c, "hashes (i, hash)", tlog.StoredHashIndex(0, b.First), b.Hashes))
	if err != nil {
		return err
	}
	for i, l := range b.Letters {
		err := c.do("INSERT INTO letters (idx, id, key, record, promise, sealed) VALUES (?, ?, ?, ?, ?, ?)", nil,
			b.First+int64(i), l.ID[:], l.Key[:], l.Record, l.Promise, l.Sealed)
		if err != nil {
			return err
		}
	}
	for _, box := range b.Boxes {
		if _, err := c.openBox(box); err != nil {
			return err
		}
	}
	return nil
}

// counted starts a statement with n(k), the numbers from 0 to ?1-1.
const counted = "WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k+1 FROM n WHERE k+1 < ?1) "

// packed puts values of 32 bytes behind each other, for substr(?, 32*k+1, 32).
func packed[T ~[32]byte](all []T) []byte {
	b := make([]byte, 0, 32*len(all))
	for _, v := range all {
		b = append(b, v[:]...)
	}
	return b
}

// appendAll inserts number and value of all, numbered from first on, in one statement.
func appendAll[T ~[32]byte](c *conn, into string, first int64, all []T) error {
	if len(all) == 0 {
		return nil
	}
	return c.do(counted+"INSERT INTO "+into+" SELECT ?2+k, substr(?3, 32*k+1, 32) FROM n", nil, len(all), first, packed(all))
}

// Entries returns entries from index from on: at most n, and no more after their letters passed maxBytes. It returns at least one
// entry when there is one.
func (db *DB) Entries(_ context.Context, from int64, n, maxBytes int) ([]wire.Entry, error) {
	const q = `SELECT e.idx, e.commitment, l.key, l.record, l.sealed
		FROM entries e LEFT JOIN letters l USING (idx) WHERE e.idx >= ? ORDER BY e.idx LIMIT ?`
	var out []wire.Entry
	bytes := 0
	err := db.reading(func(c *conn) error {
		err := c.do(q, func(s *sqlite3.Stmt) error {
			e := wire.Entry{Index: s.ColumnInt64(0)}
			err := fill(e.Commitment[:], s, 1)
			if s.ColumnType(2) != sqlite3.NULL {
				e.Present, e.Record, e.Sealed = true, s.ColumnText(3), s.ColumnBlob(4, nil)
				err = errors.Join(err, fill(e.Key[:], s, 2))
			}
			out = append(out, e)
			if bytes += len(e.Sealed); err == nil && bytes > maxBytes {
				return errEnough
			}
			return err
		}, from, n)
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the log from %d: %w", from, err)
	}
	return out, nil
}

var errEnough = errors.New("enough bytes")

// Delete destroys sealed bytes, key, record, promise and id of letters; commitments and hashes stay. It returns how many
// were there. The content is overwritten in the file and out of the WAL when it returns, unless a reader was under way.
func (db *DB) Delete(_ context.Context, ids []wire.LetterID) (n int, err error) {
	err = db.writing(func(c *conn) error {
		n = 0
		for _, id := range ids {
			if err := c.do("DELETE FROM letters WHERE id = ?", nil, id[:]); err != nil {
				return err
			}
			n += int(c.c.Changes())
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("deleting %d letters: %w", len(ids), err)
	}
	if n > 0 {
		err = db.Flush()
	}
	return n, err
}

// Meta returns a value that SetMeta kept, or "".
func (db *DB) Meta(name string) (value string, err error) {
	err = db.reading(func(c *conn) error {
		return c.do("SELECT value FROM meta WHERE name = ?", func(s *sqlite3.Stmt) error { value = s.ColumnText(0); return nil }, name)
	})
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return value, nil
}

// SetMeta keeps a value of the gate itself; never one about a person.
func (db *DB) SetMeta(name, value string) error {
	err := db.writing(func(c *conn) error {
		return c.do("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", nil, name, value)
	})
	if err != nil {
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	return nil
}

// DB serves tlog as well.
var _ tlog.HashReader = (*DB)(nil)
