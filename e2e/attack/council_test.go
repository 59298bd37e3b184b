package attack

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/wire"
	"panah/internal/testkit/hoard"
)

// One of two keepers, below the threshold of two, against the organisation: alone, and with the gate's help.
func TestKeeperBelowThreshold(t *testing.T) {
	w := found(t)
	second := w.keeper.admits(w, "Second keeper", roster.RoleKeeper)
	w.twoOfTwo(second)
	before := w.roster()
	if before.Threshold != 2 {
		t.Fatalf("the threshold is %d", before.Threshold)
	}
	c := contentsOf(t, second.data)
	second.stop()
	signer, err := note.NewSigner(c.Keeper)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	next := before.Next(c.Roster)
	next.Epoch, next.Recipient = before.Epoch+1, mine.Recipient()
	next.Devices = []roster.DeviceHash{roster.HashDevice(deviceOf(c))} // everybody else is out
	next.Threshold = 1
	signed, err := roster.Sign(next, signer)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(w.gate.URL+"/v1/roster", "application/octet-stream", bytes.NewReader(wire.Package{Roster: signed}.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.StatusCode == http.StatusCreated || w.roster().Serial != before.Serial {
		t.Fatalf("one keeper changed the roster: %s", resp.Status)
	}
	// The gate joins in, and serves it as if it were in force.
	w.gate.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
		a := gate(e)
		switch {
		case e.Target == "/roster":
			a.Body = signed
		case strings.HasPrefix(e.Target, "/rosters") && a.Status == http.StatusOK:
			if notes, err := wire.ParseRosters(a.Body); err == nil {
				a.Body = wire.AppendRosters(nil, append(notes, signed))
			}
		case strings.HasPrefix(e.Target, "/v1/desk/keys") && a.Status == http.StatusOK:
			if n, err := wire.ParseKeyNews(a.Body); err == nil {
				n.Rosters = append(n.Rosters, signed)
				a.Body = n.Bytes()
			}
		}
		return a
	})
	w.keeper.stop()
	again := serve(t, "the keeper's desk", w.keeper.data)
	text := again.alarm("did not sign")
	if again.epoch() != before.Epoch || !exists(again.data) {
		t.Error("the desk followed one keeper of two")
	}
	report(t, 7, "one keeper of two (both must sign), also with the gate's help", "the roster stays; desks refuse and say: “%s”", sentenceWith(text, "did not sign"))
}

// twoOfTwo makes new sheets for a threshold of two and raises it: both keepers' hands are needed from then on.
func (w *world) twoOfTwo(second *laptop) {
	w.t.Helper()
	w.keeper.get("/desks/sheets")
	w.keeper.must("/desks/sheets", "split", "2/3")
	w.keeper.get("/desks/sheets")
	w.keeper.post("/desks/sheets/done", "printed", "a", "printed", "b", "printed", "c")
	w.keeper.get("/desks")
	w.keeper.must("/desks/threshold", "n", "2")
	w.keeper.until("a threshold of two", "/desks", func(string) bool { return w.roster().Threshold == 2 })
	second.until("the roster with a threshold of two", "/desks", func(string) bool {
		r, err := roster.Reopen(contentsOf(w.t, second.data).Roster)
		return err == nil && r.Threshold == 2
	})
}
