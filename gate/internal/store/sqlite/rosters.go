package sqlite

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"panah/core/wire"
	"panah/gate/internal/store"
)

// Rosters returns at most n signed rosters from serial from on, oldest first.
func (db *DB) Rosters(_ context.Context, from, n int) (signed [][]byte, err error) {
	err = db.reading(func(c *conn) error {
		return c.do("SELECT signed FROM rosters WHERE serial >= ? ORDER BY serial LIMIT ?", func(s *sqlite3.Stmt) error {
			signed = append(signed, s.ColumnBlob(0, nil))
			return nil
		}, from, n)
	})
	if err != nil {
		return nil, fmt.Errorf("reading rosters from %d on: %w", from, err)
	}
	return signed, nil
}

// PutPackage keeps a roster with its grants and recovery files, and drops all proposals and what belonged to devices that left: one
// transaction, whose traces are out of the write-ahead log when it returns. The error wraps store.ErrMoved when the roster
// does not follow the newest by its serial, and store.ErrFull.
func (db *DB) PutPackage(_ context.Context, p store.Package) error {
	bytes := len(p.Roster)
	for _, g := range p.Grants {
		bytes += len(g.Sealed)
	}
	for _, f := range p.Files {
		bytes += len(f.Data)
	}
	if err := db.HasRoom(3 * bytes); err != nil {
		return err
	}
	if err := db.writing(func(c *conn) error { return c.putPackage(p) }); err != nil {
		return fmt.Errorf("keeping roster %d: %w", p.Serial, err)
	}
	return db.Flush()
}

func (c *conn) putPackage(p store.Package) error {
	newest := 0
	err := c.do("SELECT coalesce(max(serial), 0) FROM rosters", func(s *sqlite3.Stmt) error { newest = s.ColumnInt(0); return nil })
	if err != nil {
		return err
	}
	if newest != p.Serial-1 {
		return fmt.Errorf("%w: the newest roster is %d", store.ErrMoved, newest)
	}
	if err := c.do("INSERT INTO rosters (serial, signed) VALUES (?, ?)", nil, p.Serial, p.Roster); err != nil {
		return err
	}
	for _, g := range p.Grants {
		if err := c.do("INSERT OR REPLACE INTO grants (device, sealed) VALUES (?, ?)", nil, g.Device[:], g.Sealed); err != nil {
			return err
		}
	}
	if p.Files != nil {
		if err := c.putFiles(p.Files); err != nil {
			return err
		}
	}
	return errors.Join(c.keepOnly("grants", p.Devices), c.keepOnly("cards", p.Devices), c.do("DELETE FROM proposals", nil))
}

// keepOnly deletes the rows of other devices. table is one of ours.
func (c *conn) keepOnly(table string, devices [][32]byte) error {
	var gone [][32]byte
	err := c.do("SELECT device FROM "+table, func(s *sqlite3.Stmt) error {
		var d [32]byte
		err := fill(d[:], s, 0)
		if !slices.Contains(devices, d) {
			gone = append(gone, d)
		}
		return err
	})
	for _, d := range gone {
		err = errors.Join(err, c.do("DELETE FROM "+table+" WHERE device = ?", nil, d[:]))
	}
	return err
}

// Proposals returns the proposals that came at hour since or later, oldest first.
func (db *DB) Proposals(_ context.Context, since int64) (all []store.Proposal, err error) {
	err = db.reading(func(c *conn) error {
		return c.do("SELECT text, hour, package FROM proposals WHERE hour >= ? ORDER BY hour, text", func(s *sqlite3.Stmt) error {
			p := store.Proposal{Hour: s.ColumnInt64(1), Package: s.ColumnBlob(2, nil)}
			all = append(all, p)
			return fill(all[len(all)-1].Text[:], s, 0)
		}, since)
	})
	if err != nil {
		return nil, fmt.Errorf("reading proposals: %w", err)
	}
	return all, nil
}

// PutProposal keeps p in place of the one with the same text, and of all but the newest store.MaxProposals-1 others.
func (db *DB) PutProposal(_ context.Context, p store.Proposal) error {
	if err := db.HasRoom(3 * len(p.Package)); err != nil {
		return err
	}
	err := db.writing(func(c *conn) error {
		return errors.Join(
			c.do("DELETE FROM proposals WHERE text = ?", nil, p.Text[:]),
			c.do("DELETE FROM proposals WHERE text NOT IN (SELECT text FROM proposals ORDER BY hour DESC, text LIMIT ?)", nil, store.MaxProposals-1),
			c.do("INSERT INTO proposals (text, hour, package) VALUES (?, ?, ?)", nil, p.Text[:], p.Hour, p.Package))
	})
	if err != nil {
		return fmt.Errorf("keeping a proposal: %w", err)
	}
	return nil
}

// DropProposal forgets the proposal with this text.
func (db *DB) DropProposal(_ context.Context, text [32]byte) error {
	err := db.writing(func(c *conn) error { return c.do("DELETE FROM proposals WHERE text = ?", nil, text[:]) })
	if err != nil {
		return fmt.Errorf("forgetting a proposal: %w", err)
	}
	return nil
}

// Grant returns the newest grant to a device, or store.ErrNone.
func (db *DB) Grant(_ context.Context, device [32]byte) ([]byte, error) {
	return db.one("reading a grant", "SELECT sealed FROM grants WHERE device = ?", device[:])
}

// one reads one blob, or store.ErrNone.
func (db *DB) one(attempt, sql string, args ...any) (b []byte, err error) {
	found := false
	err = db.reading(func(c *conn) error {
		return c.do(sql, func(s *sqlite3.Stmt) error { found, b = true, s.ColumnBlob(0, nil); return nil }, args...)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", attempt, err)
	case !found:
		return nil, fmt.Errorf("%s: %w", attempt, store.ErrNone)
	}
	return b, nil
}

// Cards returns every card.
func (db *DB) Cards(context.Context) (cards []store.Card, err error) {
	err = db.reading(func(c *conn) error {
		return c.do("SELECT key, generation, signed FROM cards ORDER BY device", func(s *sqlite3.Stmt) error {
			card := store.Card{Device: make(ed25519.PublicKey, ed25519.PublicKeySize), Generation: s.ColumnInt(1), Signed: s.ColumnBlob(2, nil)}
			cards = append(cards, card)
			return fill(card.Device, s, 0)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading cards: %w", err)
	}
	return cards, nil
}

// PutCard keeps a card in place of the device's last.
func (db *DB) PutCard(_ context.Context, card store.Card) error {
	if err := db.HasRoom(3 * len(card.Signed)); err != nil {
		return err
	}
	hash := sha256.Sum256(card.Device)
	err := db.writing(func(c *conn) error {
		return c.do("INSERT OR REPLACE INTO cards (device, key, generation, signed) VALUES (?, ?, ?, ?)", nil,
			hash[:], []byte(card.Device), card.Generation, card.Signed)
	})
	if err != nil {
		return fmt.Errorf("keeping a card: %w", err)
	}
	return nil
}

// File returns a recovery file, or store.ErrNone.
func (db *DB) File(_ context.Context, name string) ([]byte, error) {
	return db.one("reading a recovery file", "SELECT data FROM recovery WHERE name = ?", name)
}

// PutFiles replaces all recovery files; the old ones are out of the file and of the write-ahead log when it returns.
func (db *DB) PutFiles(_ context.Context, files []wire.File) error {
	bytes := 0
	for _, f := range files {
		bytes += len(f.Data)
	}
	if err := db.HasRoom(3 * bytes); err != nil {
		return err
	}
	if err := db.writing(func(c *conn) error { return c.putFiles(files) }); err != nil {
		return fmt.Errorf("keeping recovery files: %w", err)
	}
	return db.Flush()
}

func (c *conn) putFiles(files []wire.File) error {
	if err := c.do("DELETE FROM recovery", nil); err != nil {
		return err
	}
	for _, f := range files {
		if err := c.do("INSERT INTO recovery (name, data) VALUES (?, ?)", nil, f.Name, f.Data); err != nil {
			return err
		}
	}
	return nil
}
