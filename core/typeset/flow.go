package typeset

import (
	"fmt"
	"math"

	"rsc.io/qr"

	"panah/core/l10n"
)

// placed is a line of text inside a slab. x is its left end and y its baseline, from the slab's top left corner, in points.
type placed struct {
	text   *shaped
	line   line
	leaves []*element // of each segment; nil: not read
	size   float64
	x, y   float64
}

// slab is a strip of a page that is not broken.
type slab struct {
	before float64 // space above, dropped at the top of a page
	height float64
	keep   bool // on the same page as the next
	lines  []placed
	rules  []stroke
	codes  []code
	head   []slab // of the table that it is of: drawn again at the top of a page
}

// style is how a paragraph is set.
type style struct {
	size    float64
	leading float64 // from baseline to baseline
	bold    bool
	align   Align
}

// setter lays out one document.
type setter struct {
	doc  Document
	set  *shaper
	body float64 // size of running text
	top  *element
}

// point is a millimetre in points.
const point = 72 / 25.4

func (s *setter) style(size float64) style { return style{size: size, leading: size * 1.62} }

// blocks lays blocks out one below another.
func (s *setter) blocks(blocks []Block, width float64, parent *element) (all []slab, err error) {
	gap := 0.0
	for _, b := range blocks {
		var next []slab
		after := s.body * 0.55
		switch b := b.(type) {
		case Heading:
			next = s.heading(b, width, parent)
			gap, after = gap+s.body*0.45, s.body*0.25
		case Paragraph:
			next = s.paragraph(b, width, parent)
		case List:
			next = s.list(b, width, parent)
		case Table:
			next = s.table(b, width, parent)
		case Rule:
			next = []slab{b.slab(width)}
		case Signature:
			next = s.signature(b, width, parent)
		case QR:
			next, err = s.qr(b, width, parent)
		case Grid:
			next, err = s.grid(b, width, parent)
		case Space:
			gap += b.MM * point
			continue
		default:
			err = fmt.Errorf("a document cannot hold a %T", b)
		}
		if err != nil {
			return nil, err
		}
		if len(next) > 0 {
			next[0].before = gap
			gap = after
		}
		all = append(all, next...)
	}
	return all, nil
}

// slab is the line with a little room on both sides of it.
func (r Rule) slab(width float64) slab {
	const room, thin = 3, 0.6
	long := width
	if r.MM > 0 {
		long = min(width, r.MM*point)
	}
	x := (width - long) / 2
	return slab{height: 2 * room, rules: []stroke{{x, room, x + long, room, thin, 0}}}
}

func (s *setter) heading(h Heading, width float64, parent *element) []slab {
	level := min(max(h.Level, 1), 3)
	st := s.style(s.body * []float64{1.5, 1.2, 1.05}[level-1])
	if h.Points > 0 {
		st = s.style(h.Points)
		st.leading = h.Points * 1.4
	}
	st.bold, st.align = true, h.Align
	slabs := s.words(h.Runs, st, width, parent.add(fmt.Sprintf("H%d", level)))
	for i := range slabs {
		slabs[i].keep = true
	}
	return slabs
}

func (s *setter) paragraph(p Paragraph, width float64, parent *element) []slab {
	st := s.style(s.body)
	if p.Points > 0 {
		st = s.style(p.Points)
	}
	st.align = p.Align
	return s.words(p.Runs, st, width, parent.add("P"))
}

// words are lines of text. The first two stay together and the last two.
func (s *setter) words(runs []Run, st style, width float64, of *element) (slabs []slab) {
	units := 0.0
	all := texts(runs, s.doc.Lang, st.bold)
	for _, t := range all {
		p := s.set.shape(t)
		file := s.set.fonts.faces[regularFace].file
		units = float64(file.UnitsPerEm)
		leaves := of.leaves(&p.text, s.doc.Lang, len(all) == 1)
		for _, l := range p.lines(int32(math.Floor(width * units / st.size))) {
			w := float64(l.width) * st.size / units
			x := 0.0
			switch {
			case st.align == Center:
				x = (width - w) / 2
			case (st.align == Start) == t.rtl:
				x = width - w
			}
			ascent, descent := float64(file.Ascent)*st.size/units, float64(-file.Descent)*st.size/units
			base := (st.leading-ascent-descent)/2 + ascent
			slabs = append(slabs, slab{height: st.leading, lines: []placed{{text: p, line: l, leaves: leaves, size: st.size, x: x, y: base}}})
		}
	}
	if n := len(slabs); n > 1 {
		slabs[0].keep, slabs[n-2].keep = true, true
	}
	return slabs
}

// natural is the width of runs when nothing is broken, and of their longest word.
func (s *setter) natural(runs []Run, st style) (whole, word float64) {
	for _, t := range texts(runs, s.doc.Lang, st.bold) {
		p := s.set.shape(t)
		scale := st.size / float64(s.set.fonts.faces[regularFace].file.UnitsPerEm)
		sum, part := int32(0), int32(0)
		for i, a := range p.advances {
			sum, part = sum+a, part+a
			if breakSpace(p.runes[i]) {
				part = 0
			}
			word = max(word, float64(part)*scale)
		}
		whole = max(whole, float64(sum)*scale)
	}
	return whole, word
}

func (s *setter) list(l List, width float64, parent *element) (all []slab) {
	of := parent.add("L")
	of.attrs = "<</O/List/ListNumbering/Disc>>"
	if l.Ordered {
		of.attrs = "<</O/List/ListNumbering/Decimal>>"
	}
	indent := s.body * 1.8
	st := s.style(s.body)
	for i, runs := range l.Items {
		lang := paragraphLang(runs, s.doc.Lang)
		rtl := rightToLeft(lang)
		item := of.add("LI")
		label := "•"
		if l.Ordered {
			label = digits(lang).Shape(fmt.Sprint(i+1)) + "."
		}
		mark := s.words([]Run{{Text: label, Lang: lang}}, st, indent, item.add("Lbl"))
		body := s.words(runs, st, width-indent, item.add("LBody"))
		if len(body) == 0 {
			continue
		}
		for k := range body {
			body[k].shift(boolTo(!rtl, indent), 0)
		}
		mark[0].shift(boolTo(rtl, width-indent), 0)
		body[0].lines = append(mark[0].lines, body[0].lines...)
		if i > 0 {
			body[0].before = s.body * 0.2
		}
		all = append(all, body...)
	}
	return all
}

func boolTo(yes bool, x float64) float64 {
	if yes {
		return x
	}
	return 0
}

func digits(lang string) l10n.Digits {
	if l, ok := l10n.Find(lang); ok {
		return l.Digits
	}
	return l10n.Latin
}

// shift moves everything in a slab.
func (b *slab) shift(x, y float64) {
	for i := range b.lines {
		b.lines[i].x, b.lines[i].y = b.lines[i].x+x, b.lines[i].y+y
	}
	for i := range b.codes {
		b.codes[i].x, b.codes[i].y = b.codes[i].x+x, b.codes[i].y+y
	}
	for i := range b.rules {
		r := &b.rules[i]
		r.x1, r.x2, r.y1, r.y2 = r.x1+x, r.x2+x, r.y1+y, r.y2+y
	}
}

func (s *setter) signature(g Signature, width float64, parent *element) []slab {
	n := min(len(g.Under), 3)
	if n == 0 {
		return nil
	}
	const gap = 24
	room := s.body * 3.2 // to write in
	column := (width - gap*float64(n-1)) / float64(n)
	all := slab{height: room}
	st := s.style(s.body * 0.85)
	for i, runs := range g.Under[:n] {
		x := float64(i) * (column + gap)
		if rightToLeft(s.doc.Lang) {
			x = width - column - x
		}
		all.rules = append(all.rules, stroke{x, room, x + column, room, 0.6, 0})
		y := room
		for _, b := range s.words(runs, st, column, parent.add("P")) {
			b.shift(x, y)
			y += b.height
			all.lines = append(all.lines, b.lines...)
		}
		all.height = max(all.height, y)
	}
	return []slab{all}
}

func (s *setter) qr(q QR, width float64, parent *element) ([]slab, error) {
	c, err := qr.Encode(q.Text, qr.Q)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	side := q.MM * point
	if side == 0 {
		side = 35 * point
	}
	of := parent.add("Figure")
	of.alt = q.Text
	all := []slab{{height: side, codes: []code{{x: (width - side) / 2, side: side, qr: c, of: of}}}}
	if len(q.Runs) > 0 {
		all[0].keep = true
		st := s.style(s.body)
		st.align = Center
		all = append(all, s.words(q.Runs, st, width, parent.add("P"))...)
	}
	return all, nil
}
