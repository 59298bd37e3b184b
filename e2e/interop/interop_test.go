// Package interop_test seals in the browser's code and opens in Go, the other way round, and both ways with the stock
// age command. The browser's code is the bundle that browsers load, run by node.
package interop_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
	"panah/internal/testkit"
)

const (
	org  = "abcdefghjkmnpqrstvwx"
	code = "12345678901234567891"
)

// request is what web/gate/src/interop.ts reads; byte slices travel as base64.
type request struct {
	Do        string    `json:"do"`
	Code      string    `json:"code,omitempty"`
	Org       string    `json:"org,omitempty"`
	Epoch     int       `json:"epoch,omitempty"`
	Recipient string    `json:"recipient,omitempty"`
	Kind      string    `json:"kind,omitempty"`
	N         uint32    `json:"n"`
	Parts     []part    `json:"parts"`
	Identity  string    `json:"identity,omitempty"`
	Sealed    []byte    `json:"sealed,omitempty"`
	Files     []ageFile `json:"files,omitempty"`
	Replies   [][]byte  `json:"replies"`
}

type part struct {
	Type string `json:"type"`
	Data []byte `json:"data"`
}

type ageFile struct {
	Identity string `json:"identity"`
	File     []byte `json:"file"`
}

// browser runs requests in the bundle that it builds once.
type browser struct{ script string }

func newBrowser(t *testing.T) browser {
	t.Helper()
	out := t.TempDir()
	build := exec.Command("go", "run", "./assets", "-tests", "-out", out)
	build.Dir = filepath.Join(testkit.Root(), "tools")
	if b, err := build.CombinedOutput(); err != nil {
		t.Fatalf("bundling the browser's code: %v\n%s", err, b)
	}
	return browser{filepath.Join(out, "interop.mjs")}
}

func (b browser) ask(t *testing.T, r request, answer any) {
	t.Helper()
	in, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", b.script)
	node.Stdin = bytes.NewReader(in)
	var said bytes.Buffer
	node.Stderr = &said
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node (20 or newer is needed): %v\n%s", err, said.Bytes())
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("%v in %.200s", err, out)
	}
}

type sealedAnswer struct {
	Sealed []byte `json:"sealed"`
	ID     string `json:"id"`
}

type openedAnswer struct {
	Kind  string `json:"kind"`
	N     uint32 `json:"n"`
	Tag   []byte `json:"tag"`
	To    string `json:"to"`
	Parts []part `json:"parts"`
}

func TestBrowserAndGo(t *testing.T) {
	b := newBrowser(t)
	desk, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	c, err := receipt.Parse(code)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := receipt.Derive(c, org)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("Go opens what the browser sealed", func(t *testing.T) { goOpens(t, b, desk, keys) })
	t.Run("the browser opens what Go sealed", func(t *testing.T) { browserOpens(t, b, keys) })
	t.Run("the browser writes to whom the newest answer says", func(t *testing.T) { browserWritesOn(t, b, desk, keys) })
	t.Run("stock age opens what the browser sealed", func(t *testing.T) { stockAge(t, b, desk) })
	t.Run("the published age vectors", func(t *testing.T) { publishedVectors(t, b) })
}

func goOpens(t *testing.T, b browser, desk *age.HybridIdentity, keys receipt.Keys) {
	for _, r := range []request{
		{Kind: "letter", N: 0, Parts: []part{{seal.TypeIntake, []byte(`{"lang":"fa-AF","who":"family"}`)}, {seal.TypeText, []byte("سلام\n<b>")}}},
		{Kind: "letter", N: 28_000_000, Parts: []part{{seal.TypeJPEG, bytes.Repeat([]byte{0xff, 0xd8, 0xff}, 80_000)}, {seal.TypeOgg, []byte("OggS")}}},
		{Kind: "erase", N: 28_000_001, Parts: []part{}},
	} {
		r.Do, r.Code, r.Org, r.Epoch, r.Recipient = "seal", code, org, 3, desk.Recipient().String()
		var got sealedAnswer
		b.ask(t, r, &got)
		if got.ID != wire.IDOf(got.Sealed).String() {
			t.Error("the id is not the hash of the sealed bytes")
		}
		l, err := seal.Open(got.Sealed, desk)
		if err != nil {
			t.Fatal(err)
		}
		checkLetter(t, r, l, keys)
	}
}

func checkLetter(t *testing.T, r request, l seal.Letter, keys receipt.Keys) {
	t.Helper()
	if l.Kind != r.Kind || l.N != r.N || l.Org != org || l.Epoch != 3 || l.Sealed != seal.SealedBrowser {
		t.Errorf("header is %s %d %s %d %s", l.Kind, l.N, l.Org, l.Epoch, l.Sealed)
	}
	if l.Box != keys.Recipient().String() || l.Mailbox != keys.Mailbox.ID {
		t.Error("the mailbox is not the code's")
	}
	if since := time.Since(l.At); since < -time.Minute || since > 5*time.Minute {
		t.Errorf("sealed at %v", l.At)
	}
	if first := r.N == 0; first != (l.MAC != nil && *l.MAC == keys.MAC) {
		t.Errorf("letter %d carries the thread's key: %v", r.N, l.MAC != nil)
	} else if !first && keys.MAC.Check(l) != nil {
		t.Error("the tag is not the thread's")
	}
	got := []part{}
	for _, p := range l.Parts {
		got = append(got, part{p.Type, p.Data})
	}
	if diff := cmp.Diff(r.Parts, got); diff != "" {
		t.Errorf("parts (-sent +opened):\n%s", diff)
	}
}

func browserOpens(t *testing.T, b browser, keys receipt.Keys) {
	l := seal.Letter{
		Kind: seal.KindReply, Org: org, Sealed: seal.SealedDesk, N: 7, At: time.Now(), To: keys.Recipient().String(),
		Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("We read your letter. می\u200cخوانیم")}, {Type: seal.TypePNG, Data: bytes.Repeat([]byte{7}, 90_000)}},
	}
	l.Tag = keys.MAC.Tag(l)
	sealed, err := seal.Seal(l, keys.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	var got openedAnswer
	b.ask(t, request{Do: "open", Code: code, Org: org, Sealed: sealed, Parts: []part{}}, &got)
	want := openedAnswer{Kind: "reply", N: 7, Tag: l.Tag, To: l.To}
	for _, p := range l.Parts {
		want.Parts = append(want.Parts, part{p.Type, p.Data})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("opened (-sealed +opened):\n%s", diff)
	}
}

// browserWritesOn gives a browser a mailbox whose answers ask for a recipient of their own: the key of a locked case.
func browserWritesOn(t *testing.T, b browser, desk *age.HybridIdentity, keys receipt.Keys) {
	locked, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	answer := func(n uint32, to string, good bool) []byte {
		l := seal.Letter{Kind: seal.KindReply, Org: org, Sealed: seal.SealedDesk, N: n, To: to, Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("read")}}}
		l.Tag = keys.MAC.Tag(l)
		if !good { // what somebody can do who has the mailbox's recipient but not its key
			l.Tag = make([]byte, 32)
		}
		sealed, err := seal.Seal(l, keys.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	organisation, specialists := desk.Recipient().String(), locked.Recipient().String()
	for name, c := range map[string]struct {
		replies [][]byte
		opens   *age.HybridIdentity
		epoch   int
	}{
		"before any answer":        {[][]byte{}, desk, 3},
		"an answer without":        {[][]byte{answer(1, "", true)}, desk, 3},
		"the newest says where":    {[][]byte{answer(1, "", true), answer(2, specialists, true)}, locked, 0},
		"the newest says no more":  {[][]byte{answer(1, specialists, true), answer(2, "", true)}, desk, 3},
		"a forged one is not read": {[][]byte{answer(1, specialists, true), answer(2, organisation, false)}, locked, 0},
	} {
		r := request{
			Do: "answer", Code: code, Org: org, Epoch: 3, Recipient: organisation, Replies: c.replies, Kind: "letter", N: 28_000_000,
			Parts: []part{{seal.TypeText, []byte("for you alone")}},
		}
		var got sealedAnswer
		b.ask(t, r, &got)
		l, err := seal.Open(got.Sealed, c.opens)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if l.Epoch != c.epoch || l.Text() != "for you alone" || keys.MAC.Check(l) != nil || l.Mailbox != keys.Mailbox.ID {
			t.Errorf("%s: epoch %d, text %q", name, l.Epoch, l.Text())
		}
	}
}

// stockAge opens a browser's letter with the age command of the module that we build on: "if we vanish, your files do not".
func stockAge(t *testing.T, b browser, desk *age.HybridIdentity) {
	dir := t.TempDir()
	command := filepath.Join(dir, "age")
	build := exec.Command("go", "build", "-o", command, "filippo.io/age/cmd/age")
	build.Dir = testkit.Root()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the age command: %v\n%s", err, out)
	}
	var got sealedAnswer
	b.ask(t, request{
		Do: "seal", Code: code, Org: org, Epoch: 3, Recipient: desk.Recipient().String(), Kind: "letter",
		Parts: []part{{seal.TypeText, []byte("readable in fifty years")}},
	}, &got)
	key, letter := filepath.Join(dir, "key"), filepath.Join(dir, "letter")
	for name, body := range map[string][]byte{key: []byte(desk.String() + "\n"), letter: got.Sealed} {
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plain, err := exec.Command(command, "-d", "-i", key, letter).Output()
	if err != nil {
		t.Fatalf("age -d: %v", err)
	}
	l, err := seal.Unpack(plain)
	if err != nil {
		t.Fatal(err)
	}
	if l.Text() != "readable in fifty years" {
		t.Errorf("text is %q", l.Text())
	}
}

func publishedVectors(t *testing.T, b browser) {
	vectors := readVectors(t)
	var files []ageFile
	for _, v := range vectors {
		files = append(files, ageFile{v.identity, v.file})
	}
	var answers []struct {
		Plain   []byte  `json:"plain"`
		Problem *string `json:"problem"`
	}
	b.ask(t, request{Do: "age", Parts: []part{}, Files: files}, &answers)
	if len(answers) != len(vectors) {
		t.Fatalf("%d answers to %d vectors", len(answers), len(vectors))
	}
	hybrids := 0
	for i, v := range vectors {
		a := answers[i]
		if (a.Problem == nil) != (v.expect == "success") {
			t.Errorf("%s: expected %s, got problem %v", v.name, v.expect, a.Problem)
			continue
		}
		if a.Problem == nil && sha256.Sum256(a.Plain) != v.payload {
			t.Errorf("%s: opens to something else", v.name)
		}
		if strings.HasPrefix(v.name, "hybrid") {
			hybrids++
		}
	}
	if hybrids < 15 || len(vectors) < 80 {
		t.Errorf("only %d vectors, %d of them hybrid, were tried", len(vectors), hybrids)
	}
}
