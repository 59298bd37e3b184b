package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestThreeDesks is the life of an organisation's keys in browsers: founded and rehearsed on one laptop, joined by two, one of them taken off the
// list, and brought back from paper on a fourth when the others are lost.
func TestThreeDesks(t *testing.T) {
	gateURL, code := emptyGate(t)
	began := time.Now()
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Dark: true, Script: true})
	papers := foundAndRehearse(t, a, gateURL, code)
	t.Logf("from an empty folder to an open gate, rehearsal included: %v and 6 screens, and 3 sheets to print", time.Since(began).Round(time.Millisecond))
	mark := "my brother was taken this morning"
	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	receipt := writeLetter(person, &chrome.World{Gate: gateURL}, mark, smallPhotograph(t))
	a.visit("/")
	openLetter(a.Page, mark)
	answer(a.Page, "We heard you. A lawyer goes there now.")
	t.Logf("from an empty folder to the first answered letter: %v and 8 screens (typing and printing not counted)", time.Since(began).Round(time.Millisecond))

	b := open(t, t.TempDir(), chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Script: true})
	enrol(t, a, b, gateURL, "Farzana", "caseworker")
	c := open(t, t.TempDir(), chrome.View{Name: "en-360-noscript", Lang: "en", Width: 360, Phone: true, Dark: true})
	enrol(t, a, c, gateURL, "Volunteers", "specialist")
	b.visit("/desks")
	b.Until(`document.querySelectorAll('.members > li').length === 3`)
	b.Check("desks-of-a-caseworker")
	if chrome.Eval[bool](b.Page, `!!document.querySelector('main form')`) {
		t.Error("a caseworker's page of desks has forms")
	}

	remove(t, a, c)
	b.visit("/desks")
	b.Until(`document.querySelectorAll('.members > li').length === 2`)

	// A and B go up in flames.
	a.stop()
	b.stop()
	d := open(t, t.TempDir(), chrome.View{Name: "fa-1280", Lang: "fa", Width: 1280, Script: true})
	recoverFrom(t, d, gateURL, papers[1], papers[2])
	d.visit("/?show=all")
	openLetter(d.Page, mark)
	answer(d.Page, "It is us, from another laptop. The lawyer is with him.")
	d.Check("answered-after-recovery")
	readMailbox(person, &chrome.World{Gate: gateURL}, receipt)
	person.Until(`document.querySelector('#letters').innerText.includes('The lawyer is with him.')`)

	// B was only under the rubble.
	back := open(t, b.dir, chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	back.givePassphrase()
	back.Until(`document.body.innerText.includes('This desk was removed from the organisation')`)
	back.Check("removed-with-script")
	wiped(t, back)
}

// foundAndRehearse makes the organisation and returns what is on paper.
func foundAndRehearse(t *testing.T, a *laptop, gateURL, code string) (papers []paper) {
	t.Helper()
	a.Check("setup")
	a.Click(`a[href="/setup/found"]`)
	a.at("/setup/found")
	a.Check("found")
	form := []string{"gate", gateURL, "code", code, "name", "Lantern Legal Aid (made up)", "desk", "Parwana", "split", "2/3", "passphrase", laptopPassphrase, "again", "something else entirely"}
	a.fill("/setup/found", form...)
	a.Until(`document.querySelector('#wrong')`)
	a.Check("found-refused")
	if name := chrome.Eval[string](a.Page, `document.querySelector('[name=name]').value`); name != "Lantern Legal Aid (made up)" {
		t.Errorf("the name is %q after a mistake", name)
	}
	a.fill("/setup/found", "passphrase", laptopPassphrase, "again", laptopPassphrase)
	a.at("/setup/sheets")
	a.Check("sheets")
	for _, letter := range []string{"a", "b", "c"} {
		papers = append(papers, a.print("/setup/sheets/"+letter))
	}
	a.visit("/setup/sheets")
	a.fill("/setup/sheets", "printed", "", "printed", "", "printed", "")
	a.at("/setup/rehearse")
	a.Check("rehearse")
	a.Click(`form[action="/setup/rehearse"] button`)
	a.at("/setup/recover")
	if names := left(t, a.dir); len(names) != 0 {
		t.Errorf("after the wipe the folder holds %q", names)
	}
	a.Check("recover-rehearsal")
	torn := papers[2].secret[:len(papers[2].secret)-9]
	a.fill("/setup/recover", "gate", gateURL, "org", papers[0].org, "sheet", papers[0].secret, "sheet", torn, "desk", "Parwana", "passphrase", laptopPassphrase, "again", laptopPassphrase)
	a.Until(`document.querySelector('#wrong')`)
	a.Check("recover-torn-sheet")
	a.fill("/setup/recover", "sheet", papers[0].secret, "sheet", papers[2].secret, "passphrase", laptopPassphrase, "again", laptopPassphrase)
	a.at("/arrived")
	a.Check("arrived-rehearsed")
	if said := a.text("main"); !strings.Contains(said, "It came back") || !strings.Contains(said, "The gate takes letters from now on") {
		t.Errorf("the last page says: %s", said)
	}
	a.visit("/desks")
	a.Until(`document.querySelector('.eight')?.querySelectorAll('bdi').length === 8`)
	a.Check("desks-of-a-founder")
	if said := a.text("main"); !strings.Contains(said, "Last proved to work on") {
		t.Errorf("after the rehearsal the page of desks says: %s", said)
	}
	return papers
}

// enrol brings a newcomer in at a keeper's desk.
func enrol(t *testing.T, keeper, newcomer *laptop, gateURL, name, role string) {
	t.Helper()
	admit(t, keeper, newcomer, gateURL, name, role)
	newcomer.at("/arrived")
	newcomer.Check("arrived-joined")
	newcomer.visit("/")
	newcomer.Until(`document.querySelector('#rows')`)
}

// admit brings a newcomer as far as one keeper can.
func admit(t *testing.T, keeper, newcomer *laptop, gateURL, name, role string) {
	t.Helper()
	keeper.visit("/desks")
	keeper.Click(`form[action="/desks/invite"] button`)
	code := keeper.text("p.code")
	keeper.Check("invite-code")
	newcomer.visit("/setup/join")
	newcomer.Check("join")
	newcomer.fill("/setup/join", "gate", gateURL, "code", code, "desk", name, "passphrase", laptopPassphrase, "again", laptopPassphrase)
	there := newcomer.six()
	if newcomer.View.Script { // a page that waits without script can only load itself again, which axe never allows
		newcomer.Check("join-words")
	}
	here := keeper.six()
	if here != there {
		t.Fatalf("the keeper sees %q, the newcomer %q", here, there)
	}
	keeper.Check("invite-words")
	keeper.fill("/desks/invite/admit", "role", role, "same", "yes")
	keeper.at("/desks")
}

// remove takes a desk off the list in two clicks; it wipes itself while its page is open.
func remove(t *testing.T, keeper, gone *laptop) {
	t.Helper()
	gone.visit("/")
	keeper.visit("/desks")
	keeper.Until(`[...document.querySelectorAll('.members > li')].some(m => m.innerText.includes('Volunteers'))`)
	keeper.Check("desks-of-three")
	chrome.Eval[bool](keeper.Page, `[...document.querySelectorAll('.members > li')].find(m => m.innerText.includes('Volunteers')).querySelector('a.danger').click() || true`)
	keeper.Until(`location.pathname.startsWith('/desks/remove/') && document.querySelector('button.danger')`)
	keeper.Check("remove")
	keeper.Click(`main button.danger`)
	keeper.Until(`document.body.innerText.includes('It is out.')`)
	keeper.Check("removed")
	if said := keeper.text("main"); !strings.Contains(said, "All conversations that were readable on it: 1.") {
		t.Errorf("after the removal the page says: %s", said)
	}
	// Without script the removed desk's page learns it when somebody asks for the next one.
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(gone.Visible(), "This desk was removed from the organisation") {
		if time.Now().After(deadline) {
			t.Fatalf("the removed desk still says: %s", gone.Visible())
		}
		gone.Do(chromedp.Navigate(gone.base + "/"))
	}
	gone.Check("removed-desk")
	wiped(t, gone)
}

// wiped says that nothing but the note about the removal is left in the folder.
func wiped(t *testing.T, l *laptop) {
	t.Helper()
	for _, name := range left(t, l.dir) {
		if name != "removed.txt" {
			t.Errorf("the removed desk left %s", name)
		}
	}
}

// recoverFrom brings the organisation back from two sheets on a bare machine.
func recoverFrom(t *testing.T, d *laptop, gateURL string, one, two paper) {
	t.Helper()
	began := time.Now()
	d.visit("/setup/recover")
	d.Check("recover")
	d.fill("/setup/recover", "gate", gateURL, "org", one.org, "sheet", one.secret, "sheet", two.secret, "desk", "Four", "passphrase", laptopPassphrase, "again", laptopPassphrase, "sure", "yes")
	d.at("/arrived")
	d.Check("arrived-recovered")
	d.visit("/desks")
	d.Until(`document.querySelectorAll('.members > li').length === 1`)
	d.Check("desks-after-recovery")
	t.Logf("from paper to the list of desks: %v", time.Since(began).Round(time.Millisecond))
}
