package casedb

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"panah/core/names"
)

// BenchmarkSearch searches among a million cases with 40 words each: common words, rare ones, two that seldom meet, names, one's own cases. It prints the 99th percentile.
// PANAH_BENCH_DIR says where the database goes, and keeps it.
func BenchmarkSearch(b *testing.B) {
	ctx := context.Background()
	dir, keep := os.LookupEnv("PANAH_BENCH_DIR")
	if !keep {
		dir = b.TempDir()
	}
	db, err := Open(ctx, dir+"/"+FileName, [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	fillFound(b, db, 1_000_000)
	for _, c := range []struct {
		name string
		f    SearchFilter
	}{
		{"common", SearchFilter{Words: "common"}},
		{"two_common", SearchFilter{Words: "often usual"}},
		{"never_together", SearchFilter{Words: "even odd"}},
		{"rare", SearchFilter{Words: "r777"}},
		{"rare_common", SearchFilter{Words: "r777 common"}},
		{"none", SearchFilter{Words: "nothingatall"}},
		{"name", SearchFilter{Words: "Muhammad"}},
		{"two_names", SearchFilter{Words: "Mohammad Karimi"}},
		{"own_common", SearchFilter{Words: "common", Viewer: Viewer{Staff: ann}}},
		{"own_rare", SearchFilter{Words: "r777", Viewer: Viewer{Staff: ann}}},
		{"own_never", SearchFilter{Words: "even odd", Viewer: Viewer{Staff: ann}}},
		{"filters", SearchFilter{Words: "usual", District: "d7", Urgency: UrgencyMinutes, Lang: "fa"}},
		{"everyone", SearchFilter{Words: "usual", Viewer: Viewer{Staff: ann}, Everyone: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			hits := 0
			for b.Loop() {
				at := time.Now()
				found, err := db.Search(ctx, c.f)
				if err != nil {
					b.Fatal(err)
				}
				took, hits = append(took, time.Since(at)), len(found.Hits)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(hits), "hits")
		})
	}
}

// fillFound makes n cases with documents, unless they are there.
func fillFound(b *testing.B, db *DB, n int) {
	b.Helper()
	var have int
	if err := db.sql.QueryRow("SELECT upto FROM indexed").Scan(&have); err != nil {
		b.Fatal(err)
	}
	if have == n {
		return
	}
	at := time.Now()
	fill(b, db, n)
	if _, err := db.sql.Exec("PRAGMA synchronous=OFF"); err != nil {
		b.Fatal(err)
	}
	people := []string{"محمد کریمی", "حسین احمدی", "Fatima Rahimi", "عبدالرحمن", "Zahra Hosseini", "گل محمد", "Najibullah Zadran", "Parwin"}
	for from := 1; from <= n; from += 20_000 {
		tx, err := db.sql.Begin()
		if err != nil {
			b.Fatal(err)
		}
		add, err := tx.Prepare("INSERT INTO found (rowid, words) VALUES (?, ?)")
		if err != nil {
			b.Fatal(err)
		}
		text, err := tx.Prepare(`INSERT INTO letter (thread, kind, letter_id, idx, commitment, hour, at, sealed, epoch, tag, n, text, intake, problem, old_code, seen)
			VALUES (?, 'letter', randomblob(32), 1, x'00', 1700000000, 0, 'browser', 1, 'ok', 0, ?, '', '', 0, 1)`)
		if err != nil {
			b.Fatal(err)
		}
		called, err := tx.Prepare("UPDATE thread SET name = ?2 WHERE id = ?1")
		if err != nil {
			b.Fatal(err)
		}
		for i := from; i < from+20_000 && i <= n; i++ {
			words := "common letter of somebody "
			for j := range 30 {
				words += fmt.Sprintf("r%d ", (i*7919+j*104729*(i%13+1))%300_000)
			}
			for k, w := range []string{"often", "usual"} {
				if i%(3+k) == 0 {
					words += w + " "
				}
			}
			words += []string{"even", "odd"}[i%2]
			name := people[i%len(people)]
			filters, err := filterTokens(tx, int64(i))
			if err != nil {
				b.Fatal(err)
			}
			doc := words
			for _, t := range filters {
				doc += " " + t
			}
			for _, k := range names.Keys(name) {
				doc += " " + markName + k
			}
			if _, err := add.Exec(i, doc); err != nil {
				b.Fatal(err)
			}
			if _, err := text.Exec(i, words); err != nil {
				b.Fatal(err)
			}
			if _, err := called.Exec(i, name); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.sql.Exec("UPDATE indexed SET upto = ?", n); err != nil {
		b.Fatal(err)
	}
	b.Logf("filled in %v", time.Since(at).Round(time.Second))
}
