package casedb

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"panah/core/ledger"
	"panah/core/seal"
)

// BenchmarkNothingToWrap asks a desk with 20,000 open threads, all wrapped but one, what is missing: what every late letter costs.
func BenchmarkNothingToWrap(b *testing.B) {
	db, err := Open(context.Background(), filepath.Join(b.TempDir(), FileName), [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var batch []Incoming
	var edge ledger.Edge
	var entries []KeyedEntry
	for i := range int64(20_000) {
		l := seal.Letter{Kind: seal.KindLetter, Sealed: seal.SealedBrowser, Box: "age1pq1box", MAC: &seal.ThreadKey{1}}
		rand.Read(l.Mailbox[:])
		e := Incoming{Index: i, Present: true, Hour: time.Now(), Letter: l, Epoch: 1, FileKey: seal.FileKey{1}, Urgency: UrgencyDays}
		rand.Read(e.ID[:])
		rand.Read(e.Commitment[:])
		edge = edge.Append(ledger.LeafHash(e.Commitment))
		batch, entries = append(batch, e), append(entries, KeyedEntry{ID: e.ID})
	}
	if _, err := db.Apply(context.Background(), batch, edge, time.Now()); err != nil {
		b.Fatal(err)
	}
	if err := db.PutWraps(context.Background(), 2, []Wrap{{Thread: 1, Entries: entries[1:]}}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if wraps, _, err := db.ToWrap(context.Background(), 2, 0, 100); err != nil || len(wraps) != 1 {
			b.Fatal(len(wraps), err)
		}
	}
}
