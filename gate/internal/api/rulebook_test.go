package api

import (
	"bytes"
	"net/http/httptest"
	"testing"
	"time"

	"panah/core/wire"
	"panah/internal/testkit"
	"panah/rules"
)

// TestRulebookIsPublicAndSigned gives the gate a rulebook and reads it as anybody does.
func TestRulebookIsPublicAndSigned(t *testing.T) {
	o := testkit.NewOrganisation(t)
	a := serve(t, o.Signed, Limits{}, time.Now)
	expect(t, a, nil, "GET", "/rulebook.json", nil, 404, wire.CodeRulebook)
	src := rules.RulebookFiles()
	sign := func(at time.Time, rules []byte) []byte {
		b, err := wire.SignRulebook(o.Keeper, o.Roster.Org, at, src.Papers, rules, src.Sources)
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	now := time.Now()
	good := sign(now, src.Rules)
	expect(t, a, nil, "POST", wire.RulebookTarget, good, 401, wire.CodeDevice)
	expect(t, a, o.Device, "POST", wire.RulebookTarget, append(bytes.Clone(good), '\n'), 422, wire.CodeRulebook)
	expect(t, a, o.Device, "POST", wire.RulebookTarget, sign(now, []byte("version: 2\n")), 422, wire.CodeRulebook)
	expect(t, a, nil, "GET", "/rulebook.json", nil, 404, wire.CodeRulebook)
	expect(t, a, o.Device, "POST", wire.RulebookTarget, good, 204, "")
	expect(t, a, o.Device, "POST", wire.RulebookTarget, sign(now.Add(-time.Hour), src.Rules), 409, wire.CodeRulebook)
	expect(t, a, o.Device, "POST", wire.RulebookTarget, bytes.Repeat([]byte("a"), wire.MaxRulebook+1), 413, wire.CodeTooLarge)

	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("GET", "/rulebook.json", nil))
	got, err := wire.ParseRulebook(w.Body.Bytes())
	if err != nil || w.Code != 200 || !bytes.Equal(w.Body.Bytes(), good) || w.Header().Get("Cache-Control") != "public, max-age=60" {
		t.Fatalf("%d %v %v", w.Code, err, w.Header())
	}
	if s, err := got.Open(o.Roster); err != nil || s.By != o.Roster.Keepers[0] {
		t.Errorf("%+v, %v", s, err)
	}
}
