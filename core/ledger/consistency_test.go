package ledger_test

import (
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
)

// grow makes a log of n leaves and returns its hashes and the tree of every size.
func grow(t testing.TB, n int64, leaf func(int64) tlog.Hash) (memory, []ledger.Tree) {
	t.Helper()
	var hashes memory
	var edge ledger.Edge
	trees := make([]ledger.Tree, 0, n+1)
	for i := int64(0); ; i++ {
		tree, err := edge.Tree()
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
		if i == n {
			return hashes, trees
		}
		more, err := tlog.StoredHashesForRecordHash(i, leaf(i), hashes)
		if err != nil {
			t.Fatal(err)
		}
		hashes, edge = append(hashes, more...), edge.Append(leaf(i))
	}
}

// Every tree up to 70 leaves continues every earlier one, and none continues a tree in which any one leaf was another.
func TestConsistencyOfEveryPair(t *testing.T) {
	const top = 70
	hashes, trees := grow(t, top, leaf)
	_, others := grow(t, top, func(i int64) tlog.Hash {
		if i == 0 {
			return leaf(1000)
		}
		return leaf(i)
	})
	for older := int64(0); older <= top; older++ {
		for newer := older; newer <= top; newer++ {
			proof, err := ledger.ProveConsistency(older, newer, hashes)
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.CheckConsistency(trees[older], trees[newer], proof); err != nil {
				t.Errorf("%d → %d: %v", older, newer, err)
			}
			if older > 0 {
				if err := ledger.CheckConsistency(others[older], trees[newer], proof); !errors.Is(err, ledger.ErrInconsistent) {
					t.Errorf("%d → %d with another first leaf: %v", older, newer, err)
				}
			}
			for i := range proof { // a proof that lies about one hash
				bad := append([]tlog.Hash(nil), proof...)
				bad[i][7] ^= 1
				if ledger.CheckConsistency(trees[older], trees[newer], bad) == nil {
					t.Errorf("%d → %d: a changed proof passes", older, newer)
				}
			}
		}
	}
}

func TestConsistencyRefuses(t *testing.T) {
	hashes, trees := grow(t, 9, leaf)
	proof, err := ledger.ProveConsistency(4, 9, hashes)
	if err != nil {
		t.Fatal(err)
	}
	forged := ledger.Tree{Size: 4, Root: leaf(7)}
	for what, c := range map[string]struct {
		older, newer ledger.Tree
		proof        []tlog.Hash
	}{
		"a shorter log":                {trees[9], trees[4], proof},
		"a negative size":              {ledger.Tree{Size: -1}, trees[9], nil},
		"two roots of one size":        {forged, trees[4], nil},
		"a proof where none is due":    {trees[4], trees[4], proof},
		"no proof":                     {trees[4], trees[9], nil},
		"a cut proof":                  {trees[4], trees[9], proof[:len(proof)-1]},
		"an endless proof":             {trees[4], trees[9], make([]tlog.Hash, 1000)},
		"an empty log with some root":  {ledger.Tree{Root: leaf(1)}, trees[9], nil},
		"an empty log with some proof": {trees[0], trees[9], proof},
	} {
		if err := ledger.CheckConsistency(c.older, c.newer, c.proof); !errors.Is(err, ledger.ErrInconsistent) {
			t.Errorf("%s: %v, want ErrInconsistent", what, err)
		}
	}
	if _, err := ledger.ProveConsistency(9, 4, hashes); !errors.Is(err, ledger.ErrInconsistent) {
		t.Errorf("a proof backwards: %v", err)
	}
}

// FuzzCheckConsistency: whatever a gate sends as a proof, only the tree that was there before passes.
func FuzzCheckConsistency(f *testing.F) {
	hashes, trees := grow(f, 33, leaf)
	good, err := ledger.ProveConsistency(13, 33, hashes)
	if err != nil {
		f.Fatal(err)
	}
	var flat []byte
	for _, h := range good {
		flat = append(flat, h[:]...)
	}
	f.Add(int64(13), int64(33), flat, trees[13].Root[:])
	f.Add(int64(1), int64(2), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, older, newer int64, b, root []byte) {
		var proof []tlog.Hash
		for ; len(b) >= tlog.HashSize; b = b[tlog.HashSize:] {
			proof = append(proof, tlog.Hash(b[:tlog.HashSize]))
		}
		var claimed ledger.Tree
		claimed.Size = older
		copy(claimed.Root[:], root)
		honest := newer >= 0 && newer < int64(len(trees))
		tree := ledger.Tree{Size: newer}
		if honest {
			tree = trees[newer]
		}
		if ledger.CheckConsistency(claimed, tree, proof) != nil || !honest {
			return
		}
		if older >= int64(len(trees)) || trees[older].Root != claimed.Root {
			t.Fatalf("%d entries with a root that the log never had are taken for its beginning", older)
		}
	})
}
