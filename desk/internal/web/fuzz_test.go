package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"panah/core/l10n"
	"panah/desk/internal/media"
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

// A multipart form has at most maxFields fields, each within its bound.
func FuzzReadParts(f *testing.F) {
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nwords\r\n--x--\r\n"))
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a\"\r\n\r\n\xff\xd8\r\n--x--\r\n"))
	f.Add([]byte("--x\r\n\r\n\r\n--x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		form, err := readParts(multipart.NewReader(bytes.NewReader(body), "x"))
		if form == nil || len(form) > maxFields {
			t.Errorf("%d fields, %v", len(form), err)
		}
		for name, v := range form {
			if len(v) != 1 || name != photoField && len(v[0]) > maxForm || len(v[0]) > media.MaxPhotoBytes+1 {
				t.Errorf("field %q is out of bounds", name)
			}
		}
	})
}
