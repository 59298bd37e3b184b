package event_test

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
)

func key(b byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(append(make([]byte, 31), b)) }

func sample() event.Event {
	return event.Event{
		Org: "abcdefghjkmnpqrstvwx", Epoch: 3, Case: event.Case{1, 2}, Author: event.NewStaff([8]byte{7}), At: time.Date(2026, 11, 24, 9, 0, 1, 0, time.UTC),
		Parents: []event.Hash{{1}, {2}}, Tree: "12 AAAA", Body: event.Noted{Text: "He is at the <station>.\nپدر"},
	}
}

func TestSignedEventComesBack(t *testing.T) {
	s, err := event.Sign(sample(), key(1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Open(s.Note)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, got, cmp.AllowUnexported()); diff != "" {
		t.Error(diff)
	}
	bare, err := event.Read(event.Unsigned(s.Note))
	if err != nil || bare.Hash != s.Hash {
		t.Errorf("without its signature the event has another name: %v", err)
	}
	if _, err := event.Open(event.Unsigned(s.Note)); !errors.Is(err, event.ErrMalformed) {
		t.Error("an event without a signature was believed")
	}
}

func TestChangedEventIsRefused(t *testing.T) {
	s, err := event.Sign(sample(), key(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Note {
		b := append([]byte(nil), s.Note...)
		b[i] ^= 1
		if got, err := event.Open(b); err == nil && got.Hash != s.Hash {
			t.Fatalf("byte %d can be changed", i)
		}
	}
}
