package sqlite

import (
	"context"
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"panah/core/wire"
)

// PutWraps keeps wraps of an epoch, each in place of the one of its name; an empty one is deleted. What was replaced or deleted opened
// letters: it is out of the file and of the write-ahead log when the call returns.
func (db *DB) PutWraps(_ context.Context, epoch int, wraps []wire.Wrap) error {
	bytes := 0
	for _, w := range wraps {
		bytes += len(w.Sealed)
	}
	if bytes > 0 { // deleting always works
		if err := db.HasRoom(3 * bytes); err != nil {
			return err
		}
	}
	gone := 0
	err := db.writing(func(c *conn) error {
		gone = 0
		for _, w := range wraps {
			if err := c.do("DELETE FROM wraps WHERE epoch = ? AND name = ?", nil, epoch, w.Name[:]); err != nil {
				return err
			}
			gone += int(c.c.Changes())
			if len(w.Sealed) == 0 {
				continue
			}
			if err := c.do("INSERT INTO wraps (epoch, name, sealed) VALUES (?, ?, ?)", nil, epoch, w.Name[:], w.Sealed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping %d wraps: %w", len(wraps), err)
	}
	if gone > 0 {
		err = db.Flush()
	}
	return err
}

// Wraps returns the wraps of an epoch in the order of their names, from the first after the name after on (nil: from the first), and no
// more after they passed maxBytes. more says that there are further ones.
func (db *DB) Wraps(_ context.Context, epoch int, after []byte, maxBytes int) (wraps []wire.Wrap, more bool, err error) {
	if after == nil {
		after = []byte{} // sorts before every name
	}
	err = db.reading(func(c *conn) error {
		bytes := 0
		err := c.do("SELECT name, sealed FROM wraps WHERE epoch = ? AND name > ? ORDER BY name", func(s *sqlite3.Stmt) error {
			if bytes > maxBytes {
				more = true
				return errEnough
			}
			w := wire.Wrap{Sealed: s.ColumnBlob(1, nil)}
			bytes += len(w.Sealed)
			err := fill(w.Name[:], s, 0)
			wraps = append(wraps, w)
			return err
		}, epoch, after)
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("reading the wraps of epoch %d: %w", epoch, err)
	}
	return wraps, more, nil
}

// DropWraps destroys the wraps of all epochs before epoch.
func (db *DB) DropWraps(_ context.Context, epoch int) error {
	gone := 0
	err := db.writing(func(c *conn) error {
		err := c.do("DELETE FROM wraps WHERE epoch < ?", nil, epoch)
		gone = int(c.c.Changes())
		return err
	})
	if err != nil {
		return fmt.Errorf("destroying wraps: %w", err)
	}
	if gone > 0 {
		err = db.Flush()
	}
	return err
}
