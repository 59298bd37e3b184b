package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestNewRefusesWhatIsNotLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:4410", "192.168.1.4:4410", "desk.local:4410", "localhost:4410", "127.0.0.1:0", "127.0.0.1", ":4410", ""} {
		if _, err := New(Config{Office: furnished(), Addr: addr, Token: NewToken(), Assets: testAssets()}); err == nil {
			t.Errorf("%q was accepted", addr)
		}
	}
	for _, addr := range []string{"127.0.0.1:4410", "[::1]:4410"} {
		if _, err := New(Config{Office: furnished(), Addr: addr, Token: NewToken(), Assets: testAssets()}); err != nil {
			t.Errorf("%q: %v", addr, err)
		}
	}
	if _, err := New(Config{Office: furnished(), Addr: testAddr, Assets: testAssets()}); err == nil {
		t.Error("a desk without a launch token was accepted")
	}
}

// Every page name that an attacker can point at 127.0.0.1 must be refused, on every path and before any session is looked up.
func TestOnlyOurHost(t *testing.T) {
	b := newBrowser(t, furnished()).launch().unlock()
	for _, host := range []string{"rebind.example:4410", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:4411", "127.0.0.2:4410", "localhost:4410.example", "[::1]:4410", "LOCALHOST:4410", ""} {
		for _, path := range []string{"/", "/launch?token=x", "/healthz", "/static/desk.0123456789.css", "/thread/1", "/nowhere"} {
			r := b.do("GET", path, nil, func(r *http.Request) { r.Host = host })
			if r.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("host %q, %s: status %d", host, path, r.StatusCode)
			}
		}
	}
	b.want(b.do("GET", "/healthz", nil, func(r *http.Request) { r.Host = "localhost:4410" }), http.StatusOK)
}

func TestForeignRequests(t *testing.T) {
	b := newBrowser(t, furnished()).launch().unlock()
	token := b.csrf()
	own := "http://" + testAddr
	for _, test := range []struct {
		name, method, path, site, origin string
		status                           int
	}{
		{"own page", "GET", "/", "same-origin", "", 200},
		{"typed", "GET", "/", "none", "", 200},
		{"no browser", "GET", "/", "", "", 200},
		{"another site", "GET", "/", "cross-site", "", 403},
		{"another port", "GET", "/", "same-site", "", 403},
		{"picture in another site", "GET", "/part/2", "cross-site", "", 403},
		{"style sheet for another site", "GET", "/static/desk.0123456789.css", "cross-site", "", 403},
		{"health for another site", "GET", "/healthz", "cross-site", "", 403},
		{"own form", "POST", "/lock", "same-origin", "null", 303},
		{"own form, older browser", "POST", "/lock", "", own, 303},
		{"own fetch", "POST", "/lock", "same-origin", own, 303},
		{"form of another site", "POST", "/lock", "cross-site", "https://evil.example", 403},
		{"form of another port", "POST", "/lock", "same-site", "http://127.0.0.1:9", 403},
		{"origin of another port, no fetch metadata", "POST", "/lock", "", "http://127.0.0.1:9", 403},
		{"sandboxed frame, no fetch metadata", "POST", "/lock", "", "null", 403},
		{"nothing said", "POST", "/lock", "", "", 403},
		{"typed form", "POST", "/lock", "none", "", 403},
		{"origin differs from host", "POST", "/lock", "same-origin", "http://localhost:4410", 403},
		{"odd method", "PUT", "/", "same-origin", own, 405},
		{"odd method", "DELETE", "/thread/1", "same-origin", own, 405},
		{"preflight", "OPTIONS", "/", "cross-site", "https://evil.example", 405},
	} {
		var form url.Values
		if test.method == "POST" {
			form = url.Values{"csrf": {token}}
		}
		r := b.do(test.method, test.path, form, func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Del("Origin")
			if test.site != "" {
				r.Header.Set("Sec-Fetch-Site", test.site)
			}
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
		})
		if r.StatusCode != test.status {
			t.Errorf("%s: status %d, want %d", test.name, r.StatusCode, test.status)
		}
		if test.status == 303 { // that locked the desk
			b.post("/unlock", "passphrase", rightPassphrase, "next", "/")
		}
	}
}

func TestFormsNeedTheSessionsToken(t *testing.T) {
	d := furnished()
	b := newBrowser(t, d).launch().unlock()
	other := b.other().launch()
	for name, token := range map[string]string{"none": "", "wrong": "x", "another session's": other.csrf()} {
		r := b.do("POST", "/thread/1/reply", url.Values{"csrf": {token}, "text": {"typed words"}}, nil)
		if r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %d", name, r.StatusCode)
		}
		b.wantText("typed words") // handed back
	}
	b.want(b.do("POST", "/thread/1/reply", url.Values{"csrf": {b.csrf()}, "text": {"x"}}, func(r *http.Request) {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	}), http.StatusForbidden)
	b.want(b.do("POST", "/thread/1/reply", url.Values{"text": {strings.Repeat("x", maxForm)}}, nil), http.StatusRequestEntityTooLarge)
	if len(d.replied) != 0 {
		t.Errorf("replied %q", d.replied)
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	b := newBrowser(t, furnished()).launch().unlock()
	for _, path := range []string{"/", "/thread/1", "/thread/99", "/part/2", "/about", "/alarms", "/nowhere", "/healthz", "/launch", "/thread/1/code"} {
		h := b.get(path).Header
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(h.Get("Content-Security-Policy"), part) {
				t.Errorf("%s: policy %q", path, h.Get("Content-Security-Policy"))
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: policy %q", path, h.Get("Content-Security-Policy"))
		}
		b.wantNone("<style", " style=", " onclick=", " onload=", "src=\"http", "href=\"http")
	}
	if c := b.get("/static/desk.0123456789.css").Header.Get("Cache-Control"); !strings.Contains(c, "immutable") {
		t.Errorf("assets: Cache-Control %q", c)
	}
	b.want(b.get("/static/manifest.json"), http.StatusNotFound)
}
