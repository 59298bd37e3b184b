package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"panah/core/pathway"
	"panah/desk"
	"panah/internal/testkit/chrome"
)

// TestDuty lets a red letter come while nobody is on duty: the public page says so, and its clock waits. Then somebody comes on duty, does not answer, and is called: by a
// banner that comes to the open page by itself, by a sound, and by a command of the organisation's own, which is told nothing.
func TestDuty(t *testing.T) {
	gateURL, code := emptyGate(t)
	clocks := map[pathway.Urgency]pathway.Clock{pathway.Minutes: {Reply: time.Second, Escalate: time.Second}, pathway.Hours: {Reply: time.Hour, Escalate: time.Hour}, pathway.Days: {Reply: 24 * time.Hour}}
	a := openAs(t, desk.Config{Data: t.TempDir(), Clocks: clocks, LookEvery: 100 * time.Millisecond}, chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, gateURL, code)
	a.visit("/duty")
	a.Check("duty-empty")
	a.visit("/people/first")
	a.fill("/people/first", "name", "Parwana")
	a.Until(`location.pathname !== '/people/first' && document.readyState === 'complete'`)

	rung := filepath.Join(t.TempDir(), "rung")
	bell := filepath.Join(t.TempDir(), "bell")
	if err := os.WriteFile(bell, []byte("#!/bin/sh\necho $# >> '"+rung+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	a.visit("/duty")
	a.Click(`details:has(form[action="/duty/calls"]) > summary`)
	a.fill("/duty/calls", "command", bell)
	a.Until(`document.querySelector('.said')?.innerText.includes('Try it') && document.readyState === 'complete'`)
	a.fill("/duty/zone", "zone", "Asia/Kabul")
	a.Until(`document.querySelector('.said')?.innerText.includes('public page') && document.readyState === 'complete'`)

	// Tomorrow morning: nobody reads now.
	tomorrow := time.Now().AddDate(0, 0, 1)
	shift(a, tomorrow, "08:00", "16:00")
	for _, v := range []chrome.View{{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true}, {Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true}} {
		person := chrome.Open(t, v)
		next := tomorrow.In(time.FixedZone("", 270*60))
		next = time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 8, 0, 0, 0, time.Local).In(next.Location())
		waitAt(person, gateURL+"/"+v.Lang+"/", next.Format("2006-01-02 15:04")+" (UTC+04:30)")
		person.Check("nobody-on-duty")
	}
	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	mark := "they took my brother from the bus"
	writeLetter(person, &chrome.World{Gate: gateURL}, mark)
	a.visit("/?show=all")
	a.Until(`document.querySelector('.row')`)
	a.Until(`document.querySelector('.u-minutes')`)
	if chrome.Eval[bool](a.Page, `document.querySelector('#late').innerText.trim() !== ''`) {
		t.Error("a clock ran while nobody was on duty")
	}
	if _, err := os.Stat(rung); err == nil {
		t.Error("somebody was called while nobody was on duty")
	}

	// Somebody comes, and looks at another page.
	now := time.Now()
	from, to := now.Add(-10*time.Minute), now.Add(2*time.Hour)
	shift(a, from, from.Format("15:04"), to.Format("15:04"))
	a.Until(`document.querySelector('#onduty').innerText.includes('Parwana')`)
	a.Do(chromedp.KeyEvent("j")) // not a click by script: only a person's touch lets a page sound
	a.Until(`document.querySelector('#late [role=alert]')`)
	a.Until(`document.body.dataset.rang`)
	a.Check("duty-late")
	if said := a.text("#late"); !strings.Contains(said, "Nobody has answered a red letter in time.") || strings.Contains(said, "brother") {
		t.Errorf("the banner says: %s", said)
	}
	a.Until(`document.querySelector('#calls').innerText.includes('The last call went out')`)
	if b, err := os.ReadFile(rung); err != nil || string(b) != "0\n" {
		t.Errorf("the command was run as %q, %v", b, err)
	}
	waitGone(person, gateURL+"/en/", "No one is on duty")
	persian(a)
	a.Check("duty-late-fa")
	a.Click(`#late a`)
	a.Until(`document.querySelector('[name=text]') || document.querySelector('#reply')`)
	a.visit("/calendar")
	a.Check("calendar")
}

// shift puts everybody on duty.
func shift(a *laptop, day time.Time, from, to string) {
	a.T.Helper()
	a.visit("/duty")
	a.fill("/duty/shift", "staff", "", "day", day.Format(time.DateOnly), "from", from, "to", to)
	a.Until(`document.querySelector('.said') && document.readyState === 'complete'`)
}

// persian turns the desk's pages.
func persian(a *laptop) {
	a.T.Helper()
	a.Do(chromedp.SetValue(`#lang`, "fa"), chromedp.Submit(`#lang`))
	a.Until(`document.documentElement.lang === 'fa' && document.readyState === 'complete'`)
}

// waitAt loads a public page until it says what is wanted.
func waitAt(p *chrome.Page, url, want string) {
	p.T.Helper()
	until(p, url, func(body string) bool { return strings.Contains(body, want) }, want)
}

func waitGone(p *chrome.Page, url, gone string) {
	p.T.Helper()
	until(p, url, func(body string) bool { return !strings.Contains(body, gone) }, "nothing of "+gone)
}

func until(p *chrome.Page, url string, cond func(string) bool, what string) {
	p.T.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		p.Do(chromedp.Navigate(url), chromedp.WaitReady(`main`))
		if cond(chrome.Eval[string](p, `document.body.innerText`)) {
			return
		}
		if time.Now().After(deadline) {
			p.T.Fatalf("%s never said %s", url, what)
		}
	}
}
