// Package chrome drives a real Chromium against a real `panah demo`, for e2e/browser and bench/page. A missing Chromium
// is a failure, not a skip. It is test equipment: nothing that ships imports it.
package chrome

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A View says how a page is looked at.
type View struct {
	Name   string
	Lang   string // en, fa
	Width  int64
	Phone  bool
	Dark   bool
	Script bool
}

// Views are the ways every page is walked: a left-to-right and a right-to-left language, phone and desktop.
func Views(script bool) []View {
	return []View{
		{"en-360", "en", 360, true, false, script},
		{"fa-360", "fa", 360, true, true, script},
		{"en-1280", "en", 1280, false, true, script},
		{"fa-1280", "fa", 1280, false, false, script},
	}
}

// metrics is the window of v.
func (v View) metrics() emulation.SetDeviceMetricsOverrideParams {
	return emulation.SetDeviceMetricsOverrideParams{Width: v.Width, Height: 800, DeviceScaleFactor: 1, Mobile: v.Phone}
}

// A Page is one Chromium tab with its own profile, and everything it complained about.
type Page struct {
	context.Context // of the tab
	T               testing.TB
	View            View
	mu              sync.Mutex
	wrong           []string // console errors and uncaught exceptions
}

// patience bounds one step in the browser.
const patience = time.Minute

// Open starts a Chromium for v. extra are more command line switches, such as a fake microphone.
func Open(t testing.TB, v View, extra ...chromedp.ExecAllocatorOption) *Page {
	t.Helper()
	opts := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()),
	}, extra...)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		// Cancel waits for the browser to go, so that its profile folder can be removed.
		_ = chromedp.Cancel(ctx)
		cancel()
		stop()
	})
	p := &Page{Context: ctx, T: t, View: v}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	Call(p, emulation.SetDeviceMetricsOverride, v.metrics())
	Call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	Call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !v.Script})
	return p
}

// Call sends one protocol command.
func Call[P, R any](p *Page, cmd cdp.Command[P, R], params P) R {
	p.T.Helper()
	r, err := chromedp.Call(p.Context, cmd, params)
	if err != nil {
		p.T.Fatalf("%s: %v", cmd.Method, err)
	}
	return r
}

// hear collects what a page should never say.
func (p *Page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		p.wrong = append(p.wrong, fmt.Sprintf("exception: %+v", e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		// A refused load or a broken policy shows up here; a failed request is part of some scenes.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source == log.EntrySourceSecurity {
			p.wrong = append(p.wrong, e.Entry.Text)
		}
	}
}

// Do runs actions and fails the test where one fails, with a picture of the page.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Context, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.Shot("failed")
		p.T.Fatalf("in the browser: %v\npage says: %s", err, p.Visible())
	}
}

// Visible returns the text a person sees, for failures.
func (p *Page) Visible() string {
	s, _ := chromedp.Run(p.Context, chromedp.Evaluate[string](`document.body ? location.pathname + "\n" + document.body.innerText.slice(0, 3000) : ''`))
	return s
}

// Eval returns the value of an expression; CSP does not bind the test's own evaluation. A promise is waited for.
func Eval[T any](p *Page, expression string) T {
	p.T.Helper()
	v, err := evaluate[T](p, expression)
	if err != nil {
		p.Shot("failed")
		p.T.Fatalf("evaluating %.80s: %v\npage says: %s", expression, err, p.Visible())
	}
	return v
}

func evaluate[T any](p *Page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.Context, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Until waits for an expression to become true, across navigations.
func (p *Page) Until(expression string) {
	p.T.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		// A page that is being replaced has no context to evaluate in: that is not yet a failure.
		ok, err := chromedp.Run(p.Context, chromedp.Evaluate[bool](`!!(`+expression+`)`))
		if err == nil && ok {
			return
		}
		select {
		case <-p.Done():
			p.T.Fatalf("the browser ended while waiting for %s", expression)
		case <-time.After(40 * time.Millisecond):
		}
	}
	p.Shot("failed")
	p.T.Fatalf("never came true: %s\npage says: %s", expression, p.Visible())
}

// Shot saves a screenshot when PANAH_SHOTS names a folder, and always where a test failed.
func (p *Page) Shot(name string) {
	dir := os.Getenv("PANAH_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.Context, chromedp.FullScreenshot(100))
	if err != nil {
		p.T.Logf("screenshot: %v", err)
		return
	}
	file := strings.NewReplacer("/", "_", " ", "_").Replace(p.T.Name() + "-" + name)
	if err := os.WriteFile(filepath.Join(dir, file+".png"), png, 0o600); err != nil {
		p.T.Logf("screenshot: %v", err)
	}
}

// Check looks at the page as it is now: axe finds nothing, nothing sticks out sideways, nothing was complained about.
func (p *Page) Check(name string) {
	p.T.Helper()
	axe, err := os.ReadFile(filepath.Join(Root(p.T), "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		p.T.Fatalf("axe-core is missing; run make deps: %v", err)
	}
	if !p.View.Script {
		// axe waits on promises, which a page without script never settles. The page's own script has been passed over by now.
		Call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
		defer Call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	p.Shot(name)
	found := p.violations(string(axe), `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => v.id + ": " + v.help + " — " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " | " + n.any.map(a => a.message).join("; ")).join(" ⏎ ")))`)
	for _, f := range found {
		p.T.Errorf("%s: axe: %s", name, f)
	}
	// Not innerWidth: a phone's window grows with what sticks out of it.
	if over := Eval[float64](p, `document.documentElement.scrollWidth`) - float64(p.View.Width); over > 0 {
		p.T.Errorf("%s: page sticks out by %v px at width %d", name, over, p.View.Width)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.wrong {
		p.T.Errorf("%s: the page complained: %s", name, w)
	}
	p.wrong = nil
}

// violations runs axe. A page that follows its desk may be replaced by its next state in the meantime: then that one is looked at.
func (p *Page) violations(axe, run string) []string {
	p.T.Helper()
	for try := 0; ; try++ {
		_, err := evaluate[int](p, axe+";0")
		if err == nil {
			var found []string
			if found, err = evaluate[[]string](p, run); err == nil {
				return found
			}
		}
		if gone := err.Error(); try == 2 || !strings.Contains(gone, "navigated") && !strings.Contains(gone, "context") && !strings.Contains(gone, "axe is not defined") {
			p.Shot("failed")
			p.T.Fatalf("running axe: %v\npage says: %s", err, p.Visible())
		}
	}
}

// Click brings the element that sel names to the middle of the window and clicks on it, as a person scrolls first.
func (p *Page) Click(sel string) {
	p.T.Helper()
	p.Until(`document.querySelector(` + strconv.Quote(sel) + `)`)
	if os.Getenv("PANAH_SHOTS") != "" {
		// Taking a picture of a whole page scrolls it, at times between press and release.
		Eval[bool](p, `(document.querySelector(`+strconv.Quote(sel)+`).click(), true)`)
		return
	}
	Eval[bool](p, `(document.querySelector(`+strconv.Quote(sel)+`).scrollIntoView({block: "center", behavior: "instant"}), true)`)
	p.Do(chromedp.Click(sel))
}
