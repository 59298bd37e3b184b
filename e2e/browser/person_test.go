// Package browser walks through Panah as a person and a caseworker do: every page, with script and without, left to
// right and right to left, on a phone and on a desktop.
package browser

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// fakeMicrophone lets a page record: Chromium plays a beep into it and asks nobody.
var fakeMicrophone = []chromedp.ExecAllocatorOption{
	chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
}

// story is what the person in these scenes writes; the desk tests look for it, and so does the search for leaks.
const story = "They took my brother this morning. He has a card."

// writeLetter goes through the intake page of v's language, fills it in and presses send. It ends on the page that shows the code.
func writeLetter(p *chrome.Page, w *chrome.World, mark string, pictures ...string) (code string) {
	p.T.Helper()
	p.Do(chromedp.Navigate(w.At("/")), chromedp.WaitVisible(`a[href*="`+p.View.Lang+`/"]`))
	p.Check("languages")
	p.Click(`a[href*="` + p.View.Lang + `/"]`)
	p.Until(`document.querySelector('form#letter') && document.documentElement.lang === '` + p.View.Lang + `'`)
	p.Check("intake-empty")
	p.Do(
		chromedp.Click(`input[name=who][value=family]`),
		chromedp.Click(`input[name=situation][value=s_detained]`),
		chromedp.SendKeys(`input[name=district]`, "Karte Seh"),
		chromedp.SetValue(`select[name=paper]`, "pk-por"),
		chromedp.SendKeys(`input[name=printed]`, "۳۱ خرداد ۱۴۰۵"),
		chromedp.SendKeys(`input[name=safe_time]`, "18:00"),
		chromedp.Click(`input[name=say_who][value=no]`),
		chromedp.SendKeys(`input[name=safe_word]`, "anar"),
		chromedp.SendKeys(`#letter textarea[name=story]`, mark+"\n"+story),
	)
	for i, file := range pictures {
		addPhoto(p, file, i+1)
	}
	p.Check("intake-filled")
	p.Click(`#letter button#send`)
	p.Until(`document.querySelector('#sent .code') && document.querySelector('#sent').checkVisibility() && document.querySelector('#sent .code').innerText.trim()`)
	return strings.TrimSpace(chrome.Eval[string](p, `document.querySelector('#sent .code').innerText`))
}

// addPhoto hands a file to the photo field; with script it waits for the page to have made its own copy.
func addPhoto(p *chrome.Page, file string, n int) {
	p.T.Helper()
	if !p.View.Script {
		p.Do(chromedp.SetUploadFiles(`#letter input[name=photo]`, []string{file}))
		return
	}
	p.Do(chromedp.SetUploadFiles(`input[type=file][name=photo]`, []string{file}))
	p.Until(fmt.Sprintf(`document.querySelectorAll('#photo-ui img').length === %d`, n))
}

// photograph writes a JPEG of the given width.
func photograph(t *testing.T, width int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, width*3/4))
	for y := range width * 3 / 4 {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(x * y >> 8), uint8(x ^ y), uint8(x*7 + y*13), 255})
		}
	}
	file := filepath.Join(t.TempDir(), "photo.jpg")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return file
}

// smallPhotograph is one that a form without script can carry as it is.
func smallPhotograph(t *testing.T) string { return photograph(t, 400) }

// readMailbox opens the mailbox page and types code; it ends with the thread shown.
func readMailbox(p *chrome.Page, w *chrome.World, code string) {
	p.T.Helper()
	p.Do(chromedp.Navigate(w.At("/"+p.View.Lang+"/mailbox")), chromedp.WaitVisible(`form#open input[name=code]`))
	p.Check("mailbox-empty")
	p.Do(chromedp.SendKeys(`form#open input[name=code]`, code), chromedp.Click(`form#open button.main`))
	p.Until(`document.querySelector('#thread') && document.querySelector('#thread').checkVisibility()`)
}

// persianDigits writes a code as a Persian keyboard does.
func persianDigits(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 0x06F0 + r - '0'
		}
		return r
	}, code)
}

// offline cuts or restores the tab's network.
func offline(p *chrome.Page, cut bool) {
	p.T.Helper()
	chrome.Call(p, network.Enable, network.EnableParams{})
	chrome.Call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: cut, DownloadThroughput: -1, UploadThroughput: -1}},
	})
}
