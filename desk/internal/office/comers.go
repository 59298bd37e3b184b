package office

import (
	"context"
	"errors"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/keyring"
)

// A Comer is somebody at the desk now.
type Comer struct {
	fold.Actor
	Name  string
	Keeps bool // they may change who works here, and this desk: keepers, and the first person of a desk
}

// Comer is who a session is. "" is whoever unlocked with the founder's passphrase, before anybody said who that is: nobody then (ErrNobody), the founder afterwards. With an error the actor in it is still who is to act: one whose
// name the desk does not know reads only.
func (o *Office) Comer(ctx context.Context, staff event.Staff) (c Comer, err error) {
	err = o.in(func(r *room) error {
		founder := event.Staff(r.keys.Founder())
		if staff == "" {
			staff = founder
		}
		p, err := r.person(ctx, staff)
		switch {
		case staff == "":
			return ErrNobody
		case err != nil:
			c.Actor = fold.Actor{Staff: staff, Role: string(roster.RoleReader)}
			return err
		case !p.Active:
			return ErrGoneHome
		}
		role := limit(p.Role, r.keys.Role())
		c = Comer{Actor: fold.Actor{Staff: staff, Role: role}, Name: p.Name, Keeps: role == string(roster.RoleKeeper) || staff == founder}
		return nil
	})
	return c, err
}

// UnlockAs is Unlock for one of several people: the name says who, no name is the founder. A wrong name and a wrong passphrase look and cost the same: ErrPassphrase. staff is empty while nobody has said who they are.
func (o *Office) UnlockAs(ctx context.Context, login, passphrase string) (staff event.Staff, err error) {
	var who string
	fresh := o.Locked()
	err = o.unlockWith(ctx,
		func() (k *keyring.Keyring, err error) {
			k, who, err = keyring.OpenSeat(o.c.Data, login, passphrase)
			return k, err
		},
		func(k *keyring.Keyring) (err error) {
			who, err = k.CheckSeat(login, passphrase)
			return err
		})
	if err != nil {
		return "", err
	}
	return event.Staff(who), o.welcome(ctx, event.Staff(who), fresh, ErrPassphrase)
}

// UnlockPasskeyAs is UnlockPasskey, and says whose passkey it is: empty while nobody has said who they are.
func (o *Office) UnlockPasskeyAs(ctx context.Context, id, secret []byte) (staff event.Staff, err error) {
	fresh := o.Locked()
	if err := o.UnlockPasskey(ctx, id, secret); err != nil {
		return "", err
	}
	err = o.in(func(r *room) error {
		staff = event.Staff(r.keys.OwnerOf(id))
		return nil
	})
	if err == nil {
		err = o.welcome(ctx, staff, fresh, ErrPasskey)
	}
	return staff, err
}

// welcome turns away, with the error no, who does not work here any more. Their seat goes. A desk that was locked is so again; one at which others are stays open for them.
func (o *Office) welcome(ctx context.Context, staff event.Staff, fresh bool, no error) error {
	if _, err := o.Comer(ctx, staff); !errors.Is(err, ErrGoneHome) {
		return nil
	}
	err := o.withKeys(func(*keyring.Keyring) error { return o.now().tidySeats(ctx) })
	if err != nil && !errors.Is(err, ErrLocked) {
		o.c.Log.Error("removing the seat of somebody who left", "error", err)
	}
	if fresh {
		o.Lock()
	}
	return no
}

// tidySeats removes the seats of people whom a keeper removed from another desk.
func (r *room) tidySeats(ctx context.Context) error {
	seats, err := keyring.Seats(r.o.c.Data)
	if err != nil {
		return err
	}
	var all error
	for _, s := range seats {
		p, err := r.person(ctx, event.Staff(s.Staff))
		if err == nil && !p.Active && !s.Founder {
			all = errors.Join(all, r.keys.RemoveSeat(s.Staff))
		}
	}
	return all
}
