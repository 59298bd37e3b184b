package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

const testAddr = "127.0.0.1:4410"

// testAssets stand for the built ones: the handlers only pass them on.
func testAssets() fstest.MapFS {
	return fstest.MapFS{
		"manifest.json":         {Data: []byte(`{"desk.css":"desk.0123456789.css","live.js":"live.0123456789.js","passkey.js":"passkey.0123456789.js","wait.js":"wait.0123456789.js"}`)},
		"desk.0123456789.css":   {Data: []byte("body{}")},
		"live.0123456789.js":    {Data: []byte("0")},
		"wait.0123456789.js":    {Data: []byte("0")},
		"passkey.0123456789.js": {Data: []byte("export {}")},
	}
}

// A browser sends requests as a browser on this laptop does, and keeps its cookie.
type browser struct {
	t      *testing.T
	h      http.Handler
	token  Token
	cookie *http.Cookie
	last   string // body of the last page
}

func newBrowser(t *testing.T, o Office) *browser {
	t.Helper()
	return newBrowserOf(t, Config{Office: o})
}

// newBrowserOf fills in what every test needs.
func newBrowserOf(t *testing.T, c Config) *browser {
	t.Helper()
	token := NewToken()
	c.Addr, c.Token, c.Version, c.Assets = testAddr, token, "test", testAssets()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, h: h, token: token}
}

// other is a second browser of the same desk.
func (b *browser) other() *browser { return &browser{t: b.t, h: b.h, token: b.token} }

// do sends r with what browsers add, unless edit takes it away.
func (b *browser) do(method, path string, form url.Values, edit func(*http.Request)) *http.Response {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://"+testAddr+path, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "null") // what browsers send under our referrer policy
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookie = c
	}
	b.last = w.Body.String()
	return w.Result()
}

func (b *browser) get(path string) *http.Response {
	b.t.Helper()
	return b.do("GET", path, nil, nil)
}

// post fills the session's form token in.
func (b *browser) post(path string, pairs ...string) *http.Response {
	b.t.Helper()
	form := url.Values{"csrf": {b.csrf()}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do("POST", path, form, nil)
}

// postAll is post with fields that come more than once.
func (b *browser) postAll(path string, form url.Values) *http.Response {
	b.t.Helper()
	all := url.Values{"csrf": {b.csrf()}}
	for name, values := range form {
		all[name] = values
	}
	return b.do("POST", path, all, nil)
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (b *browser) csrf() string {
	b.t.Helper()
	last := b.last
	defer func() { b.last = last }()
	for _, from := range []string{"", "/about", "/"} { // the last: where there is no desk yet
		page := last
		if from != "" {
			b.get(from)
			page = b.last
		}
		if m := csrfField.FindStringSubmatch(page); m != nil {
			return m[1]
		}
	}
	b.t.Fatal("no form on the page has a token")
	return ""
}

func (b *browser) launch() *browser {
	b.t.Helper()
	u := LaunchURL(testAddr, b.token)
	b.want(b.do("GET", strings.TrimPrefix(u, "http://"+testAddr), nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") }), http.StatusSeeOther)
	b.get("/")
	return b
}

func (b *browser) unlock() *browser {
	b.t.Helper()
	b.want(b.post("/unlock", "passphrase", rightPassphrase, "next", "/"), http.StatusSeeOther)
	return b
}

func (b *browser) want(r *http.Response, status int) {
	b.t.Helper()
	if r.StatusCode != status {
		b.t.Fatalf("status %d, want %d; the page says:\n%s", r.StatusCode, status, b.last)
	}
}

func (b *browser) wantText(texts ...string) {
	b.t.Helper()
	for _, s := range texts {
		if !strings.Contains(b.last, s) {
			b.t.Errorf("the page lacks %q", s)
		}
	}
}

func (b *browser) wantNone(texts ...string) {
	b.t.Helper()
	for _, s := range texts {
		if strings.Contains(b.last, s) {
			b.t.Errorf("the page shows %q", s)
		}
	}
}
