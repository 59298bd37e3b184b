package intake

import (
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"panah/gate"
)

// Budgets of the project.
const (
	leastRatio  = 0.25
	mostP99     = 100.0 // milliseconds
	mostStart   = 300 * time.Millisecond
	mostIdle    = 40.0  // MiB
	mostAt32    = 120.0 // MiB
	mostStored  = 1.5   // bytes for each of the letter
	lettersADay = 100_000
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func errJoin(errs ...error) error { return errors.Join(errs...) }

// rounds is how many pairs are measured: one of them may fall into other work of the machine.
const rounds = 7

// BenchmarkIntake prints durable intake at 64 senders beside a handler that does nothing, in turns. What counts is the median of
// the ratios of each pair, and of the gate's latencies: a machine that is busy with other work is busy for both of a pair.
func BenchmarkIntake(b *testing.B) {
	const count, times = 6000, 3 // nothing is given the letters thrice, to last as long
	dir, l := newGate(b)
	g, nothing := spawn(b, "gate", dir), spawn(b, "nothing", "")
	send(b, g, 64, l.prepare(1000)) // warm
	send(b, nothing, 64, l.prepare(1000))
	var ratios, rates, bases, p99s []float64
	for b.Loop() {
		for range rounds {
			all := l.prepare(count)
			r, n := send(b, g, 64, all), send(b, nothing, 64, slices.Repeat(all, times))
			b.Logf("ratio %.3f: gate %.0f/s, p50 %v, p99 %v, processor %v a letter; nothing %.0f/s, p50 %v, p99 %v, processor %v",
				r.rate/n.rate, r.rate, r.p50, r.p99, r.cpu, n.rate, n.p50, n.p99, n.cpu)
			if r.failed+n.failed > 0 {
				b.Errorf("%d letters failed, %d of nothing", r.failed, n.failed)
			}
			ratios, rates, bases = append(ratios, r.rate/n.rate), append(rates, r.rate), append(bases, n.rate)
			p99s = append(p99s, float64(r.p99)/float64(time.Millisecond))
		}
	}
	ratio, p99 := median(ratios), median(p99s)
	b.ReportMetric(median(rates), "letters/s")
	b.ReportMetric(median(bases), "nothing/s")
	b.ReportMetric(ratio, "ratio")
	b.ReportMetric(p99, "p99-ms")
	if ratio < leastRatio {
		b.Errorf("ratio %.3f, budget %.2f", ratio, leastRatio)
	}
	if p99 > mostP99 {
		b.Errorf("p99 %.1f ms, budget %.0f", p99, mostP99)
	}
}

// median sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// BenchmarkSenders prints intake at 1, 8, 32 and 256 senders: no letter may fail, and the log must be whole afterwards.
func BenchmarkSenders(b *testing.B) {
	dir, l := newGate(b)
	g := spawn(b, "gate", dir)
	want := int64(0)
	for b.Loop() {
		for _, senders := range []int{1, 8, 32, 256} {
			all := l.prepare(max(200, senders*12))
			r := send(b, g, senders, all)
			want += int64(len(all))
			b.Logf("%3d senders: %.0f letters/s, p50 %v, p99 %v, %d of %d failed, %.0f MiB", senders, r.rate, r.p50, r.p99, r.failed, len(all), r.rss)
			if r.failed > 0 {
				b.Errorf("%d letters failed at %d senders", r.failed, senders)
			}
			if senders == 32 {
				b.ReportMetric(r.rss, "MiB-at-32")
				if r.rss > mostAt32 {
					b.Errorf("%.0f MiB at 32 senders, budget %.0f", r.rss, mostAt32)
				}
			}
		}
	}
	g.stop()
	rep, err := gate.Verify(dir)
	if err != nil || !rep.OK() || rep.Present != want {
		b.Errorf("of %d letters: %+v, %v", want, rep, err)
	}
}

// BenchmarkSmall prints what one core and 512 MB hold.
func BenchmarkSmall(b *testing.B) {
	dir, l := newGate(b)
	g := spawn(b, "gate", dir, "GOMAXPROCS=1", "GOMEMLIMIT=512MiB")
	var r result
	for b.Loop() {
		r = send(b, g, 32, l.prepare(4000))
		if r.failed > 0 {
			b.Errorf("%d letters failed", r.failed)
		}
	}
	b.ReportMetric(r.rate, "letters/s")
	b.ReportMetric(r.rate*86400/1e6, "million-letters/day")
	b.ReportMetric(r.rss, "MiB")
	if r.rate*86400 < 2*lettersADay { // with room: twice
		b.Errorf("%.0f letters a day, budget %d with room", r.rate*86400, lettersADay)
	}
}

// BenchmarkFootprint prints start time, idle memory and stored bytes for each byte of letters.
func BenchmarkFootprint(b *testing.B) {
	dir, l := newGate(b)
	g := spawn(b, "gate", dir)
	all := l.prepare(5000)
	bytes := 0
	for _, p := range all {
		bytes += len(p.body)
	}
	for b.Loop() {
		send(b, g, 64, all)
	}
	stopped := spawnAfter(b, g, dir)
	stored := float64(size(b, dir)) / float64(bytes)
	b.ReportMetric(stored, "stored/letter-byte")
	b.ReportMetric(float64(stopped.started.Milliseconds()), "start-ms")
	time.Sleep(2 * time.Second) // idle: what a gate costs that nobody writes to
	idle := stopped.rss(b)
	b.ReportMetric(idle, "MiB-idle")
	if stored > mostStored {
		b.Errorf("%.2f bytes stored for each, budget %.2f", stored, mostStored)
	}
	if stopped.started > mostStart {
		b.Errorf("start %v, budget %v", stopped.started, mostStart)
	}
	if idle > mostIdle {
		b.Errorf("%.0f MiB idle, budget %.0f", idle, mostIdle)
	}
}

// spawnAfter kills g and starts it again over the same folder.
func spawnAfter(b *testing.B, g *server, dir string) *server {
	b.Helper()
	g.stop()
	return spawn(b, "gate", dir)
}
