package browser

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/chromedp/chromedp"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
	"panah/internal/testkit/chrome"
)

// TestTheNextLetterGoesToTheSpecialists: a case is locked while its person has the mailbox open. The answer that comes then names the key of the
// case, and what the person writes next opens with that key and no longer with the organisation's.
func TestTheNextLetterGoesToTheSpecialists(t *testing.T) {
	o := testkit.NewOrganisation(t)
	g := runGate(t, o.Signed)
	entries := 0
	for _, script := range []bool{true, false} {
		v := chrome.Views(script)[0]
		name := map[bool]string{true: "script", false: "noscript"}[script]
		t.Run(name, func(t *testing.T) {
			locked, err := age.GenerateHybridIdentity()
			if err != nil {
				t.Fatal(err)
			}
			code, keys := openMailbox(t, g, o)
			p := chrome.Open(t, v)
			p.Do(chromedp.Navigate(g.URL()+"/"+v.Lang+"/mailbox"), chromedp.WaitVisible(`form#open input[name=code]`))
			p.Do(chromedp.SendKeys(`form#open input[name=code]`, code.Grouped()), chromedp.Click(`form#open button.main`))
			p.Until(`document.querySelector('#thread') && document.querySelector('#thread').checkVisibility()`)
			write(p, "to everybody")
			if l := newest(t, g, o, entries+2); l.open(t, o.Identity).Epoch != 1 {
				t.Error("a letter before the case was locked is not the organisation's")
			}

			putAnswer(t, g, o, keys, locked.Recipient().String())
			write(p, "to specialists")
			l := newest(t, g, o, entries+3)
			entries += 3
			if _, err := seal.Open(l.sealed, o.Identity); err == nil {
				t.Error("every desk opens the letter")
			}
			if opened := l.open(t, locked); opened.Epoch != 0 || opened.Text() != "to specialists" || keys.MAC.Check(opened) != nil {
				t.Errorf("epoch %d, text %q", opened.Epoch, opened.Text())
			}
			p.Until(`document.querySelector('#letters').innerText.includes('It is locked now.')`)
		})
	}
}

// write types a further letter into the open mailbox and waits until it is kept.
func write(p *chrome.Page, text string) {
	p.T.Helper()
	p.Do(chromedp.SendKeys(`form#write textarea[name=story]`, text))
	p.Click(`form#write button.main`)
	p.Until(`document.querySelector('#sent') && document.querySelector('#sent').checkVisibility() && document.querySelector('form#write textarea').value === ''`)
}

// openMailbox sends a first letter under a new code.
func openMailbox(t *testing.T, g *gate.Gate, o testkit.Organisation) (receipt.Code, receipt.Keys) {
	t.Helper()
	code, err := receipt.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := receipt.Derive(code, o.Roster.Org)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := seal.Seal(seal.Letter{
		Kind: seal.KindLetter, Org: o.Roster.Org, Epoch: 1, Sealed: seal.SealedBrowser, Box: keys.Recipient().String(), Mailbox: keys.Mailbox.ID,
		MAC: &keys.MAC, At: time.Now(), Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("first")}},
	}, o.Roster.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, g.URL()+"/v1/letters/"+wire.IDOf(sealed).String(), bytes.NewReader(sealed))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Panah-Mailbox", keys.Mailbox.ID.Reveal())
	req.Header.Set("Panah-Auth", keys.Mailbox.RevealAuth())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("the first letter: %s", res.Status)
	}
	return code, keys
}

// putAnswer answers into a mailbox as a desk does, and names whom to write to next.
func putAnswer(t *testing.T, g *gate.Gate, o testkit.Organisation, keys receipt.Keys, to string) {
	t.Helper()
	l := seal.Letter{
		Kind: seal.KindReply, Org: o.Roster.Org, Sealed: seal.SealedDesk, N: 1, To: to, At: time.Now(),
		Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("It is locked now.")}},
	}
	l.Tag = keys.MAC.Tag(l)
	sealed, err := seal.Seal(l, keys.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if status, body := askAsDesk(t, g, o, http.MethodPost, "/v1/desk/replies", append(keys.Mailbox.ID[:], sealed...)); status != http.StatusCreated {
		t.Fatalf("an answer: %d %s", status, body)
	}
}

// A kept letter is one that the gate has in its log.
type kept struct{ sealed []byte }

func (k kept) open(t *testing.T, id *age.HybridIdentity) seal.Letter {
	t.Helper()
	l, err := seal.Open(k.sealed, id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// newest waits until the gate's log has n entries, and reads the last.
func newest(t *testing.T, g *gate.Gate, o testkit.Organisation, n int) kept {
	t.Helper()
	if status, body := askAsDesk(t, g, o, http.MethodGet, fmt.Sprintf("/v1/desk/news?after=%d", n-1), nil); status != http.StatusOK {
		t.Fatalf("news of the log: %d %s", status, body)
	}
	status, body := askAsDesk(t, g, o, http.MethodGet, "/v1/desk/sync?from=0", nil)
	if status != http.StatusOK {
		t.Fatalf("the log: %d %s", status, body)
	}
	var last kept
	for r := bytes.NewReader(body); ; {
		kind, payload, err := wire.ReadFrame(r)
		if errors.Is(err, io.EOF) || err == nil && kind == wire.FrameEnd {
			return last
		}
		if err != nil {
			t.Fatal(err)
		}
		if kind == wire.FrameEntry {
			e, err := wire.ParseEntry(payload)
			if err != nil {
				t.Fatal(err)
			}
			last.sealed = e.Sealed
		}
	}
}
