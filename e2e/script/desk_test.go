package script

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
)

// A caseworker is a browser at a desk's pages: forms only, as without script.
type caseworker struct {
	ts   *testscript.TestScript
	http *http.Client
	at   *url.URL
	page string
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// do sends one request as a browser does and keeps the page that it ends on.
func (c *caseworker) do(method, path string, fields url.Values) {
	var body bytes.Buffer
	contentType := ""
	if fields != nil {
		w := multipart.NewWriter(&body)
		for name, values := range fields {
			c.ts.Check(w.WriteField(name, values[0]))
		}
		c.ts.Check(w.Close())
		contentType = w.FormDataContentType()
		if !strings.HasSuffix(path, "/reply") {
			body.Reset()
			body.WriteString(fields.Encode())
			contentType = "application/x-www-form-urlencoded"
		}
	}
	ref, err := url.Parse(path)
	c.ts.Check(err)
	req, err := http.NewRequest(method, c.at.ResolveReference(ref).String(), &body)
	c.ts.Check(err)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if ref.IsAbs() {
		req.Header.Set("Sec-Fetch-Site", "none") // typed, or opened from the terminal
	}
	if method == http.MethodPost {
		req.Header.Set("Origin", "null")
		req.Header.Set("Content-Type", contentType)
	}
	res, err := c.http.Do(req)
	c.ts.Check(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	c.ts.Check(err)
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusUnauthorized { // a locked desk asks for the passphrase
		c.ts.Fatalf("%s %s: %s\n%s", method, ref.Path, res.Status, b)
	}
	c.page = string(b)
}

// post fills in the hidden fields of the page at hand.
func (c *caseworker) post(path string, pairs ...string) {
	fields := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(c.page, -1) {
		fields.Set(m[1], m[2])
	}
	if m := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(c.page); m != nil {
		fields.Set("csrf", m[1])
	}
	for i := 0; i < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	c.do(http.MethodPost, path, fields)
}

// until loads a page again and again until it says want.
func (c *caseworker) until(path, want string) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); <-tick.C {
		c.do(http.MethodGet, path, nil)
		if strings.Contains(c.page, want) {
			return
		}
	}
	c.ts.Fatalf("%s does not say %q:\n%s", path, want, c.page)
}

// deskanswers LAUNCH PASSPHRASE TEXT ANSWER opens a desk at its launch address, unlocks it, waits for a letter that holds TEXT, and answers it.
func deskanswers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: deskanswers LAUNCH PASSPHRASE TEXT ANSWER")
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	c := &caseworker{ts: ts, http: &http.Client{Jar: jar, Timeout: startTime}}
	c.at, err = url.Parse(args[0])
	ts.Check(err)
	c.do(http.MethodGet, args[0], nil)
	c.post("/unlock", "passphrase", args[1], "next", "/")
	c.until("/?show=all", args[2])
	m := regexp.MustCompile(`class="row-link" id="[^"]+" href="(/thread/\d+)"`).FindStringSubmatch(c.page)
	if m == nil {
		ts.Fatalf("the list has no letter to open:\n%s", c.page)
	}
	c.do(http.MethodGet, m[1], nil)
	c.post(m[1]+"/reply", "text", args[3])
	if !strings.Contains(c.page, args[3]) {
		ts.Fatalf("the answer is not in the conversation:\n%s", c.page)
	}
}

// sends URL LETTER ORG CODE puts a sealed letter in and opens the mailbox of its code, as the person's browser does.
func sends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: sends URL LETTER ORG CODE")
	}
	keys := mailboxKeys(ts, args[2], args[3])
	sealed := []byte(ts.ReadFile(args[1]))
	req, err := http.NewRequest(http.MethodPut, args[0]+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
	ts.Check(err)
	req.Header.Set("Content-Type", wire.TypeLetter)
	req.Header.Set(wire.HeaderMailbox, keys.Mailbox.ID.Reveal())
	req.Header.Set(wire.HeaderAuth, keys.Mailbox.RevealAuth())
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		ts.Fatalf("the gate answered %s", res.Status)
	}
}

func mailboxKeys(ts *testscript.TestScript, org, typed string) receipt.Keys {
	code, err := receipt.Parse(typed)
	ts.Check(err)
	keys, err := receipt.Derive(code, strings.ReplaceAll(org, " ", ""))
	ts.Check(err)
	return keys
}

// mailbox URL ORG CODE TEXT opens a mailbox with its receipt code, as the person's browser does, until an answer with TEXT is in it.
func mailbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: mailbox URL ORG CODE TEXT")
	}
	keys := mailboxKeys(ts, args[1], args[2])
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); <-tick.C {
		for _, sealed := range replies(ts, args[0], keys) {
			l, err := seal.Open(sealed, keys.Box)
			ts.Check(err)
			ts.Check(keys.MAC.Check(l))
			if len(l.Parts) > 0 && strings.Contains(string(l.Parts[0].Data), args[3]) {
				return
			}
		}
	}
	ts.Fatalf("the answer did not come")
}

func replies(ts *testscript.TestScript, gate string, keys receipt.Keys) [][]byte {
	req, err := http.NewRequest(http.MethodPost, gate+"/v1/mailbox", nil)
	ts.Check(err)
	req.Header.Set(wire.HeaderMailbox, keys.Mailbox.ID.Reveal())
	req.Header.Set(wire.HeaderAuth, keys.Mailbox.RevealAuth())
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		return nil // the mailbox begins with the letter
	}
	sealed, err := wire.ParseReplies(body)
	ts.Check(err)
	return sealed
}

// A stopwatch counts what a newcomer has to do, and how long it takes.
type stopwatch struct {
	began time.Time
	steps []string
}

type watchKey struct{}

// step COMMAND… runs a command, counts it, and expects success. "step + …" counts without running: a screen in a browser, or a program that goes on.
func step(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: step COMMAND…")
	}
	w := ts.Value(watchKey{}).(*stopwatch)
	if w.began.IsZero() {
		w.began = time.Now()
	}
	if args[0] == "+" {
		w.steps = append(w.steps, strings.Join(args[1:], " "))
		return
	}
	w.steps = append(w.steps, strings.Join(args[:min(3, len(args))], " "))
	ts.Check(ts.Exec(args[0], args[1:]...))
}

// journey STEPS MINUTES prints what was counted and fails above either limit.
func journey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: journey STEPS MINUTES")
	}
	var most, minutes int
	_, err := fmt.Sscan(strings.Join(args, " "), &most, &minutes)
	ts.Check(err)
	w := ts.Value(watchKey{}).(*stopwatch)
	took := time.Since(w.began)
	fmt.Printf("from a bare machine to the first answered letter, rehearsal included: %d commands and screens in %.1f s (at most %d in %d minutes)\n", len(w.steps), took.Seconds(), most, minutes)
	ts.Logf("%s", strings.Join(w.steps, "\n"))
	if len(w.steps) > most || took > time.Duration(minutes)*time.Minute {
		ts.Fatalf("too long a way")
	}
}
