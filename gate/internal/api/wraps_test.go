package api

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"panah/core/wire"
	"panah/internal/testkit"
)

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
