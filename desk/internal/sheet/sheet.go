// Package sheet makes the printed page that a custodian keeps, and reads back what people type from it.
//
// A page is one file without script, link or request: it can be opened on a machine that has no network. It holds a secret;
// this package writes it nowhere.
package sheet

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"panah/core/l10n"
	"panah/core/qrcode"
	"panah/core/roster"
	"panah/i18n"
)

//go:embed sheet.html
var page string

// A Sheet is what one custodian keeps. It prints as "[recovery sheet a]".
type Sheet struct {
	Name     string  // of the organisation
	Org      string  // fingerprint, 20 characters
	Words    [8]byte // the fingerprint in words: numbers in the lists of i18n
	Letter   byte    // 'a' to 'e'
	Needed   int     // how many sheets bring the organisation back
	Of       int     // how many there are
	Made     time.Time
	Gate     string // "https://help.example.org"
	Lang     string // language beside English; "" or "en": English alone
	Identity *age.HybridIdentity
}

// String hides the secret.
func (s Sheet) String() string { return "[recovery sheet " + string(s.Letter) + "]" }

// GoString hides the secret.
func (s Sheet) GoString() string { return s.String() }

// FileName is the name of the page's file: "sheet-a.html".
func (s Sheet) FileName() string { return "sheet-" + string(s.Letter) + ".html" }

// groupLength is how many characters of the key stand together: as many as people keep in mind while they type.
const groupLength = 4

// keyPrefix begins every secret key of a sheet.
const keyPrefix = "AGE-SECRET-KEY-PQ-1"

// A view is a Sheet as the template wants it.
type view struct {
	Sheet
	Upper       string // the letter as people say it
	Fingerprint string
	Date        string
	Prefix      string
	Groups      []string
	QR          template.HTML
	Langs       []language
	Back        string   // the command of panah
	Stock       []string // the commands of curl and age
	Files       string   // names of the files that this sheet has a part in
}

// A language is the page's words in one language.
type language struct {
	l10n.Language
	Draft                                                                                                          bool
	Title, Needed, Made, Keep, Fingerprint, Secret, Typing, BackHead, BackHow, StockHead, StockHow, New, Unchecked string
	Words                                                                                                          []string
}

// HTML is the page. The same Sheet gives the same bytes.
func (s Sheet) HTML() ([]byte, error) {
	key := s.Identity.String()
	code, err := qrcode.SVG(key, "QR: "+s.FileName(), qrcode.Paper)
	if err != nil {
		return nil, err
	}
	data, ok := strings.CutPrefix(key, keyPrefix)
	if !ok {
		return nil, fmt.Errorf("making sheet %c: its key is of another kind", s.Letter)
	}
	v := view{
		Sheet: s, Upper: strings.ToUpper(string(s.Letter)), Fingerprint: roster.GroupOrgID(s.Org), Date: s.Made.UTC().Format(time.DateOnly),
		Prefix: keyPrefix, Groups: groups(data), QR: code,
		Back: "panah desk recover --gate " + s.Gate + " --org " + s.Org,
	}
	v.Stock, v.Files = s.stock()
	if v.Langs, err = s.languages(v); err != nil {
		return nil, err
	}
	t, err := template.New("sheet").Funcs(template.FuncMap{"inc": func(n int) int { return n + 1 }}).Parse(page)
	if err != nil {
		return nil, fmt.Errorf("reading the sheet's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("making sheet %c: %w", s.Letter, err)
	}
	return b.Bytes(), nil
}

// groups cuts a key's data part.
func groups(data string) []string {
	var out []string
	for g := range slices.Chunk([]byte(data), groupLength) {
		out = append(out, string(g))
	}
	return out
}

// stock is how the tools age and curl open the epoch file of one subset with this sheet (docs/formats-keys.md, section 5), and the
// names of the files of all of them.
func (s Sheet) stock() (commands []string, files string) {
	var names []string
	first := ""
	for _, subset := range subsets(s.Needed, s.Of) {
		if !strings.ContainsRune(subset, rune(s.Letter)) {
			continue
		}
		if first == "" {
			first = subset
		}
		names = append(names, "epoch-"+subset+".age")
	}
	file := "epoch-" + first + ".age"
	open := "age -d -i " + first[:1] + ".txt " + file
	for _, letter := range first[1:] {
		open += " | age -d -i " + string(letter) + ".txt"
	}
	return []string{
		"curl -fsS -o " + file + " " + s.Gate + "/recovery/" + file,
		open + " > epoch.txt",
		"age -d -i epoch.txt LETTER",
	}, strings.Join(names, ", ")
}

// subsets lists the letters of every choice of needed sheets, in order: "ab", "ac", "bc".
func subsets(needed, of int) []string {
	var out []string
	var choose func(prefix string, from int)
	choose = func(prefix string, from int) {
		if len(prefix) == needed {
			out = append(out, prefix)
			return
		}
		for i := from; i < of; i++ {
			choose(prefix+string(rune('a'+i)), i+1)
		}
	}
	choose("", 0)
	return out
}

// languages are English and, when there is one, the desk's own.
func (s Sheet) languages(v view) ([]language, error) {
	words, err := i18n.Sheet()
	if err != nil {
		return nil, err
	}
	codes := []string{l10n.English}
	if s.Lang != "" && s.Lang != l10n.English {
		codes = append(codes, s.Lang)
	}
	var out []language
	for _, code := range codes {
		l, ok := l10n.Find(code)
		if !ok {
			return nil, fmt.Errorf("making sheet %c: there is no language %q", s.Letter, code)
		}
		out = append(out, s.language(words, l, v))
	}
	return out, nil
}

// language fills the words of one language.
func (s Sheet) language(words *l10n.Catalogue, l l10n.Language, v view) language {
	out := language{Language: l}
	say := func(id string) string {
		t, _ := words.Text(l.Code, id)
		out.Draft = out.Draft || t.State == l10n.Draft
		var b strings.Builder
		shape := l.Digits.Shape
		for _, p := range l10n.Fill(t.Text, map[string]string{"letter": v.Upper, "needed": shape(fmt.Sprint(s.Needed)), "of": shape(fmt.Sprint(s.Of)), "date": v.Date}) {
			if p.Value && l.Dir == l10n.RightToLeft {
				// Isolated, left to right: after Arabic letters "2026-11-23" would be read from its end.
				p.Text = "\u2066" + p.Text + "\u2069"
			}
			b.WriteString(p.Text)
		}
		return b.String()
	}
	for into, id := range map[*string]string{
		&out.Title: "sheet.title", &out.Needed: "sheet.needed", &out.Made: "sheet.made", &out.Keep: "sheet.keep", &out.Fingerprint: "sheet.fingerprint",
		&out.Secret: "sheet.secret", &out.Typing: "sheet.typing", &out.BackHead: "sheet.back", &out.BackHow: "sheet.back_how",
		&out.StockHead: "sheet.stock", &out.StockHow: "sheet.stock_how", &out.New: "sheet.new", &out.Unchecked: "sheet.draft",
	} {
		*into = say(id)
	}
	for _, b := range s.Words {
		out.Words = append(out.Words, i18n.Word(l.Code, b))
	}
	return out
}

// A Page is a sheet as HTML, ready to print. It prints as "[recovery sheet a]".
type Page struct {
	Letter string // "a" to "e"
	HTML   []byte
}

// String hides the secret.
func (p Page) String() string { return "[recovery sheet " + p.Letter + "]" }

// GoString hides the secret.
func (p Page) GoString() string { return p.String() }

// FileName is the name of the page's file: "sheet-a.html".
func (p Page) FileName() string { return "sheet-" + p.Letter + ".html" }
