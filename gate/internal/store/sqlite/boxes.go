package sqlite

import (
	"context"
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"panah/core/wire"
	"panah/gate/internal/store"
)

// openBox opens a mailbox, or keeps it alive when the auth is right; with a wrong auth nothing happens.
func (c *conn) openBox(b store.Box) (created bool, err error) {
	err = c.do(`INSERT INTO mailboxes (id, auth, day) VALUES (?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING 1`, func(*sqlite3.Stmt) error { created = true; return nil }, b.ID[:], b.Auth[:], b.Day)
	if err != nil || created {
		return created, err
	}
	// day < ?: at most one write a day.
	return false, c.do("UPDATE mailboxes SET day = ? WHERE id = ? AND auth = ? AND day < ?", nil, b.Day, b.ID[:], b.Auth[:], b.Day)
}

// OpenBox opens a mailbox, or keeps it alive when it is there with the same auth.
func (db *DB) OpenBox(_ context.Context, b store.Box) (created bool, err error) {
	err = db.writing(func(c *conn) error { created, err = c.openBox(b); return err })
	if err != nil {
		return false, fmt.Errorf("opening a mailbox: %w", err)
	}
	return created, nil
}

// Box returns a mailbox, or store.ErrNoMailbox.
func (db *DB) Box(_ context.Context, id store.BoxID) (store.Box, error) {
	b := store.Box{ID: id}
	found := false
	err := db.reading(func(c *conn) error {
		return c.do("SELECT auth, day FROM mailboxes WHERE id = ?", func(s *sqlite3.Stmt) error {
			found, b.Day = true, s.ColumnInt64(1)
			return fill(b.Auth[:], s, 0)
		}, id[:])
	})
	switch {
	case err != nil:
		return store.Box{}, fmt.Errorf("looking for a mailbox: %w", err)
	case !found:
		return store.Box{}, store.ErrNoMailbox
	}
	return b, nil
}

// Replies returns the sealed replies of a mailbox, oldest first.
func (db *DB) Replies(_ context.Context, id store.BoxID) (replies [][]byte, err error) {
	err = db.reading(func(c *conn) error {
		return c.do("SELECT sealed FROM replies WHERE box = ? ORDER BY n", func(s *sqlite3.Stmt) error {
			replies = append(replies, s.ColumnBlob(0, nil))
			return nil
		}, id[:])
	})
	if err != nil {
		return nil, fmt.Errorf("reading the replies of a mailbox: %w", err)
	}
	return replies, nil
}

// PutReply puts a sealed reply last into a mailbox; created is false when it is there already. The error wraps
// store.ErrNoMailbox, store.ErrMailboxFull or store.ErrFull where it can.
func (db *DB) PutReply(_ context.Context, id store.BoxID, sealed []byte) (created bool, err error) {
	if err := db.HasRoom(3 * len(sealed)); err != nil {
		return false, err
	}
	reply := wire.IDOf(sealed)
	err = db.writing(func(c *conn) error {
		var there, held bool
		var n, last, bytes int64
		err := errors.Join(
			c.do("SELECT 1 FROM mailboxes WHERE id = ?", func(*sqlite3.Stmt) error { there = true; return nil }, id[:]),
			c.do("SELECT 1 FROM replies WHERE box = ? AND id = ?", func(*sqlite3.Stmt) error { held = true; return nil }, id[:], reply[:]),
			c.do("SELECT count(*), coalesce(max(n), 0), coalesce(sum(length(sealed)), 0) FROM replies WHERE box = ?", func(s *sqlite3.Stmt) error {
				n, last, bytes = s.ColumnInt64(0), s.ColumnInt64(1), s.ColumnInt64(2)
				return nil
			}, id[:]))
		switch {
		case err != nil:
			return err
		case !there:
			return store.ErrNoMailbox
		case held:
			return nil
		case n >= store.MaxReplies, bytes+int64(len(sealed)) > store.MaxReplyBytes:
			return store.ErrMailboxFull
		}
		created = true
		return c.do("INSERT INTO replies (box, n, id, sealed) VALUES (?, ?, ?, ?)", nil, id[:], last+1, reply[:], sealed)
	})
	if err != nil {
		return false, fmt.Errorf("putting a reply into a mailbox: %w", err)
	}
	return created, nil
}

// DropBox destroys a mailbox with its replies; none is no error.
func (db *DB) DropBox(_ context.Context, id store.BoxID) error {
	err := db.writing(func(c *conn) error { return c.do("DELETE FROM mailboxes WHERE id = ?", nil, id[:]) })
	if err != nil {
		return fmt.Errorf("destroying a mailbox: %w", err)
	}
	return db.Flush()
}

// SweepBoxes destroys the mailboxes last used before day and returns how many.
func (db *DB) SweepBoxes(_ context.Context, day int64) (n int, err error) {
	err = db.writing(func(c *conn) error {
		err := c.do("DELETE FROM mailboxes WHERE day < ?", nil, day)
		n = int(c.c.Changes())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("destroying unused mailboxes: %w", err)
	}
	if n > 0 {
		err = db.Flush()
	}
	return n, err
}
