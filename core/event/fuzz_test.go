package event_test

import (
	"bytes"
	"testing"

	"panah/core/event"
)

// FuzzOpen: what is believed comes back from its own words, and a desk that signs the same writes the same text.
func FuzzOpen(f *testing.F) {
	for _, v := range kindVectors() {
		e := sample()
		e.Body = v.good[0]
		s, err := event.Sign(e, key(1))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(s.Note)
		f.Add(event.Unsigned(s.Note))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := event.Open(b)
		if err != nil {
			return
		}
		bare, err := event.Read(event.Unsigned(b))
		if err != nil || bare.Hash != s.Hash {
			t.Fatal("believed with a signature and unreadable without it")
		}
	})
}

// FuzzRead: what is read can be written, and is then read as the same.
func FuzzRead(f *testing.F) {
	for _, v := range kindVectors() {
		e := sample()
		e.Body = v.good[0]
		s, err := event.Sign(e, key(1))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(event.Unsigned(s.Note))
	}
	f.Add([]byte("panah.event/v1\norg x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := event.Read(b)
		if err != nil {
			return
		}
		if err := event.Check(s.Body); err != nil {
			t.Fatal("a body that was read cannot be written")
		}
		again, err := event.Sign(s.Event, key(1))
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		third, err := event.Open(again.Note)
		if err != nil || third.Hash != again.Hash || third.Body.Kind() != s.Body.Kind() || !bytes.Equal(third.Note, again.Note) {
			t.Fatal("written again it is another event")
		}
	})
}
