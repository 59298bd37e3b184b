package gate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
)

// TestNoAddressAnywhere sends from many loopback addresses, well and badly, and looks for them in every file and every log line.
func TestNoAddressAnywhere(t *testing.T) {
	o := testkit.NewOrganisation(t)
	log := &lines{}
	r := start(t, t.TempDir(), gate.Config{Roster: o.Signed, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const agent = "Recognisable-Phone/7.3"
	for i, l := range o.Letters(t, 20) {
		from := fmt.Sprintf("127.77.%d.%d", i, 10+i)
		client := clientFrom(t, from)
		for _, c := range []struct {
			method, path string
			body         []byte
		}{
			{"PUT", letterPath(l), l},
			{"PUT", letterPath(l), l[1:]},
			{"PUT", "/v1/letters/nonsense", nil},
			{"POST", "/v1/mailbox", nil},
			{"GET", "/v1/desk/sync", nil},
			{"POST", "/v1/roster", wire.Package{Roster: o.Signed}.Bytes()},
			{"POST", "/v1/roster", []byte("not a package")},
			{"POST", "/v1/join", make([]byte, 20)},
			{"POST", "/v1/join/read", make([]byte, 17)},
			{"PUT", "/v1/desk/card", []byte("card")},
			{"GET", "/v1/desk/keys", nil},
			{"GET", "/rosters", nil},
			{"GET", "/recovery/epoch-ab.age", nil},
			{"GET", "/en/", nil},
			{"GET", "/no/such/page", nil},
			{"POST", "/en/write", []byte("not a form")},
		} {
			req, err := http.NewRequest(c.method, r.URL()+c.path, bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("User-Agent", agent)
			req.Header.Set("X-Forwarded-For", from)
			req.Header.Set("Forwarded", "for="+from)
			if c.path == letterPath(l) && len(c.body) != len(l) {
				req.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/9000", len(c.body)-1))
			}
			if res, err := client.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, res.Body) // may be cut; that is one of the cases
				res.Body.Close()
			}
		}
		garbage(t, from, r.Addr(), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not http at all\r\n\r\n")
		garbage(t, from, r.Addr(), "PUT "+letterPath(l)+" HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\nshort")
		garbage(t, from, r.Addr(), "GET / HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("a", 100_000)+"\r\n\r\n")
		// A piece stays on disk.
		if _, _, body := r.do(t, "PUT", "/v1/letters/"+strings.Repeat(fmt.Sprintf("%02x", i), 32), l[:100], "Content-Range", "bytes 0-99/5755"); decode[wire.Progress](t, body).Have != 100 {
			t.Errorf("a piece: %s", body)
		}
	}
	code := sendForm(t, clientFrom(t, "127.77.40.40"), r.URL())
	while := files(t, r.dir)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`127\.77\.\d+\.\d+`)
	for _, set := range []map[string][]byte{while, files(t, r.dir), {"the log": log.bytes()}} {
		for name, b := range set {
			if address.Match(b) || bytes.Contains(b, []byte(agent)) {
				t.Errorf("%s holds an address or a user agent", name)
			}
			if bytes.Contains(b, []byte(typed)) || bytes.Contains(b, []byte(code)) || bytes.Contains(b, []byte(strings.ReplaceAll(code, " ", ""))) {
				t.Errorf("%s holds what was typed without script, or the code", name)
			}
			// As bytes too: 127.77.5.15
			if bytes.Contains(b, []byte{127, 77, 5, 15}) || bytes.Contains(b, net.ParseIP("127.77.5.15").To16()) {
				t.Errorf("%s holds an address in binary", name)
			}
		}
	}
	if len(while) < 20 {
		t.Errorf("only %d files were looked at", len(while))
	}
	if !strings.Contains(string(log.bytes()), "the gate is open") {
		t.Errorf("the test does not see the log: %s", log.bytes())
	}
}

// typed is what a person without script types.
const typed = "words that nobody else writes"

// sendForm sends a letter without script, opens its mailbox and writes again, and returns the code.
func sendForm(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	post := func(path string, fields ...string) string {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for i := 0; i < len(fields); i += 2 {
			if err := form.WriteField(fields[i], fields[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		res, err := client.Post(url+path, form.FormDataContentType(), &body)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, res.Status, err)
		}
		return string(page)
	}
	code := regexp.MustCompile(`(\d{4} ){4}\d{4}`).FindString(post("/en/send", "story", typed, "safe_word", typed))
	if code == "" {
		t.Fatal("no code on the page")
	}
	post("/en/mailbox", "code", code)
	post("/en/mailbox/write", "code", code, "story", typed+" again")
	return code
}

// clientFrom sends from one address, with its own connections.
func clientFrom(t *testing.T, from string) *http.Client {
	t.Helper()
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	tr := &http.Transport{DialContext: d.DialContext}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// garbage sends s from an address and hangs up after an answer, if any.
func garbage(t *testing.T, from, to, s string) {
	t.Helper()
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(context.Background(), "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write([]byte(s)) // the gate may hang up first
	_ = c.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, c)
	_ = c.Close()
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}
