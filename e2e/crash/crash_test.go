// Package crash kills gates and fills their disks, and asks each time: is everything there that was acknowledged, and
// does the log verify?
package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

const (
	envDir     = "PANAH_CRASH_DIR" // a process with it is a gate
	envReserve = "PANAH_CRASH_RESERVE"
	leave      = "https://www.example.org/"
)

func TestMain(m *testing.M) {
	if order := os.Getenv(envDesk); order != "" {
		if err := obey(order); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	dir := os.Getenv(envDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	// A limit on file sizes is told by this signal as well as by the error that the gate handles.
	signal.Ignore(syscall.SIGXFSZ)
	reserve := int64(-1)
	_, _ = fmt.Sscan(os.Getenv(envReserve), &reserve) // unset: none
	g, err := gate.New(gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Site: gate.Site{Leave: leave}, Reserve: reserve, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err == nil {
		go func() { <-g.Ready(); fmt.Println(g.URL()) }()
		err = g.Run(context.Background())
	}
	fmt.Println("error:", err)
	os.Exit(1)
}

// A victim is a gate in a process of its own.
type victim struct {
	cmd *exec.Cmd
	url string
}

func spawn(t *testing.T, dir string, env ...string) *victim {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), envDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v := &victim{cmd: cmd}
	t.Cleanup(v.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if v.url = strings.TrimSpace(line); err != nil || !strings.HasPrefix(line, "http") {
		t.Fatalf("the gate did not start: %s %v", line, err)
	}
	return v
}

// kill is SIGKILL: nothing of the process runs afterwards.
func (v *victim) kill() {
	if v.cmd.ProcessState == nil {
		_ = v.cmd.Process.Kill()
		_ = v.cmd.Wait() // killed: an error by definition
	}
}

// letters makes new letters from a few sealed ones by changing their end: new ids, same shape, and a gate opens none.
type letters struct {
	sealed [][]byte
	n      atomic.Uint64
}

func (l *letters) next() []byte {
	n := l.n.Add(1)
	b := bytes.Clone(l.sealed[n%uint64(len(l.sealed))])
	binary.BigEndian.PutUint64(b[len(b)-8:], n)
	return b
}

// put sends a letter; status 0 means that no answer came.
func put(c *http.Client, url string, sealed []byte) (status int, a wire.Accepted, code string) {
	req, err := http.NewRequest(http.MethodPut, url+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
	if err != nil {
		return 0, a, ""
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, a, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, a, "" // cut: not acknowledged
	}
	if res.StatusCode > 201 {
		var e wire.Error
		if json.Unmarshal(body, &e) != nil {
			return 0, a, ""
		}
		return res.StatusCode, a, e.Code
	}
	if json.Unmarshal(body, &a) != nil {
		return 0, a, ""
	}
	return res.StatusCode, a, ""
}

// acknowledged are the answers that senders got.
type acknowledged struct {
	mu sync.Mutex
	by map[string]wire.Accepted
}

func (k *acknowledged) add(a wire.Accepted) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.by[a.ID] = a
}

// newFolder makes a gate's folder with its organisation.
func newFolder(t *testing.T, dir string) (testkit.Organisation, *letters) {
	t.Helper()
	o := testkit.NewOrganisation(t)
	if _, err := gate.Init(dir, "crash.example.org"); err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: dir, Roster: o.Signed, Site: gate.Site{Leave: leave}, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return o, &letters{sealed: o.Letters(t, 20)}
}

// checkAll asks the gate for every acknowledged letter again: it must be held, with the same promise. Then the log is verified off line.
func checkAll(t *testing.T, dir string, acks *acknowledged) {
	t.Helper()
	v := spawn(t, dir)
	for id, want := range acks.by {
		res, err := http.Get(v.url + "/v1/letters/" + id)
		if err != nil {
			t.Fatal(err)
		}
		var p wire.Progress
		err = json.NewDecoder(res.Body).Decode(&p)
		if res.Body.Close(); err != nil || !p.Accepted {
			t.Errorf("an acknowledged letter is gone: %s (%v)", id, err)
		}
		// Any piece of a held letter gets the first answer.
		req, err := http.NewRequest(http.MethodPut, v.url+"/v1/letters/"+id, bytes.NewReader([]byte{0}))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Range", "bytes 0-0/5755")
		if res, err = http.DefaultClient.Do(req); err != nil {
			t.Fatal(err)
		}
		var got wire.Accepted
		err = json.NewDecoder(res.Body).Decode(&got)
		if res.Body.Close(); err != nil || got.Promise != want.Promise || got.Record != want.Record {
			t.Errorf("letter %s has another answer than it got (%v)", id, err)
		}
	}
	v.kill()
	rep, err := gate.Verify(dir)
	if err != nil || !rep.OK() || rep.Present < int64(len(acks.by)) {
		t.Errorf("verify: %+v, %v; %d letters were acknowledged", rep, err, len(acks.by))
	}
	t.Logf("%d letters acknowledged, %d in the log, all there", len(acks.by), rep.Size)
}

// TestKilled kills a gate under load, again and again.
func TestKilled(t *testing.T) {
	const kills, senders = 55, 16
	dir := t.TempDir()
	_, l := newFolder(t, dir)
	acks := &acknowledged{by: map[string]wire.Accepted{}}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	under := 0
	for range kills {
		v := spawn(t, dir)
		var down atomic.Bool
		var wg sync.WaitGroup
		before := len(acks.by)
		for range senders {
			wg.Go(func() {
				for !down.Load() {
					if _, a, _ := put(client, v.url, l.next()); a.ID != "" {
						acks.add(a)
					}
				}
			})
		}
		// Somewhere in the load, not before it: after a random number of answers.
		want := before + 20 + rand.IntN(200)
		deadline := time.Now().Add(20 * time.Second)
		for n := before; n < want && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
			acks.mu.Lock()
			n = len(acks.by)
			acks.mu.Unlock()
		}
		v.kill()
		down.Store(true)
		wg.Wait()
		client.CloseIdleConnections()
		if len(acks.by) > before {
			under++
		}
	}
	if under < 50 {
		t.Errorf("only %d of %d kills were under load", under, kills)
	}
	checkAll(t, dir, acks)
}
