package browser

import (
	"fmt"
	"strconv"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// unlock goes through the launch URL and the passphrase page, in the view's language; it ends on the list of letters.
func unlock(p *chrome.Page, w *chrome.World) {
	p.T.Helper()
	p.Do(chromedp.Navigate(w.DeskAt(p.T, "/")))
	p.Check("desk-without-token")
	p.Do(chromedp.Navigate(w.Desk), chromedp.WaitVisible(`#passphrase`))
	if p.View.Lang != "en" {
		p.Do(chromedp.SetValue(`#lang`, p.View.Lang), chromedp.Submit(`#lang`))
		p.Until(`document.documentElement.lang === '` + p.View.Lang + `'`)
	}
	p.Check("desk-locked")
	p.Do(chromedp.SendKeys(`#passphrase`, "not the passphrase"), chromedp.Submit(`#passphrase`))
	p.Until(`document.querySelector('#wrong')`)
	p.Check("desk-wrong-passphrase")
	p.Do(chromedp.SendKeys(`#passphrase`, w.Passphrase), chromedp.Submit(`#passphrase`))
	introduced(p, "Parwana")
	p.Until(`document.querySelector('#rows')`)
}

// openLetter waits for a letter whose beginning holds text, without reloading, and opens it.
func openLetter(p *chrome.Page, text string) {
	p.T.Helper()
	row := `[...document.querySelectorAll('.row')].find(r => r.innerText.includes(` + strconv.Quote(text) + `))`
	p.Until(row)
	p.Check("desk-list")
	chrome.Eval[bool](p, row+`.querySelector('.row-link').click() || true`)
	p.Until(`document.querySelector('#entries')`)
}

// answer replies in the open thread and waits until the answer is in the person's mailbox.
func answer(p *chrome.Page, text string) {
	p.T.Helper()
	before := chrome.Eval[int](p, `document.querySelectorAll('.entry.ours').length`)
	p.Do(chromedp.SendKeys(`#text`, text), chromedp.Click(`#reply button.main`))
	p.Until(fmt.Sprintf(`document.querySelectorAll('.entry.ours').length === %d`, before+1))
	p.Until(`![...document.querySelectorAll('.delivery')].some(d => d.classList.contains('d-queued'))`)
}
