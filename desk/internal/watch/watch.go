// Package watch holds gates to what they say: promises are kept, letters through the public door arrive, and no gate shows two logs.
//
// It audits promises, sends test letters that look like anybody's, cosigns the checkpoints of partners' gates as their witness, and compares what witnesses of the own
// gate cosigned with the own log. It raises alarms with their evidence and decides nothing; and it tells no gate more than a person or a witness would.
package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// Every is how often a desk sends a test letter unless somebody set it otherwise.
const Every = 24 * time.Hour

// Config is what a Watcher works with. The caller owns all of it.
type Config struct {
	DB        *casedb.DB
	Line      *line.Line
	Keys      *keyring.Keyring
	Now       func() time.Time
	TestEvery time.Duration // how often test letters go out while nobody has set it; 0: never
	Sync      func()        // asks for a sync and does not wait
}

// A Watcher runs passes. Not for concurrent use.
type Watcher struct {
	c       Config
	from    line.Issuer
	looked  time.Time           // when the witnesses' list was last asked for
	tries   map[int64]time.Time // when each test letter was last sent
	changes int
}

// New makes a Watcher. It fails when the keyring has no gate.
func New(c Config) (*Watcher, error) {
	gate, err := c.Keys.GateVerifier()
	if err != nil {
		return nil, err
	}
	return &Watcher{c: c, from: line.Issuer{Gate: gate, Org: c.Keys.Org}, tries: map[int64]time.Time{}}, nil
}

// Pass does everything that is due, and reports whether something changed that people should see. One part that fails does not keep the others
// from their work.
func (w *Watcher) Pass(ctx context.Context) (changed bool, err error) {
	before := w.changes
	err = errors.Join(w.audit(ctx), w.tests(ctx), w.cosign(ctx), w.compare(ctx))
	return w.changes != before, err
}

// audit checks promises whose time has come.
func (w *Watcher) audit(ctx context.Context) error {
	a, err := w.c.DB.Audit(ctx, w.c.Now())
	if err != nil {
		return err
	}
	w.changes += a.Broken
	if a.Waiting {
		w.c.Sync()
	}
	return nil
}

// synced reports whether a sync has ended since t; when not, it asks for one.
func (w *Watcher) synced(ctx context.Context, t time.Time) (bool, error) {
	cursor, err := w.c.DB.Cursor(ctx)
	if err != nil {
		return false, err
	}
	if cursor.Synced.Before(t) {
		w.c.Sync()
		return false, nil
	}
	return true, nil
}

// raise records a finding.
func (w *Watcher) raise(ctx context.Context, f casedb.Finding) error {
	w.changes++
	return w.c.DB.Raise(ctx, f, w.c.Now())
}

// CheckGateKey reads a gate's verifier key and returns its name.
func CheckGateKey(vkey string) (note.Verifier, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil || len(vkey) > maxKey {
		return nil, fmt.Errorf("%w: of a gate", ErrKey)
	}
	return v, nil
}

// ErrKey says that a key was not copied whole.
var ErrKey = errors.New("that is not a key; copy it whole")

// maxKey bounds verifier keys, bytes.
const maxKey = 512
