package web

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"panah/core/l10n"
	webgate "panah/web/gate"
)

// firstPageBudget is what the first page may weigh over the wire with CSS and icons, bytes of brotli.
const firstPageBudget = 10_000

// TestFirstPageBudget weighs the pages of the real build (make build comes before make test). Icons are inline, so the
// page and its style sheet are all that a browser needs: two requests. The quickly compressed form counts: it is the heavier one.
func TestFirstPageBudget(t *testing.T) {
	for _, drafts := range []bool{true, false} {
		b, err := newBuild(testSite(drafts), webgate.Assets())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		done, err := b.render(testOrg, nil)
		if err != nil {
			t.Fatal(err)
		}
		pages := done.pages
		t.Logf("drafts %v: rendering and compressing %d pages took %v", drafts, len(pages), time.Since(start).Round(time.Millisecond))
		better, err := done.smaller()
		if err != nil {
			t.Fatal(err)
		}
		css := len(b.assets.files[b.assets.names["page.css"]].br)
		for _, l := range append([]l10n.Language{{}}, l10n.Languages()...) {
			path := strings.ReplaceAll("/"+l.Code+"/", "//", "/")
			br, best := pages[path].br, better.pages[path].br
			t.Logf("%-8s page %5d (at leisure %5d) + css %d = %5d (%5d) bytes brotli; gzip %d, plain %d",
				path, len(br), len(best), css, len(br)+css, len(best)+css, len(pages[path].gz), len(pages[path].plain))
			if len(br)+css > firstPageBudget {
				t.Errorf("%s weighs %d bytes, the budget is %d", path, len(br)+css, firstPageBudget)
			}
			again, err := io.ReadAll(brotli.NewReader(bytes.NewReader(best)))
			if err != nil || !bytes.Equal(again, pages[path].plain) || len(best) > len(br) {
				t.Errorf("%s compressed at leisure is %d bytes and opens to %d: %v", path, len(best), len(again), err)
			}
		}
	}
}
