package browser

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/desk"
	"panah/gate"
	"panah/internal/testkit/chrome"
)

// A laptop is one folder, the desk that is served from it, and a browser.
type laptop struct {
	*chrome.Page
	dir, base string
	launch    string // the address with the token: further browsers of the same desk
	stop      func()
}

const laptopPassphrase = "lamp river seven orange table cloud"

// emptyGate runs a gate without an organisation in this process and returns its address and setup code.
func emptyGate(t *testing.T) (address, code string) {
	t.Helper()
	dir := t.TempDir()
	id, err := gate.Init(dir, "help.example.org")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Config{DataDir: dir, Addr: "127.0.0.1:0", Site: gate.Site{Leave: "https://weather.example/", Drafts: true, LangDefault: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, g.Run)
	<-g.Ready()
	return g.URL(), id.SetupCode
}

// serve runs f until the test ends or the returned function is called.
func serve(t *testing.T, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopping: %v", err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	return stop
}

// open starts the desk of a folder and opens it in a browser of its own, in the view's language.
func open(t *testing.T, dir string, v chrome.View) *laptop {
	t.Helper()
	return openAs(t, desk.Config{Data: dir}, v)
}

// openAs is open with more of the desk's configuration.
func openAs(t *testing.T, c desk.Config, v chrome.View) *laptop {
	t.Helper()
	l := &laptop{dir: c.Data}
	ready := make(chan string, 1)
	c.LogN, c.Version, c.Ready = 10, "test", func(u string) { ready <- u }
	l.stop = serve(t, func(ctx context.Context) error { return desk.Run(ctx, c) })
	launch := <-ready
	u, err := url.Parse(launch)
	if err != nil {
		t.Fatal(err)
	}
	l.launch, l.base = launch, u.Scheme+"://"+u.Host
	l.Page = chrome.Open(t, v)
	l.Do(chromedp.Navigate(launch), chromedp.WaitVisible(`#lang`))
	if v.Lang != "en" {
		l.Do(chromedp.SetValue(`#lang`, v.Lang), chromedp.Submit(`#lang`))
		l.Until(`document.documentElement.lang === '` + v.Lang + `'`)
	}
	return l
}

func (l *laptop) visit(path string) {
	l.T.Helper()
	l.Do(chromedp.Navigate(l.base+path), chromedp.WaitReady(`#main`))
}

// fill puts values into the fields of the form, in order where several have the same name, and sends it by its main button.
func (l *laptop) fill(action string, fields ...string) {
	l.T.Helper()
	list, err := json.Marshal(fields)
	if err != nil {
		l.T.Fatal(err)
	}
	missing := chrome.Eval[string](l.Page, `(() => {
		const form = document.querySelector('form[action="`+action+`"]'), seen = {}, fields = `+string(list)+`;
		for (let i = 0; i < fields.length; i += 2) {
			const name = fields[i], all = form.querySelectorAll('[name="' + name + '"]'), nth = seen[name] = (seen[name] ?? -1) + 1;
			if (all.length === 0 || (all[0].type !== 'radio' && nth >= all.length)) return name;
			if (all[0].type === 'radio') [...all].find(r => r.value === fields[i + 1]).checked = true;
			else if (all[nth].type === 'checkbox') all[nth].checked = true;
			else all[nth].value = fields[i + 1];
		}
		return '';
	})()`)
	if missing != "" {
		l.T.Fatalf("the form %s has no %s (any more)", action, missing)
	}
	l.Click(`form[action="` + action + `"] button:not([name]):last-of-type`)
}

// at waits until the page at a path is shown.
func (l *laptop) at(path string) {
	l.T.Helper()
	l.Until(`location.pathname === '` + path + `' && document.readyState === 'complete'`)
}

// givePassphrase unlocks, and says not yet who sits there: the desk may hear at any moment that it was removed.
func (l *laptop) givePassphrase() {
	l.T.Helper()
	l.Do(chromedp.WaitVisible(`#passphrase`), chromedp.SendKeys(`#passphrase`, laptopPassphrase), chromedp.Submit(`#passphrase`))
}

func (l *laptop) text(selector string) string {
	l.T.Helper()
	l.Until(`document.querySelector('` + selector + `')`)
	return chrome.Eval[string](l.Page, `document.querySelector('`+selector+`').innerText`)
}

// six are the words in English, whatever the language of the page.
func (l *laptop) six() string {
	l.T.Helper()
	l.Until(`document.querySelectorAll('.six li').length === 6`)
	return chrome.Eval[string](l.Page, `[...document.querySelectorAll('.six li')].map(w => w.lastElementChild.innerText).join(' ')`)
}

// A paper is what a person reads off a printed sheet.
type paper struct{ org, secret string }

// print opens a sheet as its link does, and reads it as a person would.
func (l *laptop) print(path string) paper {
	l.T.Helper()
	l.Do(chromedp.Navigate(l.base + path))
	l.Shot("sheet")
	p := paper{
		org:    l.text(`#fingerprint`),
		secret: chrome.Eval[string](l.Page, `[...document.querySelectorAll('.prefix, .group')].map(g => g.innerText).join(' ')`),
	}
	if len(p.org) < 20 || len(p.secret) < 70 {
		l.T.Fatalf("a sheet has a fingerprint of %d and a secret of %d characters", len(p.org), len(p.secret))
	}
	return p
}

// left lists what a folder holds.
func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return names
}
