// Package office is the caseworker's side as one thing: locked, it answers nothing; unlocked, it reads, replies,
// re-issues, joins and erases, and keeps the gate in sync behind it.
//
// It is all that desk/internal/web may touch. It hands out no key, and it forgets them when it locks.
package office

import (
	"context"
	"errors"
	"time"

	"panah/core/receipt"
	"panah/desk/internal/casedb"
)

// What can go wrong that a page has words for. Methods wrap them.
var (
	ErrLocked     = errors.New("the desk is locked; unlock it with the passphrase")
	ErrPassphrase = errors.New("the passphrase is wrong; try again")
	ErrDamaged    = errors.New("the key file is damaged; restore it from a copy")
	ErrNotFound   = casedb.ErrNotFound
	ErrSafeWord   = errors.New("a new code is given only after the safe word was confirmed")
	ErrState      = errors.New("the thread is erased, joined to another, or cannot be opened")
	ErrEmpty      = errors.New("the reply is empty; write something or add a photo")
	ErrTooLong    = errors.New("the text is longer than 20,000 characters; shorten it or send two replies")
	ErrPhoto      = errors.New("the photo cannot be used; send a JPEG, PNG or WebP picture of at most 12 MB")
)

// A Draft is a reply being sent. Photo is as the caseworker's file is: the office re-encodes it with desk/internal/media.
type Draft struct {
	Text  string // at most 20,000 characters
	Photo []byte // nil: none
}

// Status is what the head of every page shows.
type Status struct {
	Locked       bool
	Org          string // fingerprint, 20 characters
	Name         string // of the organisation
	Gate         string // the gate's origin
	Reachable    bool   // the last request to the gate was answered
	LastSync     time.Time
	LogSize      int64 // entries verified
	Queued       int   // replies, new codes and erasures that have not gone out
	Alarms       int   // unresolved
	Unread       int   // letters
	Syncing      bool
	LockIn       time.Duration // idle time left before it locks
	SyncProblem  string        // "", "offline", "refused", "clock", "log": why there is nothing newer
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
)

// A Change tells subscribers what to read again. It holds nothing of the content.
type Change struct {
	Kind   ChangeKind
	Thread int64 // ChangeThread
}

// Unlock opens keyring and database and starts to sync. It takes about a second by intent. Errors wrap ErrPassphrase,
// ErrDamaged, or tell what the disk said. Unlocking what is unlocked checks the passphrase only.
func (o *Office) Unlock(ctx context.Context, passphrase string) error { panic("coming") }

// Lock stops syncing, closes the database and drops the keys.
func (o *Office) Lock() { panic("coming") }

// Locked reports the state.
func (o *Office) Locked() bool { panic("coming") }

// VerifyPassphrase asks again before something that cannot be taken back. ErrPassphrase, ErrDamaged.
func (o *Office) VerifyPassphrase(ctx context.Context, passphrase string) error { panic("coming") }

// Touch restarts the idle time; call it for every request of a human, not for event streams.
func (o *Office) Touch() { panic("coming") }

// Status never fails; locked, it says only that, the name and the gate.
func (o *Office) Status(ctx context.Context) Status { panic("coming") }

// Subscribe returns a channel of changes and a function that ends it. A slow subscriber loses changes, never the last one of
// a kind. The channel is closed by the function, and when the office closes; locking sends ChangeLock.
func (o *Office) Subscribe() (<-chan Change, func()) { panic("coming") }

// Threads lists threads.
func (o *Office) Threads(ctx context.Context, f casedb.Filter) ([]casedb.Summary, error) {
	panic("coming")
}

// Thread returns one thread whole, without the bytes of its parts. Letters it shows count as read from the next call on.
func (o *Office) Thread(ctx context.Context, id int64) (casedb.Thread, error) { panic("coming") }

// Part returns a stranger's file as it came. Hand it to desk/internal/media.
func (o *Office) Part(ctx context.Context, id int64) (casedb.Part, error) { panic("coming") }

// SetUrgency overrides what the person's choices said.
func (o *Office) SetUrgency(ctx context.Context, thread int64, u casedb.Urgency) error {
	panic("coming")
}

// Reply seals d to the person's mailbox and to the organisation, queues both and returns. once is any string that a form
// carries: a second Reply with the same once does nothing, so a repeated POST is harmless. Errors wrap ErrEmpty, ErrTooLong, ErrPhoto, ErrState.
func (o *Office) Reply(ctx context.Context, thread int64, d Draft, once string) error {
	panic("coming")
}

// Reissue makes a new code for a thread whose person lost theirs, after the safe word was confirmed: a new mailbox with the
// earlier replies in it; the old code opens nothing any more once the gate has heard. The code is returned once and kept nowhere. ErrSafeWord, ErrState.
func (o *Office) Reissue(ctx context.Context, thread int64, safeWordConfirmed bool) (receipt.Code, error) {
	panic("coming")
}

// Join says that newThread is the same person as oldThread, who lost the code and wrote anew: newThread goes on with both
// histories; the old code dies. ErrState.
func (o *Office) Join(ctx context.Context, newThread, oldThread int64, safeWordConfirmed bool) error {
	panic("coming")
}

// Erase destroys text, parts and keys of a thread on this desk now, and asks the gate and the other desks to do the same
// (queued when there is no network). What stays is that something was erased, and when.
func (o *Office) Erase(ctx context.Context, thread int64) error { panic("coming") }

// Alarms returns the unresolved alarms, newest first; with all also the resolved ones.
func (o *Office) Alarms(ctx context.Context, all bool) ([]casedb.Alarm, error) { panic("coming") }

// Resolve closes an alarm with the note of a person; the evidence is kept. If the cause is still there, the alarm comes back.
func (o *Office) Resolve(ctx context.Context, alarm int64, note string) error { panic("coming") }

// SyncNow asks for a sync at once and does not wait for it.
func (o *Office) SyncNow() { panic("coming") }

// CheckPromise says whether a promise (its signed text) is this gate's, and which letter it stands for when this desk has it (0: none).
func (o *Office) CheckPromise(ctx context.Context, promise string) (good bool, thread int64, err error) {
	panic("coming")
}

// Office is a desk as its people use it. Make one with Open.
type Office struct{}
