package papers_test

import (
	"testing"

	"panah/core/papers"
)

// BenchmarkRead prints parses a second and what each allocates: the lines, the checks and a name that has a gap.
func BenchmarkRead(b *testing.B) {
	for _, v := range readVectors(b)[:5] {
		b.Run(string(v.Type), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if m, err := papers.Read(v.Text, today); err != nil || !m.Valid {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "parses/s")
		})
	}
}
