package browser

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
	"panah/rules"
)

// TestPapersCheck checks a paper from a letter's case: the form is filled from the letter, a month 13 is told and nothing typed is lost, a fact refines the answer, the answer is kept and
// stands in the timeline; a keeper adopts a changed rulebook, and the case says that it was checked by an older one.
func TestPapersCheck(t *testing.T) {
	w := chrome.StartWorld(t)
	views := []chrome.View{{Name: "en-1280", Lang: "en", Width: 1280, Script: true}, {Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true}} // the second without script
	for i, v := range views {
		t.Run(v.Name, func(t *testing.T) {
			p := chrome.Open(t, v)
			papersCheck(t, w, p)
			if i == 0 {
				adoptRulebook(t, w, p)
			}
		})
	}
}

// verdict waits for an answer and returns it.
func verdict(p *chrome.Page) string {
	p.T.Helper()
	p.Until(`document.readyState === 'complete' && document.querySelector('#verdict')`)
	return chrome.Eval[string](p, `document.querySelector('#verdict').dataset.verdict`)
}

func papersCheck(t *testing.T, w *chrome.World, p *chrome.Page) {
	v := p.View
	v.Script = true
	mark := "mark " + t.Name()
	writeLetter(chrome.Open(t, v), w, mark)
	unlock(p, w)
	row := `[...document.querySelectorAll('.row')].find(r => r.innerText.includes(` + strconv.Quote(mark) + `))`
	for !chrome.Eval[bool](p, `!!`+row) { // a page without script does not read itself anew
		p.Do(chromedp.Navigate(w.DeskAt(t, "/")))
		p.Until(`document.querySelector('#rows')`)
	}
	chrome.Eval[bool](p, row+`.querySelector('.row-link').click() || true`)
	p.Until(`document.querySelector('#entries')`)
	p.Do(chromedp.SendKeys(`#o-name`, "Latif"))
	p.Click(`#opening button.main`)
	p.Until(`document.querySelector('.case-tabs')`)
	thread := chrome.Eval[string](p, `location.pathname`)

	// From the letter: kind, date, and the calendar that the date can be of.
	p.Click(`a.check-this`)
	p.Until(`document.querySelector('#paper-form')`)
	if got := chrome.Eval[string](p, `['paper', 'printed', 'calendar'].map(n => document.getElementById(n).value).join(' ')`); got != "pk-por ۳۱ خرداد ۱۴۰۵ solar" {
		t.Errorf("the form has %q", got)
	}
	p.Check("papers-asked")

	p.Do(chromedp.SetValue(`#printed`, "1405/13/01"))
	p.Click(`#check`)
	p.Until(`document.querySelector('.paper-form .wrong')`)
	p.Check("papers-month-13")
	said := chrome.Eval[string](p, `document.querySelector('.paper-form .wrong').innerText`)
	if !strings.Contains(said, "13") && !strings.Contains(said, "۱۳") || chrome.Eval[string](p, `document.querySelector('#printed').value`) != "1405/13/01" {
		t.Errorf("a month 13: %q, and what was typed is lost", said)
	}

	// A slip whose rule hangs on facts, on a day when it was over.
	p.Do(chromedp.SetValue(`#paper`, "ir-headcount-slip"), chromedp.SetValue(`#printed`, "1401/07/30"), chromedp.SetValue(`#calendar`, "solar"))
	chrome.Eval[bool](p, `document.querySelector('.paper-days').open = true`)
	p.Do(chromedp.SetValue(`#on`, "1401-09-20"), chromedp.SetValue(`#known`, "2022-12-20"))
	p.Click(`#check`)
	if got := verdict(p); got == "ended" || got == "extended" {
		t.Errorf("before anybody knows its colour it is %s", got)
	}
	if asked := chrome.Eval[int](p, `document.querySelectorAll('#refine fieldset').length`); asked == 0 {
		t.Fatal("nothing is asked next")
	}
	p.Check("papers-unknown")
	p.Click(`#refine input[name="fact.slip-colour"][value=green]`)
	p.Click(`#refine input[name="fact.permitted-city"][value=yes]`)
	p.Click(`#refine button.main`)
	p.Until(`document.querySelector('#verdict') && document.querySelector('#rule-ir-slip-2022b')`)
	refined := verdict(p)
	if refined != "extended" && refined != "stale" {
		t.Errorf("with its facts it is %s", refined)
	}
	p.Check("papers-answer")
	if at := chrome.Eval[string](p, `location.pathname + location.search`); at != thread+"/papers" {
		t.Errorf("the address holds what was asked: %s", at)
	}
	if not := chrome.Eval[bool](p, `document.querySelector('.paper-not').checkVisibility()`); !not {
		t.Error("that it says nothing about a real paper is not said")
	}
	p.Click(`#save button.main`)
	p.Until(`document.querySelector('#papers .checked')`)
	if p.View.Script { // without, a case's page asks again by itself, which axe never allows
		p.Check("papers-in-case")
	} else {
		p.Shot("papers-in-case")
	}
	part(p, "timeline")
	slip := chrome.Eval[string](p, `document.querySelector('#timeline').innerText`)
	if !strings.Contains(slip, map[string]string{"en": "Headcount slip", "fa": "برگه سرشماری"}[p.View.Lang]) {
		t.Errorf("the timeline says %q", slip)
	}

	// Alone: nothing is kept, and there is nothing to keep it with.
	p.Do(chromedp.Navigate(w.DeskAt(t, "/papers")))
	p.Until(`document.querySelector('#paper-form')`)
	p.Do(chromedp.SetValue(`#paper`, "none"))
	p.Click(`#check`)
	verdict(p)
	if chrome.Eval[bool](p, `!!document.querySelector('#save')`) {
		t.Error("a check without a case can be kept")
	}
	p.Check("papers-alone")
	p.Do(chromedp.Navigate(w.DeskAt(t, "/rulebook")))
	p.Until(`document.querySelectorAll('.book-paper').length > 5`)
	p.Check("rulebook")
	p.Do(chromedp.Navigate(w.DeskAt(t, thread+"?tab=situation")))
	p.Until(`document.querySelector('#papers .checked')`)
}

// adoptRulebook gives a keeper's desk a rulebook with a mistake, then a changed one.
func adoptRulebook(t *testing.T, w *chrome.World, p *chrome.Page) {
	thread := chrome.Eval[string](p, `location.pathname`)
	was := string(rules.RulebookFiles().Rules)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	give := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.Do(chromedp.Navigate(w.DeskAt(t, "/rulebook/update")))
		p.Until(`document.querySelector('#upload')`)
		p.Do(chromedp.SetUploadFiles(`#rules`, []string{file}))
		p.Click(`#upload button.main`)
	}
	give(strings.Replace(was, "effect: extended, to: 2026-06-21", "effect: extendet, to: 2026-06-21", 1))
	p.Until(`document.querySelector('#problems')`)
	line := strings.Count(was[:strings.Index(was, "id: ir-temp-1405")], "\n") + 1
	if said := chrome.Eval[string](p, `document.querySelector('#problems').innerText`); !strings.Contains(said, "rules.yaml:"+strconv.Itoa(line)+":") {
		t.Errorf("a mistake in line %d: %q", line, said)
	}
	p.Check("rulebook-problems")
	changed := strings.Replace(was, `to: 2026-06-21, to_as_written: "31 Khordad 1405"`, `to: 2027-06-21, to_as_written: "31 Khordad 1406"`, 1)
	give(changed)
	p.Until(`document.querySelector('#adopt')`)
	if said := chrome.Eval[string](p, `document.querySelector('#changes').innerText`); !strings.Contains(said, "ir-temp-1405") || !strings.Contains(said, "2027-06-21") {
		t.Errorf("what would change: %q", said)
	}
	p.Check("rulebook-changes")
	p.Do(chromedp.SendKeys(`#why`, "circular of 1 Tir"))
	p.Click(`#adopt button.main`)
	p.Until(`document.querySelector('#back')`)
	p.Check("rulebook-adopted")
	p.Do(chromedp.Navigate(w.DeskAt(t, thread+"?tab=situation")))
	p.Until(`document.querySelector('#papers .older button')`)
	p.Check("papers-older")
	p.Click(`#papers .older button`)
	verdict(p)
	p.Check("papers-again")
	p.Do(chromedp.Navigate(w.DeskAt(t, "/rulebook")))
	p.Until(`document.querySelector('#back')`)
	p.Click(`#back summary`)
	p.Click(`#back button`)
	p.Until(`document.querySelector('#which') && !document.querySelector('#back')`)
}
