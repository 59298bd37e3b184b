// Package intake measures a gate's durable intake against a do-nothing HTTP handler, both in processes of their own on this machine in
// this run.
//
// Letters are sealed before the clock runs: sealing is the sender's work. They are of the smallest class (4 KiB of plaintext, 5,755
// bytes sealed). 200 are really sealed, the others are those with the last eight bytes changed: new ids, same shape, and a gate
// opens none. The clients share the machine with the server, as net/http clients with kept connections.
package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

const envRole = "PANAH_BENCH_SERVER"

func TestMain(m *testing.M) {
	switch os.Getenv(envRole) {
	case "gate":
		serveGate(os.Getenv("PANAH_BENCH_DIR"))
	case "nothing":
		serveNothing()
	default:
		os.Exit(m.Run())
	}
}

// serveGate runs a gate until it is killed.
func serveGate(dir string) {
	g, err := gate.New(gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Site: gate.Site{Leave: "https://www.example.org/"}})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	go func() { <-g.Ready(); fmt.Println(g.URL()) }()
	if err := g.Run(context.Background()); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// serveNothing reads bodies and answers 201 with a small body, from a server set up as a gate's.
func serveNothing() {
	s := gate.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(201)
		_, _ = io.WriteString(w, `{"ok":true}`) // an error: the sender has gone, and counts it
	}))
	ln, err := listen()
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println("http://" + ln.Addr().String())
	if err := s.Serve(ln); err != nil {
		os.Exit(1)
	}
}

// A server is a process of ours.
type server struct {
	cmd     *exec.Cmd
	url     string
	started time.Duration // until it listened
}

func spawn(b *testing.B, role, dir string, env ...string) *server {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), envRole+"="+role, "PANAH_BENCH_DIR="+dir), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	s := &server{cmd, strings.TrimSpace(line), time.Since(begun)}
	if err != nil || !strings.HasPrefix(line, "http") {
		b.Fatalf("starting %s: %s %v", role, line, err)
	}
	b.Cleanup(s.stop)
	return s
}

func (s *server) stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait() // killed: an error by definition
	}
}

// rss is the resident memory in MiB.
func (s *server) rss(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// cpu is the processor time that the process has used.
func (s *server) cpu(b *testing.B) time.Duration {
	b.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/stat")
	if err != nil {
		b.Fatal(err)
	}
	// After the name, which may hold anything, utime and stime are fields 12 and 13, in hundredths of a second.
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):]))
	user, err1 := strconv.ParseInt(f[12], 10, 64)
	sys, err2 := strconv.ParseInt(f[13], 10, 64)
	if err := errJoin(err1, err2); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+sys) * 10 * time.Millisecond
}

// letters are requests that are ready to go.
type letters struct {
	real [][]byte
	next atomic.Uint64
}

// take makes the next letter and its path.
func (l *letters) take() (path string, body []byte) {
	n := l.next.Add(1)
	body = bytes.Clone(l.real[n%uint64(len(l.real))])
	binary.BigEndian.PutUint64(body[len(body)-8:], n)
	return "/v1/letters/" + wire.IDOf(body).String(), body
}

type prepared struct {
	path string
	body []byte
}

func (l *letters) prepare(n int) []prepared {
	out := make([]prepared, n)
	for i := range out {
		out[i].path, out[i].body = l.take()
	}
	return out
}

// result is one run.
type result struct {
	rate     float64 // letters a second
	p50, p99 time.Duration
	failed   int64
	rss      float64       // highest seen, MiB
	cpu      time.Duration // of the server, for each letter: the figure that other work on the machine moves least
}

// send lets n senders put all in, and asks nothing but 201.
func send(b *testing.B, s *server, senders int, all []prepared) result {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders, MaxConnsPerHost: senders, DisableCompression: true}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, len(all))
	var next, failed atomic.Int64
	var r result
	var wg sync.WaitGroup
	cpu := s.cpu(b)
	begun := time.Now()
	for range senders {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(all) {
					return
				}
				at := time.Now()
				if !put(client, s.url+all[i].path, all[i].body) {
					failed.Add(1)
				}
				took[i] = time.Since(at)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-tick.C:
			r.rss = max(r.rss, s.rss(b))
		case <-done:
			running = false
		}
	}
	r.rate = float64(len(all)) / time.Since(begun).Seconds()
	r.cpu = (s.cpu(b) - cpu) / time.Duration(len(all))
	slices.Sort(took)
	r.p50, r.p99, r.failed = took[len(took)/2], took[len(took)*99/100], failed.Load()
	return r
}

func put(c *http.Client, url string, body []byte) bool {
	req, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return false
	}
	res, err := c.Do(req)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, res.Body)
	return errJoin(err, res.Body.Close()) == nil && res.StatusCode == 201
}

// size is the bytes of all files under dir.
func size(b *testing.B, dir string) (n int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// newGate makes a folder with a made-up organisation, and the letters to it.
func newGate(b *testing.B) (dir string, l *letters) {
	b.Helper()
	o, err := testkit.MakeOrganisation()
	if err != nil {
		b.Fatal(err)
	}
	dir = b.TempDir()
	if _, err := gate.Init(dir, "bench.example.org"); err != nil {
		b.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: dir, Roster: o.Signed, Site: gate.Site{Leave: "https://www.example.org/"}})
	if err != nil {
		b.Fatal(err)
	}
	if err := g.Close(); err != nil {
		b.Fatal(err)
	}
	return dir, &letters{real: o.Letters(b, 200)}
}
