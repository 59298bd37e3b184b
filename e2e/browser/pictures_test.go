package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// maxPicture is how many bytes a picture of the guide may have.
const maxPicture = 150 << 10

// TestPictures makes the pictures of docs/caseworkers.md, of people who do not exist: `make pictures` keeps them, every other run looks whether they can still be made.
func TestPictures(t *testing.T) {
	dir := os.Getenv("PANAH_PICTURES")
	if dir == "" {
		dir = t.TempDir()
	}
	w := chrome.StartWorld(t)
	p := chrome.Open(t, chrome.View{Name: "en", Lang: "en", Width: 1280, Script: true})
	unlock(p, w)
	for _, m := range madeUp {
		send(t, w, m)
	}
	for _, m := range madeUp {
		if m.name == "" {
			continue // stays a new letter
		}
		p.Do(chromedp.Navigate(w.DeskAt(t, "/")))
		openLetter(p, m.district)
		p.Do(chromedp.SetValue(`#o-name`, m.name))
		p.Click(`#opening button.main`)
		p.Until(`document.querySelector('.case-tabs')`)
	}
	first := chrome.Eval[string](p, `location.pathname`)
	part(p, "situation")
	p.Click(`input[name="q.now"][value=camp]`)
	p.Click(`.questions button.main`)
	p.Until(`document.querySelector('.q.answered')`)
	for _, lang := range []string{"en", "fa"} {
		p.Do(chromedp.Navigate(w.DeskAt(t, "/")), chromedp.SetValue(`#lang`, lang), chromedp.Submit(`#lang`))
		p.Until(`document.documentElement.lang === '` + lang + `' && document.querySelector('#rows')`)
		picture(t, p, filepath.Join(dir, "queue-"+lang+".png"))
		p.Do(chromedp.Navigate(w.DeskAt(t, first+"?tab=tasks")), chromedp.WaitReady(`#main`))
		picture(t, p, filepath.Join(dir, "case-"+lang+".png"))
		p.Do(chromedp.Navigate(w.DeskAt(t, "/search")), chromedp.WaitReady(`#main`))
		p.Do(chromedp.SetValue(`#q`, "Latif"), chromedp.Submit(`#q`))
		p.Until(`document.querySelector('#found')`)
		// The index is filled behind: the search is asked for again until it is there.
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && !chrome.Eval[bool](p, `!!document.querySelector('main .row') && !document.querySelector('main progress')`); {
			p.Do(chromedp.Navigate(w.DeskAt(t, "/search")), chromedp.WaitReady(`#main`))
		}
		if !chrome.Eval[bool](p, `document.querySelector('main').innerText.includes('لطیف')`) {
			t.Error("a name in another script is not found")
		}
		picture(t, p, filepath.Join(dir, "search-"+lang+".png"))
	}
}

// A letterOf is a letter of somebody who does not exist.
type letterOf struct{ lang, situation, district, story, name string }

// madeUp are written so that no picture shows what happened to anybody.
var madeUp = []letterOf{
	{"en", "s_money", "Rawalpindi", "The brick kiln did not pay the last five weeks, and the owner says that I should be glad to be left alone.", ""},
	{"fa", "s_paper", "ورامین", "برگهٔ سرشماری ما دو ماه دیگر تمام می\u200cشود. برای تمدید باید کجا برویم؟", ""},
	{"fa", "s_order", "مشهد", "نامه\u200cای داده\u200cاند که تا ده روز دیگر باید برویم. مادرم هفته\u200cای دو بار دیالیز می\u200cشود.", "مادر نرگس"},
	{"en", "s_civil", "Peshawar", "The school asks for a birth certificate of our daughter, and the hospital does not give one.", "Gulalai’s father"},
	{"fa", "s_detained", "شهریار", "برادرم لطیف را امروز صبح از سر کار گرفتند. کارت آمایش دارد ولی قبول نکردند.", "لطیف"},
}

// send writes one letter on the public page.
func send(t *testing.T, w *chrome.World, m letterOf) {
	t.Helper()
	p := chrome.Open(t, chrome.View{Name: m.lang, Lang: m.lang, Width: 1280, Script: true})
	p.Do(chromedp.Navigate(w.At("/"+m.lang+"/")), chromedp.WaitVisible(`form#letter`))
	p.Until(`document.querySelector('#seal-state').dataset.state === 'browser'`)
	p.Click(`input[name=situation][value=` + m.situation + `]`)
	p.Do(chromedp.SendKeys(`input[name=district]`, m.district), chromedp.SetValue(`#letter textarea[name=story]`, m.story))
	p.Click(`#letter button#send`)
	p.Until(`document.querySelector('#sent').checkVisibility() && document.querySelector('#sent .code').innerText.trim()`)
}

// picture keeps what the window shows, 1280 by 800, as a PNG that is small enough to stand in the repository.
func picture(t *testing.T, p *chrome.Page, file string) {
	t.Helper()
	chrome.Call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 800, DeviceScaleFactor: 1})
	settled(p)
	shot := chrome.Call(p, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{Format: cdppage.CaptureScreenshotFormatPng}).Data
	small := smaller(t, shot)
	if len(small) > maxPicture || len(small) < 10_000 {
		t.Errorf("%s has %d bytes", filepath.Base(file), len(small))
	}
	if err := os.WriteFile(file, small, 0o644); err != nil {
		t.Fatal(err)
	}
}

// smaller writes a picture with a fifth of its shades, which nobody sees in a page of text, and packs it as well as PNG can.
func smaller(t *testing.T, shot []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	at := full.Bounds()
	out := image.NewNRGBA(at)
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			r, g, b, _ := full.At(x, y).RGBA()
			round := func(v uint32) uint8 { return uint8((v>>8 + 2) / 5 * 5) }
			out.SetNRGBA(x, y, color.NRGBA{round(r), round(g), round(b), 255})
		}
	}
	var buf bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, out); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
