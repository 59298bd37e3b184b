package web

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strings"

	"panah/core/l10n"
	"panah/core/roster"
	"panah/core/rulebook"
)

// Organisation is what the pages say of the organisation; the zero value is a gate that has none yet.
type Organisation struct {
	ID    string  // fingerprint, 20 characters
	Name  string  // as the roster has it
	Words [8]byte // of the fingerprint, for comparing with a poster; each is a line of i18n/words
	Duty  Duty    // whether somebody reads now
}

// NewOrganisation computes the words that go with a fingerprint, which takes a tenth of a second and 32 MiB.
func NewOrganisation(id, name string) (Organisation, error) {
	if id == "" {
		return Organisation{}, nil
	}
	words, err := roster.Words(id)
	if err != nil {
		return Organisation{}, fmt.Errorf("preparing the pages: %w", err)
	}
	return Organisation{ID: id, Name: name, Words: words}, nil
}

// rendered are the static pages of one organisation in both states of its intake, so that opening it takes no time.
type rendered struct {
	org   Organisation
	rules *rulebook.Table // a keeper's, that the check answers by; nil: those of the release
	pages map[string]page // while letters are taken, but those of the check; empty without an organisation
	// checks makes the pages of the check when somebody first asks for one: reading rules and working out what they say takes longer, and more memory, than all else
	// that a gate does at its start. nil without an organisation.
	checks func() (*checks, error)
	// closed are the pages that stand in place of those while none are: by path too.
	closed map[string]page
}

// of reports whether these are the pages of an organisation; r may be nil.
func (r *rendered) of(id, name string, d Duty, rules *rulebook.Table) bool {
	return r != nil && r.org.ID == id && r.org.Name == name && r.org.Duty == d && r.rules == rules
}

// at is the page of a path, while letters are taken.
func (r *rendered) at(path string) (p page, ok bool, err error) {
	if r.checks == nil || !strings.HasSuffix(path, "/check") {
		p, ok = r.pages[path]
		return p, ok, nil
	}
	c, err := r.checks()
	if err != nil {
		return page{}, false, err
	}
	p, ok = c.pages[path]
	return p, ok, nil
}

// Answer is one page as a gate serves it.
type Answer struct {
	Status int
	Body   []byte
}

// Pages renders the static pages as a gate with this build, organisation and site serves them, by path ("/", "/fa-AF/help", …), for comparison.
// rules are those that the check answers by; nil: those of the release. taking says which of them: of a gate that takes letters, or of one that does not.
func Pages(assets fs.FS, org Organisation, site Site, rules *rulebook.Table, taking bool) (map[string]Answer, error) {
	b, err := newBuild(site, assets)
	if err != nil {
		return nil, err
	}
	r, err := b.render(org, rules)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Answer, len(r.pages))
	if r.checks != nil {
		c, err := r.checks()
		if err != nil {
			return nil, err
		}
		for path, p := range c.pages {
			out[path] = Answer{http.StatusOK, p.plain}
		}
	}
	for path, p := range r.pages {
		out[path] = Answer{http.StatusOK, p.plain}
	}
	if !taking {
		for path, p := range r.closed {
			out[path] = Answer{http.StatusServiceUnavailable, p.plain}
		}
	}
	return out, nil
}

// IntakePath is a page by which anyone sees whether a gate takes letters: 200 when it does, 503 when it does not.
const IntakePath = "/" + l10n.English + "/"

// closedPage stands where the form would, while no letters are taken: what that means, and what to do instead.
type closedPage struct{ *view }

// renderClosed renders the pages that are served while no letters are taken: in place of every form, and without an organisation in
// place of everything.
func (b *build) renderClosed(org Organisation) (map[string]page, error) {
	pages := map[string]page{}
	for _, l := range l10n.Languages() {
		p := &closedPage{b.view(l, "closed", "closed_title", org)}
		p.Static = true
		html, err := b.write(p.view, p)
		if err != nil {
			return nil, err
		}
		// Never compressed: the answer changes with the next moment, and is small.
		one := page{contentType: typePage, plain: html}
		pages["/"+l.Code+"/"] = one
		if org.ID == "" {
			maps.Copy(pages, map[string]page{"/" + l.Code + "/mailbox": one, "/" + l.Code + "/help": one})
		}
	}
	if org.ID != "" {
		return pages, nil
	}
	home := b.home(org)
	home.Static = true
	html, err := b.write(home.view, home)
	pages["/"] = page{contentType: typePage, plain: html}
	return pages, err
}
