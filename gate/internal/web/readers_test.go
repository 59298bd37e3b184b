package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"panah/core/roster"
	"panah/gate/internal/door"
)

// Readers who come while the roster gives the organisation another name see the old pages or the new ones, each of them
// whole, and the new ones from then on. This is what the race detector runs of the pages (.ci/race).
func TestReadersWhileTheNameChanges(t *testing.T) {
	_, s := newHandler(t, testSite(true))
	var now atomic.Pointer[roster.Roster]
	h, err := New(Config{
		Taking: func() bool { return true },
		Roster: func() (roster.Roster, bool) {
			if r := now.Load(); r != nil {
				return *r, true
			}
			return roster.Roster{}, false
		},
		Site: testSite(true), Assets: testAssets(), Intake: s, Door: door.New(door.Config{Mailboxes: s}), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"First Name of the House", "Second Name of the House"}
	for _, name := range names {
		began := now.Load()
		var readers sync.WaitGroup
		for i := range 4 {
			readers.Go(func() {
				for _, path := range []string{"/en/", "/fa/help", "/", "/ps/mailbox"} {
					if err := readWhole(h, path, began, names); err != nil {
						t.Errorf("reader %d: %v", i, err)
					}
				}
			})
		}
		now.Store(&roster.Roster{Org: testOrg.ID, Name: name, Epoch: 3, Recipient: s.identity.Recipient()})
		readers.Wait()
		if err := readWhole(h, "/en/", now.Load(), []string{name}); err != nil {
			t.Error(err)
		}
	}
}

// readWhole fails when a page has no end, or shows none of the names although an organisation was there when it was asked for.
func readWhole(h http.Handler, path string, began *roster.Roster, names []string) error {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	body := w.Body.String()
	if !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
		return fmt.Errorf("%s: status %d, %d bytes without an end", path, w.Code, len(body))
	}
	if path != "/en/" || began == nil {
		return nil
	}
	for _, name := range names {
		if strings.Contains(body, name) {
			return nil
		}
	}
	return fmt.Errorf("%s shows none of %q", path, names)
}
