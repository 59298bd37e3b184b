package intake

import (
	"errors"
	"net"
	"testing"
	"time"

	"panah/gate"
)

// Budgets of the project.
const (
	leastRatio  = 0.25
	mostP99     = 100 * time.Millisecond
	mostStart   = 300 * time.Millisecond
	mostIdle    = 40.0  // MiB
	mostAt32    = 120.0 // MiB
	mostStored  = 1.5   // bytes for each of the letter
	lettersADay = 100_000
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func errJoin(errs ...error) error { return errors.Join(errs...) }

// BenchmarkIntake prints durable intake at 64 senders beside a handler that does nothing, in turns: each measured three times, best of
// each counts, because this machine may be shared.
func BenchmarkIntake(b *testing.B) {
	const count = 6000
	dir, l := newGate(b)
	g, nothing := spawn(b, "gate", dir), spawn(b, "nothing", "")
	send(b, g, 64, l.prepare(1000)) // warm
	send(b, nothing, 64, l.prepare(1000))
	var best, base result
	for b.Loop() {
		for range 3 {
			r, n := send(b, g, 64, l.prepare(count)), send(b, nothing, 64, l.prepare(count))
			b.Logf("gate %.0f/s p50 %v p99 %v; nothing %.0f/s p50 %v p99 %v", r.rate, r.p50, r.p99, n.rate, n.p50, n.p99)
			if r.failed+n.failed > 0 {
				b.Errorf("%d letters failed, %d of nothing", r.failed, n.failed)
			}
			if r.rate > best.rate {
				best = r
			}
			if n.rate > base.rate {
				base = n
			}
		}
	}
	b.ReportMetric(best.rate, "letters/s")
	b.ReportMetric(base.rate, "nothing/s")
	b.ReportMetric(best.rate/base.rate, "ratio")
	b.ReportMetric(float64(best.p50.Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(best.p99.Microseconds())/1000, "p99-ms")
	if ratio := best.rate / base.rate; ratio < leastRatio {
		b.Errorf("ratio %.2f, budget %.2f", ratio, leastRatio)
	}
	if best.p99 > mostP99 {
		b.Errorf("p99 %v, budget %v", best.p99, mostP99)
	}
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
