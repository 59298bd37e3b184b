package browser

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// introduced says who it is, where a desk asks after its first unlock.
func introduced(p *chrome.Page, name string) {
	p.T.Helper()
	p.Until(`document.readyState === 'complete' && !document.querySelector('#passphrase') && document.querySelector('#main')`)
	if !chrome.Eval[bool](p, `!!document.querySelector('form[action="/people/first"]')`) {
		return
	}
	p.Check("who-are-you")
	p.Do(chromedp.SetValue(`#name`, name))
	p.Click(`form[action="/people/first"] button.main`)
	p.Until(`document.querySelector('.me') && document.querySelector('.me').innerText.includes('` + name + `')`)
}

// The passphrases of the people at one desk.
const (
	zahraWords = "kettle walks under seven plain rivers"
	karimWords = "green ladders sleep beside warm bread"
)

// beside opens another browser at the same desk.
func (l *laptop) beside(t *testing.T, v chrome.View) *laptop {
	t.Helper()
	other := &laptop{Page: chrome.Open(t, v), dir: l.dir, base: l.base, launch: l.launch, stop: l.stop}
	other.Do(chromedp.Navigate(l.launch), chromedp.WaitVisible(`#lang`))
	if v.Lang != "en" {
		other.Do(chromedp.SetValue(`#lang`, v.Lang), chromedp.Submit(`#lang`))
		other.Until(`document.documentElement.lang === '` + v.Lang + `'`)
	}
	return other
}

// as unlocks with a name and a passphrase.
func (l *laptop) as(name, words string) {
	l.T.Helper()
	l.Until(`document.querySelector('form[action="/unlock"] [name=name]')`)
	l.fill("/unlock", "name", name, "passphrase", words)
	l.Until(`document.querySelector('.me') && document.querySelector('.me').innerText.includes('` + name + `')`)
}

// staff adds somebody, whose passphrase they type.
func (l *laptop) staff(name, role, words string) {
	l.T.Helper()
	l.visit("/people/new")
	l.Check("newcomer")
	l.fill("/people/new", "name", name, "role", role, "next", words, "again", words, "passphrase", laptopPassphrase)
	l.at("/people")
	l.Until(`document.querySelector('.said') && document.body.innerText.includes('` + name + `')`)
}

// pick chooses the option of a select whose text holds a name.
func (l *laptop) pick(sel, name string) {
	l.T.Helper()
	if !chrome.Eval[bool](l.Page, `(() => {
		const s = document.querySelector('`+sel+`'), o = s && [...s.options].find(o => o.text.includes('`+name+`'));
		if (o) s.value = o.value;
		return !!o;
	})()`) {
		l.T.Fatalf("%s does not offer %s", sel, name)
	}
}

// TestPeopleOfOneDesk: two caseworkers and a specialist share an office desk, each with a browser and a way in of their own.
func TestPeopleOfOneDesk(t *testing.T) {
	gateURL, code := emptyGate(t)
	keeper := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, keeper, gateURL, code)
	shirin := open(t, t.TempDir(), chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true})
	enrol(t, keeper, shirin, gateURL, "Office", "specialist")
	shirin.visit("/people") // nobody has said who works here
	shirin.at("/people/first")
	introduced(shirin.Page, "Shirin")
	shirin.staff("Zahra", "caseworker", zahraWords)
	shirin.staff("Karim", "caseworker", karimWords)
	shirin.Check("people")

	zahra := shirin.beside(t, chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Dark: true, Script: true})
	zahra.Check("unlock-by-name")
	zahra.fill("/unlock", "name", "Zahra", "passphrase", karimWords)
	zahra.Until(`document.querySelector('#wrong')`)
	zahra.Check("unlock-by-name-wrong")
	zahra.as("Zahra", zahraWords)
	karim := shirin.beside(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	karim.as("Karim", karimWords)
	karim = byPasskey(t, karim)

	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	mark := "they took my brother from his work"
	writeLetter(person, &chrome.World{Gate: gateURL}, mark)
	thread := theThread(zahra, mark)
	handToHand(t, zahra, karim, thread)
	walled(t, shirin, []*laptop{zahra, karim}, thread, "brother")
	leaves(t, shirin, zahra)
}

// byPasskey gives the person at a browser a passkey, and lets them in with it.
func byPasskey(t *testing.T, l *laptop) *laptop {
	chrome.Call(l.Page, webauthn.Enable, webauthn.EnableParams{})
	newAuthenticator(l.Page, true)
	l.visit("/passkeys")
	l.Click(`main a[href*="//localhost:"]`)
	l.Until(`location.hostname === 'localhost' && document.querySelector('#passphrase')`)
	l.base = chrome.Eval[string](l.Page, `location.origin`)
	l.as("Karim", karimWords)
	l.visit("/passkeys")
	addPasskey(l.Page, "my key", karimWords)
	l.Until(`document.querySelector('.passkey h2') && document.querySelector('.said')`)
	lockDesk(l.Page)
	l.Until(`document.querySelector('#passkey-use') && document.querySelector('#passkey-use').checkVisibility()`)
	l.Check("unlock-by-name-or-passkey")
	l.Click(`#passkey-use button`)
	l.Until(`document.querySelector('.me')`)
	if who := l.text(".me"); !strings.Contains(who, "Karim") {
		t.Errorf("the passkey let in %q", who)
	}
	return l
}

// theThread waits for a letter in the list, and returns the address of its thread.
func theThread(l *laptop, mark string) string {
	l.T.Helper()
	l.visit("/")
	row := `[...document.querySelectorAll('a[href^="/thread/"]')].find(a => a.closest('li') && a.closest('li').innerText.includes(` + strconv.Quote(mark) + `))`
	l.Until(row)
	return chrome.Eval[string](l.Page, row+`.getAttribute('href')`)
}

// handToHand: both take the case at once, one has it, and hands it over.
func handToHand(t *testing.T, zahra, karim *laptop, thread string) {
	for _, l := range []*laptop{zahra, karim} {
		l.visit(thread + "/people")
		l.Until(`document.querySelector('form[action="` + thread + `/claim"]')`)
	}
	zahra.Check("case-of-nobody")
	zahra.Click(`form[action="` + thread + `/claim"] button`)
	zahra.Until(`document.querySelector('.said')`)
	karim.Click(`form[action="` + thread + `/claim"] button`)
	karim.Until(`document.querySelector('#wrong')`)
	karim.Check("case-taken")
	zahra.pick("#to", "Karim")
	zahra.fill(thread+"/assign", "note", "Please call before six.")
	zahra.Until(`document.querySelector('.said') && document.querySelector('#owner').parentElement.innerText.includes('Karim')`)
	zahra.Check("case-handed-over")
	karim.visit(thread + "/people")
	if who := karim.text("#owner ~ p strong"); who != "Karim" {
		t.Errorf("the case is %q's", who)
	}
}

// walled: the specialist locks the case for herself; the others who sit at the same desk get a stub.
func walled(t *testing.T, shirin *laptop, others []*laptop, thread, secret string) {
	shirin.visit(thread + "/lock")
	shirin.Check("lock-for-people")
	shirin.fill(thread+"/lock", "desk", "", "person", "", "sure", "")
	shirin.Until(`location.pathname === '` + thread + `' && document.body.innerText.includes('` + secret + `')`)
	for _, l := range others {
		for _, path := range []string{thread, thread + "/people", thread + "/code"} {
			l.visit(path)
			l.Until(`document.body.innerText.includes('Shirin')`)
			if chrome.Eval[bool](l.Page, `document.body.innerText.includes('`+secret+`') || !!document.querySelector('#reply')`) {
				t.Errorf("%s shows a locked case to who is not named for it", path)
			}
		}
		l.Check("stub")
		l.visit("/")
		if chrome.Eval[bool](l.Page, `document.body.innerText.includes('`+secret+`')`) {
			t.Error("the list shows a locked case to who is not named for it")
		}
	}
	shirin.visit("/")
	shirin.Until(`document.body.innerText.includes('` + secret + `')`)
}

// leaves: somebody does not work here any more, and their browser is out at once.
func leaves(t *testing.T, shirin, zahra *laptop) {
	shirin.visit("/people")
	shirin.Click(`li:has(bdi:not(:empty)) a[href$="/leave"]`)
	shirin.Until(`location.pathname.endsWith('/leave')`)
	shirin.Check("leave")
	name := shirin.text("h1")
	action := chrome.Eval[string](shirin.Page, `location.pathname`)
	shirin.fill(action, "sure", "")
	shirin.at("/people")
	shirin.Check("people-after")
	if !strings.Contains(name, "Zahra") {
		t.Fatalf("%q left, not Zahra", name)
	}
	zahra.visit("/people")
	zahra.Until(`document.querySelector('#passphrase')`)
	zahra.fill("/unlock", "name", "Zahra", "passphrase", zahraWords)
	zahra.Until(`document.querySelector('#wrong')`)
}
