package fold_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
)

// signedCase is a case of n signed events as one desk writes them, or two desks that hear of each other every tenth event.
func signedCase(t testing.TB, n int, two bool) []fold.Entry {
	keys := []ed25519.PrivateKey{ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(append(make([]byte, 31), 1))}
	who := []event.Staff{ana, bilal}
	var out []fold.Entry
	var last [2][]event.Hash
	for i := range n {
		d := 0
		if two {
			d = i / 5 % 2
		}
		if i%10 == 0 {
			both := fold.Of(theCase, out).Heads
			last = [2][]event.Hash{both, both}
		}
		var body event.Body
		switch i % 5 {
		case 0:
			body = event.Noted{Text: fmt.Sprintf("note %d: the family was asked again and has heard nothing", i)}
		case 1:
			body = event.Set{Field: event.FieldSummary, Value: fmt.Sprintf("summary %d", i)}
		case 2:
			body = event.Answered{Pathway: "medical", Question: fmt.Sprintf("q%d", i%7), Value: "yes"}
		case 3:
			body = event.TaskAdded{Task: fmt.Sprintf("%016x", i), Do: "call again", Due: "2026-11-24T10:00:00Z", Repeat: "PT6H"}
		case 4:
			body = event.TaskState{Task: fmt.Sprintf("%016x", i-1), State: "done"}
		}
		s, err := event.Sign(event.Event{Org: "org", Case: theCase, Author: who[d], At: monday.Add(time.Duration(i) * time.Minute), Parents: last[d], Body: body}, keys[d])
		if err != nil {
			t.Fatal(err)
		}
		last[d] = []event.Hash{s.Hash}
		out = append(out, fold.Entry{Signed: s, Place: int64(i)})
	}
	return out
}

func TestFoldOfSignedEvents(t *testing.T) {
	want := signedCase(t, 200, true)
	var read []fold.Entry
	for _, e := range want {
		s, err := event.Open(e.Note)
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, fold.Entry{Signed: s, Place: e.Place})
	}
	if diff := cmp.Diff(fold.Of(theCase, want), fold.Of(theCase, read)); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkFold prints events a second of one core; the budget is 50,000.
func BenchmarkFold(b *testing.B) {
	for _, two := range []bool{false, true} {
		b.Run(map[bool]string{false: "one-desk", true: "two-desks"}[two], func(b *testing.B) {
			events := signedCase(b, 500, two)
			b.ResetTimer()
			for b.Loop() {
				if c := fold.Of(theCase, events); len(c.Timeline) != 500 {
					b.Fatal("events are missing")
				}
			}
			b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
