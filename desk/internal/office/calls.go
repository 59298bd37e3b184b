package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"panah/core/event"
	"panah/core/roster"
	"panah/desk/internal/alert"
)

// Settings of this desk about calling somebody.
const (
	settingCalls     = "alert.settings"
	settingAddresses = "alert.addresses"
	settingCallState = "alert.state"
)

// Calls is how somebody is called from this desk, and how that goes. It prints as "[calls]".
type Calls struct {
	Settings  alert.Settings
	Addresses map[event.Staff]string // of people on duty: kept on this desk only
	State     alert.State
	Keeper    bool // who asks may change it; else Settings and Addresses are empty
	On        bool // somebody is called
	// HasPassword says that a password of the mail server is kept; it is not handed out.
	HasPassword bool
}

// String hides the addresses.
func (Calls) String() string { return "[calls]" }

// GoString hides the addresses.
func (Calls) GoString() string { return "[calls]" }

// Calls reads them. The password is not handed out.
func (o *Office) Calls(ctx context.Context) (c Calls, err error) {
	err = o.in(func(r *room) error {
		if c, err = r.calls(ctx); err != nil {
			return err
		}
		c.On, c.Keeper = c.Settings.On(), r.mayCall(ctx) == nil
		c.HasPassword, c.Settings.Password = c.Settings.Password != "", ""
		if !c.Keeper {
			c.Settings, c.Addresses = alert.Settings{}, nil
		}
		return nil
	})
	return c, err
}

func (r *room) calls(ctx context.Context) (c Calls, err error) {
	for key, v := range map[string]any{settingCalls: &c.Settings, settingAddresses: &c.Addresses, settingCallState: &c.State} {
		s, err := r.db.Setting(ctx, key)
		if err != nil {
			return c, err
		}
		if s == "" {
			continue
		}
		if err := json.Unmarshal([]byte(s), v); err != nil {
			return c, fmt.Errorf("reading how somebody is called: the setting %s is damaged", key)
		}
	}
	return c, nil
}

func (r *room) keepJSON(ctx context.Context, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keeping how somebody is called: %w", err)
	}
	return r.db.SetSetting(ctx, key, string(b))
}

// mayCall refuses who is no keeper: a command runs as the person whose laptop this is.
func (r *room) mayCall(ctx context.Context) error {
	role := ActorOf(ctx).Role
	if role == "" {
		role = string(r.keys.Role())
	}
	if role != string(roster.RoleKeeper) {
		return ErrKeeper
	}
	return nil
}

// SetCalls says how somebody is called from this desk, and under which addresses. The error wraps alert.ErrSettings, ErrKeeper.
func (o *Office) SetCalls(ctx context.Context, s alert.Settings, addresses map[event.Staff]string) error {
	return o.in(func(r *room) error {
		if err := r.mayCall(ctx); err != nil {
			return err
		}
		old, err := r.calls(ctx)
		if err != nil {
			return err
		}
		// An empty password keeps the one that is there; but whoever names another server must not get it sent there.
		if s.Password == "" && s.User != "" && s.Host == old.Settings.Host && s.Port == old.Settings.Port && s.User == old.Settings.User {
			s.Password = old.Settings.Password
		}
		if err := s.Check(); err != nil {
			return err
		}
		for _, a := range addresses {
			if !alert.IsAddress(a) {
				return fmt.Errorf("%w: address", alert.ErrSettings)
			}
		}
		if err := r.keepJSON(ctx, settingCalls, s); err != nil {
			return err
		}
		return r.keepJSON(ctx, settingAddresses, addresses)
	})
}

// CallNow calls once, now, as a test. The error wraps those of package alert, ErrKeeper.
func (o *Office) CallNow(ctx context.Context) error {
	var s alert.Settings
	var to []string
	err := o.in(func(r *room) error {
		if err := r.mayCall(ctx); err != nil {
			return err
		}
		var err error
		s, to, err = r.whom(ctx)
		return err
	})
	if err != nil {
		return err
	}
	// Not under the office's lock: a mail server may take half a minute.
	err = o.caller().Call(ctx, s, to)
	return errors.Join(err, o.in(func(r *room) error {
		c, err2 := r.calls(ctx)
		if err2 != nil {
			return err2
		}
		c.State.Tried, c.State.Problem = o.c.Now(), alert.Problem(err)
		return r.keepJSON(ctx, settingCallState, c.State)
	}))
}

func (o *Office) caller() alert.Caller { return alert.Caller{Roots: o.c.MailRoots, Now: o.c.Now} }

// whom is how somebody is called, and the addresses of those on duty.
func (r *room) whom(ctx context.Context) (s alert.Settings, to []string, err error) {
	c, err := r.calls(ctx)
	if err != nil {
		return s, nil, err
	}
	all, _, err := r.staff(ctx)
	if err != nil {
		return s, nil, err
	}
	for _, who := range dutyNow(all.Shifts, r.o.c.Now()).On {
		if a := c.Addresses[who]; a != "" && !slices.Contains(to, a) {
			to = append(to, a)
		}
	}
	return c.Settings, to, nil
}

// want asks for a call, if anybody is called at all.
func (r *room) want(ctx context.Context, now time.Time) error {
	c, err := r.calls(ctx)
	if err != nil || !c.Settings.On() {
		return err
	}
	return r.keepJSON(ctx, settingCallState, c.State.Want(now))
}

// callPass calls when it is time to.
func (r *room) callPass(ctx context.Context) error {
	c, err := r.calls(ctx)
	if err != nil || !c.Settings.On() {
		return err
	}
	now := r.o.c.Now()
	if at, ok := c.State.Next(c.Settings.Pace()); !ok || at.After(now) {
		return nil
	}
	// Answered in the meantime: nobody is called for nothing.
	e, err := r.db.Escalations(ctx, "", true)
	if err != nil {
		return err
	}
	if e.N == 0 {
		c.State.Wanted = time.Time{}
		return r.keepJSON(ctx, settingCallState, c.State)
	}
	s, to, err := r.whom(ctx)
	if err != nil {
		return err
	}
	callErr := r.o.caller().Call(ctx, s, to)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.o.hub.say(Change{Kind: ChangeStatus})
	if err := r.keepJSON(ctx, settingCallState, c.State.Done(now, callErr)); err != nil {
		return err
	}
	return callErr
}
