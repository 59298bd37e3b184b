package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk"
	"panah/gate"
)

// A process with envDesk makes a desk: the JSON of an order.
const envDesk = "PANAH_CRASH_DESK"

const (
	passphrase = "four plain words here"
	cheap      = 10 // the passphrase is not what is killed
	mostPoints = 40
)

// An order is what a process that may be killed does.
type order struct {
	Do, Data, Gate, Code, Org string
	Sheets                    []string
	Print                     string // file that sheets are printed into
}

// obey runs an order and prints what came of it.
func obey(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx := context.Background()
	switch o.Do {
	case "found":
		_, err := desk.Found(ctx, desk.FoundConfig{
			Data: o.Data, Name: "Legal aid", Passphrase: passphrase, LogN: cheap, GateURL: o.Gate, SetupCode: o.Code,
			Deliver: func(sheets []desk.Sheet) error { return o.deliver(sheets) },
		})
		return err
	case "recover":
		_, err := desk.Recover(ctx, desk.RecoverConfig{Data: o.Data, GateURL: o.Gate, Org: o.Org, Passphrase: passphrase, LogN: cheap, Sheets: o.Sheets})
		return err
	case "join":
		_, err := desk.Join(ctx, desk.JoinConfig{
			Data: o.Data, GateURL: o.Gate, Code: o.Code, DeskName: "Second", Passphrase: passphrase, LogN: cheap, Words: func([6]byte) {},
		})
		return err
	}
	return errors.New("an unknown order")
}

// deliver prints the sheets, and gives the trap a moment to strike before and after the desk forgets them.
func (o order) deliver(sheets []desk.Sheet) error {
	b, err := json.Marshal(sheets)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.Print, b, 0o600); err != nil {
		return err
	}
	resp, err := http.Post(o.Gate+"/delivered", "text/plain", nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// A trap stands between a desk and its gate. At the request with the number at, it kills the desk: before the gate hears of it, or after, with the
// answer lost.
type trap struct {
	*httptest.Server
	mu     sync.Mutex
	at     int // 0: none; guarded by mu
	after  bool
	seen   int
	kill   func()
	struck bool
}

func newTrap(t *testing.T, gateURL string) *trap {
	t.Helper()
	target, err := url.Parse(gateURL)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trap{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	tr.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before, after := tr.spring(r)
		if before {
			tr.strike()
			return
		}
		if r.URL.Path == "/delivered" {
			w.WriteHeader(http.StatusNoContent)
		} else if after {
			proxy.ServeHTTP(httptest.NewRecorder(), r)
		} else {
			proxy.ServeHTTP(w, r)
		}
		if after {
			tr.strike()
		}
	}))
	t.Cleanup(tr.Close)
	return tr
}

// spring counts what changes something; questions leave no trace.
func (tr *trap) spring(r *http.Request) (before, after bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if r.Method == http.MethodGet {
		return false, false
	}
	tr.seen++
	hit := tr.seen == tr.at
	return hit && !tr.after, hit && tr.after
}

func (tr *trap) strike() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.struck = true
	tr.kill()
	panic(http.ErrAbortHandler)
}

// run carries out an order in a process of its own; point 0 kills it nowhere. It reports whether the process was killed.
func (tr *trap) run(t *testing.T, o order, point int) (killed bool) {
	t.Helper()
	o.Gate = tr.URL
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDesk+"="+string(text))
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	tr.mu.Lock()
	tr.at, tr.after, tr.seen, tr.struck = (point+1)/2, point%2 == 0, 0, false
	tr.kill = func() { _ = cmd.Process.Kill() }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tr.mu.Unlock()
	err = cmd.Wait()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if err != nil && !tr.struck {
		t.Fatalf("%s, to be killed at point %d, failed by itself: %v\n%s", o.Do, point, err, said.String())
	}
	return tr.struck
}

// newGate runs a gate without an organisation.
func newGate(t *testing.T) (*gate.Gate, string) {
	t.Helper()
	dir := t.TempDir()
	id, err := gate.Init(dir, "gate.test")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Site: gate.Site{Leave: leave}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-g.Ready()
	return g, id.SetupCode
}

// founded is a new organisation whose sheets are as somebody would type them.
func founded(t *testing.T, g *gate.Gate, code, data string) (org string, sheets []string) {
	t.Helper()
	f, err := desk.Found(t.Context(), desk.FoundConfig{Data: data, Name: "Legal aid", Passphrase: passphrase, LogN: cheap, GateURL: g.URL(), SetupCode: code})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Sheets {
		sheets = append(sheets, keyOn(s))
	}
	return f.Org, sheets
}

func keyOn(s desk.Sheet) string {
	key := "AGE-SECRET-KEY-PQ-1"
	for _, m := range regexp.MustCompile(`<code class="group">([^<]+)<`).FindAllSubmatch(s.HTML, -1) {
		key += string(m[1])
	}
	return key
}

// everywhere kills at every point, one after the other, each time in a world of its own, until the work ends before the point is reached.
func everywhere(t *testing.T, what string, at func(t *testing.T, point int) (killed bool)) {
	for point := 1; point <= mostPoints; point++ {
		killed := false
		t.Run(fmt.Sprint(point), func(t *testing.T) { killed = at(t, point) })
		if t.Failed() {
			return
		}
		if !killed {
			t.Logf("%s was killed at %d points and went on each time", what, point-1)
			if point < 3 {
				t.Error("the trap does not work")
			}
			return
		}
	}
	t.Error("no end of it")
}

// Killed at any request of a founding, the same call goes on, and hands out the sheets that it may have handed out before.
func TestKilledWhileFounding(t *testing.T) {
	everywhere(t, "a founding", func(t *testing.T, point int) bool {
		g, code := newGate(t)
		tr := newTrap(t, g.URL())
		dir := t.TempDir()
		o := order{Do: "found", Data: filepath.Join(dir, "desk"), Code: code, Print: filepath.Join(dir, "first")}
		killed := tr.run(t, o, point)
		if !killed {
			return false
		}
		o.Print = filepath.Join(dir, "second")
		tr.run(t, o, 0)
		if before, after := printed(t, filepath.Join(dir, "first")), printed(t, o.Print); before != nil && before[0] != after[0] {
			t.Error("other sheets than those that were printed before")
		}
		org := rosterOrg(t, g)
		tr.run(t, order{Do: "recover", Data: filepath.Join(dir, "new"), Org: org, Sheets: printed(t, o.Print)[:2]}, 0)
		return true
	})
}

func printed(t *testing.T, file string) (keys []string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var sheets []desk.Sheet
	if err == nil {
		err = json.Unmarshal(b, &sheets)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sheets {
		keys = append(keys, keyOn(s))
	}
	return keys
}

func rosterOrg(t *testing.T, g *gate.Gate) string {
	t.Helper()
	_, body := get(t, g.URL()+"/roster")
	r, err := roster.Reopen(body)
	if err != nil {
		t.Fatal(err)
	}
	return r.Org
}

// Killed at any request of a recovery, the same call goes on: one roster, one epoch more, and a desk that syncs.
func TestKilledWhileRecovering(t *testing.T) {
	everywhere(t, "a recovery", func(t *testing.T, point int) bool {
		g, code := newGate(t)
		dir := t.TempDir()
		org, sheets := founded(t, g, code, filepath.Join(dir, "lost"))
		tr := newTrap(t, g.URL())
		o := order{Do: "recover", Data: filepath.Join(dir, "new"), Org: org, Sheets: sheets[1:]}
		if !tr.run(t, o, point) {
			return false
		}
		tr.run(t, o, 0)
		_, body := get(t, g.URL()+"/roster")
		r, err := roster.Reopen(body)
		if err != nil || r.Serial != 2 || r.Epoch != 2 || len(r.Devices) != 1 {
			t.Errorf("the roster after it: %+v %v", r, err)
		}
		if _, err := desk.Sync(t.Context(), o.Data, passphrase); err != nil {
			t.Errorf("the desk after it: %v", err)
		}
		return true
	})
}

// A newcomer that is killed at any request goes on with the same code, and is in once.
func TestKilledWhileJoining(t *testing.T) {
	everywhere(t, "a joining", func(t *testing.T, point int) bool {
		g, code := newGate(t)
		dir := t.TempDir()
		founded(t, g, code, filepath.Join(dir, "keeper"))
		keeper, err := desk.Open(t.Context(), filepath.Join(dir, "keeper"), passphrase)
		if err != nil {
			t.Fatal(err)
		}
		defer keeper.Close()
		spoken, _, err := keeper.Invite(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		admitted := make(chan error, 1)
		go func() {
			in, err := keeper.Await(t.Context())
			if err == nil && in.State != "compare" {
				err = errors.New(in.Problem)
			}
			if err == nil {
				err = keeper.Admit(t.Context(), roster.RoleCaseworker)
			}
			admitted <- err
		}()
		tr := newTrap(t, g.URL())
		o := order{Do: "join", Data: filepath.Join(dir, "second"), Code: spoken}
		killed := tr.run(t, o, point)
		if killed {
			tr.run(t, o, 0)
		}
		select {
		case err := <-admitted:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("the keeper still waits")
		}
		if k, err := keeper.Keys(t.Context()); err != nil || len(k.Desks) != 2 {
			t.Errorf("%d desks: %v", len(k.Desks), err)
		}
		if _, err := desk.Sync(t.Context(), o.Data, passphrase); err != nil {
			t.Errorf("the desk after it: %v", err)
		}
		return killed
	})
}
