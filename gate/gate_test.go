package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"panah/core/ledger"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

const leave = "https://www.example.org/"

// A running gate, stopped with the test.
type running struct {
	*gate.Gate
	id   gate.Identity
	dir  string
	stop func() error
}

// start runs a gate over dir, which Init makes when it is new.
func start(t *testing.T, dir string, c gate.Config) *running {
	t.Helper()
	id, err := gate.Init(dir, "help.example.org")
	if err != nil && !strings.Contains(err.Error(), "already") {
		t.Fatal(err)
	}
	c.DataDir, c.Site.Leave = dir, leave
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	g, err := gate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	stopped := false
	r := &running{g, id, dir, func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("stopping the gate: %v", err)
		}
	})
	select {
	case <-g.Ready():
	case err := <-done:
		stopped = true
		t.Fatalf("the gate did not start: %v", err)
	}
	return r
}

// do sends one request; headers are pairs.
func (r *running) do(t *testing.T, method, path string, body []byte, headers ...string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, r.URL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, b
}

// desk sends a request that the organisation's device signed.
func (r *running) desk(t *testing.T, o testkit.Organisation, method, target string, body []byte) (int, []byte) {
	t.Helper()
	s := wire.SignRequest(o.Device, method, target, body, r.Origin(), time.Now())
	status, _, b := r.do(t, method, target, body, wire.HeaderDevice, s.Device, wire.HeaderDate, s.Date, wire.HeaderSignature, s.Signature)
	return status, b
}

func (r *running) verifier(t *testing.T) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(r.VKey())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func letterPath(sealed []byte) string { return "/v1/letters/" + wire.IDOf(sealed).String() }

func decode[T any](t *testing.T, b []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %.200q", err, b)
	}
	return v
}

// readSync checks a sync stream the way a desk does, and returns the entries.
func readSync(t *testing.T, stream []byte, v note.Verifier) (ledger.Tree, []wire.Entry) {
	t.Helper()
	var tree ledger.Tree
	var entries []wire.Entry
	for r := bytes.NewReader(stream); ; {
		kind, payload, err := wire.ReadFrame(r)
		if err != nil {
			t.Fatalf("the stream was cut: %v", err)
		}
		switch kind {
		case wire.FrameCheckpoint:
			if tree, err = ledger.ParseCheckpoint(payload, v); err != nil {
				t.Fatal(err)
			}
		case wire.FrameEntry:
			e, err := wire.ParseEntry(payload)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, e)
		case wire.FrameEnd:
			return tree, entries
		}
	}
}

// TestStory takes a letter from a person to a desk, a reply back, and erases both.
func TestStory(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	letters := o.Letters(t, 3)
	key := wire.MailboxKey{ID: wire.MailboxID{1, 2}, Auth: [32]byte{3}}
	box := []string{wire.HeaderMailbox, key.ID.Reveal(), wire.HeaderAuth, key.RevealAuth()}

	status, _, body := r.do(t, "PUT", letterPath(letters[0]), letters[0], box...)
	if status != 201 {
		t.Fatalf("a letter: %d %s", status, body)
	}
	first := decode[wire.Accepted](t, body)
	p, err := ledger.CheckPromise(first.Promise, r.verifier(t))
	if err != nil || p.Org != o.Roster.Org || p.Commitment != ledger.Commitment(first.Commitment) {
		t.Fatalf("the promise %+v: %v", p, err)
	}
	if d := time.Until(p.Deadline); d < 23*time.Hour || d > 25*time.Hour || p.Deadline.Minute()+p.Deadline.Second() != 0 {
		t.Errorf("the deadline is in %v, %v", d, p.Deadline)
	}
	status, _, body = r.do(t, "PUT", letterPath(letters[0]), letters[0], box...)
	if again := decode[wire.Accepted](t, body); status != 200 || !cmp.Equal(first, again) {
		t.Errorf("the same letter again: %d, %s", status, cmp.Diff(first, again))
	}
	for _, l := range letters[1:] {
		if status, _, body := r.do(t, "PUT", letterPath(l), l); status != 201 {
			t.Fatalf("a letter: %d %s", status, body)
		}
	}

	status, body = r.desk(t, o, "GET", "/v1/desk/sync?from=0&limit=1000", nil)
	if status != 200 {
		t.Fatalf("sync: %d %s", status, body)
	}
	tree, entries := readSync(t, body, r.verifier(t))
	var edge ledger.Edge
	for i, e := range entries {
		if _, err := ledger.CheckEntry(e); err != nil || !bytes.Equal(e.Sealed, letters[i]) {
			t.Errorf("entry %d: %v", i, err)
		}
		edge = edge.Append(ledger.LeafHash(ledger.Commitment(e.Commitment)))
	}
	if got, err := edge.Tree(); err != nil || got != tree || tree.Size != 3 {
		t.Errorf("the tree is %v, signed was %v, %v", got, tree, err)
	}

	reply := o.Letters(t, 2)
	if status, body := r.desk(t, o, "POST", "/v1/desk/replies", append(key.ID[:], reply[0]...)); status != 201 {
		t.Fatalf("a reply: %d %s", status, body)
	}
	if status, _ := r.desk(t, o, "POST", "/v1/desk/replies", append(key.ID[:], reply[0]...)); status != 200 {
		t.Errorf("the same reply again: %d", status)
	}
	if status, _ := r.desk(t, o, "POST", "/v1/desk/replies", append(key.ID[:], reply[1]...)); status != 201 {
		t.Errorf("a second reply: %d", status)
	}
	status, head, body := r.do(t, "POST", "/v1/mailbox", nil, box...)
	got, err := wire.ParseReplies(body)
	if status != 200 || err != nil || !cmp.Equal(got, reply) || head.Get("Cache-Control") != "no-store" {
		t.Errorf("the mailbox: %d, %d replies, %v", status, len(got), err)
	}

	// A wrong auth and an unknown mailbox look alike.
	wrong := wire.MailboxKey{ID: key.ID, Auth: [32]byte{4}}
	nobody := wire.MailboxKey{ID: wire.MailboxID{9}, Auth: key.Auth}
	s1, _, b1 := r.do(t, "POST", "/v1/mailbox", nil, wire.HeaderMailbox, wrong.ID.Reveal(), wire.HeaderAuth, wrong.RevealAuth())
	s2, _, b2 := r.do(t, "POST", "/v1/mailbox", nil, wire.HeaderMailbox, nobody.ID.Reveal(), wire.HeaderAuth, nobody.RevealAuth())
	if s1 != 404 || s2 != 404 || !bytes.Equal(b1, b2) {
		t.Errorf("wrong auth: %d %s; unknown: %d %s", s1, b1, s2, b2)
	}

	status, body = r.desk(t, o, "POST", "/v1/desk/delete", []byte(first.ID+"\n"+strings.Repeat("0", 64)+"\n"))
	if status != 200 || string(body) != `{"deleted":1}` {
		t.Errorf("deleting: %d %s", status, body)
	}
	if status, _, _ := r.do(t, "DELETE", "/v1/mailbox", nil, box...); status != 204 {
		t.Errorf("erasing the mailbox: %d", status)
	}
	if status, _, _ := r.do(t, "POST", "/v1/mailbox", nil, box...); status != 404 {
		t.Errorf("the erased mailbox: %d", status)
	}
	if status, _ := r.desk(t, o, "POST", "/v1/desk/replies", append(key.ID[:], reply[0]...)); status != 404 {
		t.Errorf("a reply to an erased mailbox: %d", status)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	rep, err := gate.Verify(r.dir)
	if err != nil || !rep.OK() || rep.Size != 3 || rep.Present != 2 || rep.Erased != 1 {
		t.Errorf("verify: %+v, %v", rep, err)
	}
	for name, b := range files(t, r.dir) {
		if bytes.Contains(b, letters[0][1700:1900]) || bytes.Contains(b, reply[0][1700:1900]) || bytes.Contains(b, []byte(first.ID)) {
			t.Errorf("what was erased is still in %s", name)
		}
	}
}

// TestRestart keeps answers, mailboxes and roster over a restart.
func TestRestart(t *testing.T) {
	o := testkit.NewOrganisation(t)
	dir := t.TempDir()
	l := o.Letters(t, 1)[0]
	r := start(t, dir, gate.Config{Roster: o.Signed})
	_, _, before := r.do(t, "PUT", letterPath(l), l)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, dir, gate.Config{})
	if status, _, after := r.do(t, "PUT", letterPath(l), l); status != 200 || !bytes.Equal(before, after) {
		t.Errorf("after a restart: %d %s", status, after)
	}
	if _, err := gate.New(gate.Config{DataDir: dir, Site: gate.Site{Leave: leave}}); err == nil {
		t.Error("two gates use one folder")
	}
}

// TestSetup gives a gate its organisation over HTTP.
func TestSetup(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{})
	l := o.Letters(t, 1)[0]
	if status, _, body := r.do(t, "PUT", letterPath(l), l); status != 503 || decode[wire.Error](t, body).Code != wire.CodeClosed {
		t.Errorf("a letter before setup: %d %s", status, body)
	}
	if status, _, _ := r.do(t, "GET", "/roster", nil); status != 404 {
		t.Errorf("roster before setup: %d", status)
	}
	if status, _, body := r.do(t, "GET", "/en/", nil); status != 503 || !bytes.Contains(body, []byte("<html")) {
		t.Errorf("pages before setup: %d %.300s", status, body)
	}
	k, err := wire.ParseSetupCode(r.id.SetupCode)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := wire.ParseSetupCode(wire.NewSetupCode())
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := r.do(t, "POST", "/v1/setup", o.Signed, wire.HeaderSetup, wrong.RosterProof(o.Signed)); status != 401 {
		t.Errorf("a wrong setup code: %d", status)
	}
	for _, want := range []int{201, 200} {
		status, head, body := r.do(t, "POST", "/v1/setup", o.Signed, wire.HeaderSetup, k.RosterProof(o.Signed))
		if status != want || string(body) != r.id.VKey || !wire.SameProof(head.Get(wire.HeaderSetup), k.GateProof(string(body))) {
			t.Fatalf("setup: %d %s", status, body)
		}
	}
	other := testkit.NewOrganisation(t)
	if status, _, _ := r.do(t, "POST", "/v1/setup", other.Signed, wire.HeaderSetup, k.RosterProof(other.Signed)); status != 409 {
		t.Errorf("a second organisation: %d", status)
	}
	// Founded, and not open yet: not to the public, but to desks.
	if status, _, body := r.do(t, "PUT", letterPath(l), l); status != 503 || decode[wire.Error](t, body).Code != wire.CodeClosed {
		t.Errorf("a letter while intake is closed: %d %s", status, body)
	}
	if status, _, body := r.do(t, "GET", "/fa/", nil); status != 503 || !bytes.Contains(body, []byte("<html")) {
		t.Errorf("pages while intake is closed: %d %.300s", status, body)
	}
	if status, _, _ := r.do(t, "GET", "/healthz", nil); status != 200 {
		t.Errorf("health while intake is closed: %d", status)
	}
	if status, body := r.desk(t, o, "POST", "/v1/desk/letters", l); status != 201 {
		t.Errorf("a desk's letter while intake is closed: %d %s", status, body)
	}
	if status, body := r.desk(t, o, "POST", "/v1/desk/intake", []byte{1}); status != 204 {
		t.Errorf("opening intake: %d %s", status, body)
	}
	if status, _, body := r.do(t, "PUT", letterPath(l), l); status != 200 {
		t.Errorf("a letter when intake is open: %d %s", status, body)
	}
	if status, _, body := r.do(t, "GET", "/fa/", nil); status != 200 {
		t.Errorf("pages when intake is open: %d %.300s", status, body)
	}
	if status, _, body := r.do(t, "GET", "/roster", nil); status != 200 || !bytes.Equal(body, o.Signed) {
		t.Errorf("roster after setup: %d", status)
	}
	for name, b := range files(t, r.dir) {
		if strings.Contains(string(b), r.id.SetupCode) || strings.Contains(string(b), strings.ReplaceAll(r.id.SetupCode, "-", "")) {
			t.Errorf("the setup code is in %s", name)
		}
	}
}

// TestNews wakes a desk that waits, and lets a stopping gate go.
func TestNews(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	l := o.Letters(t, 1)[0]
	answers := make(chan string, 2)
	wait := func(after int) {
		target := fmt.Sprintf("/v1/desk/news?after=%d", after)
		s := wire.SignRequest(o.Device, "GET", target, nil, r.Origin(), time.Now())
		req, _ := http.NewRequest("GET", r.URL()+target, nil)
		req.Header = http.Header{wire.HeaderDevice: {s.Device}, wire.HeaderDate: {s.Date}, wire.HeaderSignature: {s.Signature}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			answers <- err.Error() // the second may come when nobody listens any more
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		answers <- string(b)
	}
	go wait(0)
	r.do(t, "PUT", letterPath(l), l)
	if got := <-answers; got != `{"size":1}` {
		t.Errorf("news: %s", got)
	}
	// The second waits, or comes, when the gate stops: it must not hold it for 25 seconds.
	sent := make(chan struct{})
	go func() { close(sent); wait(1) }()
	<-sent
	begun := time.Now()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("stopping took %v", took)
	}
}
