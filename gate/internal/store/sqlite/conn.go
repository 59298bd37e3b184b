package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"panah/gate/internal/store"
)

// A conn is one connection with its prepared statements. It serves one goroutine at a time.
type conn struct {
	c     *sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

// openConn opens the file at path with pragmas, each executed by itself.
func openConn(path string, flags sqlite3.OpenFlag, pragmas ...string) (*conn, error) {
	c, err := sqlite3.OpenFlags(path, flags)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	for _, p := range pragmas {
		if err := c.Exec("PRAGMA " + p); err != nil {
			return nil, errors.Join(fmt.Errorf("setting %s: %w", p, err), c.Close())
		}
	}
	return &conn{c, map[string]*sqlite3.Stmt{}}, nil
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		_ = s.Close() // repeats the error of the last step, which was told then
	}
	return c.c.Close()
}

// do runs one statement with args, and calls row for each row it gives. Blobs passed to row are valid during the call only.
func (c *conn) do(sql string, row func(*sqlite3.Stmt) error, args ...any) (err error) {
	s := c.stmts[sql]
	if s == nil {
		if s, _, err = c.c.Prepare(sql); err != nil {
			return fmt.Errorf("preparing a statement: %w", err)
		}
		c.stmts[sql] = s
	}
	defer func() {
		// Bindings hold copies of letters and keys; they go with the call.
		err = errors.Join(err, s.Reset(), s.ClearBindings())
	}()
	for i, a := range args {
		if err := bind(s, i+1, a); err != nil {
			return err
		}
	}
	for s.Step() {
		if row == nil {
			continue
		}
		if err := row(s); err != nil {
			return err
		}
	}
	return s.Err()
}

func bind(s *sqlite3.Stmt, i int, a any) error {
	switch a := a.(type) {
	case int64:
		return s.BindInt64(i, a)
	case int:
		return s.BindInt(i, a)
	case string:
		return s.BindText(i, a)
	case []byte:
		return s.BindBlob(i, a)
	}
	return fmt.Errorf("binding a %T: not a type of this database", a)
}

// tx runs fn inside one write transaction: committed and synced when nil is returned, undone otherwise.
func (c *conn) tx(fn func() error) (err error) {
	if err := c.c.Exec("BEGIN IMMEDIATE"); err != nil {
		return c.explain(err)
	}
	defer func() {
		// A failed COMMIT can leave the transaction open, and some errors have already ended it.
		if err != nil && !c.c.GetAutocommit() {
			err = errors.Join(err, c.c.Exec("ROLLBACK"))
		}
	}()
	if err := fn(); err != nil {
		return c.explain(err)
	}
	return c.explain(c.c.Exec("COMMIT"))
}

// explain turns every way in which a disk says that it takes no more into store.ErrFull. The driver tells ENOSPC, quotas and limits
// on file sizes all as IOERR_WRITE and does not keep the cause; a broken disk comes the same way, and is told the same:
// nothing was kept. The operator's log has the chain.
func (c *conn) explain(err error) error {
	if err == nil {
		return nil
	}
	for _, full := range []error{sqlite3.FULL, sqlite3.IOERR_WRITE} {
		if errors.Is(err, full) {
			return fmt.Errorf("%w: %w", store.ErrFull, err)
		}
	}
	return err
}
