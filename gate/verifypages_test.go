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

// TestVerifyPagesOfAGateThatTakesNoLetters compares the pages that are served then, and finds a gate that says so in one language only.
func TestVerifyPagesOfAGateThatTakesNoLetters(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	for _, taking := range []bool{true, false} {
		if !taking {
			if status, body := r.desk(t, o, "POST", "/v1/desk/intake", []byte{0}); status != http.StatusNoContent {
				t.Fatalf("closing intake: %d %s", status, body)
			}
		}
		report, err := gate.VerifyPages(t.Context(), r.URL())
		if err != nil || len(report.Different) > 0 || report.Taking != taking || len(report.Words) != 8 {
			t.Errorf("taking %v: %+v, %v", taking, report, err)
		}
	}
	_, _, closed := r.do(t, "GET", "/fa/", nil)
	if status, body := r.desk(t, o, "POST", "/v1/desk/intake", []byte{1}); status != http.StatusNoContent {
		t.Fatalf("opening intake: %d %s", status, body)
	}
	to, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{200, 503} {
		proxy := httputil.NewSingleHostReverseProxy(to)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path != "/fa/" {
				proxy.ServeHTTP(w, q)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write(closed)
		}))
		report, err := gate.VerifyPages(t.Context(), server.URL)
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(report.Different, "\n"); !strings.Contains(got, "/fa/ (identity): ") || strings.Contains(got, "/ur/") {
			t.Errorf("closed to Persian readers only, with status %d: %q", status, got)
		}
	}
}
