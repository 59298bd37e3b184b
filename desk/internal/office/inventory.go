package office

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// A File is a file in the desk's folder. What is an id of words: "keyring", "unlock", "passkeys", "seats", "begun", "lock", "database", "journal", "removed", "half" (one that was being
// written when the program ended); "" for one that is not the desk's.
type File struct {
	Name string
	Size int64
	What string
}

// An Inventory says what this desk knows and where it is.
type Inventory struct {
	Folder     string
	Files      []File
	Epochs     []int // whose keys are held
	Generation int   // of this desk's own key
	Keeper     bool  // a key that signs rosters is here
	CaseKeys   int   // of locked cases that this desk may open
	Passkeys   int
	Seats      int // people with a passphrase of their own
	Cases      int // opened ones
	Letters    int
	Replies    int
	Events     int
	Parts      int // photographs and recordings, in the database
	Queued     int // at the gate soon: what has not gone out
	LogSize    int64
	Import     int // rows of a list that is being brought in, in memory only
}

// explained names the files that a desk makes.
var explained = map[string]string{
	keyring.FileName: "keyring", keyring.UnlockFile: "unlock", keyring.PasskeysFile: "passkeys", keyring.SeatsFile: "seats", keyring.BegunFile: "begun", keyring.LockFile: "lock",
	casedb.FileName: "database", casedb.FileName + "-journal": "journal", RemovedFile: "removed",
}

func explain(name string) string {
	if what := explained[name]; what != "" {
		return what
	}
	if strings.HasPrefix(name, ".keyring-") {
		return "half"
	}
	return ""
}

// Inventory looks into the folder, the keyring and the database as they are now. The error wraps ErrLocked.
func (o *Office) Inventory(ctx context.Context) (v Inventory, err error) {
	err = o.in(func(r *room) error {
		if v.Files, err = filesIn(o.c.Data); err != nil {
			return err
		}
		state := r.keys.State()
		v.Folder, v.Epochs, v.Generation, v.Keeper = o.c.Data, r.keys.Epochs(), state.Generation, state.Keeper != ""
		passkeys, err := keyring.Passkeys(o.c.Data)
		if err != nil {
			return err
		}
		seats, err := keyring.Seats(o.c.Data)
		if err != nil {
			return err
		}
		v.Passkeys, v.Seats = len(passkeys), len(seats)
		held, err := r.db.Holdings(ctx)
		if err != nil {
			return err
		}
		v.CaseKeys, v.Cases, v.Letters, v.Replies, v.Events, v.Parts, v.Queued = held.CaseKeys, held.Cases, held.Letters, held.Replies, held.Events, held.Parts, held.Queued
		v.LogSize, v.Import = held.LogSize, r.moving.rows()
		return nil
	})
	return v, err
}

// filesIn lists a folder and what is in folders within, by name.
func filesIn(dir string) (list []File, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // a journal that was just done with
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		list = append(list, File{Name: name, Size: info.Size(), What: explain(name)})
		return nil
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listing the desk's folder: %w", err)
	}
	slices.SortFunc(list, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
