package work

import (
	"context"
	"strings"
	"testing"
	"time"

	"panah/core/wire"
)

func TestBits(t *testing.T) {
	last := 0
	for load := 0.0; load < 3; load += 0.01 {
		n := Bits(load)
		if n < last || n > MaxBits || load < 0.5 && n != 0 || load >= 0.5 && n < MinBits {
			t.Fatalf("load %.2f asks for %d bits, after %d", load, n, last)
		}
		last = n
	}
	if last != MaxBits {
		t.Errorf("full load asks for %d bits", last)
	}
}

func TestProof(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := New(func() time.Time { return now })
	id, other := wire.LetterID{1}, wire.LetterID{2}
	proof, err := wire.SolveWork(t.Context(), m.Challenge(MinBits), id, MinBits)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(proof, id, MinBits); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(proof, id, MinBits+slack); err != nil {
		t.Errorf("load rose a little while the phone computed: %v", err)
	}
	for what, check := range map[string]func() error{
		"another letter":    func() error { return m.Check(proof, other, MinBits) },
		"much more load":    func() error { return m.Check(proof, id, MaxBits) },
		"another process":   func() error { return New(m.now).Check(proof, id, MinBits) },
		"no counter":        func() error { return m.Check(proof[:strings.IndexByte(proof, '|')], id, MinBits) },
		"a strange counter": func() error { return m.Check(proof+"x", id, MinBits) },
		"fewer bits claimed": func() error {
			return m.Check(strings.Replace(proof, ".12.", ".0.", 1), id, 0)
		},
	} {
		if check() == nil {
			t.Errorf("%s: taken", what)
		}
	}
	now = now.Add(Valid + time.Second)
	if m.Check(proof, id, MinBits) == nil {
		t.Error("taken eleven minutes later")
	}
}

func FuzzCheck(f *testing.F) {
	m := New(time.Now)
	proof, err := wire.SolveWork(context.Background(), m.Challenge(1), wire.LetterID{1}, 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(proof)
	f.Add("a.b.c|1")
	f.Add("|")
	f.Fuzz(func(t *testing.T, header string) {
		if m.Check(header, wire.LetterID{9}, MaxBits) == nil {
			t.Errorf("%q proves the most work", header)
		}
	})
}
