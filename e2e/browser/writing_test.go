package browser

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestALetterFromACaseToPaper: a status note in Persian asks for the talk, is filled in from the case, changed, read by somebody, made as a file and found again in the case; on a phone's
// width a wage claim without script's help, with what was typed kept over mistakes and over the lock.
func TestALetterFromACaseToPaper(t *testing.T) {
	gateURL, code := emptyGate(t)
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, gateURL, code)
	a.visit("/people/first")
	introduced(a.Page, "Parwana")
	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	writeLetter(person, &chrome.World{Gate: gateURL}, "my card ends soon, the boss has not paid")
	a.visit("/")
	openLetter(a.Page, "my card ends soon")
	thread := chrome.Eval[string](a.Page, `location.pathname`)
	a.Click(`#opening button.main`)
	a.Until(`document.querySelector('.case-tabs')`)
	a.visit(thread + "?tab=details")
	a.Do(chromedp.SetValue(`#d-name`, "گلالی ک."), chromedp.SetValue(`#d-lang`, "fa"))
	a.Click(`form.fields button.main`)
	a.Until(`document.querySelector('.said')`)

	statusNote(t, a, thread)
	narrow := a.beside(t, chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true})
	narrow.givePassphrase()
	introduced(narrow.Page, "Parwana")
	wageClaim(t, narrow, thread)
}

func statusNote(t *testing.T, a *laptop, thread string) {
	a.visit(thread)
	a.Click(`#to-letters`)
	a.Until(`document.querySelector('#choose')`)
	a.Check("letters-none")
	a.Do(chromedp.SetValue(`#kind`, "status-note"))
	a.Click(`#choose button.main`)
	a.Until(`document.querySelector('#reader')`)
	a.Check("letters-reader")
	a.Click(`#reader input[value=person]`)
	a.Click(`#reader button.main`)

	// The talk comes first; without an answer it is not recorded, and one can stop here.
	a.Until(`document.querySelector('#talk')`)
	a.Check("letters-talk")
	if got := a.text(".aloud"); !strings.Contains(got, "محافظت نمی\u200cکند") {
		t.Errorf("the talk is not in the person's language: %s", got)
	}
	a.Do(chromedp.SetValue(`#understood`, "They may tear it up; she leaves it at her sister's."))
	a.Click(`#talk input[name=by][value=person]`)
	a.Click(`#talk-done`)
	a.Until(`document.querySelector('#facts')`)
	a.Check("letters-facts")
	if got := chrome.Eval[string](a.Page, `document.querySelector('[name="f.name"]').value`); got != "گلالی ک." {
		t.Errorf("the name is not taken from the case: %q", got)
	}
	a.Do(chromedp.SetValue(`[name="f.checks"]`, "کارت موقت | ۳۱ خرداد ۱۴۰۵ | ۳ آذر ۱۴۰۵ | قاعده\u200cای نیافتیم"), chromedp.SetValue(`[name="f.known"]`, "1405-09-03"))
	a.Click(`#to-text`)
	a.Until(`document.querySelector('#sheet')`)
	a.Check("letters-sheet")
	if got := chrome.Eval[string](a.Page, `document.querySelector('#sheet').dir + getComputedStyle(document.querySelector('#sheet td')).textAlign`); !strings.HasPrefix(got, "rtl") {
		t.Errorf("the sheet runs %s", got)
	}
	// Nobody has read the draft: not printed, and nothing that was changed is lost.
	a.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#change').open = true`))
	a.Do(chromedp.SetValue(`#heading`, "یادداشت برای گلالی"))
	a.Click(`#make-pdf`)
	a.Until(`document.querySelector('#wrong') && document.querySelector('#heading').value === 'یادداشت برای گلالی'`)
	a.Check("letters-unread")
	a.Click(`#read`)
	file := pdfOf(t, a)
	text := pdfText(t, file)
	for _, want := range []string{"یادداشت برای گلالی", "گلالی ک.", "کارت موقت", "۳ آذر ۱۴۰۵"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file does not say %q:\n%s", want, text)
		}
	}
	a.visit(thread + "?tab=notes")
	if got := a.text("#letters-written"); !strings.Contains(got, "یادداشت برای گلالی") {
		t.Errorf("the case does not know the letter: %s", got)
	}
	a.Check("letters-in-case")
	a.visit(thread + "?tab=timeline")
	if got := a.text("#timeline"); !strings.Contains(got, "Letter written: یادداشت برای گلالی") || !strings.Contains(got, "The danger of carrying a note was explained") {
		t.Errorf("the timeline says:\n%s", got)
	}
	a.visit(thread + "/letters")
	a.Check("letters-list")
	a.Click(`#written button[value=again]`)
	a.Until(`document.querySelector('#sheet h2')`)
	if got := a.text("#sheet h2"); got != "یادداشت برای گلالی" {
		t.Errorf("opened again it is called %q", got)
	}
}

func wageClaim(t *testing.T, a *laptop, thread string) {
	a.visit(thread + "/letters")
	a.Do(chromedp.SetValue(`#kind`, "wage-claim"))
	a.Click(`#choose button.main`)
	a.Until(`document.querySelector('#reader')`)
	a.Click(`#reader input[value=employer]`)
	a.Do(chromedp.SetValue(`#tongue`, "en"))
	a.Click(`#reader button.main`)
	a.Until(`document.querySelector('#facts')`)
	a.Check("wage-facts")
	a.Do(chromedp.SetValue(`[name="f.work"]`, "tiling"), chromedp.SetValue(`[name="f.from_day"]`, "۱۴۰۵-۰۵-۰۱"), chromedp.SetValue(`[name="f.wages"]`, "Mordad | 26 | 10,000,000 | 10,000,000"), chromedp.SetValue(`[name="f.amount"]`, "10,000,000 IRR, card 123456789012"))
	a.Click(`#to-text`)
	a.Until(`document.querySelector('#sheet')`)
	a.Check("wage-sheet")
	sheet := a.text("#sheet")
	if !strings.Contains(sheet, "23 July 2026 (1 Mordad 1405)") || !strings.Contains(sheet, "[Last day of work that was not paid: ________]") {
		t.Errorf("the sheet says:\n%s", sheet)
	}
	if a.text("#numbers") == "" || a.text("#gaps") == "" {
		t.Error("nothing says that a number is not kept, or that there is a gap")
	}
	// The desk locks: what was begun is there afterwards.
	a.Click(`form[action="/lock"] button`)
	a.givePassphrase()
	introduced(a.Page, "Parwana")
	a.visit(thread + "/letters")
	a.Until(`document.querySelector('#begun')`)
	a.Check("wage-begun")
	a.Click(`#begun button[value=restore]`)
	a.Until(`document.querySelector('#sheet')`)
	a.Click(`#read`)
	a.Click(`#make-print`)
	a.Until(`document.querySelector('.said') && document.querySelector('#sheet') && !document.querySelector('#text')`)
	a.Check("wage-print")
	a.visit(thread + "/letters")
	a.Click(`#written li:first-child button[value=again]`)
	a.Until(`document.querySelector('#sheet')`)
	if again := a.text("#sheet"); strings.Contains(again, "123456789012") || !strings.Contains(again, "card ________") {
		t.Errorf("the copy in the case says:\n%s", again)
	}
}

// pdfOf makes the file as the button does.
func pdfOf(t *testing.T, a *laptop) []byte {
	t.Helper()
	got := chrome.Eval[string](a.Page, `(() => { const f = document.querySelector('#text'); return fetch(f.action, {method: 'POST', body: new URLSearchParams(new FormData(f, document.querySelector('#make-pdf')))})
		.then(r => r.arrayBuffer().then(b => { let s = ''; for (const c of new Uint8Array(b)) s += String.fromCharCode(c); return r.headers.get('Content-Disposition') + '|' + r.headers.get('Cache-Control') + '|' + btoa(s) })) })()`)
	name, rest, _ := strings.Cut(got, "|")
	cache, body, _ := strings.Cut(rest, "|")
	file, err := base64.StdEncoding.DecodeString(body)
	if err != nil || !strings.HasPrefix(string(file), "%PDF-") {
		t.Fatalf("no PDF: %v %.300q", err, file)
	}
	if name != `attachment; filename="letter.pdf"` || !strings.Contains(cache, "no-store") {
		t.Errorf("it is handed over as %s, %s", name, cache)
	}
	return file
}

// pdfText is what a reader's program takes from a file, without what orders it.
func pdfText(t *testing.T, file []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-enc", "UTF-8", name, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (poppler-utils, .ci/deps): %v", err)
	}
	return strings.Map(func(r rune) rune {
		if r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u200E' || r == '\u200F' {
			return -1
		}
		return r
	}, string(out))
}
