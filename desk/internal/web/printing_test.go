package web

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrinting: the page knows the helpline's address, the file is a PDF with it, and what was typed stays when something has to be put right.
func TestPrinting(t *testing.T) {
	d := furnished()
	b := newBrowser(t, d).launch().unlock()
	b.get("/about")
	b.wantText(`href="/printing"`)
	b.want(b.get("/printing"), http.StatusOK)
	b.wantText(`value="`+d.status.GateURL+`"`, `value="poster-a4" required checked`, "not checked")

	r := b.post("/printing", "paper", "poster-a4", "lang", "fa", "address", "https://help.example.org", "sms", "+98 21 5550 0199", "name", "Lantern", "officials", "en")
	b.want(r, http.StatusOK)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="poster.pdf"` {
		t.Error(got)
	}
	name := filepath.Join(t.TempDir(), "poster.pdf")
	if err := os.WriteFile(name, []byte(b.last), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", name, "-").CombinedOutput()
	if err != nil || !strings.Contains(string(text), "help.example.org") {
		t.Errorf("%v: %s", err, text)
	}

	b.get("/printing")
	b.want(b.post("/printing", "paper", "rights-a4", "address", "https://help.example.org/?who=7", "sms", "+98 21", "name", "Lantern", "officials", "ur", "lang", "ps"), http.StatusUnprocessableEntity)
	b.wantText("the same for everybody", `value="https://help.example.org/?who=7"`, `value="&#43;98 21"`, `value="Lantern"`, `value="rights-a4" required checked`, `value="ps" checked`, `value="ur" lang="ur" dir="rtl" selected`)
	b.want(b.post("/printing", "paper", "poster-a4", "address", "https://help.example.org", "name", "漢", "officials", "en", "lang", "en"), http.StatusUnprocessableEntity)
	b.wantText("cannot be printed", "漢")
	b.want(b.post("/printing", "paper", "flyer"), http.StatusForbidden)
	for _, lang := range []string{"fa", "fa-AF", "ps", "ur"} {
		b.post("/language", "lang", lang)
		b.want(b.get("/printing"), http.StatusOK)
	}
}
