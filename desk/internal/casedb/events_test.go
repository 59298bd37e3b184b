package casedb

import (
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/roster"
)

// A scribe signs events at one desk.
type scribe struct {
	t     *testing.T
	key   ed25519.PrivateKey
	org   string
	staff event.Staff
	now   time.Time
}

func newScribe(t *testing.T) *scribe {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &scribe{t, key, "org", "00000000000000aa", time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
}

func (s *scribe) device() Device {
	return Device(roster.HashDevice(s.key.Public().(ed25519.PublicKey)))
}

// says signs bodies, each after the one before.
func (s *scribe) says(id event.Case, bodies ...event.Body) (out []event.Signed) {
	s.t.Helper()
	var parents []event.Hash
	for _, b := range bodies {
		s.now = s.now.Add(time.Minute)
		e, err := event.Sign(event.Event{Org: s.org, Epoch: 1, Case: id, Author: s.staff, At: s.now, Parents: parents, Body: b}, s.key)
		if err != nil {
			s.t.Fatal(err)
		}
		out, parents = append(out, e), []event.Hash{e.Hash}
	}
	return out
}

func newDB(t *testing.T) *DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), FileName))
}

// What is recorded in one go, or before the last went out, travels in one notice.
func TestEventsOfACaseTravelTogether(t *testing.T) {
	db, s, ctx := newDB(t), newScribe(t), t.Context()
	id := event.Case{1, 2, 3}
	thread, err := db.Begin(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := db.Record(ctx, thread, s.says(id, event.Noted{Text: "one"}, event.Noted{Text: "two"})); err != nil {
			t.Fatal(err)
		}
	}
	o, ok, err := db.NextOut(ctx, 0)
	if err != nil || !ok {
		t.Fatal(err)
	}
	n, err := ParseNotice(o.Body)
	if err != nil || n.Do != doEvents || len(n.Events) != 6 {
		t.Fatalf("%d events in a notice %q: %v", len(n.Events), n.Do, err)
	}
	if _, more, err := db.NextOut(ctx, o.ID); err != nil || more {
		t.Errorf("a second notice: %v", err)
	}
	if err := db.Record(ctx, thread, s.says(id, event.Noted{Text: "three"})); err != nil {
		t.Fatal(err)
	}
	if err := db.SealedOut(ctx, o, []byte("sealed"), 1); err == nil {
		t.Error("a notice was sealed without the event that joined it meanwhile")
	}
	entries, err := db.Events(ctx, thread)
	if err != nil || len(entries) != 7 || entries[0].Place != -1 {
		t.Errorf("%d events: %v", len(entries), err)
	}
	if got, err := db.CaseID(ctx, thread); err != nil || got != id {
		t.Errorf("the case is %v: %v", got, err)
	}
}
