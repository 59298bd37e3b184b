package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// ErrNamePeople says that a case is being locked for a desk where several people work, and nobody of them was named.
var ErrNamePeople = errors.New("name the specialists at that desk who may open the case")

// viewer is who acts, as walls ask.
func viewer(ctx context.Context) casedb.Viewer {
	a := ActorOf(ctx)
	return casedb.Viewer{Staff: a.Staff, Keeper: a.Role == string(roster.RoleKeeper), Specialist: a.Role == string(roster.RoleSpecialist)}
}

// wall lets through who may see a thread: everything about one passes here. The error is ErrWall.
func (r *room) wall(ctx context.Context, thread int64) error {
	may, err := r.db.MayOpen(ctx, viewer(ctx), thread)
	if err == nil && !may {
		return ErrWall
	}
	return err
}

// visible leaves out the threads that who acts may not see.
func (r *room) visible(ctx context.Context, all []casedb.Summary) (list []casedb.Summary, err error) {
	for _, t := range all {
		switch err := r.wall(ctx, t.ID); {
		case errors.Is(err, ErrWall):
		case err != nil:
			return nil, err
		default:
			list = append(list, t)
		}
	}
	return list, nil
}

// reads runs f while the office is unlocked, when the actor may see the thread.
func (o *Office) reads(ctx context.Context, thread int64, f func(r *room) error) error {
	return o.in(func(r *room) error {
		if err := r.wall(ctx, thread); err != nil {
			return err
		}
		return f(r)
	})
}

// changes is change for who acts: they must be inside the case's walls, and no reader.
func (o *Office) changes(ctx context.Context, thread int64, f func(r *room) error) error {
	return o.change(thread, func(r *room) error {
		if ActorOf(ctx).Role == string(roster.RoleReader) {
			return fold.ErrRole
		}
		if err := r.wall(ctx, thread); err != nil {
			return err
		}
		return f(r)
	})
}

// A Wall is what somebody who may not open a case is told: whom to ask, and nothing of what it is about.
type Wall struct {
	Thread int64
	Ask    []Colleague // who has it or is on its team and works here, or the keepers; never who may not open it themselves
	Locked bool
}

// WallOf says whom to ask about a case that is not open to who acts. It tells no more than that somebody has it.
func (o *Office) WallOf(ctx context.Context, thread int64) (w Wall, err error) {
	staff, err := o.StaffList(ctx)
	if err != nil {
		return w, err
	}
	err = o.in(func(r *room) error {
		c, err := r.folded(ctx, thread)
		if err != nil {
			return err
		}
		w = Wall{Thread: thread, Locked: c.Fields[event.FieldSensitivity].Text() == "locked"}
		inside := append(owners(c), c.Team...)
		w.Ask = slices.DeleteFunc(slices.Clone(staff), func(p Colleague) bool { return !p.Active || !slices.Contains(inside, p.Staff) })
		if len(w.Ask) == 0 {
			w.Ask = slices.DeleteFunc(staff, func(p Colleague) bool { return !p.Active || p.Role != string(roster.RoleKeeper) || p.Me })
		}
		return nil
	})
	return w, err
}

// folded is the case of a thread.
func (r *room) folded(ctx context.Context, thread int64) (fold.Case, error) {
	id, err := r.db.CaseID(ctx, thread)
	if err != nil {
		return fold.Case{}, err
	}
	entries, err := r.db.Events(ctx, thread)
	if err != nil {
		return fold.Case{}, err
	}
	return fold.Of(id, entries), nil
}

// owners are who has a case: several after two hand-overs at once.
func owners(c fold.Case) (list []event.Staff) {
	for _, v := range c.Owner {
		if v.Text != "" && !slices.Contains(list, event.Staff(v.Text)) {
			list = append(list, event.Staff(v.Text))
		}
	}
	return list
}

// A Member is somebody with their part in a case.
type Member struct {
	Colleague
	Owns, Team, Barred bool
	Why                string // Barred
}

// A Seen is one day on which somebody opened the case.
type Seen struct {
	Staff event.Staff
	Name  string
	At    time.Time
}

// A CasePeople is who has to do with a case. It prints as "[case]".
type CasePeople struct {
	Thread  int64
	Opened  bool
	Locked  bool
	Closed  bool
	Clash   bool // two desks handed it over at once
	Members []Member
	Looks   []Seen // newest first
}

// String hides the content.
func (CasePeople) String() string { return "[case]" }

// GoString hides the content.
func (CasePeople) GoString() string { return "[case]" }

// CasePeople tells who has a case, who works on it, who is kept out, and who looked. The error wraps ErrWall or ErrNotFound.
func (o *Office) CasePeople(ctx context.Context, thread int64) (p CasePeople, err error) {
	staff, err := o.StaffList(ctx)
	if err != nil {
		return p, err
	}
	err = o.reads(ctx, thread, func(r *room) error {
		c, err := r.folded(ctx, thread)
		if err != nil {
			return err
		}
		_, lockErr := r.db.SpecialistsOf(ctx, thread)
		p = CasePeople{Thread: thread, Opened: c.Opened, Closed: c.Closure != nil, Locked: lockErr == nil, Clash: c.Owner.Conflict()}
		for _, who := range staff {
			why, barred := c.Barred[who.Staff]
			p.Members = append(p.Members, Member{who, slices.Contains(owners(c), who.Staff), slices.Contains(c.Team, who.Staff), barred, why})
		}
		for _, l := range slices.Backward(c.Looks) {
			p.Looks = append(p.Looks, Seen{l.Staff, nameIn(staff, l.Staff), l.At})
		}
		return nil
	})
	return p, err
}

func nameIn(staff []Colleague, who event.Staff) string {
	if i := slices.IndexFunc(staff, func(c Colleague) bool { return c.Staff == who }); i >= 0 {
		return staff[i].Name
	}
	return ""
}

// Claim takes a case that nobody has, Assign hands it to somebody (nobody when to is empty), with a note. Errors wrap ErrWall and those of fold.Case.May.
func (o *Office) Claim(ctx context.Context, thread int64) error {
	return o.does(ctx, thread, event.Claimed{})
}

// Assign hands a case over; see Claim. Who gets it must work here (ErrNotFound) and not be kept out of the case (fold.ErrBarred).
func (o *Office) Assign(ctx context.Context, thread int64, to event.Staff, note string) error {
	if err := o.mayGet(ctx, thread, to); to != "" && err != nil {
		return err
	}
	return o.does(ctx, thread, event.Assigned{Staff: to, Note: note})
}

// PutOnTeam puts somebody on a case's team, or takes them off. Errors as of Assign.
func (o *Office) PutOnTeam(ctx context.Context, thread int64, who event.Staff, on bool) error {
	if err := o.mayGet(ctx, thread, who); on && err != nil {
		return err
	}
	return o.does(ctx, thread, event.Team{Staff: who, On: on})
}

// KeepOut keeps somebody out of a case, whatever their role, or lets them back in.
func (o *Office) KeepOut(ctx context.Context, thread int64, who event.Staff, on bool, why string) error {
	return o.does(ctx, thread, event.Barred{Staff: who, On: on, Why: why})
}

// mayGet refuses people who do not work here, or are kept out, and for a locked case who is no specialist.
func (o *Office) mayGet(ctx context.Context, thread int64, who event.Staff) error {
	p, err := o.CasePeople(ctx, thread)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.Members, func(m Member) bool { return m.Staff == who && m.Active })
	switch {
	case i < 0:
		return ErrNotFound
	case p.Members[i].Barred:
		return fold.ErrBarred
	case p.Locked && p.Members[i].Role != string(roster.RoleSpecialist):
		return ErrSpecialist
	case p.Members[i].Role == string(roster.RoleReader):
		return ErrPersonRole
	}
	return nil
}

// does records what who acts did in a case, when they may.
func (o *Office) does(ctx context.Context, thread int64, bodies ...event.Body) error {
	return o.doing(ctx, thread, func(fold.Case) ([]event.Body, error) { return bodies, nil })
}

// doing is does for what follows from the case as it is: nothing else is recorded in between. No bodies, or an error: nothing happens.
func (o *Office) doing(ctx context.Context, thread int64, what func(fold.Case) ([]event.Body, error)) error {
	return o.changes(ctx, thread, func(r *room) error {
		r.signing.Lock()
		defer r.signing.Unlock()
		c, err := r.folded(ctx, thread)
		if err != nil {
			return err
		}
		bodies, err := what(c)
		if err != nil {
			return err
		}
		for _, b := range bodies {
			if err := c.May(ActorOf(ctx), b, r.o.c.Now()); err != nil {
				return err
			}
		}
		if len(bodies) == 0 {
			return nil
		}
		return r.putNext(ctx, thread, ActorOf(ctx).Staff, bodies...)
	})
}

// OpenCasesOf lists the open cases of somebody that who acts may see, and how many there are that they may not.
func (o *Office) OpenCasesOf(ctx context.Context, staff event.Staff) (list []casedb.Owned, hidden int, err error) {
	err = o.in(func(r *room) error {
		list, hidden, err = r.openCasesOf(ctx, staff)
		return err
	})
	return list, hidden, err
}

func (r *room) openCasesOf(ctx context.Context, staff event.Staff) (list []casedb.Owned, hidden int, err error) {
	all, err := r.db.OwnedBy(ctx, staff)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range all {
		switch err := r.wall(ctx, c.Thread); {
		case errors.Is(err, ErrWall):
			hidden++
		case err != nil:
			return nil, 0, err
		default:
			list = append(list, c)
		}
	}
	return list, hidden, nil
}

// handOver gives the open cases of somebody who leaves to another person, or to nobody. Those that the actor may not see stay: a deputy has them.
func (r *room) handOver(ctx context.Context, from, to event.Staff) error {
	specialist := false
	if to != "" {
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all.People, func(p fold.Person) bool { return p.Staff == to && p.Active && p.Role != string(roster.RoleReader) })
		if i < 0 || to == from {
			return ErrNotFound
		}
		specialist = all.People[i].Role == string(roster.RoleSpecialist)
	}
	list, _, err := r.openCasesOf(ctx, from)
	if err != nil {
		return err
	}
	for _, c := range list {
		f, err := r.folded(ctx, c.Thread)
		if err != nil {
			return err
		}
		next := event.Assigned{Staff: to}
		if _, barred := f.Barred[to]; barred {
			next.Staff = ""
		}
		if _, err := r.db.SpecialistsOf(ctx, c.Thread); err == nil && !specialist {
			next.Staff = "" // locked: the other specialists see it
		}
		if err := f.May(ActorOf(ctx), next, r.o.c.Now()); err != nil {
			return fmt.Errorf("handing over a case: %w", err)
		}
		if err := r.put(ctx, c.Thread, ActorOf(ctx).Staff, next); err != nil {
			return err
		}
	}
	return nil
}
