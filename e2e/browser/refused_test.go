package browser

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// english is a small view with words that a test can look for.
var english = chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true}

// TestNoSealingCode breaks the sealing code: a story about a dangerous situation is then not offered to the server, the page says
// what to do, and answers alone may go.
func TestNoSealingCode(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, english)
	chrome.Call(p, network.Enable, network.EnableParams{})
	chrome.Call(p, network.SetBlockedURLs, network.SetBlockedURLsParams{
		URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/a/seal.*", Block: true}},
	})
	p.Do(chromedp.Navigate(w.At("/en/")))
	p.Until(`document.querySelector('#seal-state').dataset.state === 'failed'`)
	p.Do(chromedp.SendKeys(`#letter textarea[name=story]`, "he hurts me"))
	p.Click(`label:has(input[value=s_force])`)
	p.Click(`#letter button#send`)
	p.Until(`document.querySelector('#problem').innerText.includes('take the story')`)
	if n := chrome.Eval[int](p, `document.querySelectorAll('#problem button').length`); n != 0 {
		t.Errorf("%d ways to send the story to the server are offered", n)
	}
	p.Check("no-sealing-code")
	chrome.Eval[string](p, `document.querySelector('#letter textarea[name=story]').value = ''`)
	p.Click(`#letter button#send`)
	p.Until(`document.querySelector('#problem button')`)
	p.Click(`#problem button`)
	p.Until(`document.body.dataset.page === 'receipt'`)
}

// TestMailboxGoneMeanwhile erases a mailbox elsewhere while its page is open: a further letter is refused in words and stays typed.
func TestMailboxGoneMeanwhile(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, english)
	code := writeLetter(p, w, "first")
	readMailbox(p, w, code)
	form := strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n" + code + "\r\n--b--\r\n")
	resp, err := http.Post(w.At("/en/mailbox/erase"), "multipart/form-data; boundary=b", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("erasing elsewhere: %s", resp.Status)
	}
	p.Do(chromedp.SendKeys(`form#write textarea[name=story]`, "still here"), chromedp.Click(`form#write button.main`))
	p.Until(`document.querySelector('#problem').innerText.includes('no mailbox')`)
	if got := chrome.Eval[string](p, `document.querySelector('form#write textarea').value`); got != "still here" {
		t.Errorf("the letter is %q after it was refused", got)
	}
}

// TestSoundThatNoDeskPlays chooses a recording of a kind that desks do not play: it is told at once, and not sent.
func TestSoundThatNoDeskPlays(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, english)
	memo := filepath.Join(t.TempDir(), "memo.m4a")
	if err := os.WriteFile(memo, []byte("\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Do(chromedp.Navigate(w.At("/en/")), chromedp.WaitReady(`#voice`), chromedp.SetUploadFiles(`#voice`, []string{memo}))
	p.Until(`document.querySelector('#voice-ui').innerText.includes('Ogg or WebM')`)
	if n := chrome.Eval[int](p, `document.querySelector('#voice').files.length`); n != 0 {
		t.Errorf("%d files are still chosen", n)
	}
}
