package web

import (
	"bytes"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"panah/core/l10n"
	webgate "panah/web/gate"
)

// firstPageBudget is what the first page may weigh over the wire with CSS and icons, bytes of brotli.
const firstPageBudget = 10_000

// TestFirstPageBudget weighs the pages of the real build (make build comes before make test). Icons are inline, so the page and its style
// sheet are all that a browser needs: two requests.
func TestFirstPageBudget(t *testing.T) {
	site := testSite(true)
	b, err := newBuild(site, webgate.Assets())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	pages, err := b.render(testOrg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("rendering and compressing %d pages took %v", len(pages), time.Since(start).Round(time.Millisecond))
	css := len(b.assets.files[b.assets.names["page.css"]].br)
	paths := []string{"/"}
	for _, l := range l10n.Languages() {
		paths = append(paths, "/"+l.Code+"/")
	}
	for _, path := range paths {
		br := len(pages[path].br)
		t.Logf("%-8s page %5d + css %d = %5d bytes brotli (gzip %d, plain %d)", path, br, css, br+css, len(pages[path].gz), len(pages[path].plain))
		if br+css > firstPageBudget {
			t.Errorf("%s weighs %d bytes, the budget is %d", path, br+css, firstPageBudget)
		}
		var best bytes.Buffer
		w := brotli.NewWriterLevel(&best, brotli.BestCompression)
		if _, err := w.Write(pages[path].plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("         (best quality would give %d)", best.Len())
	}
}
