package desk

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/post"
	"panah/desk/internal/sync"
)

// Synced is what one sync did.
type Synced struct {
	Size int64         // entries of the log, all verified
	Took time.Duration // from the first request to the last commit
	Sent int           // items of the outbox
}

// Sync brings the desk in the folder data up to the gate's newest checkpoint once, sends what waits, and closes it again. Nobody else may have it
// open. The error wraps ErrPassphrase, ErrDamaged, ErrOffline, or says what does not fit in the gate's log.
func Sync(ctx context.Context, data, passphrase string) (done Synced, err error) {
	keys, err := keyring.Open(data, passphrase)
	if err != nil {
		return Synced{}, fmt.Errorf("syncing: %w", err)
	}
	defer keys.Forget()
	db, err := casedb.Open(ctx, filepath.Join(data, casedb.FileName), keys.Database())
	if err != nil {
		return Synced{}, fmt.Errorf("syncing: %w", err)
	}
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	book, err := situations()
	if err != nil {
		return Synced{}, err
	}
	l, err := line.New(keys.Gate().URL, keys.Gate().Origin, keys.Device(), time.Now)
	if err != nil {
		return Synced{}, fmt.Errorf("syncing: %w", err)
	}
	defer l.Close()
	s, err := sync.New(sync.Config{DB: db, Line: l, Keys: keys, Urgency: urgency(book), Now: time.Now})
	if err != nil {
		return Synced{}, fmt.Errorf("syncing: %w", err)
	}
	start := time.Now()
	if done.Size, err = s.Round(ctx); err != nil {
		return done, fmt.Errorf("syncing: %w", err)
	}
	done.Took = time.Since(start)
	if done.Sent, err = post.Push(ctx, post.Config{DB: db, Line: l, Keys: keys, Now: time.Now}); err != nil {
		return done, fmt.Errorf("sending what waits: %w", err)
	}
	return done, nil
}
