package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/office"
	"panah/gate"
)

// A place is a real gate, and a real office whose pages are served over loopback to a real HTTP client.
type place struct {
	t      *testing.T
	keys   *keyring.Keyring
	gate   *gate.Gate
	office *office.Office
	server *httptest.Server
	client *http.Client
	log    bytes.Buffer // of the pages; read it after the server is closed

	stopGate func() // and wait until it has stopped
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t}
	keys, err := keyring.Found("Legal aid of Testville")
	p.must(err)
	p.keys = keys
	p.startGate()
	here := keyring.Gate{URL: p.gate.URL(), Origin: p.gate.Origin(), Key: p.gate.VKey()}
	p.must(keys.Update(func(s *keyring.State) error { s.Gate = here; return nil }))
	dir := filepath.Join(t.TempDir(), "desk")
	p.must(keyring.Create(dir, keys, rightPassphrase, 10))
	p.office, err = office.Open(office.Config{Data: dir})
	p.must(err)
	t.Cleanup(p.office.Close)

	p.server = httptest.NewUnstartedServer(nil)
	addr, token := p.server.Listener.Addr().String(), NewToken()
	p.server.Config.Handler, err = New(Config{
		Office: p.office, Addr: addr, Token: token, Version: "test", Assets: testAssets(),
		Log: slog.New(slog.NewTextHandler(&p.log, nil)),
	})
	p.must(err)
	p.server.Start()
	t.Cleanup(func() { p.server.CloseClientConnections(); p.server.Close() })
	p.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Jar: oneCookie{}}
	p.get(strings.TrimPrefix(LaunchURL(addr, token), "http://"+addr), http.StatusSeeOther)
	p.post("/unlock", http.StatusSeeOther, "passphrase", rightPassphrase, "next", "/")
	return p
}

func (p *place) startGate() {
	dir := p.t.TempDir()
	_, err := gate.Init(dir, "gate.test")
	p.must(err)
	p.gate, err = gate.New(gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Roster: p.keys.Founding, Site: gate.Site{Name: "Legal aid", Leave: "https://example.org/"}})
	p.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.gate.Run(ctx) }()
	select {
	case <-p.gate.Ready():
	case err := <-done:
		p.t.Fatalf("the gate did not start: %v", err)
	}
	p.stopGate = sync.OnceFunc(func() {
		cancel()
		p.must(<-done)
	})
	p.t.Cleanup(p.stopGate)
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// oneCookie keeps the last cookie of each name, for the only host there is.
type oneCookie map[string]*http.Cookie

func (j oneCookie) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		j[c.Name] = &http.Cookie{Name: c.Name, Value: c.Value}
	}
}

func (j oneCookie) Cookies(*url.URL) (all []*http.Cookie) {
	for _, c := range j {
		all = append(all, c)
	}
	return all
}

func (p *place) do(r *http.Request, status int) (string, http.Header) {
	p.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := p.client.Do(r)
	p.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	p.must(err)
	if resp.StatusCode != status {
		p.t.Fatalf("%s %s: status %d, want %d:\n%s", r.Method, r.URL.Path, resp.StatusCode, status, body)
	}
	return string(body), resp.Header
}

func (p *place) get(path string, status int) string {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.server.URL+path, nil)
	p.must(err)
	body, _ := p.do(r, status)
	return body
}

func (p *place) post(path string, status int, pairs ...string) string {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.server.URL+"/about", nil)
	p.must(err)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := p.client.Do(r)
	p.must(err)
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	p.must(err)
	form := url.Values{"csrf": {csrfField.FindStringSubmatch(string(page))[1]}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err = http.NewRequest("POST", p.server.URL+path, strings.NewReader(form.Encode()))
	p.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body, _ := p.do(r, status)
	return body
}

// until asks for a page until it says what is wanted, once for every change of the office and twenty times a second.
func (p *place) until(path, want string) string {
	p.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		page := p.get(path, http.StatusOK)
		if strings.Contains(page, want) {
			return page
		}
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("%s never said %q:\n%s", path, want, page)
		}
	}
}

// writes seals a first letter as a browser does and leaves it at the gate.
func (p *place) writes(code receipt.Code, in seal.Intake, parts ...seal.Part) wire.Accepted {
	p.t.Helper()
	keys, err := receipt.Derive(code, p.keys.Org)
	p.must(err)
	answers, err := in.Part()
	p.must(err)
	sealed, err := seal.Seal(seal.Letter{
		Kind: seal.KindLetter, Org: p.keys.Org, Epoch: 1, Sealed: seal.SealedBrowser, Box: keys.Recipient().String(),
		Mailbox: keys.Mailbox.ID, MAC: &keys.MAC, At: time.Now(), Parts: append([]seal.Part{answers}, parts...),
	}, p.keys.Recipient(1))
	p.must(err)
	status, body := p.ask("PUT", "/v1/letters/"+wire.IDOf(sealed).String(), sealed, keys.Mailbox)
	if status != http.StatusCreated {
		p.t.Fatalf("the gate answered %d: %s", status, body)
	}
	var a wire.Accepted
	p.must(json.Unmarshal(body, &a))
	return a
}

// mailbox opens a mailbox as its person does; nil when there is none.
func (p *place) mailbox(code receipt.Code) (texts []string) {
	p.t.Helper()
	keys, err := receipt.Derive(code, p.keys.Org)
	p.must(err)
	status, body := p.ask("POST", "/v1/mailbox", nil, keys.Mailbox)
	if status == http.StatusNotFound {
		return nil
	}
	all, err := wire.ParseReplies(body)
	p.must(err)
	texts = []string{}
	for _, sealed := range all {
		l, err := seal.Open(sealed, keys.Box)
		p.must(err)
		texts = append(texts, l.Text())
	}
	return texts
}

func (p *place) ask(method, path string, body []byte, key wire.MailboxKey) (int, []byte) {
	p.t.Helper()
	r, err := http.NewRequest(method, p.gate.URL()+path, bytes.NewReader(body))
	p.must(err)
	r.Header.Set(wire.HeaderMailbox, key.ID.Reveal())
	r.Header.Set(wire.HeaderAuth, key.RevealAuth())
	resp, err := http.DefaultClient.Do(r)
	p.must(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	p.must(err)
	return resp.StatusCode, answer
}

func newCode(t *testing.T) receipt.Code {
	t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// The whole day of a caseworker, on a real gate, a real keyring and a real database.
func TestADayAtTheDesk(t *testing.T) {
	p := newPlace(t)
	if page := p.get("/", http.StatusOK); !strings.Contains(page, "No letter waits for an answer") {
		t.Error("an empty desk does not teach")
	}
	stream := p.listen()

	var photo bytes.Buffer
	p.must(jpeg.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 40, 30)), nil))
	withExif := append([]byte("\xff\xd8\xff\xe1\x00\x15Exif\x00\x00home at 35.7N"), photo.Bytes()[2:]...)
	voice, err := os.ReadFile("../media/testdata/chromium.webm")
	p.must(err)
	code := newCode(t)
	accepted := p.writes(code, seal.Intake{Situations: []string{"s_detained"}, District: "شهریار", SafeWord: "انار", Lang: "fa-AF"},
		seal.Part{Type: seal.TypeText, Data: []byte("برادرم را گرفتند <b>")}, seal.Part{Type: seal.TypeJPEG, Data: withExif}, seal.Part{Type: seal.TypeWebM, Data: voice},
		seal.Part{Type: seal.TypeOctets, Data: []byte("MZ a program")})
	wait(t, stream, "news")

	p.until("/", "شهریار")
	page := p.get("/?show=all", http.StatusOK)
	for _, want := range []string{"Someone has been arrested", "1 new letter", "دری", "Sealed on the phone", "(1) Letters"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	thread := regexp.MustCompile(`href="(/thread/\d+)"`).FindStringSubmatch(page)[1]
	page = p.get(thread, http.StatusOK)
	for _, want := range []string{"برادرم را گرفتند &lt;b&gt;", "In the log, no. <bdi>0</bdi>", "First letter of the conversation", "A file that this desk does not open", "<bdi>انار</bdi>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the thread lacks %q", want)
		}
	}
	p.photo(regexp.MustCompile(`<img src="(/part/\d+)"`).FindStringSubmatch(page)[1])
	p.voice(regexp.MustCompile(`<audio controls preload="none" src="(/part/\d+)"`).FindStringSubmatch(page)[1], voice)

	once := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(page)[1]
	for range 2 { // a double click
		p.post(thread+"/reply", http.StatusSeeOther, "text", "وکیل زنگ زد", "once", once)
	}
	p.until(thread, "known to every desk")
	if got := p.mailbox(code); len(got) != 1 || got[0] != "وکیل زنگ زد" {
		t.Fatalf("the mailbox holds %q", got)
	}

	page = p.post("/about/promise", http.StatusOK, "promise", strings.ReplaceAll(accepted.Promise, "\n", "\r\n"))
	if !strings.Contains(page, "Genuine. It stands for a letter that this desk has.") {
		t.Errorf("a genuine promise was not recognised")
	}

	p.reissue(thread, code)
	p.post(thread+"/erase", http.StatusSeeOther, "sure", "yes")
	page = p.until(thread, "destroyed its sealed copies too")
	if strings.Contains(page, "برادرم") {
		t.Error("the erased text is still shown")
	}

	p.post("/lock", http.StatusSeeOther)
	wait(t, stream, "locked")
	p.get(thread, http.StatusUnauthorized)
	p.server.Close()
	if p.log.Len() > 0 {
		t.Errorf("a day without failures wrote to the log: %s", p.log.String())
	}
}

// photo checks that what a browser gets was made by this desk.
func (p *place) photo(path string) {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.server.URL+path, nil)
	p.must(err)
	body, h := p.do(r, http.StatusOK)
	if strings.Contains(body, "35.7N") || strings.Contains(body, "Exif") {
		p.t.Error("the photo still says where it was taken")
	}
	if _, err := jpeg.Decode(strings.NewReader(body)); err != nil || h.Get("Content-Type") != "image/jpeg" ||
		h.Get("Content-Disposition") != "inline" || h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		p.t.Errorf("photo: %v, %v", err, h)
	}
}

// voice checks that a recording is the desk's own container, and that a player may ask for a piece of it.
func (p *place) voice(path string, raw []byte) {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.server.URL+path, nil)
	p.must(err)
	r.Header.Set("Range", "bytes=0-3")
	body, h := p.do(r, http.StatusPartialContent)
	if body != "OggS" || h.Get("Content-Type") != "audio/ogg" || h.Get("Cache-Control") != "no-store" {
		p.t.Errorf("recording: %q, %v", body, h)
	}
	if whole := p.get(path, http.StatusOK); strings.Contains(whole, string(raw[:16])) {
		p.t.Error("the recording came in the stranger's container")
	}
}

// reissue makes a new code on the page and tries both.
func (p *place) reissue(thread string, old receipt.Code) {
	p.t.Helper()
	p.post(thread+"/code", http.StatusUnprocessableEntity)
	page := p.post(thread+"/code", http.StatusOK, "confirmed", "yes")
	var digits strings.Builder
	for _, m := range regexp.MustCompile(`<span>(\d{4})</span>`).FindAllStringSubmatch(page, -1) {
		digits.WriteString(m[1])
	}
	code, err := receipt.Parse(digits.String())
	p.must(err)
	p.until("/about", "Everything is sent")
	if got := p.mailbox(code); len(got) != 1 {
		p.t.Errorf("the new mailbox holds %q", got)
	}
	if got := p.mailbox(old); got != nil {
		p.t.Errorf("the old code still opens %q", got)
	}
}

// listen follows the event stream as a browser does.
func (p *place) listen() <-chan string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), "GET", p.server.URL+"/events", nil)
	p.must(err)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := p.client.Do(r)
	p.must(err)
	if resp.Header.Get("Content-Type") != "text/event-stream" || resp.Header.Get("Cache-Control") != "no-store" {
		p.t.Errorf("headers %v", resp.Header)
	}
	events := make(chan string, 100)
	p.t.Cleanup(func() { resp.Body.Close() })
	go func() {
		defer close(events)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if e, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events <- e
			}
			if strings.Contains(lines.Text(), "data: ") {
				events <- "content in the stream: " + lines.Text()
			}
		}
	}()
	wait(p.t, events, "hello")
	return events
}

func wait(t *testing.T, events <-chan string, want string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case e, ok := <-events:
			if e == want {
				return
			}
			if !ok || strings.Contains(e, "content") {
				t.Fatalf("waiting for %q: %q, open %v", want, e, ok)
			}
		case <-deadline:
			t.Fatalf("no %q came", want)
		}
	}
}

// With the gate gone, what is here stays readable, and answers wait.
func TestWorkWithoutTheGate(t *testing.T) {
	p := newPlace(t)
	p.writes(newCode(t), seal.Intake{Situations: []string{"s_order"}}, seal.Part{Type: seal.TypeText, Data: []byte("ten days")})
	page := p.until("/", "ten days")
	thread := regexp.MustCompile(`href="(/thread/\d+)"`).FindStringSubmatch(page)[1]
	p.stopGate()
	p.post(thread+"/reply", http.StatusSeeOther, "text", "We look at it.", "once", "1")
	page = p.until(thread, "Working off line")
	for _, want := range []string{"We look at it.", "goes out when the gate answers", "waiting to go out", "ten days"} {
		if !strings.Contains(page, want) {
			t.Errorf("the thread lacks %q", want)
		}
	}
	list, err := p.office.Threads(t.Context(), casedb.Filter{})
	p.must(err)
	if len(list) != 1 || list[0].Queued != 1 {
		t.Errorf("%d threads", len(list))
	}
}
