package office

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/council"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// admit lets a desk in, as joining does, and opens it.
func (w *town) admit(by *seat, name string, role roster.Role) *seat {
	w.t.Helper()
	keys, err := keyring.New()
	if err != nil {
		w.t.Fatal(err)
	}
	card, err := roster.SignCard(w.keys.Org, 1, keys.DeviceIdentity(1).Recipient(), keys.Device())
	if err != nil {
		w.t.Fatal(err)
	}
	n := council.Newcomer{Device: pubOf(keys), Card: card, Name: name, Role: role}
	err = by.council(w.t.Context(), func(ctx context.Context, r *room) error {
		_, err := r.keep.Carry(ctx, council.Change{Admit: &n})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	g := w.keys.Gate()
	l, err := line.New(g.URL, g.Origin, keys.Device(), by.c.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close()
	news, err := l.Keys(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	top, err := roster.OpenChain(news.Rosters, w.keys.Org)
	if err != nil {
		w.t.Fatal(err)
	}
	before, err := roster.Reopen(news.Rosters[len(news.Rosters)-2])
	if err != nil {
		w.t.Fatal(err)
	}
	grant, err := roster.OpenGrant(news.Grant, keys.GrantOpener(), top, &before)
	if err != nil {
		w.t.Fatal(err)
	}
	err = keys.Update(func(s *keyring.State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Gate = top.Name, top.Org, news.Rosters[0], news.Rosters[len(news.Rosters)-1], grant.Gate
		for n, id := range grant.Epochs {
			s.AddEpoch(n, id, grant.Began)
		}
		s.Members, s.Role = grant.Members, role
		s.JoinedAt = by.Status(w.t.Context()).LogSize
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	saved := w.keys
	w.keys = keys
	defer func() { w.keys = saved }()
	return w.desk()
}

// inEpoch looks until the desk is in an epoch and owes nothing to it.
func (s *seat) inEpoch(n int) {
	s.t.Helper()
	s.until("the epoch has begun", func() bool {
		var wrapped int
		err := s.in(func(r *room) error { wrapped = r.keep.Wrapped(); return nil })
		k, keysErr := s.Keys(context.Background())
		return err == nil && keysErr == nil && k.Epoch == n && wrapped == n
	})
}

// An open thread outlives the epoch it began in: also on a desk that joins when nobody has that epoch's key any more. A desk that is taken off the
// list erases itself and says so.
func TestOpenThreadsOutliveTheirEpoch(t *testing.T) {
	w := newTown(t)
	first := w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("they came to the door"))
	id := first.the("they came")
	if err := first.Reply(t.Context(), id, Draft{Text: "stay inside"}, ""); err != nil {
		t.Fatal(err)
	}
	first.until("the reply is shared", func() bool { return first.thread(id).Replies[0].Delivery == casedb.ReplyShared })
	for e := 2; e <= 4; e++ {
		if err := first.Roll(t.Context()); err != nil {
			t.Fatal(err)
		}
		first.inEpoch(e)
	}
	reader := w.admit(first, "reader", roster.RoleReader)
	if err := reader.Reply(t.Context(), reader.the("they came"), Draft{Text: "hello"}, ""); !errors.Is(err, ErrRole) {
		t.Errorf("a reader's desk writes: %v", err)
	}
	reader.Lock()
	second := w.admit(first, "second", roster.RoleCaseworker)
	there := second.the("they came")
	if th := second.thread(there); len(th.Replies) != 1 || th.Replies[0].Text != "stay inside" || th.Letters[0].Tag != casedb.TagFirst {
		t.Errorf("the newcomer reads %d replies", len(th.Replies))
	}
	if err := second.in(func(r *room) error {
		if r.keys.Identity(1) != nil || r.keys.Identity(2) != nil {
			t.Error("the newcomer has keys of epochs that are over")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	k, err := first.Keys(t.Context())
	if err != nil || len(k.Desks) != 3 || k.Epoch != 4 || k.Began.IsZero() || k.Due.Sub(k.Began) != council.EpochTime || k.Overdue || k.Role != roster.RoleKeeper {
		t.Fatalf("%+v %v", k, err)
	}
	var lost Desk
	for _, d := range k.Desks {
		if d.Name == "second" {
			lost = d
		}
	}
	if lost.This || lost.Keeper || lost.Role != roster.RoleCaseworker || len(lost.ID) != 16 {
		t.Errorf("%+v", lost)
	}
	if _, err := second.Remove(t.Context(), lost.ID); !errors.Is(err, ErrKeeper) {
		t.Errorf("a caseworker removes a desk: %v", err)
	}
	if _, err := first.Remove(t.Context(), "0123456789abcdef"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody is removed: %v", err)
	}
	e, err := first.Remove(t.Context(), lost.ID)
	if err != nil || e.Desk.Name != "second" || len(e.Epochs) != 2 || e.Threads != 1 || e.GoneBy.IsZero() {
		t.Errorf("%+v %v", e, err)
	}
	second.until("it has erased itself", func() bool { return second.Status(t.Context()).Removed && second.Locked() })
	left, err := os.ReadDir(second.dir)
	if err != nil || len(left) != 1 || left[0].Name() != RemovedFile {
		t.Errorf("left behind: %v %v", left, err)
	}
	words, err := os.ReadFile(filepath.Join(second.dir, RemovedFile))
	if err != nil || strings.Contains(string(words), w.keys.Org) || strings.Contains(string(words), "Testville") {
		t.Errorf("it says %q %v", words, err)
	}
	if err := second.Unlock(t.Context(), passphrase); !errors.Is(err, ErrRemoved) {
		t.Errorf("unlocking: %v", err)
	}
	again, err := Open(Config{Data: second.dir})
	if err != nil || !again.Status(t.Context()).Removed {
		t.Errorf("the next start: %v", err)
	}
	first.inEpoch(5)
	first.noAlarms()
}

// Locking does not wait for a change that hangs in the network.
func TestLockingEndsAChange(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	d.inEpoch(1)
	came := make(chan struct{})
	hang := make(chan struct{})
	defer close(hang)
	w.road.set(func(r *http.Request) bool {
		if r.URL.Path == "/v1/roster" {
			close(came)
			<-hang
		}
		return true
	}, nil)
	done := make(chan error, 1)
	go func() { done <- d.Roll(context.Background()) }()
	<-came
	d.Lock()
	if err := <-done; err == nil {
		t.Error("the change came through")
	}
	w.road.set(nil, nil)
	if err := d.Unlock(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	d.inEpoch(2) // goes on with it
	d.noAlarms()
}
