package council

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/wire"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// errWaits says that a change waits at the gate for other keepers.
var errWaits = errors.New("the change waits for other keepers to sign")

// maxTries bounds how often a change is drawn anew because another keeper came first.
const maxTries = 3

// Carry makes a change of the roster, whole, or as far as this keeper alone can: waits is then true, and it goes into force when enough keepers have signed. Cut short by a
// crash or by the network, it is gone on with in the next Round, unless another change took its place. The error wraps ErrKeeper, ErrNoDesk, ErrThreshold, ErrSheets,
// ErrWithheld, ErrConflict, or what Round returns.
func (c *Council) Carry(ctx context.Context, ch Change) (waits bool, err error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	for try := range maxTries {
		err = c.make(ctx, ch)
		if try > 0 && errors.Is(err, ErrNoDesk) {
			return false, nil // the other keeper removed it
		}
		if !errors.Is(err, ErrConflict) {
			break
		}
	}
	return errors.Is(err, errWaits), ignoring(err, errWaits)
}

// Roll begins a new epoch, unless one has begun since the caller saw epoch now.
func (c *Council) Roll(ctx context.Context, now int) (waits bool, err error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	err = c.rollTo(ctx, now+1)
	return errors.Is(err, errWaits), ignoring(err, errWaits)
}

func ignoring(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// rollTo begins epoch n, unless this or another keeper has.
func (c *Council) rollTo(ctx context.Context, n int) error {
	err := c.make(ctx, Change{Epoch: true, to: n})
	if errors.Is(err, errBegun) || errors.Is(err, ErrConflict) && c.c.Keys.Epoch() >= n {
		return nil
	}
	return err
}

// errBegun says that the epoch that was asked for has begun: somebody pressed twice, or another keeper was quicker.
var errBegun = errors.New("the epoch has begun")

// due says whether this keeper's desk is to begin a new epoch by itself. Those after the first keeper in the list wait an hour each, so that not all try at once.
func (c *Council) due() bool {
	s, m, err := c.look()
	if err != nil || m.Plan != nil {
		return false
	}
	now := c.c.Keys.Newest()
	vkey, err := verifierOf(s.Keeper)
	if err != nil || s.Epochs[now.Epoch] == nil || !m.knows(now) {
		return false
	}
	began, at := s.Began[now.Epoch], c.c.Now()
	rank := max(0, slices.Index(desksKeepers(now), vkey))
	return !at.Before(began.Add(EpochTime+time.Duration(rank)*turnTime)) || began.After(at.Add(clockSlack))
}

// keepersView is a fresh look at the chain for a keeper who is about to sign. The error wraps ErrKeeper, ErrChain, or what Round returns.
func (c *Council) keepersView(ctx context.Context) (view, error) {
	if _, ok := c.c.Keys.KeeperSigner(); !ok {
		return view{}, ErrKeeper
	}
	v, err := c.settle(ctx)
	if err == nil && !v.fits {
		err = ErrChain
	}
	return v, err
}

// make takes all steps of a change, from a fresh look at the chain on.
func (c *Council) make(ctx context.Context, ch Change) error {
	v, err := c.keepersView(ctx)
	if err != nil {
		return err
	}
	if err := c.plan(v, ch); err != nil {
		return err
	}
	return c.carry(ctx)
}

// carry takes the steps that are left of a change that was planned, in the order of docs/formats-keys.md, section 7. Each may be taken again: a desk that was
// killed begins with the first. No plan, nothing to do.
func (c *Council) carry(ctx context.Context) error {
	_, m, err := c.look()
	if err != nil || m.Plan == nil {
		return err
	}
	for _, step := range c.steps() {
		err := step.take(ctx)
		if err != nil && step.after && !errors.Is(err, ErrRemoved) {
			return nil // the change is in force; what is left, every round does
		}
		if err != nil {
			return fmt.Errorf("changing the roster, %s: %w", step.name, err)
		}
	}
	return nil
}

// A step is one that a crash may follow.
type step struct {
	name  string
	take  func(context.Context) error
	after bool // the change is in force before it
}

// steps are those after the plan is in the key file.
func (c *Council) steps() []step {
	return []step{{"wraps", c.wrap, false}, {"package", c.post, false}, {"apply", c.applied, false}, {"card", c.card, true}, {"complete", c.complete, true}}
}

// plan writes a change into the key file, with the identity of a new epoch. A plan that was there gives way.
func (c *Council) plan(v view, ch Change) error {
	signer, ok := c.c.Keys.KeeperSigner()
	if !ok {
		return ErrKeeper
	}
	if ch.to > 0 && v.now.Epoch >= ch.to {
		return errBegun
	}
	return c.update(func(s *keyring.State, m *memory) error {
		if !m.knows(v.now) {
			return ErrWithheld
		}
		dropPlan(s, m, v.now)
		d, err := ch.draw(s, v.now, c.c.Now())
		if err != nil {
			return err
		}
		p := &plan{NewEpoch: ch.Epoch || len(ch.Remove) > 0, Members: d.members, Custodians: d.custodians, Files: d.files}
		p.Began = s.Began[v.now.Epoch]
		if p.NewEpoch {
			id, err := age.GenerateHybridIdentity()
			if err != nil {
				return fmt.Errorf("making the key of a new epoch: %w", err)
			}
			d.roster.Epoch, d.roster.Recipient = v.now.Epoch+1, id.Recipient()
			p.Began = c.c.Now().UTC().Truncate(time.Second)
			s.AddEpoch(d.roster.Epoch, id, p.Began)
		}
		if p.Roster, err = roster.Sign(d.roster, signer); err != nil {
			return err
		}
		if ch.Admit != nil {
			s.SetCard(roster.HashDevice(ch.Admit.Device), ch.Admit.Card)
		}
		p.Serial, p.Epoch, p.Text = d.roster.Serial, d.roster.Epoch, d.roster.TextHash()
		m.Plan = p
		return nil
	})
}

// wrap makes open cases readable in the epoch that is about to begin.
func (c *Council) wrap(ctx context.Context) error {
	_, m, err := c.look()
	if err != nil || m.Plan == nil || !m.Plan.NewEpoch {
		return err
	}
	return c.c.Wraps.WrapPass(ctx, m.Plan.Epoch)
}

// post sends the package, sealed to the cards as they are now. Another roster in its place ends the plan: the error wraps ErrConflict.
func (c *Council) post(ctx context.Context) error {
	v, err := c.follow(ctx)
	if err != nil {
		return err
	}
	s, m, err := c.look()
	if err != nil {
		return err
	}
	p := m.Plan
	if p == nil {
		return c.outcome()
	}
	waiting := proposalOf(v, p.Text)
	if p.Posted && waiting != nil {
		return errWaits
	}
	pkg, err := c.pack(ctx, &s, p, v)
	if err != nil && !errors.Is(err, line.ErrOffline) && ctx.Err() == nil {
		return errors.Join(err, c.abandon(v.now)) // it would fail for ever
	}
	if err != nil {
		return err
	}
	if waiting != nil { // the answer was lost, or others have signed
		if pkg.Roster, err = roster.Merge(waiting.Roster, pkg.Roster); err != nil {
			return err
		}
	}
	posted, err := c.c.Line.PostRoster(ctx, pkg)
	var refused *wire.Error
	switch {
	case errors.Is(err, line.ErrRoster):
		return nil // what is in force instead, the next step sees
	case errors.As(err, &refused) && !errors.Is(err, line.ErrOffline) && !errors.Is(err, line.ErrDevice) && !errors.Is(err, line.ErrClock):
		return errors.Join(err, c.abandon(v.now))
	case err != nil:
		return err
	case posted == line.PostedProposal:
		return errors.Join(errWaits, c.update(func(_ *keyring.State, m *memory) error {
			if m.Plan != nil {
				m.Plan.Posted = true
			}
			return nil
		}))
	}
	return nil
}

// outcome says how a plan ended that is there no more.
func (c *Council) outcome() error {
	if c.won {
		return nil
	}
	return ErrConflict
}

// abandon drops the plan.
func (c *Council) abandon(now roster.Roster) error {
	return c.update(func(s *keyring.State, m *memory) error {
		dropPlan(s, m, now)
		return nil
	})
}

// applied follows the chain to the roster that was posted. Until now this desk sealed to the old epoch.
func (c *Council) applied(ctx context.Context) error {
	if _, err := c.follow(ctx); err != nil {
		return err
	}
	_, m, err := c.look()
	if err != nil {
		return err
	}
	if m.Plan != nil {
		return fmt.Errorf("%w: it took a roster and does not serve it", line.ErrOffline)
	}
	return c.outcome()
}

// card publishes the next key of this device.
func (c *Council) card(ctx context.Context) error {
	v, err := c.follow(ctx)
	if err != nil {
		return err
	}
	return c.publish(ctx, v)
}
