package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"panah/core/l10n"
	"panah/core/roster"
	"panah/gate/internal/door"
	"panah/i18n"
)

//go:embed templates/*.html
var templateFiles embed.FS

// templates are all templates; each page is the template of its name inside the template "layout".
type templates struct{ *template.Template }

func parseTemplates() (templates, error) {
	t, err := template.New("").ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return templates{}, fmt.Errorf("parsing the page templates: %w", err)
	}
	return templates{t}, nil
}

// view is what every page struct embeds: the words of its language and what the layout shows.
type view struct {
	Lang   l10n.Language
	Page   string // data-page, and the name of its template
	Title  string // id of the word in the title
	Org    Organisation
	Site   Site
	Static bool // the same for everybody: it may load the script
	Body   template.HTML
	// Words are the texts that the script shows, by id; nil on pages whose script shows none. WordsDraft: some are unchecked.
	Words      map[string]string
	WordsDraft bool

	b     *build
	seen  map[l10n.State]bool // states of the words shown so far
	ids   map[string]bool     // nil outside of tests: ids looked up
	limit limits
}

// maxMinutes is how long a voice letter may be; door.MaxVoice bytes hold as much of it.
const maxMinutes = 3

// limits are the numbers that sentences name.
type limits struct{ Minutes, Photos, Letters int }

func (b *build) view(lang l10n.Language, name, title string, org Organisation) *view {
	return &view{
		Lang: lang, Page: name, Title: title, Org: org, Site: b.site, b: b, seen: map[l10n.State]bool{},
		limit: limits{Minutes: maxMinutes, Photos: door.MaxPhotos, Letters: door.MaxStory},
	}
}

// write renders a page: its body first, since the layout says on top whether the body has unchecked words.
func (b *build) write(v *view, data any) ([]byte, error) {
	if ids := map[string][]string{"intake": b.wordIDs, "mailbox": b.wordIDs, "check": b.checkIDs}[v.Page]; v.Static && ids != nil {
		if err := v.scriptWords(ids); err != nil {
			return nil, err
		}
	}
	var body, whole bytes.Buffer
	if err := b.templates.ExecuteTemplate(&body, v.Page, data); err != nil {
		return nil, fmt.Errorf("rendering %s in %s: %w", v.Page, v.Lang.Code, err)
	}
	v.Body = template.HTML(body.String()) //nolint:gosec // html/template escaped it one line above
	if err := b.templates.ExecuteTemplate(&whole, "layout", v); err != nil {
		return nil, fmt.Errorf("rendering the frame of %s in %s: %w", v.Page, v.Lang.Code, err)
	}
	return whole.Bytes(), nil
}

// text looks up a word. An unknown id is a mistake in a template: it stops the rendering, and so the gate at its start.
func (v *view) text(id string) (l10n.Text, error) {
	t, ok := v.b.words.Text(v.Lang.Code, i18n.Intake+id)
	if !ok {
		return t, fmt.Errorf("there is no text with the id %q", id)
	}
	v.seen[t.State] = true
	if v.ids != nil {
		v.ids[id] = true
	}
	return t, nil
}

// T writes a text, marked when nobody has checked it. Pairs of names and values fill its placeholders, each isolated.
func (v *view) T(id string, values ...any) (template.HTML, error) {
	t, err := v.text(id)
	if err != nil {
		return "", err
	}
	fill := map[string]string{}
	for i := 0; i+1 < len(values); i += 2 {
		fill[fmt.Sprint(values[i])] = v.value(t, values[i+1])
	}
	var b strings.Builder
	for _, p := range l10n.Fill(t.Text, fill) {
		if p.Value {
			b.WriteString("<bdi>" + template.HTMLEscapeString(p.Text) + "</bdi>")
			continue
		}
		b.WriteString(template.HTMLEscapeString(p.Text))
	}
	return template.HTML(mark(t, b.String())), nil //nolint:gosec // every piece is escaped above
}

// value writes a value in the digits of the text that it goes into; names stay as they are.
func (v *view) value(t l10n.Text, value any) string {
	n, ok := value.(int)
	if !ok {
		return fmt.Sprint(value)
	}
	if t.State == l10n.Fallback {
		return strconv.Itoa(n)
	}
	return v.Lang.Digits.Shape(strconv.Itoa(n))
}

func mark(t l10n.Text, html string) string {
	switch t.State {
	case l10n.Draft:
		return `<span class="draft">` + html + `</span>`
	case l10n.Fallback:
		return `<span lang="en" dir="ltr" class="fb">` + html + `</span>`
	}
	return html
}

// Plain is a text for places that hold no element (title, option), with what the element itself has to say about it.
type Plain struct{ Text, Lang, Dir string }

// P looks up a text for such a place.
func (v *view) P(id string) (Plain, error) {
	t, err := v.text(id)
	dir := v.Lang.Dir
	if t.State == l10n.Fallback {
		dir = l10n.LeftToRight
	}
	return Plain{t.Text, t.Lang, string(dir)}, err
}

// Icon draws an icon inline. It is hidden from screen readers: a word always stands beside it.
func (v *view) Icon(name string) (template.HTML, error) {
	inside, ok := v.b.icons[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q", name)
	}
	class := "i"
	if name == "door" || name == "letter-arrow" || name == "road-home" { // arrows point the other way in right-to-left scripts
		class = "i flip"
	}
	return template.HTML(`<svg class="` + class + `" viewBox="0 0 24 24" aria-hidden="true">` + inside + `</svg>`), nil //nolint:gosec // from our own embedded files
}

// Minutes, Photos and Letters are the limits that sentences name.
func (v *view) Minutes() int { return v.limit.Minutes }

// Photos is how many photos a letter holds.
func (v *view) Photos() int { return v.limit.Photos }

// Letters is how many characters a story holds.
func (v *view) Letters() int { return v.limit.Letters }

// Drafts reports whether the page shows translations that nobody has checked.
func (v *view) Drafts() bool { return v.seen[l10n.Draft] }

// Fallbacks reports whether the page shows English in place of such translations.
func (v *view) Fallbacks() bool { return v.seen[l10n.Fallback] }

// Fingerprint is the organisation's, in groups of four.
func (v *view) Fingerprint() string { return roster.GroupOrgID(v.Org.ID) }

// OrgWords are the eight words of the organisation's fingerprint, marked like every text: English stands in place of a list that nobody
// has checked, unless drafts are shown.
func (v *view) OrgWords() OrgWords {
	w := OrgWords{Plain: Plain{Lang: v.Lang.Code, Dir: string(v.Lang.Dir)}, State: l10n.Reviewed}
	switch {
	case i18n.WordsReviewed(v.Lang.Code):
	case v.Site.Drafts:
		w.State = l10n.Draft
	default:
		w.State, w.Lang, w.Dir = l10n.Fallback, l10n.English, string(l10n.LeftToRight)
	}
	v.seen[w.State] = true
	w.List = i18n.WordsOf(w.Lang, v.Org.Words[:])
	return w
}

// OrgWords are words in one language; Text of Plain is not used.
type OrgWords struct {
	Plain
	State l10n.State
	List  []string
}

// Asset is the address of a built file.
func (v *view) Asset(name string) string { return v.b.assets.names[name] }

// Script is the address of the page's own script.
func (v *view) Script() string {
	if v.Page == "check" {
		return v.Asset("check.js")
	}
	return v.Asset("app.js")
}

// Home is the address of the language's first page.
func (v *view) Home() string { return "/" + v.Lang.Code + "/" }

// Has reports whether there is an organisation.
func (v *view) Has() bool { return v.Org.ID != "" }

// scriptWords looks up what the script shows. It has no way to mark single words, so the page marks its places.
func (v *view) scriptWords(ids []string) error {
	v.Words = make(map[string]string, len(ids))
	for _, id := range ids {
		t, err := v.text(id)
		if err != nil {
			return fmt.Errorf("the words of a script: %w", err)
		}
		v.Words[id] = t.Text
		v.WordsDraft = v.WordsDraft || t.State == l10n.Draft
	}
	return nil
}
