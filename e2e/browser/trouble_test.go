package browser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// phone is the view of the scenes below: right to left, small, with script.
var phone = chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Script: true}

// TestLostConnection cuts the network while a large letter is on its way: nothing is lost, and nothing arrives twice.
func TestLostConnection(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, phone)
	p.Do(chromedp.Navigate(w.At("/fa/")), chromedp.SendKeys(`#letter textarea[name=story]`, "through a tunnel"))
	p.Until(`document.querySelector('#seal-state').dataset.state === 'browser'`)
	addPhoto(p, photograph(t, 2400), 1)
	offline(p, true)
	p.Click(`#letter button#send`)
	p.Until(`[...document.querySelectorAll('#progress button')].some(b => b.checkVisibility())`)
	p.Check("lost-connection")
	if got := chrome.Eval[string](p, `document.querySelector('#letter textarea[name=story]').value`); got != "through a tunnel" {
		t.Errorf("the story is %q after the connection was lost", got)
	}
	offline(p, false)
	p.Until(`document.querySelector('#sent').checkVisibility() && document.querySelector('#sent .code').innerText.trim()`)

	worker := chrome.Open(t, chrome.View{Name: "en", Lang: "en", Width: 1280, Script: true})
	unlock(worker, w)
	openLetter(worker, "through a tunnel")
	worker.Do(chromedp.Navigate(w.DeskAt(t, "/?show=all")))
	if got := chrome.Eval[int](worker, `document.querySelectorAll('.row').length`); got != 1 {
		t.Errorf("the desk has %d letters; one was sent", got)
	}
}

// TestPhotoLosesItsData hands the page a camera's picture with data in it; what the page would send has none, and is small.
func TestPhotoLosesItsData(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, phone)
	picture, err := os.ReadFile(photograph(t, 2400))
	if err != nil {
		t.Fatal(err)
	}
	// An APP1 segment right behind the start of the image, where cameras put place and time.
	secret := "Exif\x00\x00 taken at 34.5553,69.2075"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(secret) + 2)}, secret...)
	file := filepath.Join(t.TempDir(), "camera.jpg")
	if err := os.WriteFile(file, slices.Insert(picture, 2, segment...), 0o600); err != nil {
		t.Fatal(err)
	}
	if len(picture) <= 256<<10 {
		t.Fatalf("the camera's picture has only %d bytes", len(picture))
	}
	chrome.Call(p, cdppage.SetBypassCSP, cdppage.SetBypassCSPParams{Enabled: true}) // for the look into the preview below
	p.Do(chromedp.Navigate(w.At("/fa/")))
	p.Until(`document.querySelector('#seal-state').dataset.state === 'browser'`)
	addPhoto(p, file, 1)
	sent, err := base64.StdEncoding.DecodeString(chrome.Eval[string](p, `fetch(document.querySelector('#photo-ui img').src).then(r => r.blob())
		.then(b => new Promise(ok => { const f = new FileReader(); f.onload = () => ok(f.result.split(",")[1]); f.readAsDataURL(b) }))`))
	if err != nil {
		t.Fatal(err)
	}
	if len(sent) > 256<<10 {
		t.Errorf("the page would send %d bytes", len(sent))
	}
	if !bytes.HasPrefix(sent, []byte{0xff, 0xd8}) || bytes.Contains(sent, []byte("Exif")) || bytes.Contains(sent, []byte("34.5553")) {
		t.Error("the page would send the camera's data, or no JPEG")
	}
}

// TestVoiceLetter records with Chromium's fake microphone and plays the letter at the desk.
func TestVoiceLetter(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, phone, fakeMicrophone...)
	p.Do(chromedp.Navigate(w.At("/fa/")), chromedp.WaitVisible(`#voice-ui button`), chromedp.SendKeys(`#letter textarea[name=story]`, "listen"))
	p.Click(`#voice-ui button`)
	p.Until(`document.querySelector('#voice-ui .clock')`)
	p.Check("recording")
	// Two seconds of sound by the page's own clock, which counts down from three minutes.
	p.Until(`/[2۲]:[5۵][0-8۰-۸]/.test(document.querySelector('#voice-ui .clock').innerText)`)
	p.Click(`#voice-ui button`)
	p.Until(`document.querySelector('#voice-ui audio')`)
	p.Check("recorded")
	p.Click(`#letter button#send`)
	p.Until(`document.querySelector('#sent').checkVisibility()`)

	worker := chrome.Open(t, chrome.View{Name: "en", Lang: "en", Width: 1280, Script: true})
	unlock(worker, w)
	openLetter(worker, "listen")
	length := chrome.Eval[float64](worker, `new Promise((ok, no) => { const a = document.querySelector('audio'); a.onloadedmetadata = () => ok(a.duration); a.onerror = () => no(a.error.message); a.preload = 'auto'; a.load() })`)
	if length < 1 || length > 10 {
		t.Errorf("the recording plays %v s, about 2 were recorded", length)
	}
	worker.Check("desk-voice")
}

// TestLostCode re-issues a mailbox: the new code reads the old answers, the old code reads nothing.
func TestLostCode(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, phone)
	old := writeLetter(p, w, "lost code")
	worker := chrome.Open(t, chrome.View{Name: "fa", Lang: "fa", Width: 1280, Script: true})
	unlock(worker, w)
	openLetter(worker, "lost code")
	answer(worker, "first answer")
	worker.Do(chromedp.Click(`.steps a[href$="/code"]`), chromedp.WaitVisible(`input[name=confirmed]`))
	worker.Check("code-ask")
	worker.Do(chromedp.Click(`input[name=confirmed]`), chromedp.Click(`form.step button.main`), chromedp.WaitVisible(`p.code`))
	worker.Check("code-made")
	code := chrome.Eval[string](worker, `document.querySelector('p.code').innerText.trim()`)
	worker.Do(chromedp.Click(`a.button.main`))
	worker.Until(`document.querySelector('#line') && !document.querySelector('#line').classList.contains('off')`)

	readMailbox(p, w, code)
	p.Until(`document.querySelector('#letters').innerText.includes('first answer')`)
	p.Do(chromedp.Navigate(w.At("/fa/mailbox")), chromedp.SendKeys(`form#open input[name=code]`, old), chromedp.Click(`form#open button.main`))
	p.Until(`document.querySelector('#code-problem, #problem') && [...document.querySelectorAll('#code-problem, #problem')].some(e => e.checkVisibility())`)
	p.Check("old-code-dead")
}

// TestTypedCode tells a mistake at once, before anything is derived or sent.
func TestTypedCode(t *testing.T) {
	w := chrome.StartWorld(t)
	p := chrome.Open(t, phone)
	p.Do(chromedp.Navigate(w.At("/fa/mailbox")), chromedp.WaitVisible(`form#open input[name=code]`))
	for name, typed := range map[string]string{"one digit wrong": "۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳۴۵۶ ۷۸۹۲", "letters": "12ab"} {
		p.Do(chromedp.Clear(`form#open input[name=code]`), chromedp.SendKeys(`form#open input[name=code]`, typed))
		p.Until(`document.querySelector('#code-problem').checkVisibility() && document.querySelector('#code-problem').innerText.trim()`)
		p.Check("typed-" + name)
	}
}

// budget of the issue, bytes over the wire with headers.
const (
	firstPageBudget = 10_000
	letterBudget    = 60_000
)

// TestBytes measures what a browser loads: the first page with CSS and icons, and everything from opening to the receipt code of a text letter.
func TestBytes(t *testing.T) {
	w := chrome.StartWorld(t)
	first := chrome.Open(t, phone)
	l := watch(t, first)
	first.Do(chromedp.Navigate(w.At("/")))
	fmt.Printf("bytes, cold: language page with CSS and icons %.0f (budget %d)\n", l.sum(false), firstPageBudget)
	if l.sum(false) > firstPageBudget {
		t.Errorf("the language page is over %d bytes", firstPageBudget)
	}
	for _, lang := range []string{"en", "fa", "fa-AF", "ps", "ur"} {
		p := chrome.Open(t, chrome.View{Lang: lang, Width: 360, Phone: true, Script: true})
		l := watch(t, p)
		p.Do(chromedp.Navigate(w.At("/" + lang + "/")))
		intake := l.sum(false)
		p.Do(chromedp.SendKeys(`#letter textarea[name=story]`, "text"))
		p.Until(`document.querySelector('#seal-state').dataset.state === 'browser'`)
		p.Click(`#letter button#send`)
		p.Until(`document.querySelector('#sent').checkVisibility() && document.querySelector('#sent .code').innerText.trim() && document.querySelector('.promise-qr svg, .promise-qr canvas, .promise-qr img')`)
		all := l.sum(true)
		fmt.Printf("bytes, cold, %s: intake page with CSS and icons %.0f (budget %d), whole text letter to the receipt code %.0f (budget %d)\n",
			lang, intake, firstPageBudget, all, letterBudget)
		if intake > firstPageBudget {
			t.Errorf("%s: the intake page is over %d bytes", lang, firstPageBudget)
		}
		if all > letterBudget {
			t.Errorf("%s: a text letter loads more than %d bytes", lang, letterBudget)
		}
	}
}

// A ledgerOfLoads adds up the bytes of a tab's loads.
type ledgerOfLoads struct {
	mu     sync.Mutex
	script map[network.RequestID]bool
	plain  float64
	all    float64
}

func watch(t *testing.T, p *chrome.Page) *ledgerOfLoads {
	t.Helper()
	l := &ledgerOfLoads{script: map[network.RequestID]bool{}}
	chrome.Call(p, network.Enable, network.EnableParams{})
	if err := chromedp.Listen(p, l.hear); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *ledgerOfLoads) hear(ev any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		l.script[e.RequestID] = e.Type == network.ResourceTypeScript
	case *network.EventLoadingFinished:
		l.all += e.EncodedDataLength
		if !l.script[e.RequestID] {
			l.plain += e.EncodedDataLength
		}
	}
}

// sum returns the bytes so far, with or without script files.
func (l *ledgerOfLoads) sum(withScript bool) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if withScript {
		return l.all
	}
	return l.plain
}
