package office

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/keyring"
)

// What can go wrong with people that a page has words for.
var (
	ErrNobody     = errors.New("nobody has said who they are at this desk yet")
	ErrGoneHome   = fmt.Errorf("%w: this person does not work here any more", ErrNobody)
	ErrKeeps      = errors.New("only a keeper, or the first person of this desk, may do this")
	ErrLastKeeper = errors.New("somebody at a keeper's desk must stay a keeper; name another one first")
	ErrName       = errors.New("a name is one line of at most 60 characters")
	ErrPersonRole = errors.New("a person's role is at most that of their desk")
	ErrSeatName   = keyring.ErrSeatName
	ErrSeats      = keyring.ErrSeats
	ErrFounder    = keyring.ErrFounder
)

// maxPersonName bounds a name, characters.
const maxPersonName = 60

// A Colleague is somebody who works, or worked, in the organisation.
type Colleague struct {
	fold.Person
	Desk    string    // its name; empty when it is not the organisation's any more
	Here    bool      // at this desk
	Me      bool      // who asks
	Founder bool      // theirs is the passphrase that this desk was made with
	Seat    bool      // they unlock this desk with a passphrase of their own
	Since   time.Time // of the newest word about them
}

// A Newcomer is somebody who begins to work at this desk. It prints as "[newcomer]".
type Newcomer struct {
	Name       string // what they are called, and unlock the desk with
	Role       string
	Passphrase string // typed by themselves
}

// String hides the passphrase.
func (Newcomer) String() string { return "[newcomer]" }

// GoString hides the passphrase.
func (Newcomer) GoString() string { return "[newcomer]" }

// Me is who acts. The error wraps ErrNobody.
func (o *Office) Me(ctx context.Context) (p fold.Person, err error) {
	err = o.in(func(r *room) error {
		p, err = r.person(ctx, ActorOf(ctx).Staff)
		return err
	})
	return p, err
}

// Staffed reports whether anybody has said who they are at this desk, and whether there are more ways in than the founder's passphrase. It works locked too, when it knows the second only.
func (o *Office) Staffed(ctx context.Context) (people, seats bool) {
	list, err := keyring.Seats(o.c.Data)
	seats = err == nil && len(list) > 1
	_ = o.in(func(r *room) error { // locked: nothing more is known
		people = r.keys.Founder() != ""
		if people {
			_, err := r.person(ctx, event.Staff(r.keys.Founder()))
			people = err == nil
		}
		return nil
	})
	return people, seats
}

// StaffList lists who works in the organisation: this desk's people first, who left last.
func (o *Office) StaffList(ctx context.Context) (list []Colleague, err error) {
	err = o.in(func(r *room) error {
		all, sure, err := r.staff(ctx)
		if err != nil {
			return err
		}
		seats, err := keyring.Seats(o.c.Data)
		if err != nil {
			return err
		}
		here := deviceText(r.me())
		people := slices.DeleteFunc(slices.Clone(all.People), func(p fold.Person) bool { return p.Device == here })
		for _, p := range append(slices.DeleteFunc(slices.Clone(sure.People), func(p fold.Person) bool { return p.Device != here }), people...) {
			c := Colleague{Person: p, Here: p.Device == here, Me: p.Staff == ActorOf(ctx).Staff, Since: p.At}
			if m, ok := r.deskOf(p.Device); ok {
				c.Desk, c.Role = m.Name, limit(p.Role, m.Role)
			} else {
				c.Active = false
			}
			c.Founder = c.Here && r.keys.Founder() == string(p.Staff)
			c.Seat = c.Here && slices.ContainsFunc(seats, func(s keyring.Seat) bool { return s.Staff == string(p.Staff) })
			list = append(list, c)
		}
		slices.SortStableFunc(list, func(a, b Colleague) int { return order(a) - order(b) })
		return nil
	})
	return list, err
}

func order(c Colleague) int {
	switch {
	case !c.Active:
		return 2
	case !c.Here:
		return 1
	}
	return 0
}

// goodName is a name as it is kept.
func goodName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxPersonName {
		return "", ErrName
	}
	return name, nil
}

// FirstPerson says who unlocks this desk with the passphrase that it was made with. They become keeper at a keeper's desk, else what the desk is, and locked cases for which nobody is named are theirs. A
// person whose seat the desk knows and whose name it does not (its database was lost) says their name again. The error wraps ErrName, or ErrFounder: somebody has said so already.
func (o *Office) FirstPerson(ctx context.Context, name string) (staff event.Staff, err error) {
	name, err = goodName(name)
	if err != nil {
		return "", err
	}
	err = o.withKeys(func(k *keyring.Keyring) error {
		r := o.now()
		staff = ActorOf(ctx).Staff
		role := limit(string(roster.RoleCaseworker), k.Role())
		if founder := event.Staff(k.Founder()); staff == "" || staff == founder {
			staff, role = founder, string(k.Role())
			if staff == "" {
				staff = newStaff()
			}
			if err := k.Claim(string(staff), name); err != nil {
				return err
			}
		}
		if _, err := r.person(ctx, staff); err == nil {
			return ErrFounder
		}
		if err := r.putOffice(ctx, staff, r.staffIs(staff, name, role, true)); err != nil {
			return err
		}
		return r.inherit(ctx, staff, role)
	})
	o.hub.say(Change{Kind: ChangeKeys})
	return staff, wrapping("saying who works here", err)
}

func newStaff() event.Staff {
	var b [8]byte
	rand.Read(b[:])
	return event.NewStaff(b)
}

// inherit names the first person of a desk for the locked cases that it reads: till then whoever had the passphrase did.
func (r *room) inherit(ctx context.Context, staff event.Staff, role string) error {
	if role != string(roster.RoleSpecialist) {
		return nil
	}
	threads, err := r.db.LockedHere(ctx)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		if err := r.put(ctx, thread, staff, event.Team{Staff: staff, On: true}); err != nil {
			return err
		}
	}
	return nil
}

// mayKeepPeople refuses who may not change who works here: keepers may, and the first person of this desk.
func (r *room) mayKeepPeople(ctx context.Context) error {
	a := ActorOf(ctx)
	if a.Role == string(roster.RoleKeeper) || a.Staff != "" && a.Staff == event.Staff(r.keys.Founder()) {
		return nil
	}
	return ErrKeeps
}

// AddPerson lets somebody work at this desk, with a passphrase of their own. own is the passphrase of who lets them in: whoever finds the desk unlocked must not be able to make themselves a key. It takes some
// seconds. The error wraps ErrKeeps, ErrPassphrase, ErrName, ErrSeatName, ErrSeats, ErrPersonRole.
func (o *Office) AddPerson(ctx context.Context, n Newcomer, own string) (staff event.Staff, err error) {
	n.Name, err = goodName(n.Name)
	if err != nil {
		return "", err
	}
	err = o.withKeys(func(k *keyring.Keyring) error {
		r := o.now()
		if err := r.mayKeepPeople(ctx); err != nil {
			return err
		}
		if limit(n.Role, k.Role()) != n.Role {
			return ErrPersonRole
		}
		staff = newStaff()
		me := ActorOf(ctx).Staff
		if err := k.AddSeat(string(staff), n.Name, n.Passphrase, string(me), own); err != nil {
			return err
		}
		err := r.putOffice(ctx, me, r.staffIs(staff, n.Name, n.Role, true))
		if err != nil {
			err = errors.Join(err, k.RemoveSeat(string(staff)))
		}
		return err
	})
	o.hub.say(Change{Kind: ChangeKeys})
	return staff, wrapping("adding a person", err)
}

// colleague finds somebody whom the actor may change, and the role of their desk.
func (r *room) colleague(ctx context.Context, staff event.Staff) (p fold.Person, desk roster.Role, err error) {
	if err := r.mayKeepPeople(ctx); err != nil {
		return p, "", err
	}
	if p, err = r.person(ctx, staff); err == nil {
		return p, r.keys.Role(), nil
	}
	all, _, err := r.staff(ctx)
	if err != nil {
		return p, "", err
	}
	i := slices.IndexFunc(all.People, func(p fold.Person) bool { return p.Staff == staff })
	if i < 0 {
		return p, "", ErrNotFound
	}
	m, ok := r.deskOf(all.People[i].Device)
	if !ok {
		return p, "", ErrNotFound
	}
	if ActorOf(ctx).Role != string(roster.RoleKeeper) {
		return p, "", ErrKeeps // another desk's people are for keepers
	}
	return all.People[i], m.Role, nil
}

// keepsOne refuses to leave a keeper's desk without a person who is one.
func (r *room) keepsOne(ctx context.Context, but event.Staff) error {
	if r.keys.Role() != roster.RoleKeeper {
		return nil
	}
	_, sure, err := r.staff(ctx)
	if err != nil {
		return err
	}
	here := deviceText(r.me())
	for _, p := range sure.People {
		if p.Active && p.Device == here && p.Staff != but && p.Role == string(roster.RoleKeeper) {
			return nil
		}
	}
	return ErrLastKeeper
}

// SetStaffRole gives somebody another role. The error wraps ErrKeeps, ErrPersonRole, ErrLastKeeper, ErrNotFound.
func (o *Office) SetStaffRole(ctx context.Context, staff event.Staff, role string) error {
	err := o.in(func(r *room) error {
		p, desk, err := r.colleague(ctx, staff)
		if err != nil {
			return err
		}
		if !p.Active {
			return ErrNotFound
		}
		if limit(role, desk) != role {
			return ErrPersonRole
		}
		if p.Device == deviceText(r.me()) && role != string(roster.RoleKeeper) {
			if err := r.keepsOne(ctx, staff); err != nil {
				return err
			}
		}
		p.StaffIs.Role = role
		return r.putOffice(ctx, ActorOf(ctx).Staff, p.StaffIs)
	})
	o.hub.say(Change{Kind: ChangeKeys})
	return wrapping("changing a role", err)
}

// RemovePerson says that somebody does not work here any more: their passphrase and passkeys open this desk no longer, and their open cases that the actor may see go to another person, or to nobody when to is
// empty. At another desk the seat goes when that desk hears of it. The error wraps ErrKeeps, ErrFounder, ErrLastKeeper, ErrNotFound.
func (o *Office) RemovePerson(ctx context.Context, staff, to event.Staff) error {
	err := o.withKeys(func(k *keyring.Keyring) error {
		r := o.now()
		p, _, err := r.colleague(ctx, staff)
		if err != nil {
			return err
		}
		here := p.Device == deviceText(r.me())
		if here && k.Founder() == string(staff) {
			return ErrFounder
		}
		if here {
			if err := r.keepsOne(ctx, staff); err != nil {
				return err
			}
		}
		if err := r.handOver(ctx, staff, to); err != nil {
			return err
		}
		p.Active = false
		if err := r.putOffice(ctx, ActorOf(ctx).Staff, p.StaffIs); err != nil {
			return err
		}
		if err := k.RemoveSeat(string(staff)); here && !errors.Is(err, keyring.ErrSeat) {
			return err
		}
		return nil
	})
	o.hub.say(Change{Kind: ChangeKeys}, Change{Kind: ChangeThreads})
	return wrapping("removing a person", err)
}

// ChangeOwnPassphrase gives who acts another passphrase; everybody else's goes on working. It takes some seconds. The error wraps ErrPassphrase when old is wrong.
func (o *Office) ChangeOwnPassphrase(ctx context.Context, old, next string) error {
	return o.withKeys(func(k *keyring.Keyring) error {
		return k.ChangeSeatPassphrase(string(ActorOf(ctx).Staff), old, next)
	})
}
