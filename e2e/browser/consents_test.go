package browser

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestConsents: nobody is told without a yes or two people; a relative who speaks for somebody is confirmed, or stopped; a case is closed, stands on the list, and goes; a letter
// that reports somebody is destroyed.
func TestConsents(t *testing.T) {
	gateURL, code := emptyGate(t)
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, gateURL, code)
	a.visit("/people/first")
	introduced(a.Page, "Parwana")
	a.visit("/people/new")
	a.fill("/people/new", "name", "Zahra", "role", "caseworker", "next", zahraWords, "again", zahraWords, "passphrase", laptopPassphrase)
	a.at("/people")
	zahra := a.beside(t, chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true})
	zahra.as("Zahra", zahraWords)
	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	writeLetter(person, &chrome.World{Gate: gateURL}, "my brother was taken at the station")
	a.visit("/")
	openLetter(a.Page, "my brother was taken at the station")
	thread := chrome.Eval[string](a.Page, `location.pathname`)
	a.Click(`#opening button.main`)
	a.Until(`document.querySelector('.case-tabs')`)

	consentsOf(a, thread)
	vitalInterest(a, zahra, thread)
	proxyOf(a, zahra, thread)
	closeAndErase(a, zahra, thread)
	destroyReport(a, person, gateURL)
}

// send fills a form of the page of consents and sends it by one of its buttons.
func (l *laptop) send(path, form, button string, fields ...string) {
	l.T.Helper()
	l.visit(path + "?form=" + form)
	sel := `form:has(input[name=form][value=` + form + `])`
	l.Until(`document.querySelector('` + sel + `')`)
	for i := 0; i < len(fields); i += 2 {
		name, value := fields[i], strconv.Quote(fields[i+1])
		if !chrome.Eval[bool](l.Page, `(() => {
			const all = [...document.querySelector('`+sel+`').querySelectorAll('[name="`+name+`"]')], value = `+value+`;
			const tick = all.find(f => f.value === value && (f.type === 'radio' || f.type === 'checkbox'));
			if (tick) tick.checked = true; else if (all[0]) all[0].value = value;
			return !!tick || !!all[0] && all[0].value === value;
		})()`) {
			l.T.Fatalf("the form %s has no %s that takes %s", form, name, value)
		}
	}
	l.Click(sel + ` ` + button)
}

const saysNo, saysYes = `button[value=refused]`, `button[value=given]`

func consentsOf(a *laptop, thread string) {
	path := thread + "/consents"
	a.visit(path + "?need=tell-lawyer")
	a.Until(`document.querySelector('#missing') && document.querySelector('#consent').open`)
	a.Check("consents-needed")
	lawyer := []string{"what", "tell-lawyer", "receiver", "Advocate Rahimi", "run_by", "private", "purpose", "to go to the station", "facts", "name and place", "how", "spoken", "by", "person"}
	a.send(path, "consent", saysNo, lawyer...)
	a.Until(`document.querySelector('#held .consent-refused')`)
	if n := chrome.Eval[int](a.Page, `document.querySelectorAll('#t-ground option[value]:not([value=""])').length`); n != 0 {
		a.T.Errorf("after a refusal there are %d grounds to tell somebody", n)
	}
	a.send(path, "tell", `button.main`, "facts", "name and place, typed before there was a yes")
	a.Until(`document.querySelector('#tell #wrong')`)
	if kept := chrome.Eval[string](a.Page, `document.querySelector('#t-facts').value`); !strings.Contains(kept, "before there was a yes") {
		a.T.Errorf("what was typed is lost: %q", kept)
	}
	a.Check("consents-nobody-told")

	// An authority stands in red, and its consequence has to have been said.
	a.send(path, "consent", saysYes, "what", "tell-authority", "receiver", "Aliens Department", "run_by", "authority", "purpose", "a stay", "facts", "the card", "understood", "they know it", "by", "person")
	a.Until(`document.querySelector('#consent #wrong') && document.querySelector('.authority-note').checkVisibility()`)
	if kept := chrome.Eval[string](a.Page, `document.querySelector('#c-receiver').value`); kept != "Aliens Department" {
		a.T.Errorf("what was typed is lost: %q", kept)
	}
	a.Check("consents-authority")
	a.send(path, "consent", `button[name=show]`, lawyer...)
	a.Until(`document.querySelector('.aloud') !== null`)
	a.Check("consents-script")
	a.send(path, "consent", saysYes, append(lawyer, "understood", "He said: you ring the lawyer, nobody else.")...)
	a.Until(`document.querySelector('#held .consent-given')`)
	ground := chrome.Eval[string](a.Page, `document.querySelector('#t-ground option:not([value=""])').value`)
	a.send(path, "tell", `button.main`, "ground", ground, "facts", "name and place")
	a.Until(`document.querySelector('#told') && document.querySelector('#told').innerText.includes('Advocate Rahimi')`)
	a.Check("consents-told")
	a.Click(`.withdraw button`)
	a.Until(`document.querySelector('#held .consent-withdrawn')`)
}

func vitalInterest(a, zahra *laptop, thread string) {
	path := thread + "/consents"
	a.send(path, "vital", `button.main`, "what", "medical", "receiver", "Hospital of the city", "reason", "unconscious, needs insulin")
	a.Until(`document.querySelector('#vitals')`)
	if chrome.Eval[bool](a.Page, `!!document.querySelector('.agree')`) {
		a.T.Error("who stated it may agree to it")
	}
	if n := chrome.Eval[int](a.Page, `document.querySelectorAll('#t-ground option:not([value=""])').length`); n != 0 {
		a.T.Errorf("a vital interest of one person is a ground: %d", n)
	}
	// The case is sensitive: the second person has to be on its team.
	zahra.visit(path)
	zahra.Until(`!document.querySelector('#vitals')`)
	a.visit(thread + "/people")
	chrome.Eval[bool](a.Page, `(() => {
		const who = document.querySelector('#who');
		who.value = [...who.options].find(o => o.text.includes('Zahra')).value;
		who.form.querySelector('button').click();
		return true;
	})()`)
	a.Until(`document.querySelector('.said')`)
	zahra.visit(path)
	zahra.Until(`document.querySelector('.agree button')`)
	zahra.Check("vital-second-person")
	zahra.Click(`.agree button`)
	zahra.Until(`document.querySelector('#t-ground option:not([value=""])')`)
	ground := chrome.Eval[string](zahra.Page, `document.querySelector('#t-ground option:not([value=""])').value`)
	zahra.send(path, "tell", `button.main`, "ground", ground, "facts", "diabetic")
	zahra.Until(`document.querySelector('#told').innerText.includes('Hospital of the city')`)
}

func proxyOf(a, zahra *laptop, thread string) {
	path := thread + "/consents"
	a.send(path, "proxy", `button`, "relation", "brother", "why", "in custody without a telephone")
	a.Until(`document.querySelector('#confirm')`)
	a.visit(thread + "?tab=tasks")
	a.Until(`document.querySelector('#tasks').innerText.includes('speak for them')`)
	zahra.send(path, "confirm", `button`, "confirmed", "no", "how", "rang from the camp")
	zahra.Until(`document.querySelector('#proxy-no')`)
	zahra.Check("proxy-refused")
	zahra.send(path, "confirm", `button`, "confirmed", "yes", "how", "rang again, it was a mistake")
	zahra.Until(`document.querySelector('.said') && !document.querySelector('#proxy-no')`)
	a.send(path, "basis", `button`, "processing", "keep", "basis", "vital_interest", "why", "he is in danger")
	a.Until(`document.querySelector('#bases').innerText.includes('he is in danger')`)
	a.Check("consents-full")
}

func closeAndErase(a, zahra *laptop, thread string) {
	a.visit(thread + "/close")
	a.Check("close")
	a.fill(thread+"/close", "outcome", "released", "reason", "goal-reached", "remains", "He has the code and may write again.")
	a.Until(`document.querySelector('#closure')`)
	a.Check("closed")
	zahra.visit(thread + "/close")
	zahra.Check("closed")
	a.visit("/retention")
	a.Until(`document.querySelector('#going')`)
	a.Check("retention-empty")
	zahra.visit("/retention")
	zahra.Check("retention-of-a-caseworker")
	if chrome.Eval[bool](zahra.Page, `!!document.querySelector('#k-why')`) {
		zahra.T.Error("a caseworker may set the clocks")
	}
	// A week for everything: the case stands on the list at once.
	a.fill("/retention", "text", "7", "identity", "7", "locked", "7", "lost", "60", "list", "7", "why", "we are a night desk")
	a.Until(`document.querySelector('#going li')`)
	a.Check("retention-list")
	a.Click(`#going a.danger`)
	a.at(thread + "/erase")
	a.Check("erase-case")
	a.fill(thread+"/erase", "sure", "")
	a.at("/")
	a.visit(thread)
	a.Until(`document.body.innerText.includes('Gone for good by')`)
	a.visit("/retention")
	a.Until(`document.querySelector('#going') && !document.querySelector('#going li')`)
}

func destroyReport(a *laptop, person *chrome.Page, gateURL string) {
	person.Do(chromedp.Navigate(gateURL + "/"))
	writeLetter(person, &chrome.World{Gate: gateURL}, "my neighbour has no papers")
	a.visit("/")
	openLetter(a.Page, "my neighbour has no papers")
	thread := chrome.Eval[string](a.Page, `location.pathname`)
	a.Do(chromedp.KeyEvent("d"))
	a.Until(`location.pathname.includes('/report/')`)
	a.Check("report")
	a.fill(chrome.Eval[string](a.Page, `location.pathname`), "sure", "")
	a.Until(`document.querySelector('.said') && location.pathname === '/'`)
	a.visit("/")
	if chrome.Eval[bool](a.Page, `document.body.innerText.includes('my neighbour')`) {
		a.T.Error("a destroyed letter is still in the queue")
	}
	a.visit(thread)
	if chrome.Eval[bool](a.Page, `document.body.innerText.includes('my neighbour')`) {
		a.T.Error("a destroyed letter is still on its page")
	}
}
