package ledger_test

import (
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
)

func FuzzParseRecord(f *testing.F) {
	f.Add(goodEntry().Record)
	f.Add("panah.record/v1\nletter \nsize 1\nhour 0\n")
	f.Fuzz(func(t *testing.T, s string) {
		// One text, one record: otherwise a commitment could be opened in two ways.
		if r, err := ledger.ParseRecord(s); err == nil && r.String() != s {
			t.Fatalf("%q reads as %q", s, r)
		}
	})
}

// FuzzParseCheckpoint gives the parser both raw bytes and texts that the gate really signed: without the second, nothing
// would ever get past the signature.
func FuzzParseCheckpoint(f *testing.F) {
	s, v := gateKey(f, origin)
	signed, err := ledger.SignCheckpoint(ledger.Tree{Size: 7, Root: leaf(3)}, s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte(origin + "\n7\n" + leaf(3).String() + "\n"))
	f.Add([]byte(origin + "\n7\n" + leaf(3).String() + "\nextension\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, in := range [][]byte{b, sign(b, s)} {
			tree, err := ledger.ParseCheckpoint(in, v)
			if err != nil {
				continue
			}
			if tree.Size < 0 {
				t.Fatal("a tree of negative size")
			}
			again, err := ledger.SignCheckpoint(tree, s)
			if err != nil {
				t.Fatal(err)
			}
			if same, err := ledger.ParseCheckpoint(again, v); err != nil || same != tree {
				t.Fatal("a checkpoint changes when it is written again")
			}
		}
	})
}

func FuzzCheckPromise(f *testing.F) {
	s, v := gateKey(f, origin)
	signed, err := ledger.SignPromise(ledger.Promise{Org: "abcdefghjkmnpqrstvwx", Deadline: time.Unix(1_800_000_000, 0)}, s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(signed))
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(n.Text))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, in := range [][]byte{b, sign(b, s)} {
			p, err := ledger.CheckPromise(string(in), v)
			if err != nil {
				continue
			}
			again, err := ledger.SignPromise(p, s)
			if err != nil {
				t.Fatal(err)
			}
			q, err := ledger.CheckPromise(again, v)
			if err != nil || q.Org != p.Org || q.Commitment != p.Commitment || !q.Deadline.Equal(p.Deadline) {
				t.Fatal("a promise changes when it is written again")
			}
		}
	})
}

// sign signs b as a note's text; nil when it cannot be one.
func sign(b []byte, s note.Signer) []byte {
	signed, err := note.Sign(&note.Note{Text: string(b)}, s)
	if err != nil {
		return nil
	}
	return signed
}
