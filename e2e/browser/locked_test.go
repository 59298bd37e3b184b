package browser

import (
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestLockedCase locks a case for one specialist: the desk that locked it keeps a stub, the specialist answers, and the person notices nothing.
func TestLockedCase(t *testing.T) {
	gateURL, code := emptyGate(t)
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, gateURL, code)
	b := open(t, t.TempDir(), chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true})
	enrol(t, a, b, gateURL, "Shirin", "specialist")
	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	gate := &chrome.World{Gate: gateURL}
	mark := "she asks for asylum because of her husband"
	receipt := writeLetter(person, gate, mark)

	a.visit("/")
	openLetter(a.Page, mark)
	thread := chrome.Eval[string](a.Page, `location.pathname`)
	a.Click(`a[href="` + thread + `/lock"]`)
	a.at(thread + "/lock")
	a.Check("lock")
	a.fill(thread+"/lock", "desk", "", "sure", "")
	a.Until(`document.body.innerText.includes('This case is locked.')`)
	a.Check("stub")
	if chrome.Eval[bool](a.Page, `document.body.innerText.includes('asylum') || !!document.querySelector('#reply')`) {
		t.Error("the desk that locked the case can still read or answer it")
	}

	b.visit("/")
	openLetter(b.Page, mark)
	b.Check("locked-case-of-a-specialist")
	answer(b.Page, "Only one of us reads this now.")
	readMailbox(person, gate, receipt)
	person.Until(`document.querySelector('#letters').innerText.includes('Only one of us reads this now.')`)
	person.Do(chromedp.SendKeys(`form#write textarea[name=story]`, "Nobody must tell him."))
	person.Click(`form#write button.main`)
	person.Until(`document.querySelector('#sent') && document.querySelector('#sent').checkVisibility()`)
	b.Until(`document.querySelector('#entries').innerText.includes('Nobody must tell him.')`)
	b.Check("locked-case-goes-on")
	a.visit("/?show=all")
	a.Until(`document.querySelector('.s-locked')`)
	a.Check("list-with-a-locked-case")
	if chrome.Eval[bool](a.Page, `document.body.innerText.includes('Nobody must tell him.')`) {
		t.Error("a desk that was not named lists what is in a locked case")
	}
}
