package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/core/receipt"
	"panah/internal/testkit/chrome"
)

// TestMainJob is the whole story in every view: a person writes in, a caseworker answers, the person reads the answer, writes
// again and is read again, and in the end has everything erased. Once with script, once with none at all.
func TestMainJob(t *testing.T) {
	w := chrome.StartWorld(t)
	for _, script := range []bool{true, false} {
		for _, v := range chrome.Views(script) {
			name := v.Name + "-script"
			if !script {
				name = v.Name + "-noscript"
			}
			t.Run(name, func(t *testing.T) { mainJob(t, w, v) })
		}
	}
}

func mainJob(t *testing.T, w *chrome.World, v chrome.View) {
	person := chrome.Open(t, v)
	worker := chrome.Open(t, chrome.View{Name: v.Name, Lang: v.Lang, Width: v.Width, Phone: v.Phone, Dark: v.Dark, Script: true})
	unlock(worker, w)
	worker.Check("desk-empty-or-list")

	mark := "mark " + t.Name()
	code := writeLetter(person, w, mark, smallPhotograph(t))
	if _, err := receipt.Parse(code); err != nil {
		t.Fatalf("the page shows a code that is none: %v", err)
	}
	person.Check("sent")

	openLetter(worker, mark)
	worker.Check("desk-thread")
	if got := chrome.Eval[int](worker, `document.querySelectorAll('.photos img').length`); got != 1 {
		t.Errorf("the thread shows %d photos, sent was 1", got)
	}
	worker.Until(`[...document.querySelectorAll('.photos img')].every(i => i.complete && i.naturalWidth > 0)`)
	sealed := chrome.Eval[string](worker, `document.querySelector('.proof').innerHTML`)
	if door := strings.Contains(sealed, `class="tag door"`); door == v.Script {
		t.Errorf("with script %v the letter is marked as door-sealed: %v", v.Script, door)
	}
	answer(worker, "We heard you. A lawyer goes there now.")
	worker.Check("desk-answered")

	readMailbox(person, w, persianDigits(code))
	person.Until(`document.querySelector('#letters').innerText.includes('A lawyer goes there now.')`)
	person.Check("mailbox-thread")
	person.Do(chromedp.SendKeys(`form#write textarea[name=story]`, "He is in the camp. "+mark+" again"),
		chromedp.SetUploadFiles(`form#write input[name=photo]`, []string{smallPhotograph(t)}))
	if v.Script {
		person.Until(`document.querySelectorAll('#photo-ui img').length === 1`)
	}
	person.Click(`form#write button.main`)
	person.Until(`document.querySelector('#sent') && document.querySelector('#sent').checkVisibility()`)
	person.Check("written-again")

	worker.Until(`document.querySelector('#entries').innerText.includes('He is in the camp.')`)
	if chrome.Eval[bool](worker, `!!document.querySelector('.forged')`) {
		t.Error("an honest second letter is called forged")
	}
	worker.Until(`document.querySelectorAll('.photos img').length === 2`)
	worker.Check("desk-thread-longer")

	readMailbox(person, w, code)
	person.Click(`details > summary.danger`)
	person.Do(chromedp.WaitVisible(`#erase`))
	person.Check("erase")
	person.Click(`details input[type=checkbox]`)
	person.Click(`#erase`)
	person.Until(`document.querySelector('#erased') && document.querySelector('#erased').checkVisibility()`)
	person.Check("erased")
	worker.Until(`!document.body.innerText.includes('He is in the camp.')`)
	worker.Check("desk-erased")
	worker.Do(chromedp.Navigate(w.DeskAt(t, "/about")))
	worker.Check("desk-about")
}
