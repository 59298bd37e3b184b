package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"panah/core/l10n"
	"panah/gate/internal/door"
)

func TestHeaders(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	answers := map[string]*http.Response{
		"page":      get(t, h, "/fa/"),
		"first":     get(t, h, "/"),
		"asset":     get(t, h, "/a/app.0123456789.js"),
		"not found": get(t, h, "/fa/nothing"),
		"redirect":  get(t, h, "/fa"),
		"form":      post(t, h, "/fa/send", "story", "x"),
		"bad form":  post(t, h, "/fa/send", "name", "x"),
		"bad code":  post(t, h, "/fa/mailbox", "code", "1"),
	}
	for name, resp := range answers {
		for key, want := range map[string]string{
			"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": permissions,
		} {
			if got := resp.Header.Get(key); got != want {
				t.Errorf("%s: %s is %q", name, key, got)
			}
		}
		if resp.Header["Set-Cookie"] != nil {
			t.Errorf("%s sets a cookie", name)
		}
	}
	if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	for name, want := range map[string]string{
		"page": "no-cache", "asset": "public, max-age=31536000, immutable", "form": "no-store", "bad form": "no-store", "bad code": "no-store",
	} {
		if got := answers[name].Header.Get("Cache-Control"); got != want {
			t.Errorf("%s may be kept: %q", name, got)
		}
	}
}

func TestCompressedAndUnchanged(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for accept, want := range map[string]string{
		"": "", "gzip, deflate, br, zstd": "br", "gzip;q=0.8": "gzip", "br;q=0, gzip": "gzip", "br; q=0.000": "", "identity": "", "brotli": "",
	} {
		resp := get(t, h, "/a/app.0123456789.js", "Accept-Encoding", accept)
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		prefix := map[string]string{"": "plain", "br": "br", "gzip": "gz"}[want]
		if resp.Header.Get("Content-Encoding") != want || string(body) != prefix+" app.js" {
			t.Errorf("accepting %q: %q, %q", accept, resp.Header.Get("Content-Encoding"), body)
		}
	}
	tag := get(t, h, "/ur/help").Header.Get("ETag")
	resp := get(t, h, "/ur/help", "If-None-Match", `"other", `+tag)
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusNotModified || len(body) != 0 {
		t.Errorf("unchanged page: status %d, %d bytes", resp.StatusCode, len(body))
	}
}

func TestAddressesThatOnlyAnswerForms(t *testing.T) {
	h, _ := newHandler(t, testSite(true))
	for from, to := range map[string]string{
		"/fa-AF": "/fa-AF/", "/ps/send": "/ps/", "/en/mailbox/write": "/en/mailbox", "/en/mailbox/erase": "/en/mailbox", "/en/help/": "/en/help",
	} {
		if resp := get(t, h, from); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != to {
			t.Errorf("%s leads to %q (%d)", from, resp.Header.Get("Location"), resp.StatusCode)
		}
	}
	for _, path := range []string{"/xx/", "/fa/nothing", "/a/none.js", "/a/manifest.json", "/favicon.ico", "/a/..%2fmanifest.json"} {
		if resp := get(t, h, path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, resp.StatusCode)
		}
	}
}

// TestEveryTemplateInEveryLanguage runs all templates against their page structs with everything that they can show.
func TestEveryTemplateInEveryLanguage(t *testing.T) {
	for _, drafts := range []bool{true, false} {
		b, err := newBuild(testSite(drafts), testAssets())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range l10n.Languages() {
			trouble := &problem{ID: "code_short", Number: 3, Files: true}
			sent := &sentParts{Code: "1", Aloud: "1", CodeQR: "<svg></svg>", PromiseQR: "<svg></svg>", Promise: "p", Deadline: "d"}
			intake := b.intake(l, testOrg, &door.Draft{Situations: []string{"s_child"}, Paper: "pk-por"})
			intake.Problem = trouble
			mailbox := b.mailbox(l, testOrg)
			mailbox.Typo, mailbox.Problem = trouble, trouble
			full := b.mailbox(l, testOrg)
			full.Sent, full.Code, full.Erased = sent, "1", true
			full.Thread = &thread{Older: 2, Replies: []reply{
				{N: 1, Day: "d", Text: "x", Photos: nil, More: true}, {Warning: "reply_missing", N: 2}, {Warning: "reply_forged", Forged: true},
			}}
			receipt := &receiptPage{view: b.view(l, "receipt", "sent_title", testOrg), Sent: sent}
			notice := &noticePage{view: b.view(l, "notice", "err_title", testOrg), Notice: "err_not_found"}
			for _, p := range []struct {
				v    *view
				data any
			}{{intake.view, intake}, {mailbox.view, mailbox}, {full.view, full}, {receipt.view, receipt}, {notice.view, notice}} {
				html, err := b.write(p.v, p.data)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(html), "ZgotmplZ") || strings.Contains(string(html), "{n}") || strings.Contains(string(html), "{time}") {
					t.Errorf("%s in %s has a hole", p.v.Page, l.Code)
				}
			}
		}
	}
}

func TestParseSite(t *testing.T) {
	good := `{"name":"Help","lang_default":"fa","leave":"https://weather.example/","drafts":true,"nobody":""}`
	s, err := ParseSite([]byte(good))
	if err != nil || s.Name != "Help" || !s.Drafts {
		t.Fatalf("%+v, %v", s, err)
	}
	b, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseSite(b); err != nil || again != s {
		t.Errorf("%s comes back as %+v, %v", b, again, err)
	}
	for name, bad := range map[string]string{
		"unknown key":     strings.Replace(good, "drafts", "draft", 1),
		"no way out":      strings.Replace(good, "https://weather.example/", "", 1),
		"way out by http": strings.Replace(good, "https:", "http:", 1),
		"script":          strings.Replace(good, "https://weather.example/", "javascript:alert(1)", 1),
		"credentials":     strings.Replace(good, "weather", "me@weather", 1),
		"language":        strings.Replace(good, `"fa"`, `"prs"`, 1),
		"two values":      good + good,
		"long":            strings.Replace(good, "Help", strings.Repeat("H", 300), 1),
		"huge":            good + strings.Repeat(" ", maxSite),
	} {
		if s, err := ParseSite([]byte(bad)); err == nil {
			t.Errorf("%s: accepted as %+v", name, s)
		}
	}
}

func FuzzParseSite(f *testing.F) {
	f.Add([]byte(`{"leave":"https://a.example/"}`))
	f.Add([]byte(`{"leave":"//a"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSite(data)
		if err != nil {
			return
		}
		if !strings.HasPrefix(strings.ToLower(s.Leave), "https://") {
			t.Fatalf("accepted the way out %q", s.Leave)
		}
	})
}
