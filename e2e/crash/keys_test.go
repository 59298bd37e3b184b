package crash

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

// step is one roster of a chain, with a package whose every part says which one it belongs to.
type step struct {
	p      wire.Package
	serial int
	device [32]byte // in this roster and no other one of the chain
}

// chain signs rosters, each of which has a device more and loses the one before.
func chain(t *testing.T, c *testkit.Council, n int) []step {
	t.Helper()
	steps := []step{{p: wire.Package{Roster: c.Chain[0]}, serial: 1}}
	for range n {
		next := roster.HashDevice(c.NewDesk(t))
		gone := steps[len(steps)-1].device
		to := c.NewEpoch(t)
		r := c.Next(func(r *roster.Roster) {
			kept := r.Devices[:0]
			for _, d := range r.Devices {
				if d != gone {
					kept = append(kept, d)
				}
			}
			r.Devices, r.Epoch, r.Recipient = append(kept, next), r.Epoch+1, to
		})
		s := step{serial: r.Serial, device: next}
		s.p.Roster = c.Sign(t, r, c.Keepers[0])
		text := fmt.Sprintf("of roster %d ", r.Serial)
		s.p.Grants = []wire.Addressed{{Device: next, Sealed: testkit.SealedFor(t, text)}}
		for _, name := range []string{"epoch-ab.age", "epoch-ac.age", "epoch-bc.age"} {
			s.p.Files = append(s.p.Files, wire.File{Name: name, Data: testkit.SealedFor(t, text)})
		}
		c.Accept(s.p.Roster, r)
		steps = append(steps, s)
	}
	return steps
}

// TestKilledWhileRostersChange kills a gate at any moment of a change of roster. Afterwards either all of a package is there or nothing
// of it, what was acknowledged is there, and the same package can be sent again.
func TestKilledWhileRostersChange(t *testing.T) {
	const kills, length = 25, 120
	dir := t.TempDir()
	c := testkit.NewCouncil(t, 1, 1, 1)
	if _, err := gate.Init(dir, "crash.example.org"); err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: dir, Roster: c.Chain[0], Site: gate.Site{Leave: leave}, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	steps := chain(t, c, length)
	client := &http.Client{Timeout: 10 * time.Second}
	acknowledged, between := 1, 0
	for round := 0; round < kills && acknowledged < length; round++ {
		v := spawn(t, dir)
		serial := whole(t, v.url, c, steps)
		if serial < acknowledged || serial > acknowledged+1 {
			t.Fatalf("roster %d was acknowledged, roster %d is in force", acknowledged, serial)
		}
		if serial > acknowledged {
			between++ // durable, and the answer was lost: sending it again must be harmless
		}
		killed := make(chan struct{})
		go func() {
			time.Sleep(time.Duration(rand.IntN(30_000)) * time.Microsecond) // the moment is what varies
			_ = v.cmd.Process.Kill()
			close(killed)
		}()
		for next := acknowledged; next < len(steps); next++ {
			res, err := client.Post(v.url+"/v1/roster", "", bytes.NewReader(steps[next].p.Bytes()))
			if err != nil {
				break
			}
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode > 201 {
				t.Fatalf("roster %d: %s", next+1, res.Status)
			}
			acknowledged = next + 1
			if err != nil {
				break
			}
		}
		<-killed
		v.kill()
		client.CloseIdleConnections()
	}
	rep, err := gate.Verify(dir)
	if err != nil || !rep.OK() || rep.Rosters < acknowledged {
		t.Errorf("verify: %+v, %v; %d rosters were acknowledged", rep, err, acknowledged)
	}
	t.Logf("%d rosters acknowledged over %d kills, %d times the answer was lost", acknowledged, kills, between)
}

// whole checks that what a gate serves is all of one package and nothing of another, and returns its serial.
func whole(t *testing.T, url string, c *testkit.Council, steps []step) int {
	t.Helper()
	get := func(path string) (int, []byte) {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, b
	}
	_, b := get("/rosters")
	rosters, err := wire.ParseRosters(b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := roster.OpenChain(rosters, c.Roster.Org)
	if err != nil {
		t.Fatal(err)
	}
	if _, newest := get("/roster"); !bytes.Equal(newest, rosters[len(rosters)-1]) {
		t.Error("/roster is not the end of /rosters")
	}
	now := steps[r.Serial-1]
	for _, name := range []string{"epoch-ab.age", "epoch-ac.age", "epoch-bc.age"} {
		status, got := get("/recovery/" + name)
		if len(now.p.Files) == 0 {
			if status != http.StatusNotFound {
				t.Errorf("roster %d is in force, and %s is of another", r.Serial, name)
			}
			continue
		}
		var want []byte
		for _, f := range now.p.Files {
			if f.Name == name {
				want = f.Data
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("roster %d is in force, and %s is of another", r.Serial, name)
		}
	}
	for i, d := range c.Desks[1:] { // desk i+1 came with steps[i+1], and is in that roster only
		if roster.HashDevice(c.Public(i+1)) != now.device {
			continue
		}
		target := "/v1/desk/keys?from=1000"
		s := wire.SignRequest(d, http.MethodGet, target, nil, "crash.example.org", time.Now())
		req, err := http.NewRequest(http.MethodGet, url+target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{wire.HeaderDevice: {s.Device}, wire.HeaderDate: {s.Date}, wire.HeaderSignature: {s.Signature}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if news, err := wire.ParseKeyNews(body); err != nil || !bytes.Equal(news.Grant, now.p.Grants[0].Sealed) {
			t.Errorf("roster %d is in force, and its grant is not there: %s, %v", r.Serial, res.Status, err)
		}
	}
	return r.Serial
}
