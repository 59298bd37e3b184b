package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/net/html"

	"panah/core/ledger"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/gate/internal/door"
)

// testAssets stands for the built folder: its files are small, its shape is that of tools/assets.
func testAssets() fs.FS {
	files := fstest.MapFS{}
	manifest := map[string]string{}
	for _, name := range needed {
		stem, ext, _ := strings.Cut(name, ".")
		served := stem + ".0123456789." + ext
		manifest[name] = served
		for suffix, body := range map[string]string{"": "plain ", ".br": "br ", ".gz": "gz "} {
			files[served+suffix] = &fstest.MapFile{Data: []byte(body + name)}
		}
	}
	data, err := json.Marshal(manifest)
	if err != nil {
		panic(err)
	}
	files["manifest.json"] = &fstest.MapFile{Data: data}
	return files
}

var testOrg = Organisation{ID: "0123456789abcdefghjk", Name: "Clinic <of> the test"}

func testSite(drafts bool) Site {
	return Site{Leave: "https://weather.example/", Drafts: drafts, Nobody: "08:00"}
}

// shelf keeps letters and mailboxes in memory, with real promises: it stands for the gate's log, which has its own tests.
type shelf struct {
	t        *testing.T
	signer   note.Signer
	verifier string
	org      string
	letters  [][]byte
	boxes    map[wire.MailboxKey][][]byte
	refuse   error
	identity *age.HybridIdentity
}

func (s *shelf) Accept(_ context.Context, sealed []byte, box *wire.MailboxKey) (wire.Accepted, error) {
	if s.refuse != nil {
		return wire.Accepted{}, s.refuse
	}
	s.letters = append(s.letters, bytes.Clone(sealed))
	if _, ok := s.boxes[*box]; !ok {
		s.boxes[*box] = nil
	}
	promise, err := ledger.SignPromise(ledger.Promise{
		Org: s.org, Commitment: [32]byte{1}, Deadline: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
	}, s.signer)
	return wire.Accepted{ID: wire.IDOf(sealed).String(), Promise: promise}, err
}

func (s *shelf) Replies(_ context.Context, key wire.MailboxKey) ([][]byte, error) {
	replies, ok := s.boxes[key]
	if !ok {
		return nil, door.ErrNoMailbox
	}
	return replies, nil
}

func (s *shelf) Erase(_ context.Context, key wire.MailboxKey) error {
	delete(s.boxes, key)
	return nil
}

// letter opens the last letter as the desk would.
func (s *shelf) letter() seal.Letter {
	s.t.Helper()
	l, err := seal.Open(s.letters[len(s.letters)-1], s.identity)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

// newHandler is a gate's public side with an organisation.
func newHandler(t *testing.T, site Site) (*Handler, *shelf) {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	key, verifier, err := note.GenerateKey(rand.Reader, "gate.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{t: t, signer: signer, verifier: verifier, org: testOrg.ID, boxes: map[wire.MailboxKey][][]byte{}, identity: id}
	h, err := New(Config{
		Taking: func() bool { return true }, Shifts: func() (wire.Duty, bool) { return wire.Duty{}, false },
		Roster: func() (roster.Roster, bool) {
			return roster.Roster{Org: testOrg.ID, Name: testOrg.Name, Epoch: 3, Recipient: id.Recipient()}, true
		},
		Site: site, Assets: testAssets(), Intake: s, Door: door.New(door.Config{Mailboxes: s}), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, s
}

// get asks for a page.
func get(t *testing.T, h http.Handler, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// post sends a form as a browser without script does. A name that begins with "@" is a file.
func post(t *testing.T, h http.Handler, path string, fields ...string) *http.Response {
	t.Helper()
	return postUntil(t.Context(), t, h, path, fields...)
}

// postUntil is post for a browser that gives up when ctx ends.
func postUntil(ctx context.Context, t *testing.T, h http.Handler, path string, fields ...string) *http.Response {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		var err error
		if name, ok := strings.CutPrefix(fields[i], "@"); ok {
			var w io.Writer
			if w, err = m.CreateFormFile(name, name); err == nil {
				_, err = io.WriteString(w, fields[i+1])
			}
		} else {
			err = m.WriteField(fields[i], fields[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// read parses the HTML of an answer.
func read(t *testing.T, resp *http.Response) *html.Node {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	doc, err := html.Parse(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// find returns the elements that match: a tag, and pairs of attribute and value ("class" matches one of the classes; value "*" any).
func find(n *html.Node, tag string, attrs ...string) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (tag == "" || d.Data == tag) && hasAll(d, attrs) {
			found = append(found, d)
		}
	}
	return found
}

func hasAll(n *html.Node, attrs []string) bool {
	for i := 0; i+1 < len(attrs); i += 2 {
		value, ok := attr(n, attrs[i])
		if !ok || attrs[i+1] != "*" && value != attrs[i+1] &&
			(attrs[i] != "class" || !strings.Contains(" "+value+" ", " "+attrs[i+1]+" ")) {
			return false
		}
	}
	return true
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what an element says, with single spaces.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// one is the single element that matches.
func one(t *testing.T, n *html.Node, tag string, attrs ...string) *html.Node {
	t.Helper()
	found := find(n, tag, attrs...)
	if len(found) != 1 {
		t.Fatalf("%d elements are %s %v", len(found), tag, attrs)
	}
	return found[0]
}
