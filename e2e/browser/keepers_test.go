package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestTwoKeepersSign is what changes when one keeper alone may not: sheets, a newcomer and a removal wait for the second keeper's signature, and every
// desk says so.
func TestTwoKeepersSign(t *testing.T) {
	gateURL, code := emptyGate(t)
	a := open(t, t.TempDir(), chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	rehearseLater(t, a, gateURL, foundOnly(t, a, gateURL, code))
	b := open(t, t.TempDir(), chrome.View{Name: "fa-1280", Lang: "fa", Width: 1280, Dark: true, Script: true})
	enrol(t, a, b, gateURL, "Farzana", "keeper")

	// The first sheets sign for one keeper.
	a.visit("/desks")
	a.fill("/desks/threshold", "n", "2")
	a.Until(`document.querySelector('#wrong')`)
	a.Check("threshold-refused")
	if said := a.text("#wrong"); !strings.Contains(said, "Make new sheets first") {
		t.Errorf("the page says: %s", said)
	}
	newSheets(t, a)
	a.fill("/desks/threshold", "n", "2")
	a.Until(`document.body.innerText.includes('2 of 2 keepers')`)
	a.Check("threshold-set")

	newSheets(t, a)
	a.Until(`document.body.innerText.includes('waits for other keepers')`)
	a.Check("desks-waiting")
	sign(t, b)

	c := open(t, t.TempDir(), chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true})
	admit(t, a, c, gateURL, "Volunteers", "reader")
	c.Until(`document.body.innerText.includes('کلیدداران دیگر هم باید امضا کنند')`)
	c.Check("join-waits-for-signatures")
	sign(t, b)
	c.at("/arrived")
	c.Check("arrived-as-reader")

	a.visit("/desks")
	a.Until(`[...document.querySelectorAll('.members > li')].some(m => m.innerText.includes('Volunteers'))`)
	chrome.Eval[bool](a.Page, `[...document.querySelectorAll('.members > li')].find(m => m.innerText.includes('Volunteers')).querySelector('a.danger').click() || true`)
	a.Until(`document.querySelector('main button.danger')`)
	a.Click(`main button.danger`)
	a.Until(`document.body.innerText.includes('as soon as enough other keepers have signed')`)
	a.Check("removal-waits")
	sign(t, b)
	c.Until(`document.body.innerText.includes('از سازمان برداشته شد')`)
	wiped(t, c)
	purge(t, b)
}

// foundOnly founds an organisation and puts the rehearsal off.
func foundOnly(t *testing.T, a *laptop, gateURL, code string) (papers []paper) {
	t.Helper()
	a.visit("/setup/found")
	a.fill("/setup/found", "gate", gateURL, "code", code, "name", "Lantern Legal Aid (made up)", "desk", "Parwana", "split", "2/3", "passphrase", laptopPassphrase, "again", laptopPassphrase)
	a.at("/setup/sheets")
	papers = append(papers, a.print("/setup/sheets/a"), a.print("/setup/sheets/b"))
	a.visit("/setup/sheets")
	a.fill("/setup/sheets", "printed", "", "printed", "", "printed", "")
	a.at("/setup/rehearse")
	a.Click(`form[action="/setup/later"] button`)
	a.at("/arrived")
	a.Check("arrived-founded")
	a.visit("/desks")
	a.Until(`document.body.innerText.includes('The gate takes no letters yet.')`)
	a.Check("desks-before-rehearsal")
	return papers
}

// rehearseLater wipes the only desk from its own page, and brings it back.
func rehearseLater(t *testing.T, a *laptop, gateURL string, papers []paper) {
	t.Helper()
	a.Click(`a[href="/purge?rehearse=yes"]`)
	a.at("/purge")
	a.Check("purge-to-rehearse")
	a.fill("/purge", "sure", "yes")
	a.at("/")
	a.Check("wiped-to-rehearse")
	a.Click(`a[href="/setup/recover"]`)
	a.at("/setup/recover")
	a.fill("/setup/recover", "gate", gateURL, "org", papers[0].org, "sheet", papers[1].secret, "sheet", papers[0].secret, "desk", "Parwana", "passphrase", laptopPassphrase, "again", laptopPassphrase)
	a.at("/arrived")
	a.visit("/desks")
	a.Until(`document.body.innerText.includes('The gate takes letters.')`)
}

// purge destroys a desk from its own page.
func purge(t *testing.T, l *laptop) {
	t.Helper()
	l.visit("/about")
	l.Click(`a[href="/purge"]`)
	l.at("/purge")
	l.Check("purge")
	l.fill("/purge", "sure", "yes")
	l.at("/")
	l.Check("purged")
	if names := left(t, l.dir); len(names) != 0 {
		t.Errorf("after the purge the folder holds %q", names)
	}
}

// newSheets makes the sheets anew and ends on the page of desks.
func newSheets(t *testing.T, a *laptop) {
	t.Helper()
	a.visit("/desks/sheets")
	a.fill("/desks/sheets", "split", "2/2")
	a.Until(`document.querySelectorAll('.sheets li').length === 2`)
	a.Check("new-sheets")
	a.print("/desks/sheets/b")
	a.visit("/desks/sheets")
	a.fill("/desks/sheets/done", "printed", "", "printed", "")
	a.at("/desks")
}

// sign has a keeper sign the change that waits.
func sign(t *testing.T, keeper *laptop) {
	t.Helper()
	for chrome.Eval[bool](keeper.Page, `!document.querySelector('.proposal form')`) {
		keeper.Do(chromedp.Navigate(keeper.base + "/desks"))
		if t.Context().Err() != nil {
			t.Fatal("no change ever came")
		}
	}
	keeper.Check("proposal")
	keeper.Click(`.proposal form button`)
	keeper.Until(`location.pathname === '/desks' && !document.querySelector('.proposal')`)
}
