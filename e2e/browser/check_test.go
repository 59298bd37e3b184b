package browser

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit"
	"panah/internal/testkit/chrome"
	"panah/rules"
)

// A choice is what a person picks on the page of the check.
type choice struct{ name, kind, round, day, month, year string }

// choices reach what the published rules say today in different ways: an old rule, none, a calendar a day off, a round, facts that the page does not ask.
var choices = []choice{
	{"por", "pk-por", "", "30", "gregorian-6", "2023"},
	{"temp-card", "ir-temp-card", "", "۳۱", "solar-3", "۱۴۰۵"},
	{"amayesh-round", "ir-amayesh", "۱۸", "", "", ""},
	{"amayesh", "ir-amayesh", "", "", "", ""},
	{"slip", "ir-headcount-slip", "", "", "", ""},
	{"tazkira", "af-etazkira", "", "١", "lunar-9", "١٤٤٨"},
}

// TestCheckOfPapers asks the same with and without script, on a phone, in four languages, light and dark: both say the same, and with script nothing is sent.
func TestCheckOfPapers(t *testing.T) {
	g := runGate(t, testkit.NewOrganisation(t).Signed)
	for _, v := range []chrome.View{
		{Name: "fa-dark", Lang: "fa", Width: 360, Phone: true, Dark: true},
		{Name: "ps-light", Lang: "ps", Width: 360, Phone: true},
		{Name: "ur-dark", Lang: "ur", Width: 360, Phone: true, Dark: true},
		{Name: "en-light", Lang: "en", Width: 360, Phone: true},
	} {
		t.Run(v.Name, func(t *testing.T) {
			told := map[string]string{}
			plain := chrome.Open(t, v)
			for i, c := range choices {
				if i == 0 {
					plain.Do(chromedp.Navigate(g.URL() + "/" + v.Lang + "/"))
				}
				plain.Click(`main a[href$="/check"]`) // on the front page, and after an answer
				plain.Until(`document.querySelector('form#check')`)
				if i == 0 {
					if !chrome.Eval[bool](plain, `document.querySelector('form#check p.ns').checkVisibility() && !document.querySelector('form#check .js').checkVisibility()`) {
						t.Error("nobody says before sending that the choice goes to the server")
					}
					plain.Check("plain")
				}
				choose(plain, c)
				plain.Click(`form#check button.main`)
				plain.Until(`!document.querySelector('form#check') && document.querySelector('#told')`)
				told[c.name] = said(plain)
				if i == 0 {
					plain.Check("plain-answer")
				}
			}
			script := plain // the same browser, now with script
			script.View.Script = true
			chrome.Call(script, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
			sent := requests(t, script)
			script.Do(chromedp.Navigate(g.URL() + "/" + v.Lang + "/check"))
			script.Until(`!document.documentElement.classList.contains('noscript-mode')`)
			before := len(sent())
			history := chrome.Eval[int](script, `history.length`)
			script.Click(`form#check button.main`)
			script.Until(`document.querySelector('#problem').checkVisibility()`)
			for i, c := range choices {
				choose(script, c)
				script.Click(`form#check button.main`)
				script.Until(`document.querySelector('#told').checkVisibility()`)
				if i == 0 {
					script.Check("script-answer")
				}
				if got := said(script); got != told[c.name] {
					t.Errorf("%s: with script the page says\n%s\nwithout\n%s", c.name, got, told[c.name])
				}
			}
			if after := sent(); len(after) != before {
				t.Errorf("with script the page asked for %v", after[before:])
			}
			nothingKept(t, script, g, history)
		})
	}
}

// nothingKept looks at where a browser keeps things, and tries to get something out past the page's policy.
func nothingKept(t *testing.T, p *chrome.Page, g *gate.Gate, history int) {
	t.Helper()
	if got := chrome.Eval[string](p, `[localStorage.length, sessionStorage.length, document.cookie, location.search, location.hash, JSON.stringify(history.state)].join("|")`); got != "0|0||||null" {
		t.Errorf("the browser keeps %s", got)
	}
	if got := chrome.Eval[int](p, `history.length`); got != history {
		t.Errorf("the history grew from %d to %d", history, got)
	}
	if chrome.Eval[bool](p, `fetch("/site.json").then(() => true, () => false)`) || chrome.Eval[bool](p, `navigator.sendBeacon("/x", "y") && false || new Promise(done => { const i = new Image(); i.onload = () => done(true); i.onerror = () => done(false); i.src = "/a/x.svg"; })`) {
		t.Error("the page's policy lets something out")
	}
	p.Do(chromedp.Navigate(g.URL() + "/" + p.View.Lang + "/help"))
	chrome.Eval[bool](p, `(history.back(), true)`)
	p.Until(`document.querySelector('form#check') && !document.documentElement.classList.contains('noscript-mode')`)
	if chrome.Eval[bool](p, `document.querySelector('#told').checkVisibility() || document.querySelector('[name=kind]:checked') || document.querySelector('[name=year]').value !== ""`) {
		t.Error("coming back shows what was asked")
	}
}

// choose fills the form in.
func choose(p *chrome.Page, c choice) {
	p.T.Helper()
	chrome.Eval[bool](p, `(() => {
		const f = document.querySelector('form#check');
		for (const d of f.querySelectorAll('details')) d.open = true;
		f.querySelector('[name=kind][value="`+c.kind+`"]').checked = true;
		for (const [name, value] of Object.entries({round: "`+c.round+`", day: "`+c.day+`", month: "`+c.month+`", year: "`+c.year+`"})) f.elements[name].value = value;
		f.dispatchEvent(new Event('input', {bubbles: true}));
		return true;
	})()`)
}

// said is the answer as a person reads it, with single spaces.
func said(p *chrome.Page) string {
	p.T.Helper()
	return strings.Join(strings.Fields(chrome.Eval[string](p, `document.querySelector('#told').innerText`)), " ")
}

// requests lists what the page asks for from now on.
func requests(t *testing.T, p *chrome.Page) func() []string {
	t.Helper()
	var mu sync.Mutex
	var urls []string
	if err := chromedp.Listen(p.Context, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(e.Request.URL, "data:") {
			mu.Lock()
			defer mu.Unlock()
			urls = append(urls, e.Request.Method+" "+e.Request.URL)
		}
	}); err != nil {
		t.Fatal(err)
	}
	chrome.Call(p, network.Enable, network.EnableParams{})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), urls...)
	}
}

// TestCheckByAKeepersRules gives the gate rules that hold today, one for every verdict, and reads each with and without script.
func TestCheckByAKeepersRules(t *testing.T) {
	o := testkit.NewOrganisation(t)
	g := runGate(t, o.Signed)
	src := rules.RulebookFiles()
	signed, err := wire.SignRulebook(o.Keeper, o.Roster.Org, time.Now(), src.Papers, []byte(rulesOfToday()), src.Sources)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := askAsDesk(t, g, o, http.MethodPost, wire.RulebookTarget, signed.Bytes()); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	p := chrome.Open(t, chrome.View{Name: "en-light", Lang: "en", Width: 360, Phone: true})
	told := map[string]string{}
	for _, script := range []bool{false, true} {
		p.View.Script = script
		chrome.Call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
		for _, c := range []struct {
			choice
			say string
		}{
			{choice{"in-force", "pk-por", "", "1", "gregorian-1", "2090"}, "is in force until"},
			{choice{"extended", "pk-por", "", "30", "gregorian-6", "2023"}, "extends this kind of paper beyond the printed date, until"},
			{choice{"ended", "ir-headcount-slip", "", "", "", ""}, "does not count any more, from"},
			{choice{"revoked", "ir-exit-paper", "", "", "", ""}, "was taken back, from"},
			{choice{"conflict", "pk-acc", "", "", "", ""}, "The sources disagree"},
			{choice{"round", "ir-amayesh", "18", "", "", ""}, "A round of registration"},
			{choice{"stale", "ir-work-permit", "", "", "", ""}, "too long ago to rely on"},
			{choice{"unknown", "ir-laissez-passer", "", "", "", ""}, "That does not mean that it has ended"},
		} {
			p.Do(chromedp.Navigate(g.URL() + "/en/check"))
			p.Until(`document.querySelector('form#check')`)
			if script {
				p.Until(`!document.documentElement.classList.contains('noscript-mode')`)
			}
			choose(p, c.choice)
			p.Click(`form#check button.main`)
			p.Until(`document.querySelector('#told') && document.querySelector('#told').checkVisibility()`)
			switch got := said(p); {
			case !strings.Contains(got, c.say):
				t.Errorf("%s, script %v: %q is not in %q", c.name, script, c.say, got)
			case script && got != told[c.name]:
				t.Errorf("%s: with script the page says\n%s\nwithout\n%s", c.name, got, told[c.name])
			default:
				told[c.name] = got
			}
		}
	}
	p.Check("by-a-keepers-rules")
}

// rulesOfToday are rules that hold today, whenever that is: nothing published is that new.
func rulesOfToday() string {
	day := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	fill := strings.NewReplacer("FIRST", day(-10), "LAST", day(100), "SOON", day(20), "LONG", day(-200), "READ", day(-2))
	return fill.Replace(`version: 1
status: draft
as_of_reading: READ
stale_after_days: 30
rules:
  - {id: a, country: PK, paper: pk-por, effect: extended, from: FIRST, to: LAST, known_on: FIRST, who: "all holders", note: "a note", confidence: official, sources: [pk-pcm]}
  - {id: b, country: PK, paper: pk-por, effect: deadline, on: SOON, what: "to book an appointment", known_on: FIRST, confidence: official, sources: [pk-pcm]}
  - {id: c, country: IR, paper: ir-headcount-slip, effect: ended, from: FIRST, known_on: FIRST, confidence: press-quoting, sources: [ir-cancel-menafn]}
  - {id: d, country: IR, paper: ir-exit-paper, effect: revoked, from: FIRST, known_on: FIRST, confidence: press-single, sources: [ir-cancel-menafn]}
  - {id: e, country: PK, paper: pk-acc, effect: valid, from: FIRST, to: LAST, known_on: FIRST, who: "some", confidence: press-quoting, sources: [pk-acc-2018]}
  - {id: f, country: PK, paper: pk-acc, effect: ended, from: FIRST, known_on: FIRST, confidence: press-quoting, sources: [pk-acc-march]}
  - {id: g, country: PK, paper: pk-acc, effect: revoked, from: FIRST, known_on: FIRST, confidence: press-single, sources: [pk-acc-march]}
  - {id: h, country: IR, paper: ir-amayesh, round: 18, effect: round-open, from: FIRST, to: SOON, known_on: FIRST, confidence: official, sources: [ir-amayesh17]}
  - {id: i, country: IR, paper: ir-work-permit, effect: valid, from: LONG, to: LAST, known_on: LONG, confidence: official, sources: [ir-amayesh17]}
`)
}

// TestCheckOnASlowLine loads the page over a line of 2G: 50 kbit/s, half a second there and back.
func TestCheckOnASlowLine(t *testing.T) {
	g := runGate(t, testkit.NewOrganisation(t).Signed)
	p := chrome.Open(t, chrome.View{Name: "fa-2g", Lang: "fa", Width: 360, Phone: true, Script: true})
	chrome.Call(p, network.Enable, network.EnableParams{})
	chrome.Call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Latency: 500, DownloadThroughput: 50_000 / 8, UploadThroughput: 20_000 / 8}},
	})
	start := time.Now()
	p.Do(chromedp.Navigate(g.URL() + "/fa/check"))
	p.Until(`!document.documentElement.classList.contains('noscript-mode')`)
	ready := time.Since(start)
	choose(p, choices[0])
	p.Click(`form#check button.main`)
	p.Until(`document.querySelector('#told').checkVisibility()`)
	t.Logf("over 50 kbit/s with 500 ms: ready to answer after %v", ready.Round(100*time.Millisecond))
	if ready > 15*time.Second {
		t.Errorf("ready only after %v", ready)
	}
}
