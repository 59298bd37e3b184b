package office

import (
	"crypto/rand"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
	"panah/desk/internal/casedb"
)

func TestNewCodeForALostOne(t *testing.T) {
	w := newTown(t)
	a, b := w.desk(), w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("help"))
	id, onB := a.the("help"), b.the("help")
	for _, s := range []string{"one", "two"} {
		if err := a.Reply(t.Context(), id, Draft{Text: s}, ""); err != nil {
			t.Fatal(err)
		}
	}
	a.until("the replies are out", func() bool { r := a.thread(id).Replies; return r[1].Delivery == casedb.ReplyShared })
	if _, err := a.Reissue(t.Context(), id, false); err != ErrSafeWord {
		t.Errorf("without the safe word: %v", err)
	}
	code, err := a.Reissue(t.Context(), id, true)
	if err != nil {
		t.Fatal(err)
	}
	again := w.personWith(code)
	a.until("everything went out", func() bool { return a.Status(t.Context()).Queued == 0 })
	if diff := cmp.Diff([]string{"1: one", "2: two"}, again.texts()); diff != "" {
		t.Error("the new mailbox:", diff)
	}
	if _, ok := p.replies(); ok {
		t.Error("the old code still opens a mailbox")
	}
	b.until("b has heard of the new code", func() bool { return b.thread(onB).Reissued == 1 })
	again.writes(seal.LaterNumber(time.Now()), seal.KindLetter, text("I am back"))
	if err := b.Reply(t.Context(), onB, Draft{Text: "three"}, ""); err != nil {
		t.Fatal(err)
	}
	for d, thread := range map[*seat]int64{a: id, b: onB} {
		d.until("the letter under the new code is in the same thread", func() bool { t := d.thread(thread); return len(t.Letters) == 2 && len(t.Replies) == 3 })
		if l := d.thread(thread).Letters[1]; l.Tag != casedb.TagOK || l.OldCode {
			t.Errorf("letter: %+v", l.Tag)
		}
		d.noAlarms()
	}
	a.until("b's reply is in the mailbox", func() bool { return len(again.texts()) == 3 })
	p.writes(seal.LaterNumber(time.Now())+1, seal.KindLetter, text("written with the old code"))
	a.until("it is there", func() bool { return len(a.thread(id).Letters) == 3 })
	if l := a.thread(id).Letters[2]; !l.OldCode {
		t.Error("a letter under the old code is not marked")
	}
}

func TestJoinContinuesTheOldThread(t *testing.T) {
	w := newTown(t)
	a, b := w.desk(), w.desk()
	p := w.person()
	p.writes(0, seal.KindLetter, text("first time"))
	old := a.the("first time")
	if err := a.Reply(t.Context(), old, Draft{Text: "answer"}, ""); err != nil {
		t.Fatal(err)
	}
	later := w.person()
	later.writes(0, seal.KindLetter, text("I lost my code"))
	next := a.the("I lost")
	b.until("b has both", func() bool { return len(b.list()) == 2 })
	if err := a.Join(t.Context(), next, old, true); err != nil {
		t.Fatal(err)
	}
	a.until("everything went out", func() bool { return a.Status(t.Context()).Queued == 0 })
	for _, d := range []*seat{a, b} {
		d.until("one thread is left", func() bool { return len(d.list()) == 1 })
		got := d.thread(d.list()[0].ID)
		if len(got.Letters) != 2 || len(got.Replies) != 1 || len(got.Joined) != 1 {
			t.Errorf("joined: %d letters, %d replies, joined %v", len(got.Letters), len(got.Replies), got.Joined)
		}
		if o := d.thread(got.Joined[0]); o.State != casedb.StateJoined || o.JoinedTo != got.ID || len(o.Letters) != 0 {
			t.Errorf("old thread: %+v", o.Summary)
		}
	}
	if _, ok := p.replies(); ok {
		t.Error("the old code still opens a mailbox")
	}
	if err := a.Reply(t.Context(), next, Draft{Text: "go on"}, ""); err != nil {
		t.Fatal(err)
	}
	a.until("the replies are in the new mailbox", func() bool { return len(later.texts()) > 1 })
	if diff := cmp.Diff([]string{"1: answer", "2: go on"}, later.texts()); diff != "" {
		t.Error(diff)
	}
	a.noAlarms()
	b.noAlarms()
}

// A desk answers, makes a new code and joins two threads while the gate is away. What it then sends must reach the other desk in an order that
// makes sense there, and the person once.
func TestNewCodeAndJoinWithoutTheGate(t *testing.T) {
	w := newTown(t)
	a, b := w.desk(), w.desk()
	p, q, later := w.person(), w.person(), w.person()
	p.writes(0, seal.KindLetter, text("lost my code"))
	q.writes(0, seal.KindLetter, text("first time"))
	later.writes(0, seal.KindLetter, text("second time"))
	lost, old, next := a.the("lost"), a.the("first"), a.the("second")
	if err := a.Reply(t.Context(), old, Draft{Text: "delivered"}, ""); err != nil {
		t.Fatal(err)
	}
	b.until("b has all", func() bool { return len(b.list()) == 3 && len(b.thread(b.the("first")).Replies) == 1 })
	onB, nextB := b.the("lost"), b.the("second")
	a.until("everything went out", func() bool { return a.Status(t.Context()).Queued == 0 })
	w.road.set(func(*http.Request) bool { return false }, nil)
	w.road.CloseClientConnections()
	for _, id := range []int64{lost, old} {
		if err := a.Reply(t.Context(), id, Draft{Text: "queued"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	code, err := a.Reissue(t.Context(), lost, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Join(t.Context(), next, old, true); err != nil {
		t.Fatal(err)
	}
	w.road.set(nil, nil)
	a.SyncNow()
	b.SyncNow()
	a.until("everything went out", func() bool { return a.Status(t.Context()).Queued == 0 })
	b.until("b has heard", func() bool { return len(b.thread(onB).Replies) == 1 && len(b.thread(nextB).Replies) == 2 })
	if diff := cmp.Diff([]string{"1: queued"}, w.personWith(code).texts()); diff != "" {
		t.Error("under the new code:", diff)
	}
	if diff := cmp.Diff([]string{"1: delivered", "2: queued"}, later.texts()); diff != "" {
		t.Error("in the joined thread:", diff)
	}
	for i, r := range b.thread(nextB).Replies {
		if r.N != uint32(i+1) || r.Tag != casedb.TagOK {
			t.Errorf("on the other desk: %+v", r)
		}
	}
	a.noAlarms()
	b.noAlarms()
}

// The person's last word may be a wish to erase, or a forged letter in their name: both are in the list of what waits until somebody looked.
func TestWhatWaitsHoldsErasuresAndForgeries(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	waiting := func() (list []casedb.Summary) {
		list, err := d.Threads(t.Context(), casedb.Filter{Waiting: true})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	p, q := w.person(), w.person()
	p.writes(0, seal.KindLetter, text("help"))
	q.writes(0, seal.KindLetter, text("question"))
	asked := d.the("question")
	if err := d.Reply(t.Context(), asked, Draft{Text: "answer"}, ""); err != nil {
		t.Fatal(err)
	}
	d.thread(asked)
	d.thread(d.the("help"))
	d.until("one waits", func() bool { return len(waiting()) == 1 })
	p.writes(seal.LaterNumber(time.Now()), seal.KindErase)
	forger := *q
	rand.Read(forger.keys.MAC[:])
	forger.writes(seal.LaterNumber(time.Now()), seal.KindLetter, text("not me"))
	d.until("both are told", func() bool {
		l := waiting()
		return len(l) == 2 && slices.ContainsFunc(l, func(s casedb.Summary) bool { return s.State == casedb.StateErased && s.ByPerson }) &&
			slices.ContainsFunc(l, func(s casedb.Summary) bool { return s.ID == asked && s.Forged && s.Unread == 1 })
	})
	for _, s := range waiting() {
		d.thread(s.ID)
	}
	if l := waiting(); len(l) != 0 {
		t.Errorf("after a look %d wait", len(l))
	}
}
