// Package photo measures how surely the machine-readable zone of a photograph is read: photographs of made-up papers, each damaged in one
// way, half of them printed in a typeface that the reader's shapes were not made of. Seeds begin at 1; thresholds were set on others.
package photo

import (
	"bytes"
	"fmt"
	"image"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"panah/core/papers"
	"panah/core/papers/photo"
	"panah/internal/testkit/specimen"
)

// Budgets of the project.
const (
	each      = 48 // photographs of each damage
	mostWrong = 0.005
	mostP50   = 500 * time.Millisecond
	mostLarge = 1500 * time.Millisecond // 12 megapixels, opening included
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// A tally is one row of the table.
type tally struct {
	read, wrong, not int
	took             []time.Duration
}

func (t *tally) add(o tally) {
	t.read, t.wrong, t.not, t.took = t.read+o.read, t.wrong+o.wrong, t.not+o.not, append(t.took, o.took...)
}

func (t *tally) p(share float64) time.Duration {
	slices.Sort(t.took)
	return t.took[int(share*float64(len(t.took)-1))].Round(time.Millisecond)
}

func (t *tally) String() string {
	return fmt.Sprintf("read %4d   wrong %3d   not read %3d   p50 %v   p95 %v", t.read, t.wrong, t.not, t.p(0.5), t.p(0.95))
}

// BenchmarkSpecimens prints the table and fails over what was read wrong. It runs once whatever b.N says.
func BenchmarkSpecimens(b *testing.B) {
	printed, err := specimen.Printed()
	if err != nil {
		b.Fatal(err)
	}
	faces := []*specimen.Face{printed, specimen.Hand()}
	kinds := []papers.Type{papers.TD3, papers.TD1, papers.TD2}
	var all, still tally
	byKind := map[papers.Type]*tally{papers.TD3: {}, papers.TD1: {}, papers.TD2: {}}
	next := make(chan taken, 4)
	go func() { // making photographs takes longer than reading them
		defer close(next)
		for _, damage := range specimen.Damages() {
			for i := range each {
				kind, seed := kinds[i%3], uint64(i+1)
				lines := specimen.Lines(kind, seed)
				next <- taken{kind, lines, specimen.Photograph(faces[i/3%2], kind, lines, damage, seed)}
			}
		}
	}()
	for _, damage := range specimen.Damages() {
		var row tally
		for range each {
			t := <-next
			one := read(b, t.file, t.lines)
			row.add(one)
			byKind[t.kind].add(one)
		}
		fmt.Printf("%-16s %v\n", damage, &row)
		all.add(row)
		if damage != specimen.Motion {
			still.add(row)
		}
	}
	for _, kind := range kinds {
		fmt.Printf("%-16s %v\n", kind, byKind[kind])
	}
	fmt.Printf("%-16s %v\n", "all", &all)
	n := float64(len(all.took))
	b.ReportMetric(100*float64(all.read)/n, "%read")
	b.ReportMetric(100*float64(all.wrong)/n, "%wrong")
	b.ReportMetric(float64(all.p(0.5).Milliseconds()), "ms-p50")
	b.ReportMetric(0, "ns/op")
	if share := float64(all.wrong) / n; share > mostWrong {
		b.Errorf("%.2f %% read wrong, at most %.1f %% may be", 100*share, 100*mostWrong)
	}
	if share := float64(still.read) / float64(len(still.took)); share < 0.95 {
		b.Errorf("%.1f %% of what did not move was read, want 95 %%", 100*share)
	}
	fmt.Printf("p50 %v (budget %v); the clock of a busy machine says little, so that it is printed\n", all.p(0.5), mostP50)
}

// A taken is a photograph and what stands in it.
type taken struct {
	kind  papers.Type
	lines []string
	file  []byte
}

// read opens and reads one photograph; what is timed is both.
func read(b *testing.B, file []byte, lines []string) tally {
	b.Helper()
	start := time.Now()
	img, err := photo.Decode(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	reading, err := photo.Read(img, today)
	t := tally{took: []time.Duration{time.Since(start)}}
	switch {
	case err != nil:
		t.not++
	case strings.Join(reading.Lines, "\n") != strings.Join(lines, "\n"):
		t.wrong++
	default:
		t.read++
	}
	return t
}

// BenchmarkTwelveMegapixels reads a photograph of the size that telephones take.
func BenchmarkTwelveMegapixels(b *testing.B) {
	lines := specimen.Lines(papers.TD3, 1)
	file := specimen.Enlarged(specimen.Hand(), papers.TD3, lines, specimen.Clean, 1, 4000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for b.Loop() {
		img, err := photo.Decode(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		if img.Bounds().Size() != (image.Point{X: 4000, Y: 3000}) {
			b.Fatalf("the photograph has %v pixels", img.Bounds().Size())
		}
		if _, err := photo.Read(img, today); err != nil {
			b.Fatal(err)
		}
		n++
	}
	runtime.ReadMemStats(&after)
	took := b.Elapsed() / time.Duration(n)
	b.ReportMetric(float64(took.Milliseconds()), "ms/photo")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(n)/(1<<20), "MiB/photo")
	fmt.Printf("12 megapixels: %v (budget %v)\n", took, mostLarge)
}
