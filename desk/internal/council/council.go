// Package council is a desk's part in the keys of its organisation: it follows the chain of rosters, takes grants, renews this device's key, and on a keeper's
// desk changes the roster: new epochs, desks that come and leave, roles, thresholds. Rules: docs/formats-keys.md.
//
// It believes only what enough keepers signed, destroys keys only after what replaces them is in the key file, and does nothing by itself on a
// clock that the gate refuses.
package council

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"time"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// What a caller may branch on. Methods wrap them.
var (
	// ErrKeeper says that only a keeper's desk can do this.
	ErrKeeper = errors.New("only a keeper's desk can do this; ask a keeper")
	// ErrConflict says that another keeper changed the roster at the same moment.
	ErrConflict = errors.New("somebody else changed the list of desks at the same moment; look again, then decide anew")
	// ErrChain says that what the gate serves does not fit the chain; an alarm says how.
	ErrChain = errors.New("the gate's rosters do not fit what this desk has verified")
	// ErrRemoved says that a chain signed as it must be has this device no more.
	ErrRemoved = errors.New("this desk was taken off the organisation's list")
	// ErrNoDesk says that there is no such desk, or no such proposal (any more).
	ErrNoDesk = errors.New("there is no such desk or proposal any more; look again")
	// ErrThreshold says that the change would leave too few keepers' desks.
	ErrThreshold = errors.New("too few keepers' desks would be left to sign; make another desk a keeper's first")
	// ErrSheets says that the custodians' sheets do not fit the number of keepers that must sign.
	ErrSheets = errors.New("the custodians' sheets sign for fewer keepers than that; make the sheets anew first")
	// ErrWithheld says that this keeper's desk does not know yet who is who by the newest roster.
	ErrWithheld = errors.New("the gate has not given this desk its newest keys, so it cannot change anything yet; an alarm says so; try again, or use another keeper's desk")
	// ErrProposal says that a proposal is not what it seems, and must not be signed.
	ErrProposal = errors.New("this proposal gives this desk no key that fits; do not sign it, and ask the keeper who made it")
)

// How long an epoch lasts, when a delay is told, and how long a keeper's desk leaves it to those before it in the list.
const (
	EpochTime   = 30 * 24 * time.Hour
	OverdueTime = 37 * 24 * time.Hour
	turnTime    = time.Hour
	clockSlack  = 10 * time.Minute // twice what a gate lets two clocks differ
)

// Config is what a Council works with. The caller owns all of it.
type Config struct {
	Keys  *keyring.Keyring
	Line  *line.Line
	Wraps Wraps
	Raise func(context.Context, casedb.Finding) error
	Now   func() time.Time

	Checkpoint func(context.Context) []byte // newest checkpoint of the log that this desk verified, signed; nil: none
	Changed    func()                       // roster, members or keys are others now; may be nil
	Removed    func()                       // the chain excludes this device, and its keys are destroyed; the rest is to be wiped. May be nil
}

// A Council acts for one desk while it is unlocked. Its methods may be called at once.
type Council struct {
	c  Config
	me roster.DeviceHash

	turn sync.Mutex // one thing at a time
	won  bool       // whether the plan that ended last came into force; guarded by turn

	mu   sync.Mutex
	seen seen // guarded by mu
}

// seen is what the last round learnt, for pages.
type seen struct {
	at        time.Time
	intake    bool
	proposals []Proposal
}

// New makes a Council.
func New(c Config) *Council {
	pub, _ := c.Keys.Device().Public().(ed25519.PublicKey)
	if c.Changed == nil {
		c.Changed = func() {}
	}
	if c.Removed == nil {
		c.Removed = func() {}
	}
	if c.Checkpoint == nil {
		c.Checkpoint = func(context.Context) []byte { return nil }
	}
	return &Council{c: c, me: roster.HashDevice(pub)}
}

// Round does everything that is to be done now: it follows the chain, takes the grant, publishes this device's next card, completes wraps, goes on with a change
// that was begun, signs what needs no human, and begins a new epoch when one is due. Call it after unlocking, after each news, and at least hourly. The error
// wraps ErrChain, ErrRemoved, or what desk/internal/line says of the connection.
func (c *Council) Round(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	v, err := c.settle(ctx)
	if err != nil {
		return err
	}
	completing := c.complete(ctx)
	// The gate has just judged this desk's clock by a signed request.
	err = c.keep(ctx, v)
	if errors.Is(err, errWaits) || errors.Is(err, ErrConflict) { // other keepers have the word, or had it
		err = nil
	}
	return errors.Join(err, completing)
}

// settle follows the chain, publishes the card, and goes on with a change that was begun.
func (c *Council) settle(ctx context.Context) (view, error) {
	v, err := c.follow(ctx)
	if err != nil {
		return v, err
	}
	if err := c.publish(ctx, v); err != nil {
		return v, err
	}
	if err := c.shed(v); err != nil {
		return v, err
	}
	return v, c.resume(ctx, v)
}

// resume goes on with a change that was begun and that does not wait for others.
func (c *Council) resume(ctx context.Context, v view) error {
	_, m, err := c.look()
	if err != nil || m.Plan == nil {
		return err
	}
	if _, ok := c.c.Keys.KeeperSigner(); !ok {
		return c.abandon(v.now) // this desk was a keeper's when it began
	}
	if m.Plan.Posted && proposalOf(v, m.Plan.Text) != nil {
		return nil
	}
	err = c.carry(ctx)
	if errors.Is(err, errWaits) || errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// keep is what only keepers' desks do by themselves.
func (c *Council) keep(ctx context.Context, v view) error {
	if _, ok := c.c.Keys.KeeperSigner(); !ok {
		return nil
	}
	if err := c.cosignRolls(ctx, v); err != nil {
		return err
	}
	if c.due() {
		return c.rollTo(ctx, c.c.Keys.Epoch()+1)
	}
	return nil
}

// tell raises findings.
func (c *Council) tell(ctx context.Context, findings []casedb.Finding) error {
	for _, f := range findings {
		if err := c.c.Raise(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps what pages ask for.
func (c *Council) remember(f func(*seen)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.seen)
}
