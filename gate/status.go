package gate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"panah/gate/internal/organisation"
	"panah/gate/internal/store/sqlite"
)

// A Status is what an operator may want to know of a gate at a glance. It holds nothing secret.
type Status struct {
	Origin  string `json:"origin"`
	VKey    string `json:"vkey"`
	Org     string `json:"org,omitempty"` // fingerprint; empty while the gate waits for its organisation
	Name    string `json:"name,omitempty"`
	Serial  int    `json:"serial,omitempty"` // of the roster
	Epoch   int    `json:"epoch,omitempty"`
	Open    bool   `json:"open"`    // it takes the public's letters
	Entries int64  `json:"entries"` // of the log
	Running bool   `json:"running"` // a gate is using the folder
}

// Look reads the state of the gate in dir, running or not, without changing anything. Also with an error Origin and VKey are set, when they could
// be read.
func Look(dir string) (Status, error) {
	k, err := loadKeys(dir)
	if err != nil {
		return Status{}, err
	}
	s := Status{Origin: k.verifier.Name(), VKey: k.vkey}
	s.Running = running(dir)
	if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); errors.Is(err, fs.ErrNotExist) {
		return s, nil // it has never run
	}
	db, err := openStore(dir, sqlite.Options{ReadOnly: true})
	if err != nil {
		return s, err
	}
	return s, errors.Join(s.read(db), db.Close())
}

// read fills s from the store.
func (s *Status) read(db *sqlite.DB) (err error) {
	ctx := context.Background()
	if s.Entries, err = db.Size(ctx); err != nil {
		return err
	}
	o, err := organisation.Open(ctx, db, time.Now)
	if err != nil {
		return fmt.Errorf("reading the rosters: %w", err)
	}
	if _, r, ok := o.Roster(); ok {
		s.Org, s.Name, s.Serial, s.Epoch, s.Open = r.Org, r.Name, r.Serial, r.Epoch, o.Taking()
	}
	return nil
}

// running reports whether a gate holds the folder's lock.
func running(dir string) bool {
	f, err := lock(dir)
	if err != nil {
		return true
	}
	return f.Close() != nil
}
