package office

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	stdsync "sync"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// A staffing is who works in the organisation, as this desk last folded it: every request asks.
type staffing struct {
	mu     stdsync.Mutex
	thread int64       // of the office's stream; 0: not looked up
	mark   casedb.Mark // of what was folded
	desks  string      // which desks were the organisation's, and as what
	at     time.Time   // when that was looked at whole; zero: never
	all    fold.Office // what every desk says
	sure   fold.Office // what this desk and keepers' desks say: who may come in here, and as what
	passed []passed    // rulebooks that somebody adopted and that count for nothing here
	books  library     // what was found of those that were opened
}

// staffTime is how long the order and the belief of events may be behind: new events count at once.
const staffTime = 5 * time.Second

// staff folds the office's stream, when there is news of it.
func (r *room) staff(ctx context.Context) (all, sure fold.Office, err error) {
	r.staffing.mu.Lock()
	defer r.staffing.mu.Unlock()
	s := &r.staffing
	if s.thread == 0 { // it stays the same as long as the desk
		if s.thread, err = r.db.OfficeThread(ctx, r.keys.Org); err != nil {
			return all, sure, err
		}
	}
	thread := s.thread
	members := r.keys.State().Members
	desks := desksText(r.keys.Newest().Serial, members)
	quick := time.Since(s.at) < staffTime && desks == s.desks
	mark, err := r.db.MarkOf(ctx, thread, quick)
	if err != nil {
		return all, sure, err
	}
	same := s.mark
	if quick {
		same = casedb.Mark{Newest: same.Newest}
	}
	if same == mark && desks == s.desks && !s.at.IsZero() {
		if !quick {
			s.at = time.Now()
		}
		return s.all, s.sure, nil
	}
	if mark, err = r.db.MarkOf(ctx, thread, false); err != nil {
		return all, sure, err
	}
	entries, err := r.db.Events(ctx, thread)
	if err != nil {
		return all, sure, err
	}
	s.all = fold.OfficeOf(entries)
	s.passed = nil
	s.sure = fold.OfficeOf(slices.DeleteFunc(slices.Clone(entries), func(e fold.Entry) bool { return !r.admitsBook(members, e) || !r.vouches(members, e) }))
	s.mark, s.desks, s.at = mark, desks, time.Now()
	return s.all, s.sure, nil
}

// desksText tells one set of desks and roles from another.
func desksText(serial int, members []roster.Member) string {
	var b strings.Builder
	fmt.Fprint(&b, serial)
	for _, m := range members {
		h := m.Hash()
		fmt.Fprintf(&b, " %x %s", h[:8], m.Role)
	}
	return b.String()
}

// vouches reports whether an event about people counts for who may come in at this desk: another desk's caseworkers must not be able to make themselves keepers here, nor turn anybody out.
func (r *room) vouches(members []roster.Member, e fold.Entry) bool {
	if bytes.Equal(e.Device, pubOf(r.keys)) {
		return true
	}
	from := roster.HashDevice(e.Device)
	return slices.ContainsFunc(members, func(m roster.Member) bool { return m.Role == roster.RoleKeeper && m.Hash() == from })
}

// deviceText is how events name a desk.
func deviceText(h roster.DeviceHash) string { return base64.StdEncoding.EncodeToString(h[:]) }

// person finds somebody who works at this desk.
func (r *room) person(ctx context.Context, staff event.Staff) (fold.Person, error) {
	_, sure, err := r.staff(ctx)
	if err != nil {
		return fold.Person{}, err
	}
	i := slices.IndexFunc(sure.People, func(p fold.Person) bool { return p.Staff == staff && p.Device == deviceText(r.me()) })
	if i < 0 {
		return fold.Person{}, ErrNobody
	}
	return sure.People[i], nil
}

// ranks order what roles may do at a desk: nobody may more than their desk.
var ranks = [...]roster.Role{roster.RoleReader, roster.RoleCaseworker, roster.RoleSpecialist, roster.RoleKeeper}

// limit is a person's role at a desk: at most the desk's own. A role of a newer version is a reader's.
func limit(person string, desk roster.Role) string {
	i, at := max(0, slices.Index(ranks[:], roster.Role(person))), max(0, slices.Index(ranks[:], desk))
	return string(ranks[min(i, at)])
}

// RolesHere lists the roles that a person may have at this desk.
func (o *Office) RolesHere(context.Context) (roles []string, err error) {
	err = o.in(func(r *room) error {
		for i := max(0, slices.Index(ranks[:], r.keys.Role())); i >= 0; i-- {
			roles = append(roles, string(ranks[i]))
		}
		return nil
	})
	return roles, err
}

// put signs what somebody did, each after the one before, and records it.
func (r *room) put(ctx context.Context, thread int64, author event.Staff, bodies ...event.Body) error {
	r.signing.Lock()
	defer r.signing.Unlock()
	return r.putNext(ctx, thread, author, bodies...)
}

// putNext is put for who holds r.signing: what one desk does comes one after the other, and is never a conflict with itself.
func (r *room) putNext(ctx context.Context, thread int64, author event.Staff, bodies ...event.Body) error {
	signed, err := r.sign(ctx, thread, author, bodies...)
	if err != nil {
		return err
	}
	if err := r.db.Record(ctx, thread, signed); err != nil {
		return err
	}
	wake(r.wakePost)
	return nil
}

// sign makes events of what somebody did, each after the one before, on top of all that this desk knows of the case.
func (r *room) sign(ctx context.Context, thread int64, author event.Staff, bodies ...event.Body) (signed []event.Signed, err error) {
	id, err := r.db.CaseID(ctx, thread)
	if err != nil {
		return nil, err
	}
	entries, err := r.db.Events(ctx, thread)
	if err != nil {
		return nil, err
	}
	heads := fold.Of(id, entries).Heads
	if id == event.Office {
		heads = fold.OfficeOf(entries).Heads
	}
	tree, err := r.tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range bodies {
		slices.SortFunc(heads, func(a, b event.Hash) int { return bytes.Compare(a[:], b[:]) })
		e, err := event.Sign(event.Event{Org: r.keys.Org, Epoch: r.keys.Epoch(), Case: id, Author: author, At: r.o.c.Now(), Parents: heads, Tree: tree, Body: b}, r.keys.Device())
		if err != nil {
			return nil, err
		}
		signed, heads = append(signed, e), []event.Hash{e.Hash}
	}
	return signed, nil
}

// tree is the newest tree that this desk verified, as events name it: "" before the first.
func (r *room) tree(ctx context.Context) (string, error) {
	cursor, err := r.db.Cursor(ctx)
	if err != nil || cursor.Verified.Size() == 0 {
		return "", err
	}
	t, err := cursor.Verified.Tree()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %s", t.Size, base64.StdEncoding.EncodeToString(t.Root[:])), nil
}

// putOffice records what somebody did in the office's stream.
func (r *room) putOffice(ctx context.Context, author event.Staff, bodies ...event.Body) error {
	thread, err := r.db.OfficeThread(ctx, r.keys.Org)
	if err != nil {
		return err
	}
	return r.put(ctx, thread, author, bodies...)
}

// deskOf finds the desk that events name; ok is false for one that is not the organisation's any more.
func (r *room) deskOf(device string) (m roster.Member, ok bool) {
	members := r.keys.State().Members
	i := slices.IndexFunc(members, func(m roster.Member) bool { return deviceText(m.Hash()) == device })
	if i < 0 {
		return m, false
	}
	return members[i], true
}

// staffIs is what StaffIs holds of somebody.
func (r *room) staffIs(staff event.Staff, name, role string, active bool) event.StaffIs {
	return event.StaffIs{Staff: staff, Name: name, Role: role, Device: deviceText(r.me()), Active: active}
}

// wrapping makes errors of people's work say what was attempted.
func wrapping(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
