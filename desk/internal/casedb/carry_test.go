package casedb

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/seal"
	"panah/core/wire"
)

// carryTo takes everything that one desk knows to another, erasures signed by s.
func carryTo(t *testing.T, from, to *DB, s *scribe) (Taken, Left) {
	t.Helper()
	var pieces []Carried
	left, err := from.Carry(t.Context(), func(c Carried) error {
		if c.What == CarriedErase {
			var err error
			if c.Notice, err = SignNotice(c.Notice, "org", s.key); err != nil {
				return err
			}
		}
		pieces = append(pieces, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	taken, err := to.TakeCarried(t.Context(), "org", pieces, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return taken, left
}

// foldOf is a case as a desk has it.
func foldOf(t *testing.T, db *DB, id event.Case) fold.Case {
	t.Helper()
	var thread int64
	if err := db.sql.QueryRow("SELECT thread FROM mailbox WHERE id = ?", id[:]).Scan(&thread); err != nil {
		t.Fatal(err)
	}
	entries, err := db.Events(t.Context(), thread)
	if err != nil {
		t.Fatal(err)
	}
	return fold.Of(id, entries)
}

// said is a conversation without the numbers that each desk gives rows.
func said(t *testing.T, db *DB, id wire.MailboxID) (out []string) {
	t.Helper()
	var thread int64
	if err := db.sql.QueryRow("SELECT thread FROM mailbox WHERE id = ?", id[:]).Scan(&thread); err != nil {
		t.Fatal(err)
	}
	th, err := db.Thread(t.Context(), thread)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range th.Letters {
		out = append(out, "letter "+l.LetterID[:8]+" "+string(l.Tag)+" "+l.Text)
	}
	for _, r := range th.Replies {
		out = append(out, "reply "+string(r.Tag)+" "+r.Text)
	}
	return out
}

// Two desks that the network left: one had the letters, both wrote. Sticks go both ways, then the log comes to both.
func TestSticksMakeTwoDesksKnowTheSameAndTheLogDoublesNothing(t *testing.T) {
	a, b := newBook(t), newBook(t)
	sa, sb := newScribe(t), newScribe(t)
	ctx := t.Context()
	for _, db := range []*DB{a.db, b.db} {
		if err := db.KnowDevices(ctx, 1, []Device{sa.device(), sb.device()}); err != nil {
			t.Fatal(err)
		}
	}
	box := wire.MailboxID{7}
	id := event.Case(box)
	first, later := a.first(box, "They took my brother."), a.later(box, "Still nothing.")
	a.store(first, later)
	record(t, a.db, box, sa.says(id, event.Opened{Source: "letter", Since: "2026-11-20T10:00:00Z"}, event.Set{Field: "district", Value: "Zabol"}))
	var thread int64
	if err := a.db.sql.QueryRow("SELECT thread FROM mailbox WHERE id = ?", box[:]).Scan(&thread); err != nil {
		t.Fatal(err)
	}
	if err := a.db.AddReply(ctx, thread, "We called the station.", nil, "", time.Date(2026, 11, 21, 9, 30, 12, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}

	taken, _ := carryTo(t, a.db, b.db, sa)
	if want := (Taken{Letters: 2, Replies: 1, Events: 2}); taken != want {
		t.Errorf("the other desk learnt %+v, want %+v", taken, want)
	}
	record(t, b.db, box, sb.says(id, event.Noted{Text: "His papers are at home."}))
	if taken, _ = carryTo(t, b.db, a.db, sb); taken != (Taken{Events: 1, Known: 5}) {
		t.Errorf("back came %+v", taken)
	}
	for _, again := range []*DB{a.db, b.db} {
		other := b.db
		if again == b.db {
			other = a.db
		}
		if taken, _ := carryTo(t, other, again, sa); taken.Letters+taken.Replies+taken.Events+taken.Erased != 0 {
			t.Errorf("the same file again brought %+v", taken)
		}
	}
	same(t, a.db, b.db, box)
	if th := pendingProof(t, b.db, box); th != 2 {
		t.Errorf("%d letters wait for the log", th)
	}

	// The network comes back: the log has the letters, and what A wrote.
	o := outOf(t, a.db, OutCopy)
	copyEntry := a.entry(seal.Letter{Kind: seal.KindReplyCopy, Sealed: seal.SealedDesk, Mailbox: box, N: o.N, At: o.At.Truncate(time.Minute), Parts: o.Parts})
	mac := first.Letter.MAC
	copyEntry.Letter.Tag = mac.Tag(copyEntry.Letter)
	if err := a.db.SealedOut(ctx, o, []byte("sealed"), 1); err != nil {
		t.Fatal(err)
	}
	copyEntry.ID = wire.IDOf([]byte("sealed"))
	note := a.notice(noticeOfEvents(box, sa, a.db, t))
	a.store(copyEntry, note)
	b.next = a.next
	b.store(first, later, copyEntry, note)
	same(t, a.db, b.db, box)
	if n := pendingProof(t, b.db, box); n != 2 { // the round is not finished: it is in the log and not verified to its end
		t.Errorf("%d letters", n)
	}
	b.finish()
	if n := pendingProof(t, b.db, box); n != 0 {
		t.Errorf("%d letters are still without proof", n)
	}
	for _, db := range []*DB{a.db, b.db} {
		alarms, err := db.Alarms(ctx, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, al := range alarms {
			t.Errorf("alarm %s", al.Kind)
		}
	}
}

func same(t *testing.T, a, b *DB, box wire.MailboxID) {
	t.Helper()
	if diff := cmp.Diff(said(t, a, box), said(t, b, box)); diff != "" {
		t.Error("the conversation differs", diff)
	}
	ca, cb := foldOf(t, a, event.Case(box)), foldOf(t, b, event.Case(box))
	for i := range ca.Timeline {
		ca.Timeline[i].Place = -1
	}
	for i := range cb.Timeline {
		cb.Timeline[i].Place = -1
	}
	if !reflect.DeepEqual(ca, cb) {
		t.Error("the case differs", cmp.Diff(ca, cb))
	}
}

func record(t *testing.T, db *DB, box wire.MailboxID, events []event.Signed) {
	t.Helper()
	var thread int64
	if err := db.sql.QueryRow("SELECT thread FROM mailbox WHERE id = ?", box[:]).Scan(&thread); err != nil {
		t.Fatal(err)
	}
	if err := db.Record(t.Context(), thread, events); err != nil {
		t.Fatal(err)
	}
}

func pendingProof(t *testing.T, db *DB, box wire.MailboxID) (n int) {
	t.Helper()
	var thread int64
	if err := db.sql.QueryRow("SELECT thread FROM mailbox WHERE id = ?", box[:]).Scan(&thread); err != nil {
		t.Fatal(err)
	}
	th, err := db.Thread(t.Context(), thread)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range th.Letters {
		if l.Proof == ProofPending {
			n++
		}
	}
	return n
}

func outOf(t *testing.T, db *DB, kind OutKind) Out {
	t.Helper()
	for after := int64(0); ; {
		o, ok, err := db.NextOut(t.Context(), after)
		if err != nil || !ok {
			t.Fatalf("nothing of the kind %s goes out: %v", kind, err)
		}
		if o.Kind == kind {
			return o
		}
		after = o.ID
	}
}

func noticeOfEvents(box wire.MailboxID, s *scribe, db *DB, t *testing.T) Notice {
	t.Helper()
	n := Notice{Do: doEvents, Mailboxes: []string{box.Reveal()}}
	for _, l := range foldOf(t, db, event.Case(box)).Timeline {
		if l.Device.Equal(s.key.Public()) {
			n.Events = append(n.Events, string(l.Note))
		}
	}
	return n
}

// An erasure travels; what was erased here does not come back on an older stick; a locked case stays where it is.
func TestErasuresTravelAndLockedCasesStay(t *testing.T) {
	a, b := newBook(t), newBook(t)
	s, stranger := newScribe(t), newScribe(t)
	ctx := t.Context()
	for _, db := range []*DB{a.db, b.db} {
		if err := db.KnowDevices(ctx, 1, []Device{s.device()}); err != nil {
			t.Fatal(err)
		}
	}
	gone, closed := wire.MailboxID{1}, wire.MailboxID{2}
	letters := []Incoming{a.first(gone, "to be erased"), a.first(closed, "about a child")}
	a.store(letters...)
	if taken, left := carryTo(t, a.db, b.db, s); taken.Letters != 2 || left != (Left{}) {
		t.Fatalf("%+v, left %+v", taken, left)
	}
	var thread int64
	if err := a.db.sql.QueryRow("SELECT thread FROM mailbox WHERE id = ?", gone[:]).Scan(&thread); err != nil {
		t.Fatal(err)
	}
	if err := a.db.Erase(ctx, thread, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.db.sql.Exec("UPDATE thread SET locked = 1 WHERE id = (SELECT thread FROM mailbox WHERE id = ?)", closed[:]); err != nil {
		t.Fatal(err)
	}
	if taken, left := carryTo(t, a.db, b.db, stranger); taken.Doubtful != 1 || taken.Erased != 0 || left.Locked != 1 {
		t.Errorf("an erasure of a stranger: %+v, left %+v", taken, left)
	}
	if taken, _ := carryTo(t, a.db, b.db, s); taken.Erased != 1 || taken.Letters != 0 {
		t.Errorf("the erasure: %+v", taken)
	}
	if got := said(t, b.db, gone); len(got) != 0 {
		t.Errorf("after the erasure there is %q", got)
	}
	if n := outbox(t, b.db, "delete"); n != 0 {
		t.Error("the gate is asked to delete before the log has told of the erasure")
	}
	var old []Carried
	c := newBook(t)
	c.store(letters...)
	if _, err := c.db.Carry(ctx, func(p Carried) error { old = append(old, p); return nil }); err != nil {
		t.Fatal(err)
	}
	taken, err := a.db.TakeCarried(ctx, "org", old, nil, time.Now())
	if err != nil || taken != (Taken{Closed: 2}) {
		t.Errorf("an older stick brought %+v: %v", taken, err)
	}
}

func outbox(t *testing.T, db *DB, kind string) (n int) {
	t.Helper()
	if err := db.sql.QueryRow("SELECT count(*) FROM outbox WHERE kind = ?", kind).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What was changed on the way is not believed, though a desk carried it.
func TestCarriedEventsAreCheckedLikeThoseOfTheLog(t *testing.T) {
	b, s := newBook(t), newScribe(t)
	id := event.Case{9}
	good := s.says(id, event.Noted{Text: "good"})
	s.org = "another"
	foreign := s.says(id, event.Noted{Text: "of another organisation"})
	bad := string(good[0].Note)
	bad = bad[:len(bad)-10] + "AAAA" + bad[len(bad)-6:]
	n := Notice{Do: doEvents, Mailboxes: []string{wire.MailboxID(id).Reveal()}, Events: []string{string(foreign[0].Note), bad, string(good[0].Note)}}
	taken, err := b.db.TakeCarried(t.Context(), "org", []Carried{{What: CarriedEvents, Notice: mustJSON(t, n)}}, nil, time.Now())
	if err != nil || taken != (Taken{Events: 1, Doubtful: 2}) {
		t.Errorf("%+v: %v", taken, err)
	}
	if c := foldOf(t, b.db, id); len(c.Timeline) != 0 {
		t.Error("an event of a desk that is in no roster counts")
	}
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	if c := foldOf(t, b.db, id); len(c.Timeline) != 1 {
		t.Error("its desk is known now")
	}
	for _, p := range []Carried{{What: "x"}, {What: CarriedEvents, Notice: []byte("{")}, {What: CarriedErase, Notice: mustJSON(t, n)}, {What: CarriedReply}, {What: CarriedLetter}} {
		if _, err := b.db.TakeCarried(t.Context(), "org", []Carried{p}, nil, time.Now()); err == nil {
			t.Errorf("a malformed %q is taken", p.What)
		}
	}
}

func mustJSON(t *testing.T, n Notice) []byte {
	t.Helper()
	b, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The office's stream is carried like a case and is nobody's conversation in any list.
func TestTheOfficeIsCarriedAndNeverListed(t *testing.T) {
	a, b, s := newBook(t), newBook(t), newScribe(t)
	ctx := t.Context()
	for _, db := range []*DB{a.db, b.db} {
		if err := db.KnowDevices(ctx, 1, []Device{s.device()}); err != nil {
			t.Fatal(err)
		}
	}
	thread, err := a.db.OfficeThread(ctx, "org")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.db.Record(ctx, thread, s.says(event.Office, event.StaffIs{Staff: s.staff, Name: "Ana", Role: "keeper", Active: true})); err != nil {
		t.Fatal(err)
	}
	if taken, _ := carryTo(t, a.db, b.db, s); taken != (Taken{Events: 1}) {
		t.Errorf("%+v", taken)
	}
	if thread, err = b.db.OfficeThread(ctx, "org"); err != nil {
		t.Fatal(err)
	}
	entries, err := b.db.Events(ctx, thread)
	if err != nil || len(fold.OfficeOf(entries).People) != 1 {
		t.Errorf("%d events: %v", len(entries), err)
	}
	list, err := b.db.Threads(ctx, Filter{All: true})
	if err != nil || len(list) != 0 {
		t.Errorf("%d conversations are listed: %v", len(list), err)
	}
}
