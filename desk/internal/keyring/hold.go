package keyring

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// LockFile is empty. Whoever changes the keys in the folder holds its lock.
const LockFile = "keyring.lock"

var (
	// ErrInUse says that another program has this desk open and may change its keys.
	ErrInUse = errors.New("another program has this desk open; end it, or lock the desk there, and try again")
	// ErrChanged says that another program has changed the keys since this one read them.
	ErrChanged = errors.New("another program has changed this desk's keys in the meantime; lock the desk, unlock it, and try again")
)

// Hold keeps other programs from changing the keys until Forget. The first change does so by itself. The error wraps ErrInUse, ErrChanged or ErrForgotten.
func (k *Keyring) Hold() error {
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.RLock()
	gone := k.gone
	k.mu.RUnlock()
	if gone {
		return fmt.Errorf("holding the keyring: %w", ErrForgotten)
	}
	return k.hold()
}

// hold takes the folder's lock, unless k has it, makes sure that what k read is what is there, and destroys what a program that was killed had half written: it may
// hold keys that are meant to be gone. It wants k.saving.
func (k *Keyring) hold() error {
	if k.lock != nil || k.dir == "" {
		return nil
	}
	f, err := lockFolder(k.dir)
	if err != nil {
		return err
	}
	if err := k.unchanged(); err != nil {
		_ = f.Close() // nothing was written
		return err
	}
	if err := sweep(k.dir); err != nil {
		_ = f.Close() // nothing was written
		return err
	}
	k.lock = f
	return nil
}

// unchanged reports ErrChanged when keyring.age is not what k last read or wrote; none is right for a keyring that has not been written yet.
func (k *Keyring) unchanged() error {
	sealed, err := readFile(k.dir, FileName)
	switch {
	case errors.Is(err, os.ErrNotExist) && k.saved == [sha256.Size]byte{}:
		return nil
	case err != nil:
		return err
	case k.saved == [sha256.Size]byte{}:
		return ErrExists
	case sha256.Sum256(sealed) != k.saved:
		return ErrChanged
	}
	return nil
}

// release lets other programs change the keys. It wants k.saving.
func (k *Keyring) release() {
	if k.lock != nil {
		_ = k.lock.Close() // it is empty
		k.lock = nil
	}
}

// sweep destroys files that were on their way to one of the key files when the program died.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(globEscape(dir), tempPattern))
	if err != nil {
		return fmt.Errorf("destroying half-written keys: %w", err)
	}
	var all error
	for _, name := range left {
		all = errors.Join(all, destroy(name))
	}
	return all
}
