package gate_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"panah/core/roster"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
	"panah/internal/testkit/hoard"
)

// TestVerifyPagesFollowsTheChain: a gate whose operator puts in another key, serves an old roster, or leaves some out is told in words.
func TestVerifyPagesFollowsTheChain(t *testing.T) {
	c, thief := testkit.NewCouncil(t, 3, 2, 3), testkit.NewCouncil(t, 3, 2, 1)
	g := hoard.Start(t, gate.Config{Roster: c.Chain[0]})
	for desk := 2; desk > 0; desk-- { // rosters 2 and 3
		r := c.Without(t, desk)
		signed, err := roster.Cosign(c.Sign(t, r, c.Keepers[0]), c.Keepers[2])
		if err != nil {
			t.Fatal(err)
		}
		if a := post(t, g, wire.Package{Roster: signed}); a != 201 {
			t.Fatalf("roster %d: %d", r.Serial, a)
		}
		c.Accept(signed, r)
	}
	// What the thief would have people seal to: the roster that follows, with a key of the thief's, under various signatures.
	swap := c.Next(func(r *roster.Roster) { r.Epoch, r.Recipient = r.Epoch+1, thief.Roster.Recipient })
	same := c.Roster
	same.Recipient = thief.Roster.Recipient
	byThief := c.Sign(t, swap, thief.Keepers...)
	byOne := c.Sign(t, swap, c.Keepers[1])
	broken := bytes.Clone(c.Chain[2])
	broken[len(broken)-5] ^= 1
	chain := func(notes ...[]byte) []byte { return wire.AppendRosters(nil, notes) }
	for name, q := range map[string]struct {
		roster, rosters []byte // nil: as they are
		say             string
	}{
		"honest":                        {nil, nil, ""},
		"a key in /roster alone":        {byThief, nil, "people are given another key than that of roster 3"},
		"a key in the same epoch":       {c.Sign(t, same, thief.Keepers...), nil, "people are given another key than that of roster 3"},
		"a key signed by the thief":     {byThief, chain(append(c.Chain, byThief)...), "roster 4 is not signed by enough keepers of roster 3"},
		"a key signed by one of two":    {byOne, chain(append(c.Chain, byOne)...), "roster 4 is not signed by enough keepers of roster 3"},
		"a broken signature":            {broken, chain(c.Chain[0], c.Chain[1], broken), "roster 3 is not signed by enough keepers of roster 2"},
		"an old roster":                 {c.Chain[1], nil, "people are given roster 2, though the keepers have signed roster 3"},
		"a roster left out":             {nil, chain(c.Chain[0], c.Chain[2]), "roster 2 does not follow roster 1"},
		"the founding one left out":     {nil, chain(c.Chain[1], c.Chain[2]), "the first roster is not that of any organisation"},
		"another organisation's":        {thief.Chain[0], nil, "people are given the roster of another organisation"},
		"another organisation's at all": {thief.Chain[0], chain(thief.Chain[0]), ""}, // found by --org, and by the words on a poster
		"no chain":                      {nil, chain(), "the gate serves no chain of rosters"},
		"not a roster":                  {[]byte("panah.roster/v1\n"), nil, "what people are given is not a roster"},
	} {
		g.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
			a := gate(e)
			path, from, _ := strings.Cut(e.Target, "?from=")
			switch {
			case path == "/roster" && q.roster != nil:
				a.Body = q.roster
			case path == "/rosters" && q.rosters != nil && from == "1":
				a.Body = q.rosters
			case path == "/rosters" && q.rosters != nil:
				a.Body = chain()
			}
			return a
		})
		report, err := gate.VerifyPages(t.Context(), g.URL)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		told := strings.Join(report.Chain, "\n")
		if (q.say == "") != (told == "") || !strings.Contains(told, q.say) {
			t.Errorf("%s: told %q", name, told)
		}
		if told != "" && !strings.Contains(told, "tell the organisation") {
			t.Errorf("%s: it does not say what to do: %q", name, told)
		}
		if name == "honest" && (report.Serial != 3 || report.Epoch != 3 || report.Org != c.Roster.Org || len(report.Different) > 0) {
			t.Errorf("%+v", report)
		}
	}
}

// post sends a package and returns the status.
func post(t *testing.T, g *hoard.Gate, p wire.Package) int {
	t.Helper()
	res, err := http.Post(g.URL+"/v1/roster", "", bytes.NewReader(p.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
