package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Purge destroys the keys in dir: every file that holds one is overwritten, synced and removed, also what an interrupted save left behind. Files that are not there are no
// error. Afterwards nothing else in the folder can be opened, as far as the disk keeps no copy of its own.
func Purge(dir string) error {
	names := []string{filepath.Join(dir, FileName), filepath.Join(dir, UnlockFile), filepath.Join(dir, PasskeysFile), filepath.Join(dir, SeatsFile), filepath.Join(dir, BegunFile), filepath.Join(dir, LockFile)}
	left, err := filepath.Glob(filepath.Join(globEscape(dir), tempPattern))
	if err != nil {
		return fmt.Errorf("destroying the keys: %w", err)
	}
	var all error
	for _, name := range append(names, left...) {
		all = errors.Join(all, destroy(name))
	}
	if err := syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		all = errors.Join(all, fmt.Errorf("destroying the keys: %w", err))
	}
	return all
}

// destroy overwrites and removes one file. It goes on to remove what it could not overwrite.
func destroy(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.Join(scrub(f), f.Close())
	}
	if removeErr := os.Remove(name); removeErr != nil {
		return fmt.Errorf("destroying the keys: %w", errors.Join(err, removeErr))
	}
	return nil
}

// globEscape makes a folder's name stand for itself in a pattern.
func globEscape(dir string) string {
	var out []byte
	for i := range len(dir) {
		switch dir[i] {
		case '*', '?', '[', '\\':
			if os.PathSeparator == '/' {
				out = append(out, '\\')
			}
		}
		out = append(out, dir[i])
	}
	return string(out)
}
