package browser

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
	"panah/internal/testkit/chrome"
)

// TestAGateThatTakesNoLetters looks at a gate before it has an organisation, after, and when a desk closes and opens its intake: always
// the same running gate, and no page of it is kept by the browser beyond its time.
func TestAGateThatTakesNoLetters(t *testing.T) {
	o := testkit.NewOrganisation(t)
	bare, taken := runGate(t, nil), runGate(t, o.Signed)
	for _, script := range []bool{true, false} {
		for _, v := range chrome.Views(script) {
			t.Run(v.Name, func(t *testing.T) {
				p := chrome.Open(t, v)
				for _, path := range []string{"/", "/" + v.Lang + "/"} {
					p.Do(chromedp.Navigate(bare.URL() + path))
					p.Check("no-organisation" + path)
				}
				setIntake(t, taken, o, 0)
				p.Do(chromedp.Navigate(taken.URL() + "/" + v.Lang + "/"))
				p.Until(`document.body.dataset.page === 'closed'`)
				p.Check("closed")
				p.Click(`main a[href$="mailbox"]`)
				p.Until(`document.querySelector('form#open')`)
				setIntake(t, taken, o, 1)
				p.Do(chromedp.Navigate(taken.URL() + "/" + v.Lang + "/"))
				p.Until(`document.querySelector('form#letter .compare')`)
				if got := chrome.Eval[int](p, `document.querySelectorAll('.compare .words li').length`); got != 8 {
					t.Errorf("%d words stand beside the button", got)
				}
				p.Check("open")
			})
		}
	}
}

// runGate runs a gate in this process.
func runGate(t *testing.T, roster []byte) *gate.Gate {
	t.Helper()
	dir := t.TempDir()
	if _, err := gate.Init(dir, "help.example.org"); err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{
		DataDir: dir, Addr: "127.0.0.1:0", Roster: roster, Site: gate.Site{Leave: "https://weather.example/", Drafts: true, LangDefault: "fa"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-g.Ready():
	case err := <-done:
		t.Fatalf("the gate ended: %v", err)
	}
	return g
}

// setIntake opens or closes intake as a desk does.
func setIntake(t *testing.T, g *gate.Gate, o testkit.Organisation, open byte) {
	t.Helper()
	if status, body := askAsDesk(t, g, o, http.MethodPost, "/v1/desk/intake", []byte{open}); status != http.StatusNoContent {
		t.Fatalf("setting intake to %d: %d %s", open, status, body)
	}
}

// askAsDesk sends a request that the organisation's desk signed.
func askAsDesk(t *testing.T, g *gate.Gate, o testkit.Organisation, method, target string, body []byte) (int, []byte) {
	t.Helper()
	s := wire.SignRequest(o.Device, method, target, body, g.Origin(), time.Now())
	req, err := http.NewRequestWithContext(t.Context(), method, g.URL()+target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(wire.HeaderDevice, s.Device)
	req.Header.Set(wire.HeaderDate, s.Date)
	req.Header.Set(wire.HeaderSignature, s.Signature)
	res, err := http.DefaultClient.Do(req)
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
