package web

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"panah/core/calendar"
	"panah/core/l10n"
	"panah/core/rulebook"
	"panah/i18n"
	"panah/rules"
)

// checkPage tells what published rules say about a kind of paper. With script everything happens in the browser; without, Go answers the form.
type checkPage struct {
	*view
	Groups  []paperGroup
	Rounds  bool // some kind has rounds
	Months  []monthGroup
	Form    checkForm // what was chosen, when the form has to be shown again
	Problem *problem  // nil when all is well
	Told    *told     // nil: nothing was asked
	Data    *checkData
}

// paperGroup are the kinds of one issuer.
type paperGroup struct {
	Title  string // id of a text
	Open   bool   // the chosen kind is in it
	Papers []paperTile
}

type paperTile struct {
	ID, Name, Lang, Dir string
	About               string // id of a plain description; "" for kinds that the catalogue does not have
	Chosen              bool
}

// monthGroup are the months of one calendar: choosing one chooses the calendar.
type monthGroup struct {
	Title  Plain
	Months []monthChoice
}

type monthChoice struct {
	Value, Text string // "solar-12", "۱۲ اسفند"
	Chosen      bool
}

// checkData is what the script works with, beside the words.
type checkData struct {
	Table  json.RawMessage       `json:"table"`
	Rounds map[string][]int      `json:"rounds"` // of the kinds that have rounds
	Read   int                   `json:"read"`   // when the sources were last read, days since 1970
	Months map[string][12]string `json:"months"` // in the reader's language, by calendar
}

// issuers are the groups of kinds, by country code.
var issuers = [...][2]string{{"IR", "check_ir"}, {"PK", "check_pk"}, {"AF", "check_af"}, {"", "check_other"}}

func (b *build) check(l l10n.Language, org Organisation, t *rulebook.Table, f checkForm) *checkPage {
	p := &checkPage{view: b.view(l, "check", "check_title", org), Form: f}
	for _, issuer := range issuers {
		g := paperGroup{Title: issuer[1]}
		for _, paper := range t.Rulebook().Papers() {
			known := slices.ContainsFunc(issuers[:3], func(i [2]string) bool { return i[0] == paper.IssuedBy })
			if paper.ID == rulebook.None || known && paper.IssuedBy != issuer[0] || !known && issuer[0] != "" {
				continue
			}
			tile := p.tile(paper, f.Kind)
			g.Open = g.Open || tile.Chosen
			g.Papers = append(g.Papers, tile)
			p.Rounds = p.Rounds || len(paper.Rounds) > 0
		}
		if len(g.Papers) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	for _, in := range calendar.Names() {
		p.Months = append(p.Months, p.months(in, f.Month))
	}
	return p
}

// tile is one kind of paper, in the reader's language as far as the book has a name in it.
func (p *checkPage) tile(paper rulebook.Paper, chosen string) paperTile {
	name, lang := nameOf(paper, p.Lang.Code)
	in, _ := l10n.Find(lang)
	t := paperTile{ID: paper.ID, Name: name, Lang: lang, Dir: string(in.Dir), Chosen: paper.ID == chosen}
	about := "check_p_" + strings.ReplaceAll(paper.ID, "-", "_")
	if p.b.words.Has(l10n.English, i18n.Intake+about) {
		t.About = about
	}
	return t
}

// nameOf is a paper's name in a language, in one that its readers understand, or in English.
func nameOf(paper rulebook.Paper, lang string) (name, in string) {
	for _, code := range append([]string{lang}, neighbours[lang]...) {
		if name := paper.Names[code]; name != "" {
			return name, code
		}
	}
	return paper.Names[l10n.English], l10n.English
}

// neighbours are languages in which a paper's name is understood, best first: cards are known by the name that is printed on them.
var neighbours = map[string][]string{"fa": {"fa-AF"}, "fa-AF": {"fa"}, "ps": {"fa-AF", "fa"}}

// months lists the months of a calendar with their numbers: papers write months as numbers more often than by name.
func (p *checkPage) months(in calendar.Name, chosen string) monthGroup {
	g := monthGroup{}
	g.Title, _ = p.P("check_" + string(in)) // the words are all there: pages_test.go
	for m := 1; m <= 12; m++ {
		value := string(in) + "-" + strconv.Itoa(m)
		text := p.Lang.Digits.Shape(strconv.Itoa(m)) + " " + calendar.MonthOf(in, m, p.Lang.Code)
		if other := otherMonth(in, m, p.Lang.Code); other != "" {
			text += " (" + other + ")"
		}
		g.Months = append(g.Months, monthChoice{value, text, value == chosen})
	}
	return g
}

// otherMonth is what a solar month is called across the border: papers of Iran are held by readers of Dari and Pashto, and the other way about.
func otherMonth(in calendar.Name, m int, lang string) string {
	if in != calendar.Solar {
		return ""
	}
	switch lang {
	case "fa":
		return calendar.MonthOf(in, m, "fa-AF")
	case "fa-AF", "ps":
		return calendar.MonthOf(in, m, "fa")
	}
	return ""
}

// data is what the script needs.
func (p *checkPage) data(b *rulebook.Book, table []byte) *checkData {
	d := &checkData{Table: table, Rounds: map[string][]int{}, Read: rulebook.DayNumber(b.ReadOn()), Months: map[string][12]string{}}
	for _, paper := range b.Papers() {
		if len(paper.Rounds) > 0 {
			d.Rounds[paper.ID] = paper.Rounds
		}
	}
	for _, in := range calendar.Names() {
		var names [12]string
		for m := range names {
			names[m] = calendar.MonthOf(in, m+1, p.Lang.Code)
		}
		d.Months[string(in)] = names
	}
	return d
}

// day is a day in both calendars, the reader's own first. A dot between them would look like a Persian zero.
func (v *view) day(t time.Time) string {
	gregorian, solar := calendar.Both(t, v.Lang.Code)
	switch {
	case solar == "":
		return gregorian
	case v.Lang.Code == "fa", v.Lang.Code == "fa-AF", v.Lang.Code == "ps":
		return solar + " (" + gregorian + ")"
	}
	return gregorian + " (" + solar + ")"
}

// ReleaseRules is the table of the book that this build was released with. It is worked out once: it cannot change.
func ReleaseRules() (*rulebook.Table, error) { return releaseRules() }

var releaseRules = sync.OnceValues(func() (*rulebook.Table, error) {
	book, err := rules.Rulebook()
	if err != nil {
		return nil, fmt.Errorf("reading the rulebook of this release: %w", err)
	}
	table, err := book.Table()
	debug.FreeOSMemory() // a hundred megabytes were worked through, once: what a gate keeps of them is a small part
	return table, err
})

// checks are the pages of the check, and what they answer by.
type checks struct {
	rules *rulebook.Table
	pages map[string]page
}

// renderChecks renders the check in every language; t is nil for the rules of the release.
func (b *build) renderChecks(org Organisation, t *rulebook.Table) (*checks, error) {
	if t == nil {
		var err error
		if t, err = ReleaseRules(); err != nil {
			return nil, err
		}
	}
	c := &checks{rules: t, pages: map[string]page{}}
	table := pageTable(t)
	for _, l := range l10n.Languages() {
		check := b.check(l, org, t, checkForm{})
		check.Data = check.data(t.Rulebook(), table)
		check.Static = true
		html, err := b.write(check.view, check)
		if err != nil {
			return nil, err
		}
		p, err := packed(html)
		if err != nil {
			return nil, err
		}
		p.closed = true
		c.pages["/"+l.Code+"/check"] = p
	}
	return c, nil
}

// pageTable is what pages carry of a table: they answer about today, and no today is before the rules were read.
func pageTable(t *rulebook.Table) []byte {
	return t.From(rulebook.DayNumber(t.Rulebook().ReadOn())).Bytes()
}
