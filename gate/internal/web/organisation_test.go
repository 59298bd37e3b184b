package web

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/net/html"

	"panah/core/l10n"
	"panah/core/roster"
	"panah/gate/internal/door"
	"panah/i18n"
)

// A town is a gate whose organisation and intake the test changes while it runs.
type town struct {
	*Handler
	roster atomic.Pointer[roster.Roster]
	taking atomic.Bool
}

func newTown(t *testing.T, site Site) *town {
	t.Helper()
	s := &shelf{t: t}
	w := &town{}
	h, err := New(Config{
		Roster: func() (roster.Roster, bool) {
			r := w.roster.Load()
			if r == nil {
				return roster.Roster{}, false
			}
			return *r, true
		},
		Taking: w.taking.Load,
		Site:   site, Assets: testAssets(), Intake: s, Door: door.New(door.Config{Mailboxes: s}), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Handler = h
	return w
}

func (w *town) found(t *testing.T, name string) {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	w.roster.Store(&roster.Roster{Org: testOrg.ID, Name: name, Serial: 1, Epoch: 1, Recipient: id.Recipient()})
}

// page reads a page and its status.
func (w *town) page(t *testing.T, path string) (int, *html.Node) {
	t.Helper()
	resp := get(t, w, path)
	return resp.StatusCode, read(t, resp)
}

func TestPagesFollowTheGateWithoutARestart(t *testing.T) {
	w := newTown(t, testSite(true))
	for _, path := range []string{"/", "/fa/", "/ur/mailbox", "/en/help"} {
		status, doc := w.page(t, path)
		if status != http.StatusServiceUnavailable {
			t.Errorf("without an organisation %s has status %d", path, status)
		}
		if title := text(one(t, doc, "title")); strings.Contains(title, "Panah · Panah") {
			t.Errorf("%s is titled %q", path, title)
		}
		if len(find(doc, "form")) != 0 || len(find(doc, "", "class", "fp")) != 0 {
			t.Errorf("%s has a form or a fingerprint before there is an organisation", path)
		}
	}
	w.found(t, "Founded")
	for path, want := range map[string]int{"/": 200, "/fa/": 503, "/fa/mailbox": 200, "/fa/help": 200} {
		status, doc := w.page(t, path)
		if status != want {
			t.Errorf("founded and closed: %s has status %d, want %d", path, status, want)
		}
		if path != "/" && !strings.Contains(text(doc), "Founded") {
			t.Errorf("%s does not say whose it is", path)
		}
	}
	w.taking.Store(true)
	if status, doc := w.page(t, "/fa/"); status != 200 || len(find(doc, "form", "id", "letter")) != 1 {
		t.Errorf("open: status %d", status)
	}
	w.found(t, "Renamed")
	if _, doc := w.page(t, "/fa/"); !strings.Contains(text(doc), "Renamed") {
		t.Error("another name is not shown")
	}
	w.taking.Store(false)
	if status, _ := w.page(t, "/fa/"); status != 503 {
		t.Errorf("closed again: status %d", status)
	}
}

func TestTheClosedPageSaysWhatToDo(t *testing.T) {
	w := newTown(t, testSite(true))
	w.found(t, "Clinic")
	for _, l := range l10n.Languages() {
		resp := get(t, w, "/"+l.Code+"/")
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("ETag") != "" {
			t.Errorf("%s: a browser may keep %v", l.Code, resp.Header)
		}
		doc := read(t, resp)
		one(t, doc, "html", "lang", l.Code, "dir", string(l.Dir))
		if n := len(find(one(t, doc, "main"), "li")); n != 3 {
			t.Errorf("%s: %d things to do", l.Code, n)
		}
		one(t, one(t, doc, "main"), "a", "href", "/"+l.Code+"/mailbox")
		if len(find(one(t, doc, "footer"), "a", "href", "/"+l.Code+"/")) != 0 {
			t.Errorf("%s: leads to itself", l.Code)
		}
	}
}

func TestWordsStandWhereALetterIsSealed(t *testing.T) {
	for _, drafts := range []bool{true, false} {
		w := newTown(t, testSite(drafts))
		w.found(t, "Clinic")
		w.taking.Store(true)
		sum, err := roster.Words(testOrg.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range l10n.Languages() {
			in := l
			if !drafts && l.Code != l10n.English {
				in, _ = l10n.Find(l10n.English)
			}
			for path, form := range map[string]string{"/" + l.Code + "/": "letter", "/" + l.Code + "/mailbox": "write"} {
				_, doc := w.page(t, path)
				place := one(t, one(t, doc, "form", "id", form), "div", "class", "compare")
				if got := text(one(t, place, "bdi", "class", "fp", "dir", "ltr")); got != roster.GroupOrgID(testOrg.ID) {
					t.Errorf("%s shows the fingerprint %q", path, got)
				}
				list := one(t, place, "ol", "lang", in.Code, "dir", string(in.Dir))
				var got []string
				for _, li := range find(list, "li") {
					got = append(got, text(li))
				}
				if !slices.Equal(got, i18n.WordsOf(in.Code, sum[:])) {
					t.Errorf("drafts %v: %s shows the words %v", drafts, path, got)
				}
				if class, _ := attr(list, "class"); strings.Contains(class, "draft") != (drafts && l.Code != l10n.English) {
					t.Errorf("drafts %v: the words of %s have the class %q", drafts, path, class)
				}
			}
		}
	}
}

func TestPagesForComparingAreThoseServed(t *testing.T) {
	w := newTown(t, testSite(false))
	w.found(t, testOrg.Name)
	org, err := NewOrganisation(testOrg.ID, testOrg.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, taking := range []bool{true, false} {
		w.taking.Store(taking)
		pages, err := Pages(testAssets(), org, testSite(false), nil, taking)
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range pages {
			resp := get(t, w, path)
			b, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != want.Status || string(b) != string(want.Body) {
				t.Errorf("taking %v: %s is served with status %d as other bytes: %v", taking, path, resp.StatusCode, err)
			}
		}
	}
}
