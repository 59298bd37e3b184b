package browser

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/core/l10n"
	"panah/internal/testkit/chrome"
)

// TestDeadlinesOfDaysAhead is an order to leave: somebody writes down its last day in the solar calendar, and the appeal gets the working day before it, by the country that the case names. The end
// of the lunar date on the paper shows as a day that may be off by one.
func TestDeadlinesOfDaysAhead(t *testing.T) {
	w := chrome.StartWorld(t)
	for i, v := range []chrome.View{{Name: "en-1280", Lang: "en", Width: 1280, Script: true}, {Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true}} {
		t.Run(v.Name, func(t *testing.T) { daysAhead(t, w, v, i) })
	}
}

func daysAhead(t *testing.T, w *chrome.World, v chrome.View, i int) {
	mark := "order " + strconv.Itoa(i)
	writeLetter(chrome.Open(t, v), w, mark)
	p := chrome.Open(t, v)
	unlock(p, w)
	openLetter(p, mark)
	p.Click(`#opening button.main`)
	p.Until(`document.querySelector('.case-tabs')`)
	part(p, "situation")
	p.Do(chromedp.SetValue(`#more-pathway`, "order-appeal"), chromedp.Submit(`#more-pathway`))
	p.Until(`document.querySelector('#p-order-appeal')`)

	part(p, "tasks")
	const appeal = `[...document.querySelectorAll('#tasks > li')].find(l => l.innerText.includes('file the appeal'))`
	p.Until(appeal + ` && !` + appeal + `.querySelector('.task-when time')`)
	p.Check("case-waits")
	field := `#` + chrome.Eval[string](p, appeal+`.querySelector('.when-form input[name=at]').id`)
	p.Do(chromedp.SetValue(field, "1405-09-07"), chromedp.Submit(field)) // Saturday, 28 November 2026
	p.Until(`document.readyState === 'complete' && ` + appeal + `.querySelector('.task-when time')`)
	due := func() string {
		return chrome.Eval[string](p, appeal+`.querySelector('.task-when time').dateTime.slice(0, 10)`)
	}
	if got := due(); got != "2026-11-25" { // no country: in Iran and Afghanistan Thursday is perhaps off, Friday is
		t.Errorf("the appeal is due %s", got)
	}

	part(p, "details")
	p.Do(chromedp.SetValue(`#d-country`, "pk"), chromedp.SetValue(`#d-printed`, "10 Muharram 1448"))
	p.Check("case-details-country")
	p.Click(`.fields button.main`)
	p.Until(`document.readyState === 'complete' && document.querySelector('#field-printed .by') && document.querySelector('#field-printed .by').innerText.includes('±')`)
	if said := chrome.Eval[string](p, `document.querySelector('#field-printed .by').innerText`); !strings.Contains(l10n.FoldDigits(said), "2026-06-25") {
		t.Errorf("the printed date is read as %q", said)
	}
	part(p, "tasks")
	if got := due(); got != "2026-11-27" {
		t.Errorf("in Pakistan the appeal is due %s", got)
	}
	chrome.Eval[bool](p, `(`+appeal+`.querySelector('.task-when details.source').open = true)`)
	p.Check("case-workdays")
	part(p, "timeline")
	if n := chrome.Eval[int](p, `[...document.querySelectorAll('#timeline > li')].filter(l => l.querySelectorAll('details li').length >= 5).length`); n < 1 {
		t.Error("the tasks of a pathway do not stand in one line")
	}
	if n := chrome.Eval[int](p, `document.querySelectorAll('#timeline a[href]').length`); n < 1 {
		t.Error("the letter is not in the timeline")
	}
	p.Check("case-timeline-short")
}
