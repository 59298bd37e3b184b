package hoard

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

// send sends one request, signed by the desk of o when sign is set.
func send(t *testing.T, g *Gate, o testkit.Organisation, method, target string, body []byte, sign bool, headers ...string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, g.URL+target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if sign {
		s := wire.SignRequest(o.Device, method, target, body, Origin, time.Now())
		req.Header.Set(wire.HeaderDevice, s.Device)
		req.Header.Set(wire.HeaderDate, s.Date)
		req.Header.Set(wire.HeaderSignature, s.Signature)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer
}

func has(all [][]byte, b []byte) bool {
	for _, one := range all {
		if bytes.Equal(one, b) {
			return true
		}
	}
	return false
}

// TestKeepsEverything sends letters and replies every way there is and finds each, byte for byte, also after a restart of the gate.
func TestKeepsEverything(t *testing.T) {
	o := testkit.NewOrganisation(t)
	g := Start(t, gate.Config{Roster: o.Signed})
	l := o.Letters(t, 4)
	path := func(b []byte) string { return "/v1/letters/" + wire.IDOf(b).String() }
	key := wire.MailboxKey{ID: wire.MailboxID{1}, Auth: [32]byte{2}}
	box := []string{wire.HeaderMailbox, key.ID.Reveal(), wire.HeaderAuth, key.RevealAuth()}
	if status, answer := send(t, g, o, "PUT", path(l[0]), l[0], false, box...); status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	for from := 0; from < len(l[1]); from += 3000 {
		to := min(from+3000, len(l[1]))
		if status, answer := send(t, g, o, "PUT", path(l[1]), l[1][from:to], false, "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(l[1]))); status > 202 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if status, answer := send(t, g, o, "POST", "/v1/desk/replies", append(key.ID[:], l[2]...), true); status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	if status, answer := send(t, g, o, "PUT", "/v1/desk/wraps?epoch=1", wire.AppendWraps(nil, []wire.Wrap{{Sealed: l[3]}}, false), true); status != 204 {
		t.Fatalf("%d %s", status, answer)
	}
	if n := len(g.AgeFiles()); n != 4 {
		t.Errorf("%d age files were sent, not 4", n)
	}
	g.Stop(t)
	if status, _ := send(t, g, o, "GET", "/roster", nil, false); status != 0 {
		t.Errorf("a gate that is down answers %d", status)
	}
	g.Run(t)
	for _, q := range []struct {
		method, target string
		sign           bool
	}{{"GET", "/v1/desk/sync?from=0", true}, {"POST", "/v1/mailbox", false}, {"GET", "/v1/desk/keys?from=1", true}, {"GET", "/roster", false}} {
		if status, answer := send(t, g, o, q.method, q.target, nil, q.sign, box...); status != 200 {
			t.Fatalf("%s: %d %s", q.target, status, answer)
		}
	}
	files := g.AgeFiles()
	for i := range l {
		if !has(files, l[i]) {
			t.Errorf("letter %d is not among what passed", i)
		}
	}
	if len(files) != 4 {
		t.Errorf("%d age files: something was cut wrongly", len(files))
	}
	if rosters := g.Rosters(); len(rosters) != 1 || !bytes.Equal(rosters[0], o.Signed) {
		t.Errorf("%d rosters", len(rosters))
	}
	promises := 0
	for _, n := range g.Notes() {
		if bytes.HasPrefix(n, []byte("panah.promise/v1\n")) && bytes.HasSuffix(n, []byte("\n")) {
			promises++
		}
	}
	if promises != 2 {
		t.Errorf("%d promises, not 2", promises)
	}
}

// TestMeddles lets an operator change, drop and repeat, and keeps that too.
func TestMeddles(t *testing.T) {
	o, other := testkit.NewOrganisation(t), testkit.NewOrganisation(t)
	g := Start(t, gate.Config{Roster: o.Signed})
	g.Meddle(func(e Exchange, gate func(Exchange) Answer) Answer {
		switch e.Target {
		case "/roster":
			a := gate(e)
			a.Body = other.Signed
			return a
		case "/site.json":
			return Answer{}
		}
		return gate(e)
	})
	if status, answer := send(t, g, o, "GET", "/roster", nil, false); status != 200 || !bytes.Equal(answer, other.Signed) {
		t.Errorf("another roster: %d %s", status, answer)
	}
	if status, _ := send(t, g, o, "GET", "/site.json", nil, false); status != 0 {
		t.Errorf("a dropped request: %d", status)
	}
	g.Meddle(nil)
	if _, answer := send(t, g, o, "GET", "/roster", nil, false); !bytes.Equal(answer, o.Signed) {
		t.Error("it goes on when it should have stopped")
	}
	if !has(g.Rosters(), o.Signed) || !has(g.Rosters(), other.Signed) {
		t.Errorf("%d rosters were kept", len(g.Rosters()))
	}
}
