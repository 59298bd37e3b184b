// Package wipe destroys a desk's folder: the keys first, so that whatever is left when somebody pulls the plug cannot be opened, then everything else.
//
// It overwrites the key files only. The database is noise without its key, and overwriting it would take minutes. It promises nothing about blocks that
// flash storage or the file system keeps out of reach (docs/threat-model.md).
package wipe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// Folder destroys the desk in dir and removes the folder. What cannot be removed is reported, after everything else is gone. A folder that is somebody's home, or the
// root of a file system, loses the desk's own files only. The folder may be missing already.
func Folder(dir string) error {
	if dir == "" {
		return errors.New("destroying a desk: no folder")
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	// Keys, before anything that could fail or take time. A desk that is still running may save its keys once more until the folder is gone.
	all := keyring.Purge(dir)
	for _, name := range databaseFiles(dir) {
		all = errors.Join(all, cut(name))
	}
	if shared(dir) {
		return errors.Join(all, keyring.Purge(dir))
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return all
	}
	if err != nil {
		return errors.Join(all, fmt.Errorf("destroying a desk: %w", err))
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			all = errors.Join(all, fmt.Errorf("destroying a desk: %w", err))
		}
	}
	if err := removeFolder(dir); err != nil {
		all = errors.Join(all, err)
	}
	return all
}

// removeFolder removes dir, and once more the keys that a running desk saved in the meantime.
func removeFolder(dir string) error {
	err := os.Remove(dir)
	for try := 0; err != nil && !errors.Is(err, fs.ErrNotExist) && try < 3; try++ {
		if err = keyring.Purge(dir); err == nil {
			err = os.Remove(dir)
		}
	}
	if left, readErr := os.ReadDir(dir); readErr == nil && len(left) == 0 {
		return nil // a service's folder, which is not ours to remove, is empty
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destroying a desk: removing its folder: %w", err)
	}
	parent, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return nil // not ours to read; the folder is gone for every program that looks
	}
	defer parent.Close()
	_ = parent.Sync() // some systems cannot
	return nil
}

// databaseFiles are the database and whatever SQLite keeps beside it.
func databaseFiles(dir string) []string {
	var names []string
	for _, end := range []string{"", "-journal", "-wal", "-shm"} {
		names = append(names, filepath.Join(dir, casedb.FileName+end))
	}
	return names
}

// cut empties a file and removes it: the first also takes it from a program that has it open.
func cut(name string) error {
	err := os.Truncate(name, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if removeErr := os.Remove(name); removeErr != nil {
		return fmt.Errorf("destroying the desk's database: %w", errors.Join(err, removeErr))
	}
	return nil
}

// shared reports whether dir holds more than a desk for sure.
func shared(dir string) bool {
	home, err := os.UserHomeDir()
	return dir == filepath.Dir(dir) || err == nil && dir == filepath.Clean(home)
}
