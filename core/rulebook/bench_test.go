package rulebook_test

import (
	"testing"

	"panah/core/rulebook"
	"panah/rules"
)

// A check asks every question of the test book in turn.
func BenchmarkCheck(b *testing.B) {
	book, posed := ours(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := book.Check(posed[n%len(posed)].Question); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "checks/s")
}

func BenchmarkParse(b *testing.B) {
	src := rules.RulebookFiles()
	b.SetBytes(int64(len(src.Papers) + len(src.Rules) + len(src.Sources)))
	for b.Loop() {
		if book, problems := rulebook.Parse(src); book == nil {
			b.Fatal(problems)
		}
	}
}
