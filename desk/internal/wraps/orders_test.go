package wraps_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/line"
)

// order puts a notice into the log as a desk that does not keep to the rules would: with its desk tag, and the bytes it likes.
func (s *seat) order(n casedb.Notice) {
	s.w.t.Helper()
	body, err := json.Marshal(n)
	if err != nil {
		s.w.t.Fatal(err)
	}
	epoch := s.keys.Epoch()
	key, ok := s.keys.DeskKey(epoch)
	if !ok {
		s.w.t.Fatal("no desk key")
	}
	l := seal.Letter{Kind: seal.KindNotice, Org: s.keys.Org, Epoch: epoch, Sealed: seal.SealedDesk, At: time.Now(), Parts: []seal.Part{{Type: seal.TypeOctets, Data: body}}}
	l.DeskTag = key.Tag(l)
	sealed, err := seal.Seal(l, s.keys.Recipient(epoch))
	if err != nil {
		s.w.t.Fatal(err)
	}
	gate, err := s.keys.GateVerifier()
	if err != nil {
		s.w.t.Fatal(err)
	}
	if _, err := s.line.Letter(context.Background(), sealed, line.Issuer{Gate: gate, Org: s.keys.Org}); err != nil {
		s.w.t.Fatal(err)
	}
}

// A bent desk orders an erasure without its name: nobody obeys. With a name it is obeyed, and named.
func TestABentDeskIsNamed(t *testing.T) {
	_, a := newTown(t)
	b := a.join("bent", roster.RoleCaseworker)
	b.round()
	one, two := a.person(), a.person()
	one.writes(a, 1, "keep this")
	two.writes(a, 1, "and this")
	a.person().writes(a, 1, "the first that goes")
	all(a, b)
	keep, other := a.thread("keep this"), a.thread("and this")
	if err := a.db.Erase(context.Background(), a.thread("the first that goes"), time.Now()); err != nil {
		t.Fatal(err)
	}
	all(a, b)
	b.order(casedb.Notice{Do: "erase", Mailboxes: []string{one.keys.Mailbox.ID.Reveal()}})
	a.round()
	if r := a.row(keep); r.State != casedb.StateOpen || !a.has(casedb.AlarmUnsigned) {
		t.Errorf("an order that nobody signed: the thread is %s, alarm %v", r.State, a.has(casedb.AlarmUnsigned))
	}
	if err := b.db.Erase(context.Background(), b.thread("and this"), time.Now()); err != nil {
		t.Fatal(err)
	}
	all(b, a)
	th, err := a.db.Thread(context.Background(), other)
	if err != nil || th.State != casedb.StateErased || th.ErasedBy != string(b.staff()) {
		t.Errorf("the thread is %s, erased by %q, wanted %q: %v", th.State, th.ErasedBy, b.staff(), err)
	}
}

// The order of a desk that came in a moment ago is obeyed by one that has not heard of it yet.
func TestANewcomersOrder(t *testing.T) {
	_, a := newTown(t)
	b := a.join("second", roster.RoleCaseworker)
	b.round()
	a.person().writes(a, 1, "forget me")
	all(a, b)
	thread := b.thread("forget me")
	c := a.join("newcomer", roster.RoleCaseworker)
	c.round()
	if err := c.db.Erase(context.Background(), c.thread("forget me"), time.Now()); err != nil {
		t.Fatal(err)
	}
	c.round()
	if b.keys.Newest().Serial == c.keys.Newest().Serial {
		t.Fatal("the second desk has heard of the newcomer already")
	}
	if _, err := b.sync.Round(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r := b.row(thread); r.State != casedb.StateErased {
		t.Errorf("the thread is %s", r.State)
	}
	b.round()
	b.noAlarms()
}
