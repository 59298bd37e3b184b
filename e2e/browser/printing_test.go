package browser

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
	"panah/internal/testkit/scanner"
)

// TestPosterFromTheDesk: a desk makes a poster of its own address; a phone that scans the paper comes to the organisation's page and nowhere else.
func TestPosterFromTheDesk(t *testing.T) {
	gateURL, code := emptyGate(t)
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, gateURL, code)
	a.visit("/desks")
	eight := strings.Join(strings.Fields(a.text(".eight")), " ")
	a.visit("/about")
	a.Click(`a[href="/printing"]`)
	a.Until(`document.querySelector('#address')`)
	if got := chrome.Eval[string](a.Page, `document.querySelector('#address').value`); got != gateURL {
		t.Errorf("the page proposes the address %q, the gate is at %q", got, gateURL)
	}
	a.Check("printing")

	// The made-up gate has no certificate: its address is refused, and what was typed stays.
	a.Click(`form[action="/printing"] button.main`)
	a.Until(`document.querySelector('.wrong')`)
	a.Check("printing-refused")
	a.Do(chromedp.SetValue(`#address`, "https://help.example.org"), chromedp.SetValue(`#sms`, "+98 21 5550 0199"))
	a.Click(`input[name=words]`)
	encoded := chrome.Eval[string](a.Page, `(() => { const f = document.querySelector('form[action="/printing"]'); return fetch(f.action, {method: 'POST', body: new URLSearchParams(new FormData(f))})
		.then(r => r.arrayBuffer()).then(b => { let s = ''; for (const c of new Uint8Array(b)) s += String.fromCharCode(c); return btoa(s) }) })()`)
	file, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !strings.HasPrefix(string(file), "%PDF-1.7") {
		t.Fatalf("%v: %.80q", err, file)
	}
	name := filepath.Join(t.TempDir(), "poster.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := scanner.Code(t, name, 80); got != "https://help.example.org" {
		t.Errorf("the code on the paper says %q", got)
	}
	text, err := exec.Command("pdftotext", name, "-").CombinedOutput()
	if err != nil || len(strings.Fields(eight)) != 8 || !strings.Contains(string(text), eight) {
		t.Errorf("the eight words %q are not on the paper: %v %s", eight, err, text)
	}
	a.Page.T.Logf("a poster of %d bytes", len(file))
}
