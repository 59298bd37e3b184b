package browser

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"panah/internal/testkit/chrome"
)

// TestSearch finds a letter by a word that its writer's keyboard spells otherwise, with the keyboard alone; the words are in no address and gone when the desk locks.
func TestSearch(t *testing.T) {
	w := chrome.StartWorld(t)
	for _, v := range []chrome.View{
		{Name: "en-1280", Lang: "en", Width: 1280, Script: true},
		{Name: "fa-1280", Lang: "fa", Width: 1280, Script: true},
		{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true},
		{Name: "en-360-plain", Lang: "en", Width: 360},
	} {
		t.Run(v.Name, func(t *testing.T) { searching(t, w, v) })
	}
}

func searching(t *testing.T, w *chrome.World, v chrome.View) {
	person := chrome.Open(t, chrome.View{Name: v.Name, Lang: "fa", Width: 360, Script: true})
	word := "نشان" + strconv.Itoa(len(v.Name)) + v.Lang
	writeLetter(person, w, "كارت من را گرفتند، "+word+" می\u200cرود ۱۲۳")
	p := chrome.Open(t, v)
	unlock(p, w)
	p.Do(chromedp.Navigate(w.DeskAt(t, "/search")))
	p.Until(`document.querySelector('main .teach')`)
	p.Check("search-empty")
	// The index is filled behind: the same search is asked for again until it is there.
	p.Do(chromedp.SendKeys(`#q`, "کارت "+word+" میرود 123"+kb.Enter))
	p.Until(`document.querySelector('#found')`)
	for !chrome.Eval[bool](p, `Boolean(document.querySelector('#rows mark'))`) {
		if t.Context().Err() != nil {
			t.Fatal("the letter is not found")
		}
		p.Do(chromedp.Navigate(w.DeskAt(t, "/search")))
		p.Until(`document.querySelector('#found')`)
	}
	if marks := chrome.Eval[string](p, `[...document.querySelectorAll('#rows mark')].map(m => m.textContent.replaceAll('\u200c', '')).join('|')`); marks != "كارت|"+word+"|میرود|۱۲۳" { // typed keys lose the non-joiner
		t.Errorf("marked %q", marks)
	}
	if at := chrome.Eval[string](p, `location.href`); len(at) > 0 && at[len(at)-len("/search"):] != "/search" {
		t.Errorf("the address is %q", at)
	}
	p.Check("search")
	p.Do(chromedp.Click(`#rows a.row-link`))
	p.Until(`location.pathname.startsWith('/thread/')`)
	thread := chrome.Eval[string](p, `location.pathname`)
	p.Do(chromedp.Navigate(w.DeskAt(t, thread+"/same")))
	p.Until(`document.querySelector('main h1')`)
	p.Check("same")
	p.Do(chromedp.Navigate(w.DeskAt(t, "/search")))
	p.Until(`document.querySelector('#found')`)
	p.Do(chromedp.Click(`form[action="/search/clear"] button`))
	p.Until(`document.querySelector('main .teach') && document.querySelector('#q').value === ''`)
}
