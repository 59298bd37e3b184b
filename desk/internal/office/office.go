// Package office is the caseworker's side as one thing: locked, it answers nothing; unlocked, it reads, replies,
// re-issues, joins and erases, and keeps the gate in sync behind it.
//
// It is all that desk/internal/web may touch. It hands out no key, and it forgets them when it locks.
package office

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// What can go wrong that a page has words for. Methods wrap them.
var (
	ErrLocked     = errors.New("the desk is locked; unlock it with the passphrase")
	ErrPassphrase = errors.New("the passphrase is wrong; try again")
	ErrDamaged    = errors.New("the key file is damaged; restore it from a copy")
	ErrInUse      = casedb.ErrInUse
	ErrFull       = casedb.ErrFull
	ErrNotFound   = casedb.ErrNotFound
	ErrSafeWord   = errors.New("a new code is given only after the safe word was confirmed")
	ErrState      = casedb.ErrState
	ErrEmpty      = errors.New("the reply is empty; write something or add a photo")
	ErrTooLong    = errors.New("the text is longer than 20,000 characters; shorten it or send two replies")
	ErrPhoto      = errors.New("the photo cannot be used; send a JPEG, PNG or WebP picture of at most 4 MB")
)

// A Draft is a reply being sent. Photo is as the caseworker's file is: the office re-encodes it with desk/internal/media.
type Draft struct {
	Text  string // at most 20,000 characters
	Photo []byte // nil: none
}

// Status is what the head of every page shows.
type Status struct {
	Locked       bool
	Removed      bool   // the organisation took this desk off its list, and the desk erased itself
	Org          string // fingerprint, 20 characters
	Name         string // of the organisation
	Gate         string // the gate's origin
	GateURL      string // where people reach it, "https://help.example.org"
	Reachable    bool   // the last request to the gate was answered
	LastSync     time.Time
	LogSize      int64 // entries verified
	Queued       int   // replies, new codes and erasures that have not gone out
	Alarms       int   // unresolved
	Unread       int   // letters
	Syncing      bool
	LockIn       time.Duration // idle time left before it locks
	SyncProblem  string        // "", "offline", "refused", "clock", "log", "disk": why there is nothing newer
	FirstSyncing bool          // the very first sync is under way
}

// ChangeKind says what a Change is about.
type ChangeKind string

// The kinds of changes.
const (
	ChangeThreads ChangeKind = "threads" // the list
	ChangeThread  ChangeKind = "thread"  // one thread
	ChangeAlarms  ChangeKind = "alarms"
	ChangeStatus  ChangeKind = "status"
	ChangeLock    ChangeKind = "lock" // locked or unlocked
	ChangeKeys    ChangeKind = "keys" // desks, roles, epochs, proposals
)

// A Change tells subscribers what to read again. It holds nothing of the content.
type Change struct {
	Kind   ChangeKind
	Thread int64 // ChangeThread
}

// Config is what an office is made of.
type Config struct {
	Data      string                                   // the desk's folder: keyring and database
	LockAfter time.Duration                            // idle time; 0: 15 minutes
	Urgency   func(situations []string) casedb.Urgency // nil: days
	Now       func() time.Time                         // nil: time.Now
	Log       *slog.Logger                             // what operators should know; never content. nil: nowhere
	TestEvery time.Duration                            // how often test letters go out while nobody has set it; 0: never
	Clocks    map[pathway.Urgency]pathway.Clock        // how long each urgency leaves; nil: the proposals of rules/pathways
	LookEvery time.Duration                            // how often clocks are looked at when nothing changes; 0: 20 s
	MailRoots *x509.CertPool                           // whose mail servers are trusted; nil: the system's
}

// defaultLockAfter is how long an unattended desk stays open.
const defaultLockAfter = 15 * time.Minute

// Office is a desk as its people use it. Make one with Open.
type Office struct {
	c   Config
	hub hub

	turn sync.Mutex // held while unlocking or locking; before mu
	mu   sync.RWMutex
	open *room // nil: locked; guarded by mu

	words struct { // of the organisation; they take a tenth of a second
		sync.Mutex
		org     string
		numbers [8]byte
	}

	timer    *time.Timer // locks; guarded by mu
	deadline time.Time   // guarded by mu
}

// Open makes an office, locked. It fails when there is no keyring in the folder.
func Open(c Config) (*Office, error) {
	if c.LockAfter <= 0 {
		c.LockAfter = defaultLockAfter
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if !keyring.Exists(c.Data) && !WasRemoved(c.Data) {
		return nil, errors.New("there is no desk in this folder; make one with: panah desk init")
	}
	return &Office{c: c}, nil
}

// Unlock opens keyring and database and starts to sync. It takes about a second by intent. Errors wrap ErrPassphrase,
// ErrDamaged, ErrInUse, ErrGone, or tell what the disk said. Unlocking what is unlocked checks the passphrase only.
func (o *Office) Unlock(ctx context.Context, passphrase string) error {
	return o.unlockWith(ctx,
		func() (*keyring.Keyring, error) { return keyring.Open(o.c.Data, passphrase) },
		func(k *keyring.Keyring) error { return k.CheckPassphrase(passphrase) })
}

// unlockWith unlocks with what open opens. When the desk is open already it only asks check: a second keyring of one folder could write over the first.
func (o *Office) unlockWith(ctx context.Context, open func() (*keyring.Keyring, error), check func(*keyring.Keyring) error) error {
	o.turn.Lock() // also: one derivation at a time, as each takes 256 MiB
	defer o.turn.Unlock()
	defer debug.FreeOSMemory() // an idle desk would keep them for minutes
	if r := o.now(); r != nil {
		if err := o.tellKeys(check(r.keys)); err != nil {
			return err
		}
		o.Touch()
		return nil
	}
	keys, err := open()
	if err != nil {
		return o.tellKeys(err)
	}
	r, err := o.enter(ctx, keys)
	if err != nil {
		keys.Forget()
		return err
	}
	o.mu.Lock()
	o.open = r
	o.deadline = time.Now().Add(o.c.LockAfter)
	o.timer = time.AfterFunc(o.c.LockAfter, o.lockIfIdle)
	o.mu.Unlock()
	o.hub.say(Change{Kind: ChangeLock})
	return nil
}

// now is the open room, or nil.
func (o *Office) now() *room {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.open
}

// tellKeys turns a keyring's error into one that pages have words for.
func (o *Office) tellKeys(err error) error {
	switch {
	case errors.Is(err, keyring.ErrPassphrase):
		return ErrPassphrase
	case errors.Is(err, keyring.ErrDamaged):
		return ErrDamaged
	case err != nil && WasRemoved(o.c.Data):
		return ErrRemoved
	case err != nil && !keyring.Exists(o.c.Data):
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

// enter opens the database and starts the work behind it.
func (o *Office) enter(ctx context.Context, keys *keyring.Keyring) (*room, error) {
	if err := keys.Hold(); errors.Is(err, keyring.ErrInUse) || errors.Is(err, keyring.ErrChanged) {
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	} else if err != nil {
		return nil, err
	}
	db, err := casedb.Open(ctx, filepath.Join(o.c.Data, casedb.FileName), keys.Database())
	if errors.Is(err, casedb.ErrDamaged) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err != nil {
		return nil, err
	}
	r := &room{o: o, keys: keys, db: db, wakePost: make(chan struct{}, 1), wakeSync: make(chan struct{}, 1), wakeWatch: make(chan struct{}, 1), wakeClock: make(chan struct{}, 1), wakeDuty: make(chan struct{}, 1), wakeBook: make(chan struct{}, 1)}
	if keys.Gate() == (keyring.Gate{}) {
		return r, nil // not connected yet: everything but the gate works
	}
	if r.line, err = line.New(keys.Gate().URL, keys.Gate().Origin, keys.Device(), o.c.Now); err == nil {
		err = r.start()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return r, nil
}

// Lock stops syncing, closes the database and drops the keys. When it returns, nothing of them is used any more.
func (o *Office) Lock() {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.lock()
}

// lock wants o.turn.
func (o *Office) lock() {
	o.mu.Lock() // waits for readers
	r := o.open
	o.open = nil
	if o.timer != nil {
		o.timer.Stop()
	}
	o.mu.Unlock()
	if r == nil {
		return
	}
	if err := r.leave(); err != nil {
		o.c.Log.Error("locking the desk", "error", err)
	}
	o.hub.say(Change{Kind: ChangeLock})
}

// lockIfIdle is what the timer calls.
func (o *Office) lockIfIdle() {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.mu.Lock()
	left := time.Until(o.deadline)
	if o.open == nil || left > 0 { // touched in the meantime
		if o.open != nil {
			o.timer.Reset(left)
		}
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	o.lock()
}

// Close locks and ends all subscriptions.
func (o *Office) Close() {
	o.Lock()
	o.hub.close()
}

// Locked reports the state.
func (o *Office) Locked() bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.open == nil
}

// Touch restarts the idle time; call it for every request of a human, not for event streams.
func (o *Office) Touch() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open != nil {
		o.deadline = time.Now().Add(o.c.LockAfter)
		o.timer.Reset(o.c.LockAfter)
	}
}

// Subscribe returns a channel of changes and a function that ends it. A slow subscriber loses repetitions, never the last change of
// a kind. The channel is closed by the function, and when the office closes; locking sends ChangeLock.
func (o *Office) Subscribe() (<-chan Change, func()) { return o.hub.subscribe() }
