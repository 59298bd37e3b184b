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
	"time"

	"github.com/google/go-cmp/cmp"

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
	// The proposal's, which was there first.
	if !bytes.Equal(news.Grant, below.Grants[index(r, c.Public(0))].Sealed) || len(news.Proposals) != 0 || len(news.Rosters) != 1 || !news.Intake {
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
