// Package purge measures how long a desk with a large database takes to be gone: the budget is two seconds for 500 MB.
//
// The database is noise of that size behind a real key file: to a purge it is the same, and it is made in seconds. It is on the disk before the clock runs.
package purge

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"panah/desk"
)

const (
	size   = 500 << 20
	limit  = 2 * time.Second
	rounds = 3
)

// BenchmarkPurge prints the slowest of a few purges and fails over the budget. It runs once whatever b.N says.
func BenchmarkPurge(b *testing.B) {
	var slowest time.Duration
	for range rounds {
		dir := filepath.Join(b.TempDir(), "desk")
		if _, err := desk.Init(desk.FoundConfig{Data: dir, Name: "Bench", Passphrase: "four plain words here", LogN: 10}); err != nil {
			b.Fatal(err)
		}
		fill(b, filepath.Join(dir, "desk.db"))
		start := time.Now()
		if err := desk.Purge(dir); err != nil {
			b.Fatal(err)
		}
		slowest = max(slowest, time.Since(start))
	}
	b.ReportMetric(float64(slowest.Milliseconds()), "ms/purge")
	b.Logf("purging %d MB: %v at most, of %d", size>>20, slowest, rounds)
	if slowest > limit {
		b.Errorf("it took %v, the budget is %v", slowest, limit)
	}
}

func fill(b *testing.B, name string) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	noise := make([]byte, 4<<20)
	rand.Read(noise)
	for range size / len(noise) {
		if _, err := f.Write(noise); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
}
