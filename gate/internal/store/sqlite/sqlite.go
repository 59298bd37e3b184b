// Package sqlite keeps a gate's letters, log and mailboxes in one SQLite file.
//
// Every write is synced before it is reported done (WAL, synchronous=FULL; NORMAL lost acknowledged letters in simulated power
// cuts). Deleted content is overwritten and flushed out of the WAL. One connection writes; a few read beside it. The
// engine refuses a file of a newer version than it knows.
package sqlite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"sync"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"panah/gate/internal/store"
)

// FileName is the database's name inside the data folder.
const FileName = "gate.db"

// DefaultPageSize is in bytes. Measured over letters of the smallest class (docs/adr/gate-store.md).
const DefaultPageSize = 8 << 10

// readers is how many connections read beside the writer. Each costs about 2 MB.
const readers = 2

//go:embed migrations/*.sql
var migrations embed.FS

// Options of Open.
type Options struct {
	// PageSize in bytes, for a new file only; 0 means DefaultPageSize.
	PageSize int
	// Reserve is how many bytes stay free on the disk: letters are refused with store.ErrFull before it is touched, so that
	// erasing, which needs room in the WAL, always works.
	Reserve int64
	// ReadOnly opens an existing file for Verify: nothing is written, not even a migration.
	ReadOnly bool
}

// A DB is an open database. It implements the interfaces of seq, mailbox and api.
type DB struct {
	dir     string
	reserve int64
	// room says how many bytes the disk has left; a field so that a test can fill the disk of one store.
	room func(dir string) (int64, error)

	write sync.Mutex // guards w
	w     *conn
	read  chan *conn

	check   sync.Mutex    // taken before write: one checkpoint at a time
	long    chan struct{} // the write-ahead log is long
	closing sync.Once
	checked chan struct{} // closed when checkpoints has ended
}

// Open opens or makes the database in dir and brings it to the newest version.
func Open(dir string, o Options) (*DB, error) {
	db := &DB{dir: dir, reserve: o.Reserve, room: room, read: make(chan *conn, readers), long: make(chan struct{}, 1), checked: make(chan struct{})}
	path := filepath.Join(dir, FileName)
	if o.PageSize == 0 {
		o.PageSize = DefaultPageSize
	}
	flags := sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE
	pragmas := []string{
		"page_size=" + strconv.Itoa(o.PageSize), "secure_delete=ON", "journal_mode=WAL",
		"synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-8000", "temp_store=MEMORY", "wal_autocheckpoint=0", "journal_size_limit=67108864",
	}
	if o.ReadOnly {
		flags, pragmas = sqlite3.OPEN_READWRITE, []string{"query_only=ON", "busy_timeout=5000"}
	}
	registerVFS()
	w, err := openConn(writerName(path), flags|sqlite3.OPEN_URI, pragmas...)
	if err != nil {
		return nil, err
	}
	db.w = w
	db.w.c.WALHook(db.wrote)
	go db.checkpoints()
	if err := db.start(path, o.ReadOnly); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// start migrates and opens the readers.
func (db *DB) start(path string, readOnly bool) error {
	if err := db.migrate(readOnly); err != nil {
		return err
	}
	for range readers {
		r, err := openConn(path, sqlite3.OPEN_READWRITE, "query_only=ON", "synchronous=FULL", "busy_timeout=5000", "cache_size=-1000", "temp_store=MEMORY")
		if err != nil {
			return err
		}
		db.read <- r
	}
	if readOnly {
		return nil
	}
	return db.Flush() // what a crash left in the WAL
}

// migrate runs the migrations that the file does not have yet, each in its own transaction with its number.
func (db *DB) migrate(readOnly bool) error {
	var have int
	if err := db.w.do("PRAGMA user_version", func(s *sqlite3.Stmt) error { have = s.ColumnInt(0); return nil }); err != nil {
		return fmt.Errorf("reading the database's version: %w", err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if have > len(names) {
		return fmt.Errorf("the database has version %d, this program knows %d: use the newer program", have, len(names))
	}
	if readOnly && have < len(names) {
		return fmt.Errorf("the database has version %d, this program needs %d: start the gate once", have, len(names))
	}
	for i, name := range names[have:] { // Glob sorts
		sql, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		err = db.w.tx(func() error {
			return db.w.c.Exec(string(sql) + ";PRAGMA user_version=" + strconv.Itoa(have+i+1))
		})
		if err != nil {
			return fmt.Errorf("migrating the database with %s: %w", name, err)
		}
	}
	return nil
}

// Close waits for the calls under way and closes the file.
func (db *DB) Close() error {
	db.endCheckpoints()
	var errs []error
	for range cap(db.read) {
		select {
		case r := <-db.read:
			errs = append(errs, r.close())
		default: // start failed before it was opened
		}
	}
	db.write.Lock()
	defer db.write.Unlock()
	return errors.Join(append(errs, db.w.close())...)
}

// writing runs fn in one transaction on the writing connection.
func (db *DB) writing(fn func(c *conn) error) error {
	db.write.Lock()
	defer db.write.Unlock()
	return db.w.tx(func() error { return fn(db.w) })
}

// besideWriting runs fn on the writing connection without a transaction: its page cache holds what the next commit needs, where a
// reader's is dropped with each commit.
func (db *DB) besideWriting(fn func(c *conn) error) error {
	db.write.Lock()
	defer db.write.Unlock()
	return fn(db.w)
}

// reading runs fn on a reading connection.
func (db *DB) reading(fn func(c *conn) error) error {
	c := <-db.read
	defer func() { db.read <- c }()
	return fn(c)
}

// HasRoom refuses, with store.ErrFull, what would eat into the reserve.
func (db *DB) HasRoom(bytes int) error {
	free, err := db.room(db.dir)
	if err != nil {
		return fmt.Errorf("asking the disk for its room: %w", err)
	}
	if free-int64(bytes) < db.reserve {
		return fmt.Errorf("%w: %d bytes free, %d kept in reserve", store.ErrFull, free, db.reserve)
	}
	return nil
}

// Flush moves the WAL into the file and empties it, so that deleted content is nowhere. A reader under way delays
// it to the next call; that is no error.
func (db *DB) Flush() error {
	db.check.Lock()
	defer db.check.Unlock()
	db.write.Lock()
	defer db.write.Unlock()
	if _, _, err := db.w.c.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE); err != nil && !errors.Is(err, sqlite3.BUSY) {
		return fmt.Errorf("emptying the write-ahead log: %w", err)
	}
	return nil
}
