package casedb

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/event"
	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
)

// A book is a log that a test writes entry by entry.
type book struct {
	t    *testing.T
	db   *DB
	edge ledger.Edge
	next int64
}

func newBook(t *testing.T) *book { return &book{t: t, db: newDB(t)} }

// entry makes an entry of the log and does not store it yet.
func (b *book) entry(l seal.Letter) Incoming {
	l.Org, l.Epoch = "org", 1
	e := Incoming{Index: b.next, Present: true, Hour: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Add(time.Duration(b.next) * time.Hour), Letter: l, DeskOK: true, Epoch: 1, Urgency: UrgencyDays}
	e.ID = sha256.Sum256(fmt.Appendf(nil, "letter %d", b.next))
	e.Commitment = sha256.Sum256(fmt.Appendf(nil, "commitment %d", b.next))
	e.FileKey = seal.FileKey{byte(b.next + 1)}
	e.Describe()
	b.next++
	return e
}

func (b *book) store(batch ...Incoming) {
	b.t.Helper()
	for i := range batch {
		b.edge = b.edge.Append(ledger.LeafHash(batch[i].Commitment))
	}
	if _, err := b.db.Apply(b.t.Context(), batch, b.edge, time.Now()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) finish() {
	b.t.Helper()
	if _, err := b.db.FinishRound(b.t.Context(), b.edge, time.Now()); err != nil {
		b.t.Fatal(err)
	}
}

func text(s string) []seal.Part { return []seal.Part{{Type: seal.TypeText, Data: []byte(s)}} }

// first is a person's first letter.
func (b *book) first(mailbox wire.MailboxID, s string) Incoming {
	mac := seal.ThreadKey(sha256.Sum256(mailbox[:]))
	return b.entry(seal.Letter{Kind: seal.KindLetter, Sealed: seal.SealedBrowser, Box: "age1pq1box", Mailbox: mailbox, MAC: &mac, Parts: text(s)})
}

// later is a further one.
func (b *book) later(mailbox wire.MailboxID, s string) Incoming {
	mac := seal.ThreadKey(sha256.Sum256(mailbox[:]))
	l := seal.Letter{Kind: seal.KindLetter, Sealed: seal.SealedBrowser, Box: "age1pq1box", Mailbox: mailbox, N: 100, Parts: text(s)}
	l.Tag = mac.Tag(l)
	return b.entry(l)
}

func (b *book) notice(n Notice) Incoming {
	b.t.Helper()
	body, err := json.Marshal(n)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := ParseNotice(body); err != nil {
		b.t.Fatal(err)
	}
	return b.entry(seal.Letter{Kind: seal.KindNotice, Sealed: seal.SealedDesk, Parts: []seal.Part{{Type: seal.TypeOctets, Data: body}}})
}

func (b *book) told(box wire.MailboxID, events ...event.Signed) Incoming {
	n := Notice{Do: doEvents, Mailboxes: []string{box.Reveal()}}
	for _, e := range events {
		n.Events = append(n.Events, string(e.Note))
	}
	return b.notice(n)
}

func (b *book) alarms() (kinds []AlarmKind) {
	b.t.Helper()
	list, err := b.db.Alarms(b.t.Context(), false)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, a := range list {
		kinds = append(kinds, a.Kind)
	}
	return kinds
}

func (b *book) row(thread int64) CaseRow {
	b.t.Helper()
	r, err := b.db.Row(b.t.Context(), thread)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

var begun = event.Opened{Source: "letter", Since: "2026-11-20T10:00:00Z"}

// Events come before the first letter of their case: its conversation is theirs, under one number.
func TestEventsBeforeTheirLetter(t *testing.T) {
	b, s := newBook(t), newScribe(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	box := wire.MailboxID{1}
	b.store(b.told(box, s.says(event.Case(box), begun, event.Set{Field: event.FieldName, Value: "Ahmad"})...))
	b.store(b.first(box, "my card ends"))
	b.finish()
	rows, err := b.db.Queue(t.Context(), CaseFilter{})
	if err != nil || len(rows) != 1 || rows[0].Name != "Ahmad" || rows[0].Line != "my card ends" || !rows[0].Waiting || rows[0].Stage != StageOpen {
		t.Fatalf("the queue holds %+v: %v", rows, err)
	}
	b.store(b.later(box, "did you read it?"))
	th, err := b.db.Thread(t.Context(), rows[0].ID)
	if err != nil || len(th.Letters) != 2 || th.Letters[0].Tag != TagFirst || th.Letters[1].Tag != TagOK {
		t.Errorf("letters %+v: %v", th.Letters, err)
	}
	if a := b.alarms(); len(a) > 0 {
		t.Errorf("alarms %v", a)
	}
}

// An event whose signature is not good, or that is of another case, does not stay; one of a desk that no roster names is kept, does not count, and is told when a whole round has
// passed. When a roster names the desk after all, it counts.
func TestEventsThatNobodySigned(t *testing.T) {
	b, s, other := newBook(t), newScribe(t), newScribe(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	box := wire.MailboxID{1}
	b.store(b.first(box, "my card ends"))
	good := s.says(event.Case(box), begun)
	bad := s.says(event.Case(box), event.Noted{Text: "never said"})[0]
	bad.Note = append(bad.Note[:len(bad.Note)-10:len(bad.Note)-10], []byte("AAAAAAAA=\n")...)
	elsewhere := s.says(event.Case{2}, event.Noted{Text: "of another case"})[0]
	b.store(b.told(box, good[0], bad, elsewhere))
	entries, err := b.db.Events(t.Context(), 1)
	if err != nil || len(entries) != 1 || entries[0].Place != 1 {
		t.Fatalf("%d events: %v", len(entries), err)
	}
	if a := b.alarms(); !slices.Equal(a, []AlarmKind{AlarmEvent}) {
		t.Errorf("alarms %v", a)
	}

	b = newBook(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	b.store(b.first(box, "my card ends"), b.told(box, other.says(event.Case(box), begun)...))
	b.finish()
	if a := b.alarms(); len(a) > 0 || b.row(1).Stage != StageNew {
		t.Errorf("alarms %v, stage %s; the roster may come in a moment", a, b.row(1).Stage)
	}
	b.finish()
	if a := b.alarms(); !slices.Equal(a, []AlarmKind{AlarmEvent}) {
		t.Errorf("alarms %v", a)
	}
	if err := b.db.KnowDevices(t.Context(), 2, []Device{other.device()}); err != nil {
		t.Fatal(err)
	}
	if b.row(1).Stage != StageOpen {
		t.Error("the event does not count though a roster names its desk now")
	}
}

// An event that came on a stick and by the log is one, and has the place in the log that is its first.
func TestEventsThatComeTwice(t *testing.T) {
	b, s := newBook(t), newScribe(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	box := wire.MailboxID{1}
	said := s.says(event.Case(box), begun, event.Noted{Text: "once"})
	b.store(b.first(box, "my card ends"))
	if err := b.db.Record(t.Context(), 1, said); err != nil {
		t.Fatal(err)
	}
	b.store(b.told(box, said...), b.told(box, said[1]))
	entries, err := b.db.Events(t.Context(), 1)
	if err != nil || len(entries) != 2 || entries[0].Place != 1 || entries[1].Place != 1 {
		t.Errorf("%d events: %v", len(entries), err)
	}
	// Starting over forgets places; reading the log again brings them back.
	if err := b.db.inTx(t.Context(), startOver); err != nil {
		t.Fatal(err)
	}
	if entries, err = b.db.Events(t.Context(), 1); err != nil || entries[0].Place != -1 {
		t.Errorf("place %d: %v", entries[0].Place, err)
	}
	b.edge, b.next = ledger.Edge{}, 0
	b.store(b.first(box, "my card ends"), b.told(box, said...), b.told(box, said[1]))
	if entries, err = b.db.Events(t.Context(), 1); err != nil || len(entries) != 2 || entries[1].Place != 1 {
		t.Errorf("%d events again: %v", len(entries), err)
	}
}

// What was said of two threads that turn out to be one person's is said of the one that goes on, under whatever name it was signed.
func TestEventsOfJoinedThreads(t *testing.T) {
	b, s := newBook(t), newScribe(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	old, next := wire.MailboxID{1}, wire.MailboxID{2}
	b.store(b.first(old, "my card ends"), b.first(next, "I lost my code"))
	b.store(b.told(old, s.says(event.Case(old), begun, event.Set{Field: event.FieldName, Value: "Ahmad"})...))
	b.store(b.told(next, s.says(event.Case(next), begun, event.Noted{Text: "lost the code"})...))
	if err := b.db.Join(t.Context(), 2, 1); err != nil {
		t.Fatal(err)
	}
	late := s.says(event.Case(old), event.Noted{Text: "of a desk that had not heard"})
	b.store(b.told(old, late...))
	if id, err := b.db.CaseID(t.Context(), 2); err != nil || id != event.Case(next) {
		t.Errorf("the thread that goes on has another name: %x %v", id, err)
	}
	row := b.row(2)
	entries, err := b.db.Events(t.Context(), 2)
	if err != nil || len(entries) != 5 || row.Name != "Ahmad" || row.Stage != StageOpen {
		t.Errorf("%d events, name %q, stage %s: %v", len(entries), row.Name, row.Stage, err)
	}
	if old := b.row(1); old.State != StateJoined || old.Name != "" {
		t.Errorf("the old thread still shows %s %q", old.State, old.Name)
	}
}

// What waits to go out for a thread goes out under its own name, also when that thread is joined into another meanwhile.
func TestPendingEventsOfAJoinedThread(t *testing.T) {
	b, other, s := newBook(t), newBook(t), newScribe(t)
	old, next := wire.MailboxID{1}, wire.MailboxID{2}
	for _, d := range []*book{b, other} {
		if err := d.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
			t.Fatal(err)
		}
		d.store(d.first(old, "my card ends"), d.first(next, "I lost my code"))
	}
	if err := b.db.Record(t.Context(), 1, s.says(event.Case(old), begun)); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Join(t.Context(), 2, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Record(t.Context(), 2, s.says(event.Case(next), event.Noted{Text: "lost the code"})); err != nil {
		t.Fatal(err)
	}
	for after := int64(0); ; {
		o, ok, err := b.db.NextOut(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if after = o.ID; o.Kind == OutNotice {
			other.store(other.body(o.Body))
		}
	}
	if entries, err := other.db.Events(t.Context(), 2); err != nil || len(entries) != 2 {
		t.Errorf("the other desk has %d events: %v", len(entries), err)
	}
	if a := other.alarms(); len(a) > 0 {
		t.Errorf("alarms %v", a)
	}
}

// A closed case whose person wrote before it was closed is out of the queue, also when all of it comes at once; one whose person wrote since is not.
func TestLetterAfterClosing(t *testing.T) {
	b, s := newBook(t), newScribe(t)
	if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	quiet, asks, crossed := wire.MailboxID{1}, wire.MailboxID{2}, wire.MailboxID{3}
	closing := func(box wire.MailboxID, seen int) Incoming {
		said := s.says(event.Case(box), begun)
		e := said[0].Event
		e.Parents, e.Body, e.Tree = []event.Hash{said[0].Hash}, event.Closed{Outcome: "helped", Reason: "done"}, fmt.Sprintf("%d root", seen)
		closed, err := event.Sign(e, s.key)
		if err != nil {
			t.Fatal(err)
		}
		return b.told(box, said[0], closed)
	}
	batch := []Incoming{b.first(quiet, "one"), b.first(asks, "two"), b.first(crossed, "three"), closing(quiet, 3), closing(asks, 3)}
	batch = append(batch, b.later(asks, "it is not over"), b.later(crossed, "nobody saw this"), closing(crossed, 5))
	b.store(batch...)
	b.finish()
	rows, err := b.db.Queue(t.Context(), CaseFilter{})
	var lines []string
	for _, r := range rows {
		if r.Stage != StageClosed {
			t.Errorf("%q is %s", r.Line, r.Stage)
		}
		lines = append(lines, r.Line)
	}
	slices.Sort(lines)
	if err != nil || !slices.Equal(lines, []string{"it is not over", "nobody saw this"}) {
		t.Errorf("the queue holds %q: %v", lines, err)
	}
	if rows, err = b.db.Queue(t.Context(), CaseFilter{Stage: StageClosed}); err != nil || len(rows) != 3 {
		t.Errorf("%d closed cases: %v", len(rows), err)
	}
	if c, err := b.db.QueueCounts(t.Context(), CaseFilter{}, time.Now()); err != nil || c.New+c.Open != 0 {
		t.Errorf("counts %+v %v", c, err)
	}
}

// Anybody can compute the name that the organisation's own stream goes by. No letter gets into it, and nobody can have it erased, locked or joined.
func TestTheOfficesStreamStays(t *testing.T) {
	b, s := newBook(t), newScribe(t)
	ctx := t.Context()
	if err := b.db.KnowDevices(ctx, 1, []Device{s.device()}); err != nil {
		t.Fatal(err)
	}
	box := officeMailbox("org")
	is := s.says(event.Office, event.StaffIs{Staff: s.staff, Name: "Ann", Role: "keeper", Active: true})
	b.store(b.first(box, "let me in"), b.told(box, is...), b.first(box, "and again"), b.later(box, "and more"))
	office, err := b.db.OfficeThread(ctx, "org")
	if err != nil {
		t.Fatal(err)
	}
	other := wire.MailboxID{5}
	b.store(b.first(other, "my card ends"))
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	b.store(
		b.notice(Notice{Do: doErase, Mailboxes: []string{box.Reveal()}}),
		b.notice(Notice{Do: doJoin, Old: box.Reveal(), Mailbox: other.Reveal()}),
		b.notice(Notice{Do: doReissue, Old: box.Reveal(), Mailbox: wire.MailboxID{6}.Reveal(), Box: "age1pq1box", MAC: make([]byte, 32)}),
		b.notice(Notice{Do: doLock, Case: newCaseID().String(), Mailboxes: []string{box.Reveal()}, Recipient: id.Recipient().String(), Specialists: []string{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}),
	)
	if err := b.db.Erase(ctx, office, time.Now()); err == nil {
		t.Error("the office's stream was erased")
	}
	if entries, err := b.db.Events(ctx, office); err != nil || len(entries) != 1 {
		t.Errorf("%d events are left: %v", len(entries), err)
	}
	th, err := b.db.Thread(ctx, office)
	if err != nil || th.State != StateOpen || th.Locked || len(th.Letters) != 0 {
		t.Errorf("state %s, locked %v, %d letters: %v", th.State, th.Locked, len(th.Letters), err)
	}
	rows, err := b.db.Queue(ctx, CaseFilter{})
	if err != nil || len(rows) != 4 { // the strangers' letters are shown, each by itself
		t.Errorf("%d lines: %v", len(rows), err)
	}
	wraps, _, err := b.db.ToWrap(ctx, 2, 0, 100)
	if err != nil || !slices.ContainsFunc(wraps, func(w Wrap) bool { return w.Thread == office }) {
		t.Errorf("the next epoch could not read the office's stream: %v", err)
	}
}
