package gate_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"panah/core/duty"
	"panah/core/wire"
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

// TestVerifyPagesFollowsTheTimesOfDuty publishes times as a desk does, and then changes what the gate makes of them.
func TestVerifyPagesFollowsTheTimesOfDuty(t *testing.T) {
	o := testkit.NewOrganisation(t)
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed})
	now := time.Now()
	said := wire.NewDuty(duty.Roster{{From: now.Add(5 * time.Hour), To: now.Add(9 * time.Hour)}}, "Asia/Kabul", now)
	if status, body := r.desk(t, o, "POST", wire.DutyTarget, said.Bytes()); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	_, _, page := r.do(t, "GET", "/fa/", nil)
	if next := time.Unix(said.Spans[0].From, 0).In(time.FixedZone("", 270*60)).Format("2006-01-02 15:04") + " (UTC+04:30)"; !strings.Contains(string(page), next) {
		t.Errorf("the page does not name %s", next)
	}
	to, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*http.Response)
		say    string
	}{
		"honest":   {func(*http.Response) {}, ""},
		"no times": {func(res *http.Response) { res.StatusCode = http.StatusNotFound }, "/fa/ (gzip): other bytes"},
		"another signature": {func(res *http.Response) {
			res.Header.Set(wire.HeaderSignature, strings.Repeat("A", 86)+"==")
		}, "/duty.json: no desk signed these times of duty"},
		"signed at another time": {func(res *http.Response) { res.Header.Set(wire.HeaderDate, "1790000000") }, "/duty.json: no desk signed these times of duty"},
		"another gate's":         {func(res *http.Response) { res.Header.Set(wire.HeaderGate, "other.example") }, "/duty.json: no desk signed these times of duty"},
	} {
		proxy := httputil.NewSingleHostReverseProxy(to)
		proxy.ModifyResponse = func(res *http.Response) error {
			if res.Request.URL.Path == "/duty.json" {
				c.change(res)
			}
			return nil
		}
		server := httptest.NewServer(proxy)
		report, err := gate.VerifyPages(t.Context(), server.URL)
		server.Close()
		if got := strings.Join(report.Different, "\n"); err != nil || (c.say == "") != (got == "") || !strings.Contains(got, c.say) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
