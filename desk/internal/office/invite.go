package office

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"time"

	"panah/core/roster"
	"panah/desk/internal/council"
	"panah/desk/internal/enrol"
)

// An Invitation is a desk on its way in.
type Invitation struct {
	State   string  // "none", "waiting" for the newcomer, "compare" the words, "done", "failed"
	Name    string  // what the newcomer calls its desk
	Words   [6]byte // numbers of the words that both desks show
	Until   time.Time
	Problem string // State "failed": why
}

// A door is the one invitation that a room has at a time. The zero door has none.
type door struct {
	mu    stdsync.Mutex
	host  *enrol.Host        // nil: nobody is invited; guarded by mu
	stop  context.CancelFunc // ends the wait for the newcomer; guarded by mu
	guest enrol.Newcomer     // guarded by mu
	state Invitation         // guarded by mu
}

// Invite makes a code for a new desk, "482 913 750", good for ten minutes, and waits for the desk that uses it. An earlier code is of no use any more. Errors
// wrap ErrLocked, ErrKeeper, ErrOffline.
func (o *Office) Invite(ctx context.Context) (code string, until time.Time, err error) {
	err = o.council(ctx, func(ctx context.Context, r *room) error {
		if r.keys.Role() != roster.RoleKeeper {
			return ErrKeeper
		}
		h, err := enrol.Invite(ctx, r.line, r.keys.Org, r.keys.Name(), pubOf(r.keys), o.c.Now())
		if err != nil {
			return err
		}
		waiting, stop := context.WithDeadline(r.ctx, time.Now().Add(enrol.Life))
		r.door.open(h, stop)
		r.work.Go(func() {
			defer stop()
			r.greet(waiting, h)
		})
		code, until = h.Code.Reveal(), h.Until
		return nil
	})
	return code, until, err
}

// open begins an invitation and ends the one before.
func (d *door) open(h *enrol.Host, stop context.CancelFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stop != nil {
		d.stop()
	}
	d.host, d.stop, d.guest, d.state = h, stop, enrol.Newcomer{}, Invitation{State: "waiting", Until: h.Until}
}

// change edits the invitation of h, unless another took its place.
func (d *door) change(h *enrol.Host, edit func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.host == h {
		edit()
	}
}

// greet waits for the newcomer and shows the words.
func (r *room) greet(ctx context.Context, h *enrol.Host) {
	n, err := h.Await(ctx)
	if r.ctx.Err() != nil {
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = enrol.ErrExpired
	}
	r.door.change(h, func() {
		if err != nil {
			r.door.state.State, r.door.state.Problem = "failed", err.Error()
			return
		}
		r.door.guest = n
		r.door.state.State, r.door.state.Name, r.door.state.Words = "compare", n.Name, n.Words
	})
	r.o.hub.say(Change{Kind: ChangeKeys})
}

// Invitation tells how the newest invitation stands.
func (o *Office) Invitation(context.Context) (in Invitation, err error) {
	err = o.in(func(r *room) error {
		r.door.mu.Lock()
		defer r.door.mu.Unlock()
		in = r.door.state
		if in.State == "" {
			in.State = "none"
		}
		if in.State == "compare" && o.c.Now().After(in.Until) {
			in.State, in.Problem = "failed", enrol.ErrExpired.Error()
		}
		return nil
	})
	return in, err
}

// Admit lets the newcomer in whose words a person has compared: a roster with its desk, and a grant for it. Where several keepers must sign, it is a proposal first. Errors wrap
// ErrLocked, ErrKeeper, ErrConflict, ErrOffline, and ErrState when there is nobody to admit.
func (o *Office) Admit(ctx context.Context, role roster.Role) error {
	return o.council(ctx, func(ctx context.Context, r *room) error {
		r.door.mu.Lock()
		h, n, state := r.door.host, r.door.guest, r.door.state.State
		r.door.mu.Unlock()
		if state != "compare" || !role.Valid() {
			return fmt.Errorf("letting a desk in: %w", ErrState)
		}
		serial := r.keys.Newest().Serial
		waits, err := r.keep.Carry(ctx, council.Change{Admit: &council.Newcomer{Device: n.Device, Card: n.Card, Name: n.Name, Role: role}})
		if err != nil {
			return err
		}
		if waits {
			serial++ // the first that may have the desk
		} else {
			serial = r.keys.Newest().Serial
		}
		if err := h.Accept(ctx, serial, role, r.keys.Gate()); err != nil {
			return err
		}
		r.door.change(h, func() { r.door.state.State = "done" })
		return nil
	})
}

// TurnAway ends the invitation: the words differ, or nobody is wanted any more.
func (o *Office) TurnAway(ctx context.Context) error {
	return o.council(ctx, func(ctx context.Context, r *room) error {
		r.door.mu.Lock()
		h, stop := r.door.host, r.door.stop
		r.door.host, r.door.stop, r.door.guest, r.door.state = nil, nil, enrol.Newcomer{}, Invitation{}
		r.door.mu.Unlock()
		if h == nil {
			return nil
		}
		stop()
		return h.Refuse(ctx)
	})
}
