package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"panah/core/roster"
	"panah/core/wire"
	"panah/internal/testkit"
)

const origin = "gate.example.org"

// council starts an API whose organisation has keepers that sign.
func council(tb testing.TB, keepers, threshold, desks int) (*API, *testkit.Council) {
	tb.Helper()
	c := testkit.NewCouncil(tb, keepers, threshold, desks)
	return serve(tb, c.Chain[0], Limits{}, time.Now), c
}

// knock sends a request, signed by a device when one is given.
func knock(ctx context.Context, a *API, by ed25519.PrivateKey, method, target string, body []byte) (int, []byte) {
	r := httptest.NewRequest(method, target, bytes.NewReader(body)).WithContext(ctx)
	if by != nil {
		s := wire.SignRequest(by, method, target, body, origin, time.Now())
		r.Header.Set(wire.HeaderDevice, s.Device)
		r.Header.Set(wire.HeaderDate, s.Date)
		r.Header.Set(wire.HeaderSignature, s.Signature)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// expect asks and holds the answer to a status and, when it is a refusal, to a code and a sentence.
func expect(t *testing.T, a *API, by ed25519.PrivateKey, method, target string, body []byte, status int, code string) []byte {
	t.Helper()
	got, answer := knock(t.Context(), a, by, method, target, body)
	if got != status {
		t.Errorf("%s %s: %d %.200s, want %d", method, target, got, answer, status)
	}
	if code != "" {
		var e wire.Error
		if err := json.Unmarshal(answer, &e); err != nil || e.Code != code || e.Say == "" {
			t.Errorf("%s %s: %.200s, want %s", method, target, answer, code)
		}
	}
	return answer
}

// packageOf makes a package with a grant for every device.
func packageOf(t *testing.T, c *testkit.Council, r roster.Roster, signers ...int) wire.Package {
	t.Helper()
	p := wire.Package{}
	for _, d := range r.Devices {
		p.Grants = append(p.Grants, wire.Addressed{Device: d, Sealed: testkit.SealedFor(t, "a grant")})
	}
	p.Roster = c.Sign(t, r, c.Keepers[signers[0]])
	for _, i := range signers[1:] {
		var err error
		if p.Roster, err = roster.Cosign(p.Roster, c.Keepers[i]); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// TestRosterRoute: what POST /v1/roster answers, and what everybody reads afterwards.
func TestRosterRoute(t *testing.T) {
	a, c := council(t, 3, 2, 3)
	other := testkit.NewCouncil(t, 1, 1, 1)
	r := c.Without(t, 2)
	p := packageOf(t, c, r, 0, 1)
	unsigned := wire.Package{Roster: other.Sign(t, r, other.Keepers[0])}
	stranger := p
	stranger.Grants = append(stranger.Grants, wire.Addressed{Device: [32]byte{9}, Sealed: testkit.SealedFor(t, "x")})
	for name, q := range map[string]struct {
		body   []byte
		status int
		code   string
	}{
		"nothing":                {nil, 400, wire.CodeRequest},
		"not frames":             {[]byte("panah.roster/v1\n"), 400, wire.CodeRequest},
		"a grant first":          {wire.AppendFrame(nil, wire.FrameGrant, make([]byte, 40)), 400, wire.CodeRequest},
		"cut":                    {p.Bytes()[:len(p.Bytes())-5], 400, wire.CodeRequest},
		"cut in the roster":      {p.Bytes()[:100], 400, wire.CodeRequest},
		"a roster of 4 GiB":      {[]byte{wire.FrameRoster, 255, 255, 255, 255, 'x'}, 400, wire.CodeRequest},
		"too large":              {append(p.Bytes(), make([]byte, wire.MaxPackage)...), 413, wire.CodeTooLarge},
		"another organisation's": {wire.Package{Roster: other.Chain[0]}.Bytes(), 409, wire.CodeRoster},
		"of strangers":           {unsigned.Bytes(), 422, wire.CodeShape},
		"a stranger's grant":     {stranger.Bytes(), 422, wire.CodeShape},
	} {
		t.Run(name, func(t *testing.T) { expect(t, a, nil, "POST", "/v1/roster", q.body, q.status, q.code) })
	}
	// A stranger's megabytes are refused before they are read.
	large := append(wire.AppendFrame(nil, wire.FrameRoster, unsigned.Roster), make([]byte, 4<<20)...)
	rest := bytes.NewReader(large)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("POST", "/v1/roster", rest))
	if w.Code != 422 || rest.Len() < 3<<20 {
		t.Errorf("%d, and %d bytes were left unread", w.Code, rest.Len())
	}

	below := packageOf(t, c, r, 0)
	expect(t, a, nil, "POST", "/v1/roster", below.Bytes(), 202, "")
	if got := expect(t, a, nil, "GET", "/roster", nil, 200, ""); !bytes.Equal(got, c.Chain[0]) {
		t.Error("a keeper below the threshold changed the roster")
	}
	news := keyNews(t, a, c.Desks[0], 1)
	if len(news.Proposals) != 1 || !bytes.Equal(news.Proposals[0], below.Bytes()) || news.Grant != nil {
		t.Errorf("%d proposals", len(news.Proposals))
	}
	expect(t, a, nil, "POST", "/v1/roster", p.Bytes(), 201, "")
	expect(t, a, nil, "POST", "/v1/roster", p.Bytes(), 200, "")
	expect(t, a, nil, "POST", "/v1/roster", wire.Package{Roster: c.Chain[0]}.Bytes(), 409, wire.CodeRoster)
	if got := expect(t, a, nil, "GET", "/roster", nil, 200, ""); !bytes.Equal(got, p.Roster) {
		t.Error("/roster is not the newest")
	}
	chain, err := wire.ParseRosters(expect(t, a, nil, "GET", "/rosters", nil, 200, ""))
	if err != nil || !cmp.Equal(chain, [][]byte{c.Chain[0], p.Roster}) {
		t.Errorf("a chain of %d, %v", len(chain), err)
	}
	if newest, err := wire.ParseRosters(expect(t, a, nil, "GET", "/rosters?from=2", nil, 200, "")); err != nil || !cmp.Equal(newest, chain[1:]) {
		t.Errorf("from 2: %d, %v", len(newest), err)
	}
	for _, bad := range []string{"0", "x", "-1", "9007199254740999"} {
		expect(t, a, nil, "GET", "/rosters?from="+bad, nil, 400, wire.CodeRequest)
	}
	news = keyNews(t, a, c.Desks[0], 2)
	if !bytes.Equal(news.Grant, p.Grants[index(r, c.Public(0))].Sealed) || len(news.Proposals) != 0 || len(news.Rosters) != 1 || !news.Intake {
		t.Errorf("after the change: %d proposals, %d rosters", len(news.Proposals), len(news.Rosters))
	}
	// The device that left is out at once, everywhere.
	for _, q := range []string{"GET /v1/desk/keys?from=1", "GET /v1/desk/sync?from=0", "GET /v1/desk/news?after=0&keys=0", "PUT /v1/desk/card", "GET /v1/desk/wraps?epoch=1"} {
		method, target, _ := strings.Cut(q, " ")
		expect(t, a, c.Desks[2], method, target, nil, 401, wire.CodeDevice)
	}
}

func index(r roster.Roster, device ed25519.PublicKey) int {
	for i, d := range r.Devices {
		if d == roster.HashDevice(device) {
			return i
		}
	}
	return -1
}

func keyNews(t *testing.T, a *API, by ed25519.PrivateKey, from int) wire.KeyNews {
	t.Helper()
	n, err := wire.ParseKeyNews(expect(t, a, by, "GET", fmt.Sprintf("/v1/desk/keys?from=%d", from), nil, 200, ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStrangers: every route of desks is closed to a device of another organisation, and to nobody.
func TestStrangers(t *testing.T) {
	a, _ := council(t, 1, 1, 1)
	stranger := testkit.NewCouncil(t, 1, 1, 1).Desks[0]
	for _, q := range []string{
		"GET /v1/desk/keys", "PUT /v1/desk/card", "PUT /v1/desk/recovery", "POST /v1/desk/intake", "POST /v1/desk/letters", "PUT /v1/desk/wraps?epoch=1",
		"GET /v1/desk/wraps?epoch=1", "DELETE /v1/desk/wraps?epoch=1", "GET /v1/desk/consistency?old=1&new=1", "POST /v1/desk/join", "POST /v1/desk/join/read",
	} {
		method, target, _ := strings.Cut(q, " ")
		expect(t, a, stranger, method, target, []byte{1}, 401, wire.CodeDevice)
		expect(t, a, nil, method, target, []byte{1}, 401, wire.CodeDevice)
	}
}

// TestCardRoute.
func TestCardRoute(t *testing.T) {
	a, c := council(t, 1, 1, 2)
	card := func(desk, generation int) []byte {
		signed, err := roster.SignCard(c.Roster.Org, generation, c.Roster.Recipient, c.Desks[desk])
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	two := card(0, 2)
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/card", two, 201, "")
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/card", two, 200, "")
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/card", card(0, 1), 409, wire.CodeRoster)
	expect(t, a, c.Desks[1], "PUT", "/v1/desk/card", two, 422, wire.CodeShape)
	expect(t, a, c.Desks[1], "PUT", "/v1/desk/card", make([]byte, wire.MaxCard+1), 413, wire.CodeTooLarge)
	if n := keyNews(t, a, c.Desks[1], 1); len(n.Cards) != 1 || !n.Cards[0].Device.Equal(c.Public(0)) || !bytes.Equal(n.Cards[0].Card, two) {
		t.Errorf("%d cards", len(n.Cards))
	}
}

// TestRecoveryRoutes.
func TestRecoveryRoutes(t *testing.T) {
	a, c := council(t, 1, 1, 1)
	file := testkit.SealedFor(t, "recovery")
	files := func(name string, data []byte) []byte {
		return wire.AppendFiles(nil, []wire.File{{Name: name, Data: data}})
	}
	expect(t, a, nil, "GET", "/recovery/epoch-ab.age", nil, 404, wire.CodeRequest)
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/recovery", files("epoch-ab.age", file), 201, "")
	if got := expect(t, a, nil, "GET", "/recovery/epoch-ab.age", nil, 200, ""); !bytes.Equal(got, file) {
		t.Error("another file")
	}
	for _, name := range []string{"epoch-ba.age", "..%2fgate.key", "epoch-ab.age.", "authority-ab.age", "gate.db"} {
		expect(t, a, nil, "GET", "/recovery/"+name, nil, 404, wire.CodeRequest)
	}
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/recovery", files("epoch-ab.age", []byte("AGE-SECRET-KEY-PQ-1")), 422, wire.CodeShape)
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/recovery", files("gate.db", file), 400, wire.CodeRequest)
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/recovery", []byte("not frames"), 400, wire.CodeRequest)
	if got := expect(t, a, nil, "GET", "/recovery/epoch-ab.age", nil, 200, ""); !bytes.Equal(got, file) {
		t.Error("a refused request changed the file")
	}
	// Once a roster follows, files come with rosters only: a desk alone, which may be stolen, does not destroy the way back.
	r := c.Next(func(r *roster.Roster) { r.Devices = append(r.Devices, roster.HashDevice(c.NewDesk(t))) })
	expect(t, a, nil, "POST", "/v1/roster", wire.Package{Roster: c.Sign(t, r, c.Keepers[0])}.Bytes(), 201, "")
	expect(t, a, c.Desks[0], "PUT", "/v1/desk/recovery", files("epoch-ab.age", testkit.SealedFor(t, "garbage")), 409, wire.CodeRoster)
	if got := expect(t, a, nil, "GET", "/recovery/epoch-ab.age", nil, 200, ""); !bytes.Equal(got, file) {
		t.Error("a desk alone replaced the recovery files")
	}
}

// TestIntakeRoute: closed to the public, open to desks.
func TestIntakeRoute(t *testing.T) {
	a, c := council(t, 1, 1, 1)
	l := testkit.NewOrganisation(t).Letters(t, 2)
	expect(t, a, c.Desks[0], "POST", "/v1/desk/intake", []byte{0}, 204, "")
	if keyNews(t, a, c.Desks[0], 1).Intake {
		t.Error("desks are told that intake is open")
	}
	if status, body := put(a, l[0], l[0]); status != 503 || !bytes.Contains(body, []byte(wire.CodeClosed)) {
		t.Errorf("the public's letter: %d %s", status, body)
	}
	if status, _ := put(a, l[0], l[0][:100], "Content-Range", "bytes 0-99/5755"); status != 503 {
		t.Errorf("a piece: %d", status)
	}
	if _, _, err := a.Accept(t.Context(), l[0], nil); err == nil {
		t.Error("a form's letter is taken")
	}
	first := expect(t, a, c.Desks[0], "POST", "/v1/desk/letters", l[0], 201, "")
	if again := expect(t, a, c.Desks[0], "POST", "/v1/desk/letters", l[0], 200, ""); !bytes.Equal(first, again) {
		t.Error("the same letter has two answers")
	}
	expect(t, a, c.Desks[0], "POST", "/v1/desk/letters", l[0][:5000], 422, wire.CodeShape)
	for _, bad := range [][]byte{nil, {2}} {
		expect(t, a, c.Desks[0], "POST", "/v1/desk/intake", bad, 400, wire.CodeRequest)
	}
	expect(t, a, c.Desks[0], "POST", "/v1/desk/intake", []byte{1, 1}, 413, wire.CodeTooLarge)
	expect(t, a, c.Desks[0], "POST", "/v1/desk/intake", []byte{1}, 204, "")
	if status, body := put(a, l[1], l[1]); status != 201 {
		t.Errorf("when it is open: %d %s", status, body)
	}
}

// TestWrapRoutes: kept, replaced, deleted, read in bites; only of epochs that there are.
func TestWrapRoutes(t *testing.T) {
	a, c := council(t, 1, 1, 1)
	desk := c.Desks[0]
	o := testkit.NewOrganisation(t)
	large, err := o.Seal(strings.Repeat("x", 1_900_000))
	if err != nil {
		t.Fatal(err)
	}
	small := o.Letters(t, 2)
	name := func(n byte) [16]byte { return [16]byte{n} }
	for n := byte(1); n <= 4; n++ {
		expect(t, a, desk, "PUT", "/v1/desk/wraps?epoch=2", wire.AppendWraps(nil, []wire.Wrap{{Name: name(n), Sealed: large}}, false), 204, "")
	}
	expect(t, a, desk, "PUT", "/v1/desk/wraps?epoch=2", wire.AppendWraps(nil, []wire.Wrap{{Name: name(5), Sealed: small[0]}, {Name: name(2)}, {Name: name(6), Sealed: small[1]}}, false), 204, "")
	var names []byte
	for after, more := "", true; more; {
		var wraps []wire.Wrap
		wraps, more, err = wire.ParseWraps(expect(t, a, desk, "GET", "/v1/desk/wraps?epoch=2"+after, nil, 200, ""))
		if err != nil || len(wraps) == 0 {
			t.Fatalf("%d wraps, %v", len(wraps), err)
		}
		for _, w := range wraps {
			names = append(names, w.Name[0])
		}
		after = fmt.Sprintf("&after=%x", wraps[len(wraps)-1].Name)
	}
	if want := []byte{1, 3, 4, 5, 6}; !bytes.Equal(names, want) {
		t.Errorf("wraps %v, want %v", names, want)
	}
	one := wire.AppendWraps(nil, []wire.Wrap{{Name: name(1), Sealed: small[0]}}, false)
	for target, q := range map[string]struct {
		body   []byte
		status int
		code   string
	}{
		"PUT /v1/desk/wraps?epoch=3":                       {one, 400, wire.CodeRequest},
		"PUT /v1/desk/wraps?epoch=0":                       {one, 400, wire.CodeRequest},
		"PUT /v1/desk/wraps":                               {one, 400, wire.CodeRequest},
		"PUT /v1/desk/wraps?epoch=1":                       {[]byte("not frames"), 400, wire.CodeRequest},
		"PUT /v1/desk/wraps?epoch=1&more":                  {wire.AppendWraps(nil, nil, true), 400, wire.CodeRequest},
		"PUT /v1/desk/wraps?epoch=1&open":                  {wire.AppendWraps(nil, []wire.Wrap{{Sealed: []byte("open")}}, false), 422, wire.CodeShape},
		"PUT /v1/desk/wraps?epoch=1&large":                 {make([]byte, wire.MaxPackage+1), 413, wire.CodeTooLarge},
		"GET /v1/desk/wraps?epoch=2&after=zz":              {nil, 400, wire.CodeRequest},
		"GET /v1/desk/wraps?epoch=2&after=00":              {nil, 400, wire.CodeRequest},
		"GET /v1/desk/wraps?epoch=x":                       {nil, 400, wire.CodeRequest},
		"DELETE /v1/desk/wraps?epoch=2":                    {nil, 400, wire.CodeRequest},
		"DELETE /v1/desk/wraps?epoch=1":                    {nil, 204, ""},
		"DELETE /v1/desk/wraps?epoch=99999999999999999999": {nil, 400, wire.CodeRequest},
	} {
		method, target, _ := strings.Cut(target, " ")
		expect(t, a, desk, method, target, q.body, q.status, q.code)
	}
}

// TestConsistencyRoute proves every tree up to 20 entries to a verifier.
func TestConsistencyRoute(t *testing.T) {
	a, c := council(t, 1, 1, 1)
	const size = 20
	for _, l := range testkit.NewOrganisation(t).Letters(t, size) {
		if status, body := put(a, l, l); status != 201 {
			t.Fatalf("%d %s", status, body)
		}
	}
	root := func(n int64) tlog.Hash {
		h, err := tlog.TreeHash(n, a.c.Log)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for n := int64(1); n <= size; n++ {
		for m := int64(1); m <= n; m++ {
			b := expect(t, a, c.Desks[0], "GET", fmt.Sprintf("/v1/desk/consistency?old=%d&new=%d", m, n), nil, 200, "")
			var proof tlog.TreeProof
			for ; len(b) > 0; b = b[tlog.HashSize:] {
				proof = append(proof, tlog.Hash(b[:tlog.HashSize]))
			}
			if err := tlog.CheckTree(proof, n, root(n), m, root(m)); err != nil {
				t.Errorf("from %d to %d: %v", m, n, err)
			}
		}
	}
	for _, bad := range []string{"", "?old=0&new=5", "?old=5&new=4", "?old=1&new=21", "?old=x&new=5"} {
		expect(t, a, c.Desks[0], "GET", "/v1/desk/consistency"+bad, nil, 400, wire.CodeRequest)
	}
}

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

// FuzzKeyRequests sends signed requests of any form to the routes of keys: none may panic or be a fault of ours.
func FuzzKeyRequests(f *testing.F) {
	c := testkit.NewCouncil(f, 2, 2, 2)
	a := serve(f, c.Chain[0], Limits{}, time.Now)
	card, err := roster.SignCard(c.Roster.Org, 1, c.Roster.Recipient, c.Desks[0])
	if err != nil {
		f.Fatal(err)
	}
	file := []wire.File{{Name: "epoch-ab.age", Data: testkit.SealedFor(f, "x")}}
	length := binary.BigEndian.AppendUint32([]byte{wire.FrameRoster}, 1<<31)
	for _, seed := range []struct {
		method, target string
		body           []byte
	}{
		{"POST", "/v1/roster", wire.Package{Roster: c.Sign(f, c.Without(f, 1), c.Keepers[0]), Files: file}.Bytes()},
		{"POST", "/v1/roster", length},
		{"PUT", "/v1/desk/card", card},
		{"PUT", "/v1/desk/recovery", wire.AppendFiles(nil, file)},
		{"PUT", "/v1/desk/wraps?epoch=1", wire.AppendWraps(nil, []wire.Wrap{{Name: [16]byte{1}}}, false)},
		{"GET", "/v1/desk/wraps?epoch=1&after=00000000000000000000000000000000", nil},
		{"DELETE", "/v1/desk/wraps?epoch=1", nil},
		{"GET", "/v1/desk/keys?from=1", nil},
		{"GET", "/v1/desk/consistency?old=1&new=1", nil},
		{"POST", "/v1/desk/join", append(make([]byte, 17), "offer"...)},
		{"POST", "/v1/join", append(make([]byte, 17), "hello"...)},
		{"POST", "/v1/desk/intake", []byte{1}},
		{"GET", "/rosters?from=1", nil},
		{"GET", "/recovery/epoch-ab.age", nil},
	} {
		f.Add(seed.method, seed.target, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		if !strings.HasPrefix(target, "/") {
			return
		}
		r, err := http.NewRequest(method, "http://gate.example.org"+target, bytes.NewReader(body))
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		s := wire.SignRequest(c.Desks[0], r.Method, r.URL.RequestURI(), body, origin, time.Now())
		r.Header.Set(wire.HeaderDevice, s.Device)
		r.Header.Set(wire.HeaderDate, s.Date)
		r.Header.Set(wire.HeaderSignature, s.Signature)
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r.WithContext(ctx))
		if w.Code == 500 {
			t.Errorf("%s %q: %d %s", method, target, w.Code, w.Body)
		}
	})
}
