package attack

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"panah/core/roster"
	"panah/desk"
)

// passphrase is the same on every desk here; a thief of an unlocked laptop has what it protects.
const passphrase = "one two three four five six"

// patience bounds one step.
const patience = 20 * time.Second

// A laptop is a desk that runs, and the caseworker in front of it, who uses its pages as a browser without script does.
type laptop struct {
	t    *testing.T
	name string
	data string
	base string // http://127.0.0.1:port
	http *http.Client
	stop func()
	last string // page seen last
}

// serve starts the desk of a folder, opens its pages and unlocks it.
func serve(t *testing.T, name, data string) *laptop {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- desk.Run(ctx, desk.Config{Data: data, LockAfter: time.Hour, Version: "test", Ready: func(u string) { ready <- u }})
	}()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &laptop{t: t, name: name, data: data, http: &http.Client{
		Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	stopped := false
	d.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopping %s: %v", name, err)
		}
	}
	t.Cleanup(d.stop)
	select {
	case launch := <-ready:
		u, err := url.Parse(launch)
		if err != nil {
			t.Fatal(err)
		}
		d.base = "http://" + u.Host
		d.do("GET", u.RequestURI(), nil)
	case err := <-done:
		done <- err
		t.Fatalf("%s did not start: %v", name, err)
	}
	d.unlock()
	return d
}

func (d *laptop) unlock() {
	d.t.Helper()
	d.get("/")
	if status := d.post("/unlock", "passphrase", passphrase, "next", "/"); status != http.StatusSeeOther {
		d.t.Fatalf("%s: unlocking answers %d: %s", d.name, status, d.text())
	}
}

// do sends what a browser on this laptop sends, and keeps the page.
func (d *laptop) do(method, path string, form url.Values) int {
	d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, d.base+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(path, "/launch") {
		r.Header.Set("Sec-Fetch-Site", "none")
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "null")
	}
	resp, err := d.http.Do(r)
	if err != nil {
		d.t.Fatalf("%s: %s %s: %v", d.name, method, path, err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	d.last = string(page)
	return resp.StatusCode
}

func (d *laptop) get(path string) string {
	d.t.Helper()
	d.do("GET", path, nil)
	return d.last
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form of the page seen last.
func (d *laptop) post(path string, pairs ...string) int {
	d.t.Helper()
	m := csrfField.FindStringSubmatch(d.last)
	if m == nil {
		d.get("/desks")
		if m = csrfField.FindStringSubmatch(d.last); m == nil {
			d.t.Fatalf("%s: no form on the page: %s", d.name, d.text())
		}
	}
	form := url.Values{"csrf": {m[1]}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return d.do("POST", path, form)
}

// must is post that has to succeed.
func (d *laptop) must(path string, pairs ...string) {
	d.t.Helper()
	if status := d.post(path, pairs...); status != http.StatusSeeOther && status != http.StatusOK {
		d.t.Fatalf("%s: %s answers %d: %s", d.name, path, status, d.text())
	}
}

var tags = regexp.MustCompile(`(?s)<(script|style|svg).*?</(script|style|svg)>|<[^>]*>`)

// text is the page seen last as people read it.
func (d *laptop) text() string {
	return html.UnescapeString(strings.Join(strings.Fields(tags.ReplaceAllString(d.last, " ")), " "))
}

// until looks at a page until it satisfies.
func (d *laptop) until(what, path string, good func(page string) bool) string {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if good(d.get(path)) {
			return d.last
		}
		pause()
	}
	d.t.Fatalf("%s: waited in vain for %s on %s: %s", d.name, what, path, d.text())
	return ""
}

// pause waits a moment between two looks.
func pause() { <-time.After(30 * time.Millisecond) }

var threadLink = regexp.MustCompile(`href="(/thread/\d+)"`)

// thread finds the conversation whose page shows mark, and returns its path.
func (d *laptop) thread(mark string) string {
	d.t.Helper()
	var found string
	d.until("a letter that says "+mark, "/", func(page string) bool {
		for _, m := range threadLink.FindAllStringSubmatch(page, -1) {
			if strings.Contains(d.get(m[1]), mark) {
				found = m[1]
				return true
			}
		}
		return false
	})
	return found
}

// erase destroys the conversation that shows mark.
func (d *laptop) erase(mark string) {
	d.t.Helper()
	path := d.thread(mark)
	d.get(path + "/erase")
	d.must(path+"/erase", "sure", "yes")
}

var onceField = regexp.MustCompile(`name="once" value="([^"]+)"`)

// reply answers the conversation that shows mark.
func (d *laptop) reply(mark, text string) {
	d.t.Helper()
	path := d.thread(mark)
	once := onceField.FindStringSubmatch(d.last)
	if once == nil {
		d.t.Fatalf("%s: no form to answer: %s", d.name, d.text())
	}
	d.must(path+"/reply", "text", text, "once", once[1])
	d.queueEmpty()
}

var rowOfDesk = regexp.MustCompile(`/desks/remove/([0-9a-f]{16})`)

// idOf finds the id of another desk by its name.
func (d *laptop) idOf(name string) string {
	d.t.Helper()
	page := d.until(name+" among the desks", "/desks", func(p string) bool { return strings.Contains(p, name) })
	at := strings.Index(page, name)
	m := rowOfDesk.FindStringSubmatch(page[at:])
	if m == nil {
		d.t.Fatalf("%s: nothing removes %s: %s", d.name, name, d.text())
	}
	return m[1]
}

// epoch is the number of the epoch as the desk's keys say.
func (d *laptop) epoch() int { return contentsOf(d.t, d.data).newest() }

// roll begins a new epoch and waits until the desk has it.
func (d *laptop) roll() {
	d.t.Helper()
	before := d.epoch()
	d.get("/desks")
	d.must("/desks/roll")
	d.reaches(before + 1)
}

// reaches waits until the desk has the key of an epoch.
func (d *laptop) reaches(epoch int) {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); pause() {
		if d.epoch() >= epoch {
			return
		}
	}
	d.t.Fatalf("%s: still in epoch %d, not %d", d.name, d.epoch(), epoch)
}

var codeShown = regexp.MustCompile(`\d{3} \d{3} \d{3}`)

// admits lets a new desk join, as two people do it by telephone.
func (d *laptop) admits(w *world, name string, role roster.Role) *laptop {
	d.t.Helper()
	d.get("/desks/invite")
	d.must("/desks/invite")
	code := codeShown.FindString(d.until("a code", "/desks/invite", func(p string) bool { return codeShown.MatchString(d.text()) }))
	if code == "" {
		code = codeShown.FindString(d.text())
	}
	data := filepath.Join(d.t.TempDir(), "desk")
	words, joined := make(chan [6]byte, 1), make(chan error, 1)
	go func() {
		_, err := desk.Join(context.Background(), desk.JoinConfig{
			Data: data, GateURL: w.gate.URL, Code: code, DeskName: name, Passphrase: passphrase, LogN: 10, Words: func(b [6]byte) { words <- b },
		})
		joined <- err
	}()
	select {
	case <-words:
	case err := <-joined:
		d.t.Fatalf("%s: joining: %v", name, err)
	}
	d.until("six words", "/desks/invite", func(p string) bool { return strings.Contains(p, "/desks/invite/admit") })
	d.must("/desks/invite/admit", "same", "yes", "role", string(role))
	if err := <-joined; err != nil {
		d.t.Fatalf("%s: joining: %v", name, err)
	}
	return serve(d.t, name, data)
}

// removes takes another desk out of the organisation.
func (d *laptop) removes(name string) {
	d.t.Helper()
	id, before := d.idOf(name), d.epoch()
	d.get("/desks/remove/" + id)
	d.must("/desks/remove/" + id)
	d.reaches(before + 1)
}

// copyOf copies a desk's folder: what a thief carries away.
func copyOf(t *testing.T, data string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	return to
}

// alarm waits for an alarm that says all of words, and returns the page as people read it.
func (d *laptop) alarm(words ...string) string {
	d.t.Helper()
	d.until("an alarm that says "+fmt.Sprint(words), "/alarms", func(string) bool {
		for _, w := range words {
			if !strings.Contains(d.text(), w) {
				return false
			}
		}
		return true
	})
	return d.text()
}

var queued = regexp.MustCompile(`<dt>Waiting to go out</dt><dd>0</dd>`)

// queueEmpty waits until everything that the desk wanted to send is at the gate.
func (d *laptop) queueEmpty() {
	d.t.Helper()
	d.until("an empty queue", "/about", func(p string) bool { return queued.MatchString(p) })
}

// wiped waits until the desk has destroyed itself, and looks at what its folder still holds.
func (d *laptop) wiped() {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); pause() {
		if _, err := os.Stat(filepath.Join(d.data, "removed.txt")); err == nil {
			break // the last that it writes: keys go first, the database after them
		}
	}
	for _, name := range []string{"keyring.age", "unlock.age", "desk.db"} {
		if _, err := os.Stat(filepath.Join(d.data, name)); !os.IsNotExist(err) {
			d.t.Errorf("%s: %s is still there", d.name, name)
		}
	}
}
