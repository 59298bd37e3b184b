package poster

import (
	"strings"

	"panah/core/l10n"
	"panah/core/typeset"
)

// printer makes documents of an order.
type printer struct {
	Order
	words *l10n.Catalogue
}

// say is a text in a language with values in it, as runs.
func (p printer) say(lang, id string, values map[string]string) (runs []typeset.Run) {
	t, ok := p.words.Text(lang, "poster."+id)
	if !ok {
		return []typeset.Run{{Text: "poster." + id, Lang: l10n.English}}
	}
	for _, piece := range l10n.Fill(t.Text, values) {
		runs = append(runs, typeset.Run{Text: piece.Text, Lang: t.Lang, Filled: piece.Value})
	}
	return runs
}

// shown is the address as people type it: without https:// and a slash at the end.
func (p printer) shown() []typeset.Run {
	text := strings.TrimSuffix(strings.TrimPrefix(p.Address, "https://"), "/")
	return []typeset.Run{{Text: text, Lang: l10n.English, Bold: true}}
}

func center(points float64, runs []typeset.Run) typeset.Block {
	return typeset.Paragraph{Runs: runs, Align: typeset.Center, Points: points}
}

// Sizes on an A4 poster at scale 1, in points. From three metres letters of 7 mm and more are read well; capitals are 0.71 of the size.
const (
	headlineSize = 39.0
	lineSize     = 11.0
	addressSize  = 25.0
	codeSide     = 58.0 // mm, of code 1
)

// paperScale is how much larger things are on a paper than on A4.
func (p printer) paperScale() float64 {
	if p.Page == typeset.A3 {
		return 1.414
	}
	return 1
}

// wall is a poster: what each language says stands together, with a line to the next; the code and the address are for everybody. scale is of the letters,
// code of the QR code and the address below it.
func (p printer) wall(scale, code float64) typeset.Document {
	k := scale * p.paperScale()
	d := typeset.Document{Lang: p.Langs[0], Title: p.title(), Page: p.Page, Margin: 15 * p.paperScale()}
	for i, l := range p.Langs {
		if i > 0 {
			d.Blocks = append(d.Blocks, typeset.Rule{MM: 60 * p.paperScale()})
		}
		d.Blocks = append(d.Blocks, p.group(l, k)...)
	}
	d.Blocks = append(d.Blocks, typeset.Space{MM: 2 * k},
		typeset.QR{Text: p.Address, MM: codeSide * code * p.paperScale()}, center(p.addressPoints(code), p.shown()))
	if p.Name != "" {
		d.Blocks = append(d.Blocks, center(lineSize*k, []typeset.Run{{Text: p.Name, Filled: true, Bold: true}}))
	}
	return d
}

// group is what a poster says in one language.
func (p printer) group(l string, k float64) []typeset.Block {
	lines := [][]typeset.Run{p.say(l, "free", nil)}
	if p.SMS != "" {
		lines = append(lines, p.say(l, "sms", map[string]string{"number": p.SMS}))
	}
	if w := p.Words[l]; len(w) > 0 {
		lines = append(lines, p.say(l, "words", map[string]string{"words": strings.Join(w, " ")}))
	}
	lines = append(lines, p.say(l, "honest", nil))
	var runs []typeset.Run
	for i, line := range lines {
		if i > 0 {
			runs = append(runs, typeset.Run{Text: "\n", Lang: line[0].Lang})
		}
		runs = append(runs, line...)
	}
	return []typeset.Block{typeset.Heading{Level: 1, Runs: p.say(l, "headline", nil), Align: typeset.Center, Points: headlineSize * k}, center(lineSize*k, runs)}
}

// addressPoints is the size of the address below a code.
func (p printer) addressPoints(code float64) float64 { return addressSize * code * p.paperScale() }

// fits reports whether every headline and the address stand in one line.
func (p printer) fits(f *typeset.Fonts, scale, code float64) bool {
	k := scale * p.paperScale()
	width := (p.paper() - 30) * p.paperScale()
	for _, l := range p.Langs {
		if f.Width(p.say(l, "headline", nil), l, headlineSize*k, true) > width {
			return false
		}
	}
	return f.Width(p.shown(), l10n.English, p.addressPoints(code), true) <= width
}

// paper is the width of A4; A3 is larger by paperScale.
func (printer) paper() float64 { return 210 }

func (p printer) title() string {
	t, _ := p.words.Text(p.Langs[0], "poster.headline")
	return t.Text
}

// pocket is a poster small enough for a pocket: one card for each language, one on a page.
func (p printer) pocket() typeset.Document {
	g := typeset.Grid{Columns: 1, Width: 85, Height: 53.9, Pad: 3, Points: 7}
	for _, l := range p.Langs {
		cell := []typeset.Block{
			typeset.Heading{Level: 1, Runs: p.say(l, "headline", nil), Align: typeset.Center, Points: 12},
			center(6.5, p.say(l, "free", nil)),
			typeset.QR{Text: p.Address, MM: 21},
			center(8, p.shown()),
		}
		if p.SMS != "" {
			cell = append(cell, center(6, p.say(l, "sms", map[string]string{"number": p.SMS})))
		}
		g.Cells = append(g.Cells, cell)
	}
	return typeset.Document{Lang: p.Langs[0], Title: p.title(), Page: typeset.Card, Margin: 0.01, Blocks: []typeset.Block{g}}
}

// rowsOfCards is how many cards of 54 mm stand one below another on A4.
const rowsOfCards = 5

// cards are rights cards: each is folded in the middle, the holder's language on one side and the officials' on the other. On A4 and A3 there are as many as
// fit, with lines to cut along; on card paper every side is a page. points is the size of the sentences.
func (p printer) cards(points float64) typeset.Document {
	d := typeset.Document{Lang: p.Langs[0], Title: p.cardTitle(), Page: p.Page, Margin: 12}
	g := typeset.Grid{Columns: 2, Width: 85, Height: 54, Pad: 4, Points: points, Cut: true}
	n := max(rowsOfCards, len(p.Langs))
	switch p.Page {
	case typeset.A3:
		g.Columns, n = 2, 7
		n = max(n, len(p.Langs))
	case typeset.Card:
		g.Columns, g.Cut, g.Height, n = 1, false, 53.9, len(p.Langs)
		d.Margin = 0.01
	}
	for i := range n {
		l := p.Langs[i%len(p.Langs)]
		g.Cells = append(g.Cells, p.side(l, "card_title", points), p.side(p.Officials, "card_shown", points))
	}
	d.Blocks = []typeset.Block{g}
	return d
}

func (p printer) cardTitle() string {
	t, _ := p.words.Text(p.Langs[0], "poster.card_title")
	return t.Text
}

// side is one side of a rights card.
func (p printer) side(lang, title string, points float64) []typeset.Block {
	list := typeset.List{Ordered: true}
	for _, id := range []string{"card_1", "card_2", "card_3", "card_4", "card_5"} {
		list.Items = append(list.Items, p.say(lang, id, nil))
	}
	blocks := []typeset.Block{typeset.Heading{Level: 1, Runs: p.say(lang, title, nil), Points: points * 1.2}, list}
	if title == "card_title" {
		blocks = append(blocks, typeset.Paragraph{Runs: p.say(lang, "card_calm", nil), Points: points * 0.85})
	}
	foot := p.say(lang, "card_version", map[string]string{"version": p.Version})
	if p.Address != "" {
		foot = append(append(foot, typeset.Run{Text: " · ", Lang: foot[0].Lang}), p.shown()...)
		foot[len(foot)-1].Filled = true
	}
	return append(blocks, typeset.Paragraph{Runs: foot, Points: 5})
}
