package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/wipe"
)

// ErrNone says that the folder holds no desk.
var ErrNone = errors.New("there is no desk in this folder")

// Purge destroys the desk in the folder data: its keys first, then everything in the folder, also while another process has it open. It needs no passphrase and
// cannot be taken back. The error wraps ErrNone when there is nothing of a desk, so that a mistyped folder keeps its files.
func Purge(data string) error {
	if !somethingThere(data) {
		return fmt.Errorf("purging %s: %w", data, ErrNone)
	}
	return wipe.Folder(data)
}

// somethingThere also knows what an earlier purge left that was cut off.
func somethingThere(data string) bool {
	if Exists(data) {
		return true
	}
	for _, name := range []string{keyring.UnlockFile, keyring.PasskeysFile, keyring.BegunFile, casedb.FileName} {
		if _, err := os.Lstat(filepath.Join(data, name)); err == nil {
			return true
		}
	}
	return false
}
