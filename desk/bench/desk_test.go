// Package bench measures a desk with 1,000,000 cases and 200,000 events: its pages through their handler, its search, a case of 500 events, folding, and the memory of an idle desk. It stands here because
// it builds the encrypted database by SQL beside the desk's own code, and internal packages are open to the desk only. `make bench` runs it.
//
// Figures are printed with their budgets and not asserted: the clock of a shared machine says little. Bytes are, and ratios to SQLite itself in the same run, widely. PANAH_BENCH_DIR keeps the desk that
// was built, for the next run; PANAH_BENCH_CASES sets another number of cases.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/office"
)

const (
	budgetPage   = 50 * time.Millisecond
	budgetWire   = 30_000
	budgetFold   = 50_000
	budgetIdle   = 150 // MiB
	rounds       = 20
	widestFactor = 60 // times the same rows read from SQLite: beyond it something else than reading is done
)

// BenchmarkDesk builds the desk and measures. It runs once whatever b.N says.
func BenchmarkDesk(b *testing.B) {
	s := newSite(b)
	o, err := office.Open(office.Config{Data: s.dir})
	must(b, err)
	ctx := context.Background()
	who, err := o.UnlockAs(ctx, "Zahra", ownWords)
	must(b, err)
	if who != s.worker {
		b.Fatal("somebody else came in")
	}
	me := office.As(ctx, fold.Actor{Staff: s.worker, Role: fold.RoleCaseworker})
	queue := s.pages(b, o)
	searched := s.searches(b, o, me)
	opened := s.aCase(b, o, me)
	o.Close()

	raw := s.rawReads(b)
	ratio(b, "queue page", queue, raw.queue)
	ratio(b, "search", searched, raw.search)
	ratio(b, "case of 500 events", opened, raw.events)
	s.folding(b)
	s.idle(b)
}

// A memo is what a kept desk has to be found again by.
type memo struct {
	Keeper, Worker event.Staff
	Long           int64
	Now            time.Time
	Cases          int
}

// newSite builds a desk, or takes the one that an earlier run kept.
func newSite(b *testing.B) *site {
	b.Helper()
	kept := os.Getenv("PANAH_BENCH_DIR")
	dir, note := filepath.Join(kept, "desk"), filepath.Join(kept, "built.json")
	cases := 1_000_000
	if n := os.Getenv("PANAH_BENCH_CASES"); n != "" {
		var err error
		cases, err = strconv.Atoi(n)
		must(b, err)
	}
	if kept == "" {
		return build(b, filepath.Join(b.TempDir(), "desk"), cases)
	}
	if was, err := os.ReadFile(note); err == nil {
		var m memo
		must(b, json.Unmarshal(was, &m))
		keys, err := keyring.Open(dir, passphrase)
		must(b, err)
		return &site{dir: dir, keeper: m.Keeper, worker: m.Worker, long: m.Long, now: m.Now, cases: m.Cases, keys: keys}
	}
	s := build(b, dir, cases)
	text, err := json.Marshal(memo{s.keeper, s.worker, s.long, s.now, s.cases})
	must(b, err)
	must(b, os.WriteFile(note, text, 0o600))
	return s
}

// A sample is how long something took, again and again: by the clock, and in processor time of the whole process, because a busy machine bends the clock.
type sample struct{ clock, processor []time.Duration }

func (t *sample) add(more sample) {
	t.clock, t.processor = append(t.clock, more.clock...), append(t.processor, more.processor...)
}

func at(times []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)-1)*percent/100]
}

// median is the lesser of the two.
func (t sample) median() time.Duration { return min(at(t.clock, 50), at(t.processor, 50)) }

// timed runs f n times after a first time that nobody counts.
func timed(b *testing.B, n int, f func()) (t sample) {
	b.Helper()
	f()
	for range n {
		used, began := processor(b), time.Now()
		f()
		t.clock, t.processor = append(t.clock, time.Since(began)), append(t.processor, processor(b)-used)
	}
	return t
}

// processor is what this process has used so far.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// print tells a sample with its budget, which is the clock's.
func (t sample) print(b *testing.B, what string, budget time.Duration) {
	b.Helper()
	p50, p99, busy := at(t.clock, 50), at(t.clock, 99), at(t.processor, 99)
	verdict := ""
	switch {
	case budget == 0:
	case p99 <= budget || busy > budget:
		verdict = fmt.Sprintf("  (budget %v: %s)", budget, within(p99 <= budget))
	default:
		verdict = fmt.Sprintf("  (budget %v: OVER by the clock, within by processor time)", budget)
	}
	short := func(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
	fmt.Printf("bench/desk: %-54s p50 %9v  p99 %9v  processor p99 %9v%s\n", what, short(p50), short(p99), short(busy), verdict)
	b.ReportMetric(float64(p99.Microseconds())/1000, strings.ReplaceAll(what, " ", "-")+"-p99-ms")
}

func within(ok bool) string {
	if ok {
		return "within"
	}
	return "OVER"
}

// ratio compares medians, of the clock or of processor time, whichever is less, with those of SQLite itself, reading the same rows from the same encrypted file.
func ratio(b *testing.B, what string, ours, raw sample) {
	b.Helper()
	times := float64(ours.median()) / float64(raw.median())
	fmt.Printf("bench/desk: %-44s %.1f × of %v, the same rows by SQLite alone\n", what, times, raw.median().Round(10*time.Microsecond))
	if times > widestFactor && ours.median() > budgetPage {
		b.Errorf("%s takes %.0f × what SQLite takes to read it", what, times)
	}
}

// searches looks for words as the caseworker, among hers and among everybody's.
func (s *site) searches(b *testing.B, o *office.Office, me context.Context) (common sample) {
	b.Helper()
	var all sample
	for _, q := range []struct {
		name, words string
		hits        bool
	}{
		{"a common word", "common", true},
		{"a word of a quarter", "usual", true},
		{"a rare word", "r777", true},
		{"a name", "Muhammad", true},
		{"two words", "often usual", true},
		{"a rare word and a common one", "r777 common", true},
		{"two words that never meet", "even odd", false},
		{"a word that nobody wrote", "nothingatall", false},
	} {
		for _, everyone := range []bool{false, true} {
			hits := 0
			t := timed(b, rounds, func() {
				found, err := o.Search(me, office.Query{SearchFilter: casedb.SearchFilter{Words: q.words, Everyone: everyone}, Reason: "the same person again?", Again: everyone})
				must(b, err)
				hits = len(found.Hits)
			})
			if q.hits && everyone && hits == 0 {
				b.Errorf("%s: nothing found", q.name)
			}
			t.print(b, fmt.Sprintf("search, %s, %s, %d hits", q.name, map[bool]string{false: "own", true: "everybody's"}[everyone], hits), 0)
			all.add(t)
			if everyone && q.words == "common" {
				common = t
			}
		}
	}
	all.print(b, "search, one and two words, all of these", budgetPage)
	return common
}

// aCase opens the long case, and writes into it.
func (s *site) aCase(b *testing.B, o *office.Office, me context.Context) sample {
	b.Helper()
	t := timed(b, 5*rounds, func() {
		f, err := o.Case(me, s.long)
		must(b, err)
		if len(f.Case.Timeline) < longEvents {
			b.Fatalf("%d events", len(f.Case.Timeline))
		}
	})
	t.print(b, "case of 500 events, opened", budgetPage)
	n := 0
	timed(b, rounds, func() {
		n++
		must(b, o.Do(me, s.long, event.Set{Field: event.FieldSummary, Value: fmt.Sprint("said again, ", n)}))
	}).print(b, "case of 500 events, written into", 0)
	return t
}

// folding folds the events of the long case as they come from the database.
func (s *site) folding(b *testing.B) {
	b.Helper()
	var id event.Case
	var entries []fold.Entry
	for i, e := range longCase(b, s, id) {
		read, err := event.Read(e.Note)
		must(b, err)
		entries = append(entries, fold.Entry{Signed: read, Place: int64(i)})
	}
	t := timed(b, 10*rounds, func() { fold.Of(id, entries) })
	rate := float64(len(entries)) / t.median().Seconds()
	fmt.Printf("bench/desk: folding %.0f events a second of one core (budget %d: %s)\n", rate, budgetFold, within(rate >= budgetFold))
	b.ReportMetric(rate, "events/s")
}
