package browser

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/internal/testkit/chrome"
)

// TestEveryDeskPageIsAccessible follows every link of the desk from the queue on, one page of each kind, and lets axe look at it: in a left-to-right and a right-to-left language, light and
// dark, on a phone and on a desktop. Nothing sticks out sideways either.
func TestEveryDeskPageIsAccessible(t *testing.T) {
	w := chrome.StartWorld(t)
	person := chrome.Open(t, chrome.View{Name: "en", Lang: "en", Width: 1280, Script: true})
	writeLetter(person, w, "a first letter")
	writeLetter(person, w, "a second letter")
	for i, v := range []chrome.View{
		{Name: "en-light", Lang: "en", Width: 1280, Script: true},
		{Name: "fa-dark", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true},
		{Name: "en-dark", Lang: "en", Width: 360, Phone: true, Dark: true, Script: true},
		{Name: "fa-light", Lang: "fa", Width: 1280, Script: true},
	} {
		t.Run(v.Name, func(t *testing.T) {
			p := chrome.Open(t, v)
			unlock(p, w)
			if i == 0 {
				openLetter(p, "a first letter")
				p.Click(`#opening button.main`)
				p.Until(`document.querySelector('.case-tabs')`)
			}
			crawl(t, p, w)
		})
	}
}

// numbers are what pages of one kind differ in.
var numbers = regexp.MustCompile(`[0-9]+|[0-9a-f]{16,}`)

// crawl looks at one page of every kind that links lead to.
func crawl(t *testing.T, p *chrome.Page, w *chrome.World) {
	t.Helper()
	seen, queue := map[string]bool{}, []string{"/"}
	visited := 0
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := numbers.ReplaceAllString(path, "N")
		if seen[kind] || !isPage(path) {
			continue
		}
		seen[kind] = true
		if visited > 0 && !strings.HasPrefix(chrome.Eval[string](p, `fetch(`+strconv.Quote(path)+`).then(r => r.headers.get("content-type") ?? "")`), "text/html") {
			continue // a file to keep
		}
		p.Do(chromedp.Navigate(w.DeskAt(t, path)), chromedp.WaitReady(`#main`))
		visited++
		p.Check(fmt.Sprintf("%02d%s", visited, strings.NewReplacer("?", "_", "=", "_", "&", "_").Replace(kind)))
		queue = append(queue, chrome.Eval[[]string](p, `[...document.querySelectorAll('a[href^="/"]')].map(a => a.getAttribute('href').split('#')[0])`)...)
	}
	t.Logf("%d kinds of page", visited)
	for _, must := range []string{"/", "/thread/N", "/thread/N?tab=situation", "/thread/N?tab=tasks", "/thread/N?tab=notes", "/thread/N?tab=timeline", "/thread/N?tab=details", "/tasks", "/new", "/keys", "/about", "/alarms", "/?show=all"} {
		if !seen[must] {
			t.Errorf("no link leads to %s", must)
		}
	}
}

// isPage leaves out what is no page: files, feeds, and the many ways to narrow one list.
func isPage(path string) bool {
	for _, no := range []string{"/part/", "/calendar/", "/static/", "urgency=", "page="} {
		if strings.Contains(path, no) {
			return false
		}
	}
	return true
}
