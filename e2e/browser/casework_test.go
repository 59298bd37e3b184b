package browser

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"panah/internal/testkit/chrome"
)

// TestCasework is a caseworker's day in one case: it opens from a letter in one step, its questions are answered, a task is done and taken back, a note is written, a second letter
// joins by itself, and everything stands in the timeline.
func TestCasework(t *testing.T) {
	w := chrome.StartWorld(t)
	for _, v := range []chrome.View{{Name: "en-1280", Lang: "en", Width: 1280, Script: true}, {Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true}} {
		t.Run(v.Name, func(t *testing.T) { casework(t, w, v) })
	}
}

func casework(t *testing.T, w *chrome.World, v chrome.View) {
	person := chrome.Open(t, v)
	p := chrome.Open(t, v)
	unlock(p, w)
	mark := "mark " + t.Name()
	code := writeLetter(person, w, mark)
	openLetter(p, mark)
	thread := chrome.Eval[string](p, `location.pathname`)
	if n := chrome.Eval[int](p, `document.querySelectorAll('#opening input[name=pathway]:checked').length`); n == 0 {
		t.Error("what the person chose ticks no situation")
	}
	p.Check("case-new")
	p.Do(chromedp.SendKeys(`#o-name`, "Latif"))
	p.Click(`#opening button.main`)
	p.Until(`document.querySelector('.case-tabs')`)
	if said := chrome.Eval[string](p, `document.querySelector('.guards').innerText`); len(said) < 100 {
		t.Errorf("what must never happen is not said: %q", said)
	}

	part(p, "situation")
	p.Check("case-situation")
	p.Click(`input[name="q.now"][value=camp]`)
	p.Do(chromedp.SetValue(`input[name="q.since"]`, "1405-09-01 08:15"))
	p.Click(`.questions button.main`)
	p.Until(`document.querySelectorAll('.q.answered').length === 2`)
	if at := chrome.Eval[string](p, `document.querySelector('input[name="q.since"]').value`); at != "2026-11-22 08:15" {
		t.Errorf("a day of the Solar Hijri calendar became %q", at)
	}

	part(p, "tasks")
	p.Check("case-tasks")
	before := chrome.Eval[int](p, `document.querySelectorAll('#tasks > li').length`)
	first := chrome.Eval[string](p, `document.querySelector('#tasks .task-do').innerText`)
	p.Click(`#tasks button.done`)
	p.Until(fmt.Sprintf(`document.querySelectorAll('#tasks > li').length === %d && document.querySelector('.finished').textContent.includes(%q)`, before-1, first))
	p.Click(`.finished summary`)
	p.Click(`.finished button[value=open]`)
	p.Until(fmt.Sprintf(`document.querySelectorAll('#tasks > li').length === %d`, before))
	p.Do(chromedp.SetValue(`#task-text`, "Ring the sister"), chromedp.SetValue(`#task-due`, "1405-09-05 10:00"))
	p.Click(`form[action="` + thread + `/task"] button`)
	p.Until(`[...document.querySelectorAll('#tasks .task-do')].some(d => d.innerText === 'Ring the sister')`)

	part(p, "notes")
	p.Do(chromedp.SendKeys(`#note`, "The uncle has the key.\nHe calls at six."))
	p.Click(`#note-form button.main`)
	p.Until(`document.querySelector('#notes') && document.querySelector('#notes').innerText.includes('He calls at six.')`)
	p.Check("case-notes")

	part(p, "details")
	p.Check("case-details")
	p.Do(chromedp.SetValue(`#d-safe_say`, "We are the bakery"))
	p.Click(`.fields button.main`)
	p.Until(`[...document.querySelectorAll('#field-safe_say .by')].length === 1`)

	part(p, "talk")
	readMailbox(person, w, code)
	person.Do(chromedp.SendKeys(`form#write textarea[name=story]`, "He is in the camp. "+mark+" again"))
	person.Click(`form#write button.main`)
	person.Until(`document.querySelector('#sent') && document.querySelector('#sent').checkVisibility()`)
	p.Until(`document.querySelector('#entries').innerText.includes('He is in the camp.')`) // without reloading
	answer(p, "We heard you. A lawyer goes there now.")
	p.Check("case-talk")

	part(p, "timeline")
	p.Check("case-timeline")
	for _, said := range []string{"He calls at six.", "Ring the sister", "camp", "2026-11-22"} {
		shaped := said
		if v.Lang == "fa" && said == "2026-11-22" {
			shaped = "۲۰۲۶-۱۱-۲۲"
		}
		if !chrome.Eval[bool](p, `document.querySelector('#timeline').innerText.includes(`+strconv.Quote(shaped)+`)`) {
			t.Errorf("the timeline lacks %q", shaped)
		}
	}
	p.Do(chromedp.Navigate(w.DeskAt(t, "/")))
	p.Until(`[...document.querySelectorAll('.row')].some(r => r.innerText.includes('Latif') && r.querySelector('.row-due time'))`)
	p.Check("queue")
}

// part opens a part of the case that is shown.
func part(p *chrome.Page, tab string) {
	p.T.Helper()
	p.Click(`a[data-tab=` + tab + `]`)
	p.Until(`document.readyState === 'complete' && document.querySelector('a[data-tab=` + tab + `][aria-current]')`)
}

// TestKeyboardAlone does the same work without a pointer.
func TestKeyboardAlone(t *testing.T) {
	w := chrome.StartWorld(t)
	v := chrome.View{Name: "en", Lang: "en", Width: 1280, Script: true}
	person := chrome.Open(t, v)
	writeLetter(person, w, "by keyboard")
	p := chrome.Open(t, v)
	unlock(p, w)
	p.Until(`document.querySelector('.row-link')`)
	press(p, "?")
	p.Until(`document.querySelector('dialog[open] #shortcuts')`)
	p.Check("shortcuts")
	press(p, kb.Escape)
	p.Until(`!document.querySelector('dialog')`)
	press(p, "j")
	p.Until(`document.activeElement.matches('.row-link')`)
	press(p, kb.Enter)
	p.Until(`document.querySelector('#opening')`)
	p.Do(chromedp.Focus(`#o-name`))
	press(p, "jkrn?") // typed, not heard
	if typed := chrome.Eval[string](p, `document.querySelector('#o-name').value + !!document.querySelector('dialog')`); typed != "jkrn?false" {
		t.Errorf("while typing, keys did something: %q", typed)
	}
	press(p, kb.Enter)
	p.Until(`document.querySelector('.case-tabs')`)
	press(p, "n")
	p.Until(`document.activeElement && document.activeElement.id === 'note'`)
	press(p, "Heard by phone.")
	press(p, kb.Tab)
	press(p, kb.Enter)
	p.Until(`document.querySelector('#notes') && document.querySelector('#notes').innerText.includes('Heard by phone.')`)
	press(p, "3")
	p.Until(`document.querySelector('a[data-tab=tasks][aria-current]') && document.readyState === 'complete'`)
	p.Do(chromedp.Focus(`#tasks button.done`))
	press(p, kb.Enter)
	p.Until(`document.querySelector('.finished')`)
	press(p, "r")
	p.Until(`document.activeElement && document.activeElement.id === 'text'`)
	press(p, "We heard you.")
	p.Do(chromedp.Focus(`#reply button.main`))
	press(p, kb.Enter)
	p.Until(`document.querySelector('.entry.ours')`)
	press(p, "g")
	press(p, "q")
	p.Until(`location.pathname === '/' && document.querySelector('#rows')`)
	press(p, "g")
	press(p, "t")
	p.Until(`location.pathname === '/tasks'`)
}

// press sends keys to whatever has the focus.
func press(p *chrome.Page, keys string) {
	p.T.Helper()
	p.Until(`document.readyState === 'complete'`)
	p.Do(chromedp.KeyEvent(keys))
}

// settled waits until every animation and picture of the page is done.
func settled(p *chrome.Page) {
	p.T.Helper()
	p.Until(`document.readyState === 'complete' && [...document.images].every(i => i.complete)`)
	chrome.Eval[bool](p, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}
