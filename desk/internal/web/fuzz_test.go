package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"panah/core/l10n"
)

// Wherever a form asks to be led, a browser must end on this desk.
func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/", "/thread/1", "//evil.example", "/\\evil.example", "https://evil.example", "/%2f%2fevil.example", "/a?next=//b", "/\x00", "\t//x", "/./", "/..//x"} {
		f.Add(s)
	}
	base := &url.URL{Scheme: "http", Host: testAddr, Path: "/thread/1"}
	f.Fuzz(func(t *testing.T, s string) {
		got := localPath(s)
		w := httptest.NewRecorder()
		http.Redirect(w, httptest.NewRequest("POST", base.String(), nil), got, http.StatusSeeOther)
		// Browsers drop tabs and line breaks from an address, and read a backslash as a slash.
		at := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(w.Header().Get("Location"))
		u, err := base.Parse(at)
		if err != nil {
			return // no browser follows it
		}
		if u.Host != testAddr || u.Scheme != "http" || !strings.HasPrefix(at, "/") || strings.HasPrefix(at, "//") {
			t.Errorf("%q leads to %q", s, at)
		}
	})
}

func FuzzChooseLanguage(f *testing.F) {
	for _, s := range []string{"fa-IR,fa;q=0.9", "prs", "", ",,;", "fa-AF;q=", strings.Repeat("x,", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, ok := l10n.Find(chooseLanguage(s)); !ok {
			t.Errorf("%q chose a language that the desk does not speak", s)
		}
	})
}
