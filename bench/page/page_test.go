// Package page measures the public pages as a five-year-old phone on 2G sees them, in a real Chromium: bytes over the
// wire, and the time to a usable page, to the sealing code, and from send to the receipt code. `make bench` runs it.
package page

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// The line and the phone of the issue: 50 kbit/s each way, 400 ms, a processor six times slower than this one.
const (
	bytesPerSecond = 50_000 / 8
	latency        = 400
	slowdown       = 6
)

// slow makes p such a phone.
func slow(p *chrome.Page) {
	chrome.Call(p, network.Enable, network.EnableParams{})
	chrome.Call(p, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: false})
	chrome.Call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Latency: latency, DownloadThroughput: bytesPerSecond, UploadThroughput: bytesPerSecond}},
	})
	chrome.Call(p, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slowdown})
}

// A meter counts what a tab loads.
type meter struct {
	mu    sync.Mutex
	done  int
	bytes float64
}

func (m *meter) hear(ev any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := ev.(*network.EventLoadingFinished); ok {
		m.done++
		m.bytes += e.EncodedDataLength
	}
}

// print tells what has been loaded whole so far. Scripts and what they ask for may be on their way beside it.
func (m *meter) print(lang, when string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Printf("slow phone, %s: %d requests done, %.1f KB %s\n", lang, m.done, m.bytes/1000, when)
}

// BenchmarkSlowPhone opens the first page and then the intake page on the slow line, writes and sends.
func BenchmarkSlowPhone(b *testing.B) {
	w := chrome.StartWorld(b)
	for _, lang := range []string{"en", "fa"} {
		b.Run(lang, func(b *testing.B) {
			for b.Loop() {
				walk(b, w, lang)
			}
		})
	}
}

func walk(b *testing.B, w *chrome.World, lang string) {
	report := func(name string, since time.Time, budget float64) {
		s := time.Since(since).Seconds()
		fmt.Printf("slow phone, %s: %-34s %6.2f s  (budget %.0f s)\n", lang, name, s, budget)
		b.ReportMetric(s, name+"-s")
	}
	first, m := phone(b, lang)
	opened := time.Now()
	navigate(b, first, w.At("/"), `document.querySelector('a[href*="`+lang+`/"]') && document.styleSheets.length > 0`)
	report("language-page-usable", opened, 3)
	m.print(lang, "until the language page was usable")

	// The intake page is opened cold, as by a link that somebody passed on.
	p, m := phone(b, lang)
	opened = time.Now()
	navigate(b, p, w.At("/"+lang+"/"), `document.querySelector('#letter #send') && document.styleSheets.length > 0`)
	report("intake-page-usable", opened, 3)
	m.print(lang, "until the intake page was usable")
	p.Do(chromedp.SendKeys(`#letter textarea[name=story]`, "My card was taken."))
	p.Until(`document.querySelector('#seal-state').dataset.state === 'browser'`)
	report("sealing-code-ready", opened, 12)
	sent := time.Now()
	p.Click(`#letter button#send`)
	p.Until(`document.querySelector('#sent').checkVisibility() && document.querySelector('#sent .code').innerText.trim()`)
	report("receipt-code-after-send", sent, 15)
	m.print(lang, "in all, from opening to the receipt code")
}

// phone opens a browser with an empty cache as the slow phone.
func phone(b *testing.B, lang string) (*chrome.Page, *meter) {
	b.Helper()
	p := chrome.Open(b, chrome.View{Lang: lang, Width: 360, Phone: true, Script: true})
	slow(p)
	m := new(meter)
	if err := chromedp.Listen(p, m.hear); err != nil {
		b.Fatal(err)
	}
	return p, m
}

// navigate starts loading a page and returns when expression is true in it: a person does not wait for the load event.
func navigate(b *testing.B, p *chrome.Page, url, expression string) {
	b.Helper()
	ctx, cancel := context.WithCancel(p.Context)
	defer cancel()
	go func() { _ = chromedp.Do(ctx, chromedp.Navigate(url)) }()
	p.Until(`location.href.startsWith("` + url + `") && ` + expression)
}
