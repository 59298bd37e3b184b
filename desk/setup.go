package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"panah/desk/internal/office"
	"panah/desk/internal/web"
)

// A folder makes, joins and brings back the desk of one folder for the pages, and opens it.
type folder struct {
	c       Config
	offices office.Config

	mu   sync.Mutex
	open *office.Office // nil: no desk is open; guarded by mu
}

// Exists is part of web.Setup.
func (f *folder) Exists() bool { return Exists(f.c.Data) }

// Removed is part of web.Setup.
func (f *folder) Removed() bool { return office.WasRemoved(f.c.Data) }

// Begun is part of web.Setup.
func (f *folder) Begun() bool { return Begun(f.c.Data) }

// Found is part of web.Setup.
func (f *folder) Found(ctx context.Context, in web.Founding) (web.Founded, error) {
	done, err := Found(ctx, FoundConfig{
		Data: f.c.Data, Name: in.Name, Passphrase: in.Passphrase, LogN: f.c.LogN, GateURL: in.Gate, SetupCode: in.Code, Needed: in.Needed, Of: in.Of,
		DeskName: in.Desk, Lang: in.Lang,
	})
	if err != nil {
		return web.Founded{}, err
	}
	made := web.Founded{Org: done.Org}
	for _, s := range done.Sheets {
		made.Sheets = append(made.Sheets, web.Sheet{Letter: s.Letter, HTML: s.HTML})
	}
	return made, nil
}

// Join is part of web.Setup.
func (f *folder) Join(ctx context.Context, in web.Joining, words func([6]byte)) (web.Joined, error) {
	done, err := Join(ctx, JoinConfig{
		Data: f.c.Data, GateURL: in.Gate, Code: in.Code, DeskName: in.Desk, Passphrase: in.Passphrase, LogN: f.c.LogN, Words: words,
	})
	if errors.Is(err, ErrNotYet) {
		err = fmt.Errorf("%w: %w", web.ErrNotYet, err)
	}
	return web.Joined{Name: done.Name, Role: string(done.Role)}, begun(err)
}

// Recover is part of web.Setup.
func (f *folder) Recover(ctx context.Context, in web.Recovering) (web.Recovered, error) {
	done, err := Recover(ctx, RecoverConfig{
		Data: f.c.Data, GateURL: in.Gate, Org: in.Org, DeskName: in.Desk, Passphrase: in.Passphrase, LogN: f.c.LogN, Sheets: in.Sheets,
	})
	return web.Recovered{Org: done.Org, Serial: done.Serial, Epoch: done.Epoch, Opened: done.Rehearsed, Intake: done.Intake}, begun(err)
}

// begun lets the pages tell ErrBegun from other errors.
func begun(err error) error {
	if errors.Is(err, ErrBegun) {
		return fmt.Errorf("%w: %w", web.ErrBegun, err)
	}
	return err
}

// Wipe is part of web.Setup. What is gone already need not go again.
func (f *folder) Wipe(context.Context) error {
	f.close()
	if err := Purge(f.c.Data); err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	return nil
}

// Open is part of web.Setup.
func (f *folder) Open() (web.Office, error) {
	f.close()
	o, err := office.Open(f.offices)
	if err != nil {
		return nil, fmt.Errorf("opening the desk: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = o
	return o, nil
}

// close locks the desk that is open.
func (f *folder) close() {
	f.mu.Lock()
	o := f.open
	f.open = nil
	f.mu.Unlock()
	if o != nil {
		o.Close()
	}
}
