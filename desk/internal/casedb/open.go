package casedb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // registers the encrypting VFS under its name
)

// FileName is the database's name in a desk's data folder.
const FileName = "desk.db"

var (
	// ErrInUse says that another desk process has the database open.
	ErrInUse = errors.New("another desk is running in this folder; close it first")
	// ErrFull says that there is no room on the disk. Nothing of the transaction was kept, and nothing that was there is lost.
	ErrFull = errors.New("the disk of this desk is full; free some space")
	// ErrDamaged says that the file is damaged, or belongs to another keyring.
	ErrDamaged = errors.New("the desk's database is damaged or belongs to other keys; restore it from a copy, or move it away and sync anew")
)

// A DB is the open database. All methods may be called at once; there is one connection, so they take turns.
type DB struct{ sql *sql.DB }

// Open opens or makes the database at path, encrypted with key. The error wraps ErrInUse or ErrDamaged, or tells what the disk said.
func Open(ctx context.Context, path string, key [32]byte) (*DB, error) {
	// The key goes in by PRAGMA: URI parameters stay readable to the whole process (adiantum's documentation).
	dsn := (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "vfs=adiantum&_txlock=immediate"}).String()
	pool, err := driver.Open(dsn, func(c *sqlite3.Conn) error { return configure(c, key) })
	if err != nil {
		return nil, fmt.Errorf("opening the desk's database: %w", err)
	}
	// One connection: with an exclusive lock there cannot be two, and a second desk process is refused.
	pool.SetMaxOpenConns(1)
	pool.SetConnMaxLifetime(0)
	d := &DB{pool}
	if err = d.migrate(ctx); err == nil {
		err = d.inTx(ctx, openWatch)
	}
	if err != nil {
		pool.Close()
		switch {
		case errors.Is(err, sqlite3.BUSY):
			return nil, fmt.Errorf("opening the desk's database: %w", ErrInUse)
		case errors.Is(err, sqlite3.NOTADB), errors.Is(err, sqlite3.CORRUPT):
			return nil, fmt.Errorf("opening the desk's database: %w", ErrDamaged)
		}
		return nil, fmt.Errorf("opening the desk's database: %w", err)
	}
	return d, nil
}

// configure sets a connection up. The order matters: key, time-out, locking, then the rest. A rollback journal, not a write-ahead log: there is
// one connection, so nobody reads beside a writer, pages are encrypted and written once instead of twice, and an erased
// row is overwritten in the file itself when its transaction commits (docs/adr/desk-database.md). synchronous=FULL syncs the journal and its folder
// entry before the file is touched, the file, and the journal again when it is truncated; EXTRA would add a sync of the folder after the
// journal is deleted, and ours never is.
func configure(c *sqlite3.Conn, key [32]byte) error {
	if err := c.Exec("PRAGMA hexkey='" + hex.EncodeToString(key[:]) + "'"); err != nil {
		return err
	}
	if err := c.BusyTimeout(500 * time.Millisecond); err != nil {
		return err
	}
	if err := c.Exec(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;
		PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000; PRAGMA trusted_schema=OFF`); err != nil {
		return err
	}
	return fts5.Register(c)
}

// Close closes the database.
func (d *DB) Close() error {
	if err := d.sql.Close(); err != nil {
		return fmt.Errorf("closing the desk's database: %w", err)
	}
	return nil
}

// inTx runs f in one transaction.
func (d *DB) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := d.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := f(tx); err != nil {
		return room(err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", room(err))
	}
	return nil
}

// room makes an error that means a full disk say so.
func room(err error) error {
	if errors.Is(err, sqlite3.FULL) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// migrate brings the schema up to date.
func (d *DB) migrate(ctx context.Context) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		if version > len(schemas) {
			return fmt.Errorf("the database was written by a newer version (%d, this one knows %d)", version, len(schemas))
		}
		for _, s := range schemas[version:] {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", len(schemas))); err != nil {
			return err
		}
		return queueReady(tx)
	})
}

// QueueReady makes the queue fast for any number of cases, once the first sync is done; until then, and when that was done before, it does nothing. Opening a database does the same.
func (d *DB) QueueReady(ctx context.Context) error { return d.inTx(ctx, queueReady) }

// queueReady makes what the queue needs beyond the first sync, once that is done.
func queueReady(tx *sql.Tx) error {
	ready, err := isQueueReady(tx)
	if err != nil || ready {
		return err
	}
	var synced bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM meta WHERE k = 'synced')").Scan(&synced); err != nil || !synced {
		return err
	}
	if _, err := tx.Exec(queueSchema); err != nil {
		return fmt.Errorf("making the queue's indices: %w", err)
	}
	return nil
}

// isQueueReady reports whether queueSchema is there: sums that triggers keep may be read.
func isQueueReady(tx *sql.Tx) (ready bool, err error) {
	err = tx.QueryRow("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'unread_moved')").Scan(&ready)
	return ready, err
}
