package gate_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"panah/core/rulebook"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
	"panah/rules"
)

// TestChecksLeaveNoByte asks by the plain form, well and badly, and looks for what was chosen in every file and every line of the log.
func TestChecksLeaveNoByte(t *testing.T) {
	log := &lines{}
	r := start(t, t.TempDir(), gate.Config{Roster: testkit.NewOrganisation(t).Signed, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	answered := 0
	for _, body := range []string{
		"kind=pk-poc&day=17&month=gregorian-9&year=2031",
		"kind=ir-amayesh&round=887&day=31&month=solar-12&year=1417",
		"kind=pk-poc&passport=P0887766",
		"kind=" + strings.Repeat("pk-poc", 1000),
		"%zz",
	} {
		res, err := http.Post(r.URL()+"/fa/check", "application/x-www-form-urlencoded", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %v", res.Status, err)
		}
		if res.StatusCode == http.StatusOK && bytes.Contains(page, []byte(`<section id="told" class="card">`)) {
			answered++
		}
	}
	if answered != 1 {
		t.Errorf("%d answers: the test does not reach the check", answered)
	}
	while := files(t, r.dir)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, set := range []map[string][]byte{while, files(t, r.dir), {"the log": log.bytes()}} {
		for name, b := range set {
			for _, trace := range []string{"pk-poc", "ir-amayesh", "P0887766", "gregorian-9", "/check", "887&"} {
				if bytes.Contains(b, []byte(trace)) {
					t.Errorf("%s holds %q", name, trace)
				}
			}
		}
	}
	if !strings.Contains(string(log.bytes()), "the gate is open") {
		t.Errorf("the test does not see the log: %s", log.bytes())
	}
}

// someRules is the release's rulebook with another bound for what is stale, as o's keeper signs it.
func someRules(t *testing.T, o testkit.Organisation, days string, at time.Time) wire.Rulebook {
	t.Helper()
	src := rules.RulebookFiles()
	changed := strings.Replace(string(src.Rules), "stale_after_days: 30", "stale_after_days: "+days, 1)
	b, err := wire.SignRulebook(o.Keeper, o.Roster.Org, at, src.Papers, []byte(changed), src.Sources)
	if err != nil || changed == string(src.Rules) {
		t.Fatalf("%v, changed %v", err, changed != string(src.Rules))
	}
	return b
}

// TestVerifyPagesFollowsTheRulebook gives the gate a keeper's rulebook, starts it again, and then changes what it makes of it.
func TestVerifyPagesFollowsTheRulebook(t *testing.T) {
	o, stranger := testkit.NewOrganisation(t), testkit.NewOrganisation(t)
	dir := t.TempDir()
	r := start(t, dir, gate.Config{Roster: o.Signed})
	now := time.Now()
	signed := someRules(t, o, "45", now)
	if status, body := r.desk(t, o, "POST", wire.RulebookTarget, signed.Bytes()); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, dir, gate.Config{Roster: o.Signed})
	version := rulebook.Source{Papers: []byte(signed.Papers), Rules: []byte(signed.Rules), Sources: []byte(signed.Sources)}.Version()
	if _, _, page := r.do(t, "GET", "/fa/check", nil); !strings.Contains(string(page), version) {
		t.Error("after a new start the page does not answer by the keeper's rules")
	}
	to, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	replace := func(res *http.Response, b wire.Rulebook) {
		res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(b.Bytes())), int64(len(b.Bytes()))
		res.Header.Del("Content-Length")
	}
	for name, c := range map[string]struct {
		path   string
		change func(*http.Response)
		say    string
	}{
		"honest":       {"/rulebook.json", func(*http.Response) {}, ""},
		"no rules":     {"/rulebook.json", func(res *http.Response) { res.StatusCode = http.StatusNotFound }, "/fa/check (br): other bytes"},
		"a stranger's": {"/rulebook.json", func(res *http.Response) { replace(res, someRules(t, stranger, "45", now)) }, "no keeper of the roster in force signed this rulebook"},
		"another one":  {"/rulebook.json", func(res *http.Response) { replace(res, someRules(t, o, "46", now)) }, "/ur/check (identity): other bytes"},
		"of tomorrow":  {"/rulebook.json", func(res *http.Response) { replace(res, someRules(t, o, "45", now.Add(24*time.Hour))) }, "signed in the future"},
		"a page that reports": {"/ps/check", func(res *http.Response) {
			res.Header.Set("Content-Security-Policy", strings.Replace(res.Header.Get("Content-Security-Policy"), "img-src", "connect-src 'self'; img-src", 1))
		}, "/ps/check (gzip): other security policy"},
	} {
		proxy := httputil.NewSingleHostReverseProxy(to)
		proxy.ModifyResponse = func(res *http.Response) error {
			if res.Request.URL.Path == c.path {
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
