package gate_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"panah/gate"
	"panah/internal/testkit"
)

// TestVerifyPagesLooksAtHeaders puts a proxy before a gate that serves every byte as it is and lets the browser do something else.
func TestVerifyPagesLooksAtHeaders(t *testing.T) {
	r := start(t, t.TempDir(), gate.Config{Roster: testkit.NewOrganisation(t).Signed})
	to, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	for header, c := range map[string]struct{ path, value, say string }{
		"":             {"/fa/", "", ""},
		"Server":       {"/fa/", "a proxy", ""}, // a browser does nothing with it
		"Refresh":      {"/fa/", "0; url=https://elsewhere.example/", "has the header Refresh"},
		"Link":         {"/fa/mailbox", `</x.css>; rel=stylesheet`, "has the header Link"},
		"Set-Cookie":   {"/", "visitor=1", "has the header Set-Cookie"},
		"Content-Type": {"/fa/mailbox", "text/html; charset=iso-2022-jp", "other type"},
	} {
		proxy := httputil.NewSingleHostReverseProxy(to)
		proxy.ModifyResponse = func(res *http.Response) error {
			if res.Request.URL.Path == c.path && header != "" {
				res.Header.Set(header, c.value)
			}
			return nil
		}
		server := httptest.NewServer(proxy)
		report, err := gate.VerifyPages(t.Context(), server.URL)
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(report.Different, "\n"); (c.say == "") != (got == "") || !strings.Contains(got, c.path+" (") && c.say != "" || !strings.Contains(got, c.say) {
			t.Errorf("%q: %q", header, got)
		}
	}
}
