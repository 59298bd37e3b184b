package attack

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/receipt"
	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk"
	"panah/gate"
	"panah/internal/testkit/hoard"
)

// A world is an organisation at the worst gate there is.
type world struct {
	t      *testing.T
	gate   *hoard.Gate
	org    string
	sheets []recovery.Sheet
	keeper *laptop // the first keeper's
	marks  []string
}

// found makes the organisation, rehearses its recovery, and so opens intake: what every real one does first. The recovered desk is in epoch 2.
func found(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, gate: hoard.Start(t, gate.Config{})}
	first := filepath.Join(t.TempDir(), "desk")
	founded, err := desk.Found(t.Context(), desk.FoundConfig{
		Data: first, Name: "Example Legal Aid", Passphrase: passphrase, LogN: 10, GateURL: w.gate.URL, SetupCode: w.gate.Setup, DeskName: "First desk",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.org = founded.Org
	var typed []string
	for i, s := range founded.Sheets {
		typed = append(typed, secretOn(t, s))
		id, err := recovery.ParseSheet(typed[i])
		if err != nil {
			t.Fatal(err)
		}
		w.sheets = append(w.sheets, recovery.Sheet{Letter: 'a' + byte(i), Identity: id})
	}
	if err := desk.Purge(first); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "desk")
	back, err := desk.Recover(t.Context(), desk.RecoverConfig{
		Data: data, GateURL: w.gate.URL, Org: founded.Org, DeskName: "Keeper's desk", Passphrase: passphrase, LogN: 10, Sheets: typed[:2],
	})
	if err != nil {
		t.Fatal(err)
	}
	if !back.Intake {
		t.Fatal("the rehearsal did not open intake")
	}
	w.keeper = serve(t, "the keeper's desk", data)
	return w
}

var group = regexp.MustCompile(`<code class="group">([^<]+)<`)

// secretOn reads the secret that a printed sheet shows.
func secretOn(t *testing.T, s desk.Sheet) string {
	t.Helper()
	var groups []string
	for _, m := range group.FindAllSubmatch(s.HTML, -1) {
		groups = append(groups, html.UnescapeString(string(m[1])))
	}
	if len(groups) == 0 {
		t.Fatal("no secret on the sheet")
	}
	return "AGE-SECRET-KEY-PQ-1 " + strings.Join(groups, " ")
}

// A person writes letters, as the public page does.
type person struct {
	w    *world
	keys receipt.Keys
	n    uint32
}

// writes sends the first letter of a new person. mark stands in it and nowhere else.
func (w *world) writes(mark string) *person {
	w.t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	keys, err := receipt.Derive(code, w.org)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &person{w: w, keys: keys}
	p.send(mark, nil)
	return p
}

// again sends a further letter, sealed to what the newest answer says when it says something.
func (p *person) again(mark string) {
	p.w.t.Helper()
	var to *age.HybridRecipient
	for _, r := range p.answers() {
		if r.To != "" {
			var err error
			if to, err = age.ParseHybridRecipient(r.To); err != nil {
				p.w.t.Fatal(err)
			}
		}
	}
	p.n++
	p.send(mark, to)
}

func (p *person) send(mark string, to *age.HybridRecipient) {
	t := p.w.t
	t.Helper()
	p.w.marks = append(p.w.marks, mark)
	r := p.w.roster()
	l := seal.Letter{
		Kind: seal.KindLetter, Org: p.w.org, Epoch: r.Epoch, Sealed: seal.SealedBrowser, Box: p.keys.Box.Recipient().String(), Mailbox: p.keys.Mailbox.ID,
		N: p.n, At: time.Now().UTC(), Parts: []seal.Part{{Type: seal.TypeText, Data: []byte(mark)}},
	}
	if to == nil {
		to = r.Recipient
	} else {
		l.Epoch = 0
	}
	if p.n == 0 {
		l.MAC = &p.keys.MAC
	} else {
		l.Tag = p.keys.MAC.Tag(l)
	}
	sealed, err := seal.Seal(l, to)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("PUT", p.w.gate.URL+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(wire.HeaderMailbox, p.keys.Mailbox.ID.Reveal())
	req.Header.Set(wire.HeaderAuth, p.keys.Mailbox.RevealAuth())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		b, _ := io.ReadAll(resp.Body)
		t.Fatalf("a letter: %s: %s", resp.Status, b)
	}
}

// answers reads the mailbox. Only genuine answers count.
func (p *person) answers() []seal.Letter {
	t := p.w.t
	t.Helper()
	req, err := http.NewRequest("POST", p.w.gate.URL+"/v1/mailbox", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(wire.HeaderMailbox, p.keys.Mailbox.ID.Reveal())
	req.Header.Set(wire.HeaderAuth, p.keys.Mailbox.RevealAuth())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the mailbox: %s, %v", resp.Status, err)
	}
	replies, err := wire.ParseReplies(b)
	if err != nil {
		t.Fatal(err)
	}
	var out []seal.Letter
	for _, r := range replies {
		l, err := seal.Open(r, p.keys.Box)
		if err == nil && p.keys.MAC.Check(l) == nil {
			out = append(out, l)
		}
	}
	return out
}

// roster is what the gate serves.
func (w *world) roster() roster.Roster {
	w.t.Helper()
	resp, err := http.Get(w.gate.URL + "/rosters?from=1")
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	notes, err := wire.ParseRosters(b)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := roster.OpenChain(notes, w.org)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// inEpoch writes one letter that stays open and one that is handled and erased at once, and returns their marks.
func (w *world) inEpoch() (open, erased string) {
	w.t.Helper()
	e := w.keeper.epoch()
	open, erased = fmt.Sprintf("stays-open-epoch-%d-%x", e, salt()), fmt.Sprintf("was-erased-epoch-%d-%x", e, salt())
	w.writes(open)
	w.writes(erased)
	w.keeper.thread(open)
	w.keeper.erase(erased)
	w.keeper.queueEmpty()
	return open, erased
}

func salt() []byte {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // never fails
	return b
}
