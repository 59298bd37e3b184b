package ledger_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/ledger"
)

func TestContinuations(t *testing.T) {
	s, v := gateKey(t, origin)
	hashes, trees := grow(t, 20, leaf)
	signed, err := ledger.SignCheckpoint(trees[20], s)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []int64{0, 1, 13, 20} {
		proof, err := ledger.ProveConsistency(old, 20, hashes)
		if err != nil {
			t.Fatal(err)
		}
		want := ledger.Continuation{Old: old, Proof: proof, Checkpoint: signed}
		got, err := ledger.ParseContinuation(want.Bytes())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("from %d: %v\n%s", old, err, diff)
		}
		last := trees[old]
		if old == 0 {
			last = ledger.Tree{}
		}
		if tree, err := got.Check(last, v); err != nil || tree != trees[20] {
			t.Errorf("from %d: %v %v", old, tree, err)
		}
		if old == 0 {
			continue
		}
		last.Root[0] ^= 1
		if _, err := got.Check(last, v); !errors.Is(err, ledger.ErrInconsistent) {
			t.Errorf("from another tree of %d: %v", old, err)
		}
	}
	shorter, err := ledger.SignCheckpoint(trees[9], s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (ledger.Continuation{Old: 13, Checkpoint: shorter}).Check(trees[13], v); !errors.Is(err, ledger.ErrInconsistent) {
		t.Errorf("a shorter log: %v", err)
	}
	_, stranger := gateKey(t, origin)
	if _, err := (ledger.Continuation{Checkpoint: signed}).Check(ledger.Tree{}, stranger); !errors.Is(err, ledger.ErrSignature) {
		t.Errorf("another gate's checkpoint: %v", err)
	}
	for _, bad := range []string{
		"", "old 1", "old -1\n\nx", "old 01\n\nx", "new 1\n\nx", "old 1\nAAAA\n\nx", "old 1\n" + string(bytes.Repeat([]byte("A"), 1<<20)) + "\n\nx",
	} {
		if _, err := ledger.ParseContinuation([]byte(bad)); err == nil {
			t.Errorf("read %.20q", bad)
		}
	}
}

func FuzzParseContinuation(f *testing.F) {
	hashes, _ := grow(f, 7, leaf)
	proof, err := ledger.ProveConsistency(3, 7, hashes)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ledger.Continuation{Old: 3, Proof: proof, Checkpoint: []byte("a checkpoint\n")}.Bytes())
	f.Add([]byte("old 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ledger.ParseContinuation(b)
		if err == nil && !bytes.Equal(c.Bytes(), b) {
			t.Fatalf("%q reads as another continuation", b)
		}
	})
}
