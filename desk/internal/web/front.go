package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
)

// A Setup makes, joins and brings back the desk of one folder. Package desk has the real one.
type Setup interface {
	// Exists reports whether the folder holds a desk, and Removed whether it is what a desk left that its organisation took off the list.
	Exists() bool
	Removed() bool
	// Begun reports whether a joining or a recovery was begun in the folder and broken off: the same call goes on, with the same passphrase, and needs neither code nor
	// sheets any more.
	Begun() bool
	// Found makes an organisation and its desk, joins it to the gate, and returns the custodians' sheets: there is no second chance to see them.
	Found(ctx context.Context, f Founding) (Founded, error)
	// Join makes a desk of an organisation that a keeper lets it into. words is called once, when both desks can compare.
	Join(ctx context.Context, j Joining, words func([6]byte)) (Joined, error)
	// Recover makes a desk out of the custodians' sheets.
	Recover(ctx context.Context, r Recovering) (Recovered, error)
	// Wipe destroys the desk in the folder, keys first.
	Wipe(ctx context.Context) error
	// Open opens the desk in the folder, locked. One that was open before is closed.
	Open() (Office, error)
}

// A Founding is what founding an organisation takes. It prints as "[founding]".
type Founding struct {
	Gate, Code string // address of the gate, and its setup code
	Name, Desk string // of the organisation, and of this desk
	Passphrase string
	Needed, Of int    // custodians: how many of them bring the organisation back, and how many there are
	Lang       string // of the sheets, beside English
}

// ErrNotYet says that the keeper has let a desk in, and other keepers must sign first: the same Join goes on later.
var ErrNotYet = errors.New("other keepers must sign first")

// ErrBegun says that another kind of desk was begun in the folder.
var ErrBegun = errors.New("something else was begun in this folder")

// String hides code and passphrase.
func (Founding) String() string { return "[founding]" }

// GoString hides code and passphrase.
func (Founding) GoString() string { return "[founding]" }

// Founded is a new organisation. It prints as "[founded]".
type Founded struct {
	Org    string // fingerprint, 20 characters
	Sheets []Sheet
}

// String hides the sheets.
func (Founded) String() string { return "[founded]" }

// GoString hides the sheets.
func (Founded) GoString() string { return "[founded]" }

// A Sheet is what one custodian keeps on paper, as a page to print. It prints as "[sheet]".
type Sheet struct {
	Letter string // "a", "b", …
	HTML   []byte // whole document, without script
}

// String hides the sheet.
func (Sheet) String() string { return "[sheet]" }

// GoString hides the sheet.
func (Sheet) GoString() string { return "[sheet]" }

// A Joining is what joining an organisation takes. It prints as "[joining]".
type Joining struct {
	Gate, Code string // address of the gate, and the keeper's code of nine digits
	Desk       string // name of this desk
	Passphrase string
}

// String hides code and passphrase.
func (Joining) String() string { return "[joining]" }

// GoString hides code and passphrase.
func (Joining) GoString() string { return "[joining]" }

// Joined is the desk that was let in.
type Joined struct {
	Name string // of the organisation
	Role string // roster.Role
}

// A Recovering is what bringing an organisation back takes. It prints as "[recovering]".
type Recovering struct {
	Gate, Org  string // address of the gate, and the fingerprint on the sheets
	Desk       string
	Passphrase string
	Sheets     []string // as they were typed
}

// String hides sheets and passphrase.
func (Recovering) String() string { return "[recovering]" }

// GoString hides sheets and passphrase.
func (Recovering) GoString() string { return "[recovering]" }

// Recovered is what came back.
type Recovered struct {
	Org           string
	Serial, Epoch int  // of the roster that this desk made
	Opened        bool // a letter that only the sheets could open was opened
	Intake        bool // this was the rehearsal: the gate takes letters from now on
}

// A front answers with the setup pages while the folder holds no desk, and with the desk's pages while it does.
type front struct {
	setup Setup // nil: the desk is there and stays
	turn  sync.Mutex
	now   atomic.Pointer[serving]
}

// serving is one state of a front.
type serving struct {
	s *server
	h http.Handler
}

// ServeHTTP answers with the pages of the moment.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.now.Load().h.ServeHTTP(w, r) }

func (f *front) serve(s *server) { f.now.Store(&serving{s, s.routes()}) }

// enter opens the desk that was just made and unlocks it for the session that made it.
func (f *front) enter(ctx context.Context, s *server, v visit, passphrase string) error {
	f.turn.Lock()
	defer f.turn.Unlock()
	if now := f.now.Load().s; now.wizard == nil { // the page that waits was asked for twice
		return nil
	}
	o, err := f.setup.Open()
	if err != nil {
		return fmt.Errorf("opening the new desk: %w", err)
	}
	if passphrase != "" {
		if err := o.Unlock(ctx, passphrase); err != nil {
			return fmt.Errorf("unlocking the new desk: %w", err)
		}
	}
	next := s.with(o)
	s.sessions.whenAllLocked(o.Lock)
	f.serve(next)
	if passphrase != "" {
		s.sessions.unlock(v.key, "") // nobody has said who they are
	}
	return nil
}

// leave goes to the setup pages, because the desk is gone; gone begins the ids of the sentences that say why.
func (f *front) leave(s *server, gone string) {
	f.turn.Lock()
	defer f.turn.Unlock()
	if f.setup == nil || f.now.Load().s.wizard != nil {
		return
	}
	s.sessions.lockAll()
	s.sessions.whenAllLocked(func() {})
	next := s.with(absent{})
	next.wizard = &wizard{Setup: f.setup, gone: gone}
	f.serve(next)
}

// absent is the office of a folder without a desk: it cannot be unlocked, and no page asks it for more.
type absent struct{ Office }

// Locked is always so.
func (absent) Locked() bool { return true }

// Lock has nothing to do.
func (absent) Lock() {}
