package office

import (
	"context"
	"errors"
	"fmt"

	"panah/desk/internal/keyring"
	"panah/desk/internal/wipe"
)

// ErrGone says that the folder holds no desk any more: it was purged, or the organisation removed it.
var ErrGone = errors.New("there is no desk in this folder any more; a keeper can let it in again with a new code")

// Purge destroys this desk: its keys at once, then, when it is locked, everything in its folder. It takes no passphrase and no network, and cannot be taken back: what is at the gate
// stays there for the organisation's other desks. The error tells what could not be removed; the keys are gone unless it says so.
func (o *Office) Purge(context.Context) error {
	keysErr := keyring.Purge(o.c.Data) // before waiting for anything
	o.turn.Lock()
	defer o.turn.Unlock()
	o.lock()
	if err := wipe.Folder(o.c.Data); err != nil {
		return fmt.Errorf("purging the desk: %w", errors.Join(keysErr, err))
	}
	return nil
}
