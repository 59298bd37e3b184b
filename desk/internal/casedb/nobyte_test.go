package casedb

import (
	"bytes"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/serdes"

	"panah/core/event"
	"panah/core/wire"
)

// image is the whole database as SQLite sees it, free pages and all, without the encryption of the file.
func image(t *testing.T, db *DB) (b []byte) {
	t.Helper()
	c, err := db.sql.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Raw(func(raw any) error {
		b, err = serdes.Serialize(raw.(driver.Conn).Raw(), "main")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// Nothing that was said in a case is in any page of the file when it was erased, or locked for others: not in events, rows, tasks, indices, the outbox or free pages.
func TestNoByteOfACaseIsLeft(t *testing.T) {
	words := []string{"Qamarzad", "walnut orchard", "turquoise", "pomegranate", "Ghazalistan", "saffron"} // the pathway counts in the figures of what was erased
	for name, end := range map[string]func(b *book) error{
		"erased": func(b *book) error { return b.db.Erase(b.t.Context(), 1, time.Now()) },
		"locked": func(b *book) error {
			_, err := b.db.sql.Exec("DELETE FROM outbox")
			if err != nil {
				return err
			}
			return b.db.inTx(b.t.Context(), func(tx *sql.Tx) error { return newLocker(tx, Device{1}).attach(1, CaseID{1}, false) })
		},
	} {
		b, s := newBook(t), newScribe(t)
		if err := b.db.KnowDevices(t.Context(), 1, []Device{s.device()}); err != nil {
			t.Fatal(err)
		}
		box := wire.MailboxID{1}
		b.store(b.first(box, "of the walnut orchard"), b.first(wire.MailboxID{2}, "another letter"))
		b.finish()
		if err := b.db.QueueReady(t.Context()); err != nil {
			t.Fatal(err)
		}
		said := []event.Body{
			begun,
			event.Set{Field: event.FieldName, Value: "Qamarzad"},
			event.Set{Field: event.FieldDistrict, Value: "Ghazalistan"},
			event.Followed{Pathway: "medical-q", On: true},
			event.TaskAdded{Task: "medical-q/call", Do: "ask for the turquoise bag", Due: "2026-12-01T10:00:00Z"},
			event.Claimed{},
		}
		for i := range 40 { // so that pages split and are freed
			said = append(said, event.Noted{Text: fmt.Sprintf("%d pomegranate %0500d", i, i)}, event.Set{Field: event.FieldSummary, Value: fmt.Sprintf("saffron %d", i)})
		}
		for _, e := range s.says(event.Case(box), said...) {
			if err := b.db.Record(t.Context(), 1, []event.Signed{e}); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range words {
			if !bytes.Contains(image(t, b.db), []byte(w)) {
				t.Fatalf("the test looks for %q where it never was", w)
			}
		}
		if err := end(b); err != nil {
			t.Fatal(err)
		}
		left := image(t, b.db)
		for _, w := range words {
			if bytes.Contains(left, []byte(w)) {
				t.Errorf("%s: %q is in the file", name, w)
			}
		}
	}
}

// A clock is set once, runs out once, and goes with the answer.
func TestReplyClock(t *testing.T) {
	b, ctx := newBook(t), t.Context()
	b.store(b.first(wire.MailboxID{1}, "help"), b.first(wire.MailboxID{2}, "me too"))
	b.finish()
	waiters, err := b.db.WaitingWithoutClock(ctx, 10)
	if err != nil || len(waiters) != 2 || !waiters[0].Since.Equal(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)) {
		t.Fatalf("waiting %+v: %v", waiters, err)
	}
	if err := b.db.SetUrgency(ctx, 1, UrgencyMinutes); err != nil { // others do not escalate
		t.Fatal(err)
	}
	by := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	if err := b.db.SetReplyBy(ctx, map[int64]time.Time{1: by}); err != nil {
		t.Fatal(err)
	}
	if w, err := b.db.WaitingWithoutClock(ctx, 10); err != nil || len(w) != 1 || w[0].Thread != 2 {
		t.Errorf("waiting %+v: %v", w, err)
	}
	if r := b.row(1); !r.Due.Equal(by) || r.DueTask != "" {
		t.Errorf("due %v %q", r.Due, r.DueTask)
	}
	for i, want := range []int{0, 1, 0} {
		at := by.Add(time.Duration(i) * time.Minute).Add(-time.Second)
		if late, err := b.db.Escalate(ctx, at); err != nil || len(late) != want {
			t.Errorf("at %v %d escalate: %v", at, len(late), err)
		}
	}
	if c, err := b.db.QueueCounts(ctx, CaseFilter{}, by); err != nil || c.Escalated != 1 {
		t.Errorf("%d escalated: %v", c.Escalated, err)
	}
	if err := b.db.AddReply(ctx, 1, "we are here", nil, "", by); err != nil {
		t.Fatal(err)
	}
	if r := b.row(1); !r.ReplyBy.IsZero() || !r.Escalated.IsZero() || !r.Due.IsZero() || r.Waiting {
		t.Errorf("after the answer: by %v, escalated %v, due %v", r.ReplyBy, r.Escalated, r.Due)
	}
	b.store(b.later(wire.MailboxID{1}, "and now?"))
	if w, err := b.db.WaitingWithoutClock(ctx, 10); err != nil || len(w) != 2 {
		t.Errorf("waiting %+v: %v", w, err)
	}
}
