// Package web is what a person's browser sees of a gate: the pages in five languages, and the same jobs without
// script.
//
// Pages that are the same for everybody are rendered once, from the build, the roster and site.json alone, so that anyone
// can render them again and compare (panah gate verify-pages). Pages that answer a form are rendered in memory, never cached, and carry no script.
// No page sets a cookie, asks a name, or names another host than the operator's own way out.
package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"panah/core/l10n"
	"panah/core/pathway"
	"panah/core/roster"
	"panah/core/rulebook"
	"panah/core/wire"
	"panah/gate/internal/door"
	"panah/i18n"
	"panah/rules"
	webgate "panah/web/gate"
)

// Intake keeps sealed letters.
type Intake interface {
	// Accept makes a sealed letter durable and promises it. box, when given, opens the mailbox or keeps it alive in the same
	// commit. A refusal is a *wire.Error.
	Accept(ctx context.Context, sealed []byte, box *wire.MailboxKey) (wire.Accepted, error)
}

// Config says what the pages are made of. All fields but Shifts and Rules are required.
type Config struct {
	// Roster returns the organisation's current roster; ok is false while the gate has none, and then every
	// page says that the desk is not open yet. It is asked at each request and must be quick.
	Roster func() (r roster.Roster, ok bool)
	// Taking reports whether the organisation takes the public's letters; while it does not, a page in each language stands where
	// the form would. It is asked at each request and must be quick.
	Taking func() bool
	// Shifts are what a desk said last of the times of duty; ok is false when none has. It is asked at each request and must be quick.
	// nil: desks say nothing of that.
	Shifts func() (d wire.Duty, ok bool)
	// Rules is the table of the rulebook that a keeper signed last; nil when none has: then the check answers by the book of the release. It is asked at each
	// request and must be quick. nil: never.
	Rules  func() *rulebook.Table
	Site   Site
	Assets fs.FS // the built folder: webgate.Assets()
	Intake Intake
	Door   *door.Door
	Now    func() time.Time
}

// Handler serves the pages. It is safe for concurrent use.
type Handler struct {
	c     Config
	build *build
	mux   *http.ServeMux

	rendering sync.Mutex               // one rendering at a time
	pages     atomic.Pointer[rendered] // of the organisation that the roster named last, or of none
}

// New reads the build and checks that everything the pages need is there. It renders the pages of the organisation that there is.
func New(c Config) (*Handler, error) {
	if c.Roster == nil || c.Taking == nil || c.Assets == nil || c.Intake == nil || c.Door == nil || c.Now == nil {
		return nil, errors.New("the pages need a roster, whether letters are taken, assets, an intake, a door and a clock")
	}
	b, err := newBuild(c.Site, c.Assets)
	if err != nil {
		return nil, err
	}
	h := &Handler{c: c, build: b}
	h.routes()
	if _, err := h.current(); err != nil {
		return nil, err
	}
	return h, nil
}

// current returns the pages of the organisation that the roster names now, rendering them when it has changed its name, and when somebody comes or goes.
func (h *Handler) current() (*rendered, error) {
	id, name := h.named()
	duty, rules := h.duty(), h.rules()
	if old := h.pages.Load(); old.of(id, name, duty, rules) {
		return old, nil
	}
	h.rendering.Lock()
	defer h.rendering.Unlock()
	old := h.pages.Load()
	if old.of(id, name, duty, rules) {
		return old, nil
	}
	org, err := h.organisation(id, name)
	if err != nil {
		return nil, err
	}
	org.Duty = duty
	now, err := h.build.render(org, rules)
	if err != nil {
		return nil, err
	}
	h.pages.Store(now)
	go h.shrink(now) // ends by itself within half a second
	return now, nil
}

// named is the organisation of the roster; both are empty while there is none.
func (h *Handler) named() (id, name string) {
	r, ok := h.c.Roster()
	if !ok {
		return "", ""
	}
	return r.Org, r.Name
}

// rules are those of a keeper that the check answers by; nil: those of the release.
func (h *Handler) rules() *rulebook.Table {
	if h.c.Rules == nil {
		return nil
	}
	return h.c.Rules()
}

// duty is whether somebody reads now.
func (h *Handler) duty() Duty {
	if h.c.Shifts == nil {
		return Duty{}
	}
	d, ok := h.c.Shifts()
	if !ok {
		return Duty{}
	}
	return DutyAt(d, h.c.Now())
}

// organisation finds the words that go with a fingerprint; another name does not change them.
func (h *Handler) organisation(id, name string) (Organisation, error) {
	if old := h.pages.Load(); old != nil && old.org.ID == id {
		return Organisation{ID: id, Name: name, Words: old.org.Words}, nil
	}
	return NewOrganisation(id, name)
}

// shrink puts better compressed pages in place of now, unless others have come since. When that fails the quickly compressed
// ones stay: they say the same.
func (h *Handler) shrink(now *rendered) {
	if better, err := now.smaller(); err == nil {
		h.pages.CompareAndSwap(now, better)
	}
	debug.FreeOSMemory() // what reading catalogues, rendering and compressing took: a gate may stand idle for hours now
}

// build is everything that does not depend on the organisation.
type build struct {
	site      Site
	words     *l10n.Catalogue
	book      *pathway.Book
	papers    []pathway.Paper
	assets    assets
	icons     map[string]string
	templates templates
	wordIDs   []string // what the script asks for
	checkIDs  []string // what the script of the check asks for
}

func newBuild(site Site, files fs.FS) (*build, error) {
	if err := site.Validate(); err != nil {
		return nil, fmt.Errorf("checking site.json: %w", err)
	}
	b := &build{site: site}
	var err error
	if b.words, err = i18n.Catalogue(site.Drafts); err != nil {
		return nil, err
	}
	if b.book, err = rules.Pathways(i18n.Situations(b.words)); err != nil {
		return nil, err
	}
	if b.papers, err = rules.Papers(); err != nil {
		return nil, err
	}
	if b.assets, err = loadAssets(files); err != nil {
		return nil, err
	}
	if b.icons, err = loadIcons(); err != nil {
		return nil, err
	}
	if b.wordIDs, err = loadWordIDs(webgate.Words()); err != nil {
		return nil, err
	}
	if b.checkIDs, err = loadWordIDs(webgate.CheckWords()); err != nil {
		return nil, err
	}
	b.templates, err = parseTemplates()
	return b, err
}
