package office

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"panah/desk/internal/keyring"
	"panah/desk/internal/wipe"
)

// ErrRemoved says that the organisation took this desk off its list.
var ErrRemoved = errors.New("the organisation took this desk off its list, and the desk erased itself; a keeper can let it in again with a new code")

// RemovedFile is what a desk leaves of itself when it was taken off the list: the day and a sentence, and nobody's name.
const RemovedFile = "removed.txt"

// WasRemoved reports whether the folder is what a removed desk left.
func WasRemoved(data string) bool {
	if keyring.Exists(data) {
		return false
	}
	_, err := os.Lstat(filepath.Join(data, RemovedFile))
	return err == nil
}

// removed is called when the chain has this device no more and its keys are destroyed. The room cannot wait for its own end.
func (r *room) removed() {
	go func() {
		if err := r.o.leave(r); err != nil {
			r.o.c.Log.Error("erasing a desk that was taken off the list", "error", err)
		}
	}()
}

// leave locks the office and wipes its folder, if r is still the open room.
func (o *Office) leave(r *room) error {
	purgeErr := keyring.Purge(o.c.Data) // before waiting for anything
	o.turn.Lock()
	defer o.turn.Unlock()
	o.mu.Lock()
	same := o.open == nil || o.open == r
	o.mu.Unlock()
	if !same {
		return errors.New("the desk was opened anew in the meantime")
	}
	o.lock()
	err := wipe.Folder(o.c.Data)
	if err == nil {
		purgeErr = nil
	}
	err = errors.Join(purgeErr, err, writeRemoved(o.c.Data, o.c.Now()))
	o.hub.say(Change{Kind: ChangeLock})
	return err
}

func writeRemoved(data string, now time.Time) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("saying what happened: %w", err)
	}
	words := now.UTC().Format(time.DateOnly) + "\nThe organisation took this desk off its list, and the desk erased itself.\nA keeper can let it in again with a new code: panah desk join\n"
	if err := os.WriteFile(filepath.Join(data, RemovedFile), []byte(words), 0o600); err != nil {
		return fmt.Errorf("saying what happened: %w", err)
	}
	return nil
}
