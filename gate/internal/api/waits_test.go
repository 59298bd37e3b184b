package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"panah/core/roster"
	"panah/core/wire"
	"panah/internal/testkit"
)

// TestJoinRoutes carries a join from offer to verdict, and refuses what does not fit.
func TestJoinRoutes(t *testing.T) {
	a, c := council(t, 1, 1, 2)
	message := func(room byte, n byte, text string) []byte {
		b := make([]byte, 16, 64)
		b[0] = room
		return append(append(b, n), text...)
	}
	expect(t, a, nil, "POST", "/v1/join", message(1, 0, "hello"), 404, wire.CodeJoin)
	expect(t, a, nil, "POST", "/v1/join/read", message(1, 0, ""), 404, wire.CodeJoin)
	expect(t, a, c.Desks[0], "POST", "/v1/desk/join", message(1, 0, "offer"), 201, "")
	expect(t, a, c.Desks[0], "POST", "/v1/desk/join", message(1, 0, "offer"), 200, "")
	expect(t, a, c.Desks[0], "POST", "/v1/desk/join", message(1, 0, "other"), 409, wire.CodeJoin)
	expect(t, a, c.Desks[1], "POST", "/v1/desk/join", message(1, 0, "offer"), 409, wire.CodeJoin)
	expect(t, a, c.Desks[1], "POST", "/v1/desk/join/read", message(1, 0, ""), 404, wire.CodeJoin)
	if got := expect(t, a, nil, "POST", "/v1/join/read", message(1, 0, ""), 200, ""); string(got) != "offer" {
		t.Errorf("the offer is %q", got)
	}
	heard := make(chan []byte)
	go func() {
		_, b := knock(t.Context(), a, c.Desks[0], "POST", "/v1/desk/join/read", message(1, 0, ""))
		heard <- b
	}()
	expect(t, a, nil, "POST", "/v1/join", message(1, 0, "hello"), 201, "")
	if got := <-heard; string(got) != "hello" {
		t.Errorf("the hello is %q", got)
	}
	for _, bad := range [][]byte{nil, make([]byte, 16), message(1, 4, "x"), message(1, 1, "")} {
		expect(t, a, nil, "POST", "/v1/join", bad, 400, wire.CodeRequest)
	}
	expect(t, a, nil, "POST", "/v1/join", make([]byte, maxJoinBody+1), 413, wire.CodeTooLarge)
	expect(t, a, nil, "POST", "/v1/join/read", message(1, 0, "and more"), 400, wire.CodeRequest)
	// The keeper's desk leaves: the room is closed with it.
	r := c.Without(t, 0)
	expect(t, a, nil, "POST", "/v1/roster", wire.Package{Roster: c.Sign(t, r, c.Keepers[0])}.Bytes(), 201, "")
	expect(t, a, nil, "POST", "/v1/join/read", message(1, 0, ""), 404, wire.CodeJoin)
}

// TestOutAtOnce: a device that leaves while it waits is told so in that moment, and a gate that stops keeps nobody.
func TestOutAtOnce(t *testing.T) {
	a, c := council(t, 1, 1, 3)
	room := append(bytes.Repeat([]byte{7}, 16), 0)
	expect(t, a, c.Desks[1], "POST", "/v1/desk/join", append(bytes.Clone(room), "offer"...), 201, "")
	type answer struct {
		who    string
		status int
	}
	answers := make(chan answer)
	keys, _ := a.c.Org.Changed()
	wait := func(who string, by ed25519.PrivateKey, method, target string, body []byte) {
		go func() {
			status, _ := knock(context.Background(), a, by, method, target, body)
			answers <- answer{who, status}
		}()
	}
	wait("news", c.Desks[1], "GET", fmt.Sprintf("/v1/desk/news?after=0&keys=%d", keys), nil)
	wait("news without keys", c.Desks[1], "GET", "/v1/desk/news?after=0", nil)
	wait("join", c.Desks[1], "POST", "/v1/desk/join/read", room)
	expect(t, a, nil, "POST", "/v1/roster", wire.Package{Roster: c.Sign(t, c.Without(t, 1), c.Keepers[0])}.Bytes(), 201, "")
	for range 3 {
		if got := <-answers; got.status != 401 {
			t.Errorf("%s of a desk that left: %d", got.who, got.status)
		}
	}
	// Who stays goes on waiting, until the gate stops.
	keys, _ = a.c.Org.Changed()
	expect(t, a, c.Desks[0], "POST", "/v1/desk/join", append(bytes.Clone(room), "offer"...), 201, "")
	wait("news", c.Desks[0], "GET", fmt.Sprintf("/v1/desk/news?after=0&keys=%d", keys), nil)
	wait("join", c.Desks[0], "POST", "/v1/desk/join/read", room)
	a.Wake()
	for range 2 {
		if got := <-answers; got.status != 200 && got.status != 204 {
			t.Errorf("%s when the gate stops: %d", got.who, got.status)
		}
	}
}

// TestStreamEndsWithTheDesk: letters on their way to a desk that leaves are cut off, without an end that would look whole.
func TestStreamEndsWithTheDesk(t *testing.T) {
	a, c := council(t, 1, 1, 2)
	l := testkit.NewOrganisation(t).Letters(t, 1)[0]
	if status, body := put(a, l, l); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	stream := func(device ed25519.PublicKey) (body []byte, cut bool) {
		w := httptest.NewRecorder()
		defer func() { body, cut = w.Body.Bytes(), recover() != nil }()
		a.sync(w, httptest.NewRequest("GET", "/v1/desk/sync?from=0", http.NoBody), call{device: device}) // let in before it left
		return
	}
	if body, cut := stream(c.Public(1)); cut || !bytes.Contains(body, l) {
		t.Errorf("to a desk of the roster: cut %v", cut)
	}
	expect(t, a, nil, "POST", "/v1/roster", wire.Package{Roster: c.Sign(t, c.Without(t, 1), c.Keepers[0])}.Bytes(), 201, "")
	if body, cut := stream(c.Public(1)); !cut || bytes.Contains(body, l) {
		t.Errorf("to a desk that left: cut %v, %d bytes", cut, len(body))
	}
}

// TestAnswersAreBounded: large answers share the memory that bodies have.
func TestAnswersAreBounded(t *testing.T) {
	a, c := council(t, 1, 1, 1)
	a.inFlight.Add(a.limits.InFlight)
	for _, target := range []string{"/v1/desk/keys?from=1", "/rosters", "/v1/desk/wraps?epoch=1"} {
		expect(t, a, c.Desks[0], "GET", target, nil, 503, wire.CodeBusy)
	}
	a.inFlight.Add(-a.limits.InFlight)
	expect(t, a, c.Desks[0], "GET", "/v1/desk/keys?from=1", nil, 200, "")
	if n := a.inFlight.Load(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
}

// TestNewsOfKeys: each kind of change is told to who asks, and only then; after 25 seconds it is told that there was none.
func TestNewsOfKeys(t *testing.T) {
	a, c := council(t, 2, 2, 2)
	card, err := roster.SignCard(c.Roster.Org, 1, c.Roster.Recipient, c.Desks[0])
	if err != nil {
		t.Fatal(err)
	}
	news := func(after string) map[string]int64 {
		t.Helper()
		var n map[string]int64
		if err := json.Unmarshal(expect(t, a, c.Desks[1], "GET", "/v1/desk/news?after="+after, nil, 200, ""), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	r := c.Without(t, 0)
	wraps := wire.AppendWraps(nil, []wire.Wrap{{Sealed: testkit.NewOrganisation(t).Letters(t, 1)[0]}}, false)
	last := news("0&keys=0")["keys"]
	for _, change := range []func(){
		func() { expect(t, a, c.Desks[0], "PUT", "/v1/desk/card", card, 201, "") },
		func() { expect(t, a, c.Desks[0], "POST", "/v1/desk/intake", []byte{0}, 204, "") },
		func() { expect(t, a, c.Desks[0], "PUT", "/v1/desk/wraps?epoch=1", wraps, 204, "") },
		func() {
			expect(t, a, c.Desks[0], "PUT", "/v1/desk/recovery", wire.AppendFiles(nil, []wire.File{{Name: "epoch-ab.age", Data: testkit.SealedFor(t, "x")}}), 201, "")
		},
		func() { expect(t, a, nil, "POST", "/v1/roster", packageOf(t, c, r, 0).Bytes(), 202, "") },
		func() { expect(t, a, nil, "POST", "/v1/roster", packageOf(t, c, r, 0, 1).Bytes(), 201, "") },
	} {
		change()
		now := news(fmt.Sprintf("0&keys=%d", last))["keys"]
		if now == last {
			t.Error("a change is not told")
		}
		last = now
	}
	for _, bad := range []string{"x", "0&keys=x", "0&keys=-1"} {
		expect(t, a, c.Desks[1], "GET", "/v1/desk/news?after="+bad, nil, 400, wire.CodeRequest)
	}
	a.Wake() // nothing changed: the answer comes because the gate stops
	if n := news(fmt.Sprintf("0&keys=%d", last)); n["keys"] != last || n["size"] != 0 {
		t.Errorf("without a change: %v", n)
	}
	if n := news("0"); len(n) != 1 {
		t.Errorf("who does not ask of keys is told %v", n)
	}
}

// TestNewsPatience waits 25 virtual seconds.
func TestNewsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, c := council(t, 1, 1, 1)
		keys, _ := a.c.Org.Changed()
		begun := time.Now()
		expect(t, a, c.Desks[0], "GET", fmt.Sprintf("/v1/desk/news?after=0&keys=%d", keys), nil, 200, "")
		if took := time.Since(begun); took != newsWait {
			t.Errorf("it waited %v", took)
		}
	})
}
