package sqlite

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate/internal/store"
)

// BenchmarkAppend prints letters a second and stored bytes for each of a letter, by page size, in groups of 32 letters of the smallest
// class: what DefaultPageSize was chosen by.
func BenchmarkAppend(b *testing.B) {
	for _, page := range []int{4 << 10, 8 << 10, 16 << 10, 32 << 10} {
		b.Run(fmt.Sprintf("page=%dK", page>>10), func(b *testing.B) {
			dir := b.TempDir()
			db, err := Open(dir, Options{PageSize: page})
			if err != nil {
				b.Fatal(err)
			}
			sealed := make([]byte, 5755)
			_, _ = rand.Read(sealed)
			letters := 0
			for b.Loop() {
				batch := store.Batch{First: int64(letters)}
				for range 32 {
					l := store.Letter{Sealed: append([]byte(nil), sealed...)}
					binary.BigEndian.PutUint64(l.Sealed, uint64(letters))
					l.ID = wire.IDOf(l.Sealed)
					l.Record = ledger.Record{Letter: l.ID, Size: 5755, Hour: time.Now()}.String()
					l.Promise = strings.Repeat("p", 330)
					batch.Letters = append(batch.Letters, l)
					batch.Hashes = append(batch.Hashes, make([]tlog.Hash, 16)...)[:tlog.StoredHashIndex(0, int64(letters+1))-tlog.StoredHashIndex(0, batch.First)]
					letters++
				}
				if err := db.Append(context.Background(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(letters)/b.Elapsed().Seconds(), "letters/s")
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
			info, err := os.Stat(filepath.Join(dir, FileName))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size())/float64(letters*len(sealed)), "stored/letter-byte")
		})
	}
}
