package ledger_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
)

const origin = "help.example.org"

// gateKey makes a fresh gate key.
func gateKey(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := ledger.NewGateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func leaf(i int64) tlog.Hash {
	return ledger.LeafHash(ledger.Commitment(sha256.Sum256(fmt.Append(nil, i))))
}

// memory is a tlog.HashReader over all stored hashes.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, m[i])
	}
	return out, nil
}

// The edge gives the root that tlog gives, for every size up to 100, from every size it may have been stored at.
func TestEdgeAgreesWithTlog(t *testing.T) {
	const top = 100
	var hashes memory
	roots := make([]tlog.Hash, top+1)
	edges := make([]ledger.Edge, top+1)
	for n := int64(0); n <= top; n++ {
		root, err := tlog.TreeHash(n, hashes)
		if err != nil {
			t.Fatal(err)
		}
		roots[n] = root
		tree, err := edges[n].Tree()
		if err != nil || tree != (ledger.Tree{Size: n, Root: root}) {
			t.Fatalf("root of %d leaves: %v (%v), tlog says %v", n, tree.Root, err, root)
		}
		if n == top {
			break
		}
		more, err := tlog.StoredHashesForRecordHash(n, leaf(n), hashes)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
		edges[n+1] = edges[n].Append(leaf(n))
	}
	for n := int64(0); n <= top; n++ {
		e, err := ledger.EdgeFrom(n, edges[n].Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for i := n; i < top; i++ {
			e = e.Append(leaf(i))
		}
		if tree, err := e.Tree(); err != nil || tree.Root != roots[top] {
			t.Errorf("an edge restored at %d ends at another root", n)
		}
	}
}

// A desk that kept an edge notices when the gate changes any earlier leaf: no continuation gives the signed root.
func TestEdgeNoticesAChangedPast(t *testing.T) {
	const n = 33
	for changed := range int64(n) {
		var honest, other ledger.Edge
		for i := range int64(n) {
			honest = honest.Append(leaf(i))
			if i == changed {
				other = other.Append(leaf(1000))
				continue
			}
			other = other.Append(leaf(i))
		}
		a, err := honest.Append(leaf(n)).Tree()
		if err != nil {
			t.Fatal(err)
		}
		b, err := other.Append(leaf(n)).Tree()
		if err != nil {
			t.Fatal(err)
		}
		if a.Root == b.Root {
			t.Errorf("a change of leaf %d goes unnoticed", changed)
		}
	}
}

func TestAppendLeavesTheOldEdge(t *testing.T) {
	var e ledger.Edge
	for i := range int64(7) {
		e = e.Append(leaf(i))
	}
	before, _ := e.Tree()
	_ = e.Append(leaf(7))
	_ = e.Append(leaf(8))
	if after, _ := e.Tree(); after != before {
		t.Error("Append changed the edge it was called on")
	}
}

func TestEdgeFromRefuses(t *testing.T) {
	for _, c := range []struct {
		size int64
		n    int
	}{{-1, 0}, {0, 32}, {1, 0}, {1, 31}, {3, 32}, {3, 96}} {
		if _, err := ledger.EdgeFrom(c.size, make([]byte, c.n)); err == nil {
			t.Errorf("EdgeFrom(%d, %d bytes) worked", c.size, c.n)
		}
	}
}

func goodEntry() wire.Entry {
	sealed := []byte("sealed bytes of a letter")
	e := wire.Entry{Index: 4, Present: true, Key: [32]byte{7}, Sealed: sealed}
	e.Record = ledger.Record{
		Letter: wire.IDOf(sealed), Size: int64(len(sealed)),
		Hour: time.Date(2026, 11, 23, 18, 59, 59, 0, time.UTC),
	}.String()
	e.Commitment = ledger.Commit(e.Key, e.Record)
	return e
}

func TestEntryChecks(t *testing.T) {
	r, err := ledger.CheckEntry(goodEntry())
	if err != nil {
		t.Fatal(err)
	}
	if r.Hour != time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC) {
		t.Errorf("hour of receipt is %v: it must not tell minutes", r.Hour)
	}
	for name, change := range map[string]func(*wire.Entry){
		"sealed bytes": func(e *wire.Entry) { e.Sealed = []byte("sealed bytes of a lettes") },
		"key":          func(e *wire.Entry) { e.Key[0]++ },
		"commitment":   func(e *wire.Entry) { e.Commitment[31]++ },
		"hour":         func(e *wire.Entry) { e.Record = strings.Replace(e.Record, "hour 1", "hour 2", 1) },
		"no record":    func(e *wire.Entry) { e.Record = "" },
		"another letter, committed to": func(e *wire.Entry) {
			e.Record = ledger.Record{Letter: wire.IDOf(nil), Size: int64(len(e.Sealed))}.String()
			e.Commitment = ledger.Commit(e.Key, e.Record)
		},
		"another size, committed to": func(e *wire.Entry) {
			e.Record = ledger.Record{Letter: wire.IDOf(e.Sealed), Size: 1}.String()
			e.Commitment = ledger.Commit(e.Key, e.Record)
		},
	} {
		e := goodEntry()
		change(&e)
		if _, err := ledger.CheckEntry(e); !errors.Is(err, ledger.ErrCommitment) {
			t.Errorf("%s changed: %v, want ErrCommitment", name, err)
		}
	}
}

func TestCheckpoints(t *testing.T) {
	s, v := gateKey(t, origin)
	want := ledger.Tree{Size: 5, Root: leaf(1)}
	signed, err := ledger.SignCheckpoint(want, s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.ParseCheckpoint(signed, v); err != nil || got != want {
		t.Errorf("checkpoint reads as %v, %v", got, err)
	}
	_, stranger := gateKey(t, origin)
	if _, err := ledger.ParseCheckpoint(signed, stranger); !errors.Is(err, ledger.ErrSignature) {
		t.Errorf("checkpoint of another key with the same name: %v, want ErrSignature", err)
	}
	forged := strings.Replace(string(signed), "\n5\n", "\n4\n", 1)
	if _, err := ledger.ParseCheckpoint([]byte(forged), v); !errors.Is(err, ledger.ErrSignature) {
		t.Errorf("changed checkpoint: %v, want ErrSignature", err)
	}
	for name, text := range map[string]string{
		"another log":  "other.example.org\n5\n" + leaf(1).String() + "\n",
		"negative":     origin + "\n-5\n" + leaf(1).String() + "\n",
		"leading zero": origin + "\n05\n" + leaf(1).String() + "\n",
		"short root":   origin + "\n5\nAAAA\n",
		"two lines":    origin + "\n5\n",
	} {
		signed, err := note.Sign(&note.Note{Text: text}, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.ParseCheckpoint(signed, v); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

func TestPromises(t *testing.T) {
	s, v := gateKey(t, origin)
	want := ledger.Promise{
		Org: "abcdefghjkmnpqrstvwx", Gate: origin, Commitment: ledger.Commit([32]byte{1}, "r"),
		Deadline: time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC),
	}
	signed, err := ledger.SignPromise(want, s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.CheckPromise(signed, v); err != nil || got != want {
		t.Errorf("promise reads as %v, %v", got, err)
	}
	forged := strings.Replace(signed, "deadline 2026", "deadline 2030", 1)
	if _, err := ledger.CheckPromise(forged, v); !errors.Is(err, ledger.ErrSignature) {
		t.Errorf("changed promise: %v, want ErrSignature", err)
	}
	if _, err := ledger.CheckPromise(strings.Repeat("a", 5000), v); err == nil {
		t.Error("5,000 bytes were read as a promise")
	}
	// A gate's other notes are no promises.
	checkpoint, err := ledger.SignCheckpoint(ledger.Tree{Size: 1, Root: leaf(0)}, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.CheckPromise(string(checkpoint), v); err == nil {
		t.Error("a checkpoint was read as a promise")
	}
	if _, err := ledger.ParseCheckpoint([]byte(signed), v); err == nil {
		t.Error("a promise was read as a checkpoint")
	}
}

func ExampleEdge() {
	var kept ledger.Edge // what a desk stores: a few hashes
	for i := range int64(5) {
		kept = kept.Append(leaf(i))
	}
	tree, _ := kept.Tree()
	fmt.Println(tree.Size, len(kept.Bytes())/32, "hashes")
	// Output: 5 2 hashes
}
