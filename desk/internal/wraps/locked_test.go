package wraps_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/council"
	"panah/desk/internal/custody"
)

func (s *seat) device() casedb.Device { return roster.HashDevice(pub(s.keys.Device())) }

// lock locks a case for some desks.
func (s *seat) lock(thread int64, newKey bool, specialists ...*seat) {
	s.w.t.Helper()
	l := casedb.Lock{Thread: thread, Me: s.device()}
	for _, d := range specialists {
		l.Specialists = append(l.Specialists, d.device())
	}
	if newKey {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			s.w.t.Fatal(err)
		}
		l.Identity, l.Recipient = id.String(), id.Recipient().String()
	}
	if err := s.db.LockCase(context.Background(), l); err != nil {
		s.w.t.Fatal(err)
	}
}

// all lets desks do what there is to do until nothing moves: what one does, the others see.
func all(desks ...*seat) {
	for range 3 {
		for _, d := range desks {
			d.round()
		}
	}
}

// readable says whether a desk shows text of any thread, or keeps it in any place.
func (s *seat) readable(text string) bool {
	s.w.t.Helper()
	list, err := s.db.Threads(context.Background(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, sum := range list {
		th, err := s.db.Thread(context.Background(), sum.ID)
		if err != nil {
			s.w.t.Fatal(err)
		}
		if sum.Beginning == text {
			return true
		}
		for _, l := range th.Letters {
			if l.Text == text {
				return true
			}
		}
		for _, r := range th.Replies {
			if r.Text == text {
				return true
			}
		}
	}
	return false
}

// stub is the one locked case of a desk that is not named for it.
func (s *seat) stub() casedb.Thread {
	s.w.t.Helper()
	list, err := s.db.Threads(context.Background(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, sum := range list {
		if sum.State == casedb.StateLocked {
			th, err := s.db.Thread(context.Background(), sum.ID)
			if err != nil {
				s.w.t.Fatal(err)
			}
			return th
		}
	}
	s.w.t.Fatalf("%s has no locked case", s.name)
	return casedb.Thread{}
}

// nothingUnopened fails when a desk shows letters that it cannot open.
func (s *seat) nothingUnopened() {
	s.w.t.Helper()
	list, err := s.db.Threads(context.Background(), casedb.Filter{All: true, Limit: 500})
	if err != nil {
		s.w.t.Fatal(err)
	}
	for _, sum := range list {
		if sum.State == casedb.StateSealed {
			s.w.t.Errorf("%s shows an unopened letter", s.name)
		}
	}
	s.noAlarms()
}

// last opens the newest reply in the mailbox.
func (p *person) last() seal.Letter {
	p.w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.w.gate.URL()+"/v1/mailbox", nil)
	if err != nil {
		p.w.t.Fatal(err)
	}
	req.Header.Set(wire.HeaderMailbox, p.keys.Mailbox.ID.Reveal())
	req.Header.Set(wire.HeaderAuth, p.keys.Mailbox.RevealAuth())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		p.w.t.Fatal(err)
	}
	replies, err := wire.ParseReplies(body.Bytes())
	if err != nil || len(replies) == 0 {
		p.w.t.Fatalf("%d replies: %v", len(replies), err)
	}
	l, err := seal.Open(replies[len(replies)-1], age.Identity(p.keys.Box))
	if err != nil || p.keys.MAC.Check(l) != nil {
		p.w.t.Fatalf("the reply: %v", err)
	}
	return l
}

func (s *seat) answers(thread int64, text string) {
	s.w.t.Helper()
	if err := s.db.AddReply(context.Background(), thread, text, nil, "", time.Now()); err != nil {
		s.w.t.Fatal(err)
	}
}

// A case is locked by a caseworker for a specialist. It goes on through answers, epochs, a second specialist, the first one's leaving, and its erasure; nobody else
// reads any of it, and nobody is alarmed.
func TestALockedCaseIsItsSpecialistsOnly(t *testing.T) {
	_, keeper := newTown(t)
	first := keeper.join("first specialist", roster.RoleSpecialist)
	second := keeper.join("second specialist", roster.RoleSpecialist)
	worker := keeper.join("caseworker", roster.RoleCaseworker)
	desks := []*seat{keeper, first, second, worker}
	all(desks...)
	p, other := keeper.person(), keeper.person()
	p.writes(keeper, 1, "a refugee's claim")
	other.writes(keeper, 1, "another case")
	all(desks...)

	worker.lock(worker.thread("a refugee's claim"), true, first)
	if worker.readable("a refugee's claim") {
		t.Error("the desk that locked it, and is not named, reads it still")
	}
	all(desks...)
	for _, d := range []*seat{keeper, second, worker} {
		if d.readable("a refugee's claim") {
			t.Errorf("%s reads it", d.name)
		}
		if th := d.stub(); !th.Locked || len(th.Specialists) != 1 || th.Beginning != "" || th.Unread != 0 || th.Count != 0 {
			t.Errorf("%s shows %+v", d.name, th)
		}
	}
	if !first.readable("a refugee's claim") || !first.readable("another case") || !worker.readable("another case") {
		t.Fatal("too much was destroyed")
	}

	// Before the person has read an answer, the phone still seals to the epoch.
	p.writes(keeper, 1, "written to the epoch")
	first.answers(first.thread("a refugee's claim"), "an answer to her alone")
	all(desks...)
	reply := p.last()
	if reply.To == "" || reply.Text() != "an answer to her alone" {
		t.Fatalf("the answer does not say where to write next: %q", reply.To)
	}
	p.writesTo(reply.To, "sealed to the case")
	all(desks...)
	for _, text := range []string{"a refugee's claim", "written to the epoch", "an answer to her alone", "sealed to the case"} {
		if !first.readable(text) {
			t.Errorf("the specialist does not read %q", text)
		}
		for _, d := range []*seat{keeper, second, worker} {
			if d.readable(text) {
				t.Errorf("%s reads %q", d.name, text)
			}
		}
	}
	for _, d := range desks {
		d.nothingUnopened()
	}
	if th := worker.stub(); th.Came != 2 || th.LastCame.IsZero() {
		t.Errorf("the caseworker sees %d letters come", th.Came)
	}

	// Through epochs: the key of the first is gone everywhere. A desk that comes in now learns that the case is locked.
	keeper.roll(first, second, worker)
	keeper.roll(first, second, worker)
	late := keeper.join("late caseworker", roster.RoleCaseworker)
	desks = append(desks, late)
	all(desks...)
	p.writes(keeper, 3, "to the epoch again, by an old page")
	all(desks...)
	if late.readable("to the epoch again, by an old page") || late.readable("a refugee's claim") {
		t.Error("a desk that came in later reads the locked case")
	}
	if !late.readable("another case") {
		t.Error("a desk that came in later does not read the open case")
	}

	// A second specialist is named: all of it comes back there.
	first.lock(first.thread("a refugee's claim"), false, first, second)
	all(desks...)
	if diff := cmp.Diff(first.texts(), second.texts()); diff != "" {
		t.Fatalf("the second specialist reads otherwise (-first +second):\n%s", diff)
	}
	// The first one leaves: what follows is not for that desk.
	leaves := []roster.DeviceHash{first.device()}
	if waits, err := keeper.council.Carry(t.Context(), council.Change{Remove: leaves}); err != nil || waits {
		t.Fatal(waits, err)
	}
	desks = slices.DeleteFunc(desks, func(d *seat) bool { return d == first })
	all(desks...)
	second.answers(second.thread("a refugee's claim"), "your specialist has changed")
	all(desks...)
	if again := p.last(); again.To == "" || again.To == reply.To || again.Text() != "your specialist has changed" {
		t.Errorf("after the first specialist left, the person is to write to %q", again.To)
	} else {
		p.writesTo(again.To, "not for who left")
		// A letter under way to the old key is still read.
		p.writesTo(reply.To, "from a page that was open")
	}
	all(desks...)
	if !second.readable("not for who left") || !second.readable("from a page that was open") {
		t.Error("the second specialist does not read on")
	}
	ids, err := first.db.CaseIdentities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	current, err := second.db.CaseIdentities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for c, list := range current {
		if len(list) != 2 || len(ids[c]) != 1 {
			t.Errorf("keys: %d and %d", len(list), len(ids[c]))
		}
	}

	// A specialist who joins now is named and reads it from its beginning, three epochs back.
	third := keeper.join("third specialist", roster.RoleSpecialist)
	desks = append(desks, third)
	all(desks...)
	if third.readable("a refugee's claim") {
		t.Error("not named yet, and reads it")
	}
	second.lock(second.thread("a refugee's claim"), false, second, third)
	all(desks...)
	if diff := cmp.Diff(second.texts(), third.texts()); diff != "" {
		t.Errorf("the third specialist reads otherwise (-second +third):\n%s", diff)
	}

	if err := third.db.Erase(t.Context(), third.thread("a refugee's claim"), time.Now()); err != nil {
		t.Fatal(err)
	}
	all(desks...)
	for _, d := range desks {
		if d.readable("a refugee's claim") || d.readable("sealed to the case") {
			t.Errorf("%s reads it after the erasure", d.name)
		}
		if ids, err := d.db.CaseIdentities(t.Context()); err != nil || len(ids) != 0 {
			t.Errorf("%s has the case's key still: %v", d.name, err)
		}
		d.nothingUnopened()
	}
}

// What came of a case between its locking and the key's arrival is read when the key is there.
func TestASpecialistReadsWhatCameBeforeTheKey(t *testing.T) {
	_, keeper := newTown(t)
	first := keeper.join("first specialist", roster.RoleSpecialist)
	second := keeper.join("second specialist", roster.RoleSpecialist)
	all(keeper, first, second)
	p := keeper.person()
	p.writes(keeper, 1, "a refugee's claim")
	all(keeper, first, second)
	first.lock(first.thread("a refugee's claim"), true, first, second)
	first.answers(first.thread("a refugee's claim"), "an answer at once")
	all(first)
	p.writesTo(p.last().To, "and a letter to the case")
	all(first, keeper)
	// All of it comes in one round, the key only after it.
	second.round()
	if diff := cmp.Diff(first.texts(), second.texts()); diff != "" {
		t.Errorf("the second specialist reads otherwise (-first +second):\n%s", diff)
	}
	second.nothingUnopened()
}

// All specialists' desks are lost: the custodians' key brings the case back to the desk that recovers, which goes on with a key of its own making.
func TestCustodiansBringALockedCaseBack(t *testing.T) {
	_, keeper := newTown(t)
	b, err := custody.New(2, 3, 1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	vkeys, err := b.Verifiers()
	if err != nil {
		t.Fatal(err)
	}
	files, err := b.Files(keeper.keys.Newest(), keeper.keys.Identity(1), keeper.keys.Gate())
	if err != nil {
		t.Fatal(err)
	}
	sheets := council.Sheets{Custodians: b.Custodians(), Keepers: vkeys, Authority: files}
	if waits, err := keeper.council.Carry(t.Context(), council.Change{Sheets: &sheets}); err != nil || waits {
		t.Fatal(waits, err)
	}
	specialist := keeper.join("specialist", roster.RoleSpecialist)
	all(keeper, specialist)
	p := keeper.person()
	p.writes(keeper, 1, "a refugee's claim")
	all(keeper, specialist)
	specialist.lock(specialist.thread("a refugee's claim"), true, specialist)
	specialist.answers(specialist.thread("a refugee's claim"), "an answer")
	all(keeper, specialist)
	keeper.roll(specialist)
	keeper.roll(specialist)
	p.writesTo(p.last().To, "sealed to the case")
	all(keeper, specialist)
	lost := []roster.DeviceHash{specialist.device()}
	want := specialist.texts()

	back := keeper.join("recovered", roster.RoleKeeper)
	if err := back.wraps.Regain(t.Context(), 3, b.Identity); err != nil {
		t.Fatal(err)
	}
	all(keeper, back)
	if diff := cmp.Diff(want, back.texts()); diff != "" {
		t.Fatalf("what came back (-specialist +recovered):\n%s", diff)
	}
	if keeper.readable("a refugee's claim") {
		t.Error("a desk without the custodians' key reads it")
	}
	if waits, err := keeper.council.Carry(t.Context(), council.Change{Remove: lost}); err != nil || waits {
		t.Fatal(waits, err)
	}
	all(keeper, back)
	old := p.last().To
	back.answers(back.thread("a refugee's claim"), "we are back")
	all(keeper, back)
	if to := p.last().To; to == old || to == "" {
		t.Errorf("the person is still told to write to %q", to)
	}
	p.writesTo(p.last().To, "not for the lost desk")
	all(keeper, back)
	if !back.readable("not for the lost desk") {
		t.Error("the recovered desk does not read on")
	}
	keeper.nothingUnopened()
	back.nothingUnopened()
}
