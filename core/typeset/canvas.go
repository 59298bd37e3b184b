package typeset

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"

	"rsc.io/qr"

	"panah/core/typeset/internal/pdf"
)

// drawn is a glyph with what it stands for: one CID of an embedded font, so that equal shapes of different letters come out as those letters.
type drawn struct {
	id   uint16
	text string
}

// used are the glyphs of a weight in the order of their first use; the CID is the index and one.
type used struct {
	cids map[drawn]int
	list []drawn
}

func (u *used) cid(d drawn) int {
	if u.cids == nil {
		u.cids = map[drawn]int{}
	}
	if n, ok := u.cids[d]; ok {
		return n
	}
	u.list = append(u.list, d)
	u.cids[d] = len(u.list)
	return len(u.list)
}

// canvas is the content of one page. Coordinates are points from the top left corner.
type canvas struct {
	out    bytes.Buffer
	height float64
	page   int
	marks  int
	fonts  *Fonts
	used   *[2]used
}

// begin opens a marked stretch that belongs to e, or to nothing that is read when e is nil.
func (c *canvas) begin(e *element, kind string) (k kid) {
	if e == nil {
		c.out.WriteString("/Artifact" + kind + "\n")
		return kid{}
	}
	k = kid{page: c.page, mark: c.marks}
	fmt.Fprintf(&c.out, "/%s<</MCID %d>>BDC\n", e.tag, c.marks)
	c.marks++
	return k
}

// The two ways to mark what is not read.
const (
	decoration = " BMC"
	footer     = "<</Type/Pagination/Subtype/Footer>>BDC"
)

func (c *canvas) end() { c.out.WriteString("EMC\n") }

// text draws a line with its left end at x and its baseline at y. leaves has an element for each segment; nil: it is the foot of a page.
func (c *canvas) text(p placed, x, y float64) {
	pieces := p.text.pieces(p.line)
	type stretch struct {
		of   *element
		from int
		kid  kid
	}
	var stretches []stretch
	for i := 0; i < len(pieces); {
		end := i
		first := pieces[i].from
		for end < len(pieces) && (p.leaves == nil || pieces[end].segment == pieces[i].segment) {
			first = min(first, pieces[end].from)
			end++
		}
		var e *element
		if p.leaves != nil {
			e = p.leaves[pieces[i].segment]
		}
		k := c.begin(e, footer)
		x = c.show(pieces[i:end], x, y, p.size)
		c.end()
		if e != nil {
			stretches = append(stretches, stretch{e, first, k})
		}
		i = end
	}
	slices.SortStableFunc(stretches, func(a, b stretch) int { return a.from - b.from })
	for _, s := range stretches {
		s.of.kids = append(s.of.kids, s.kid)
	}
}

// show writes one text object and gives the place behind it.
func (c *canvas) show(pieces []piece, x, y, size float64) float64 {
	c.out.WriteString("BT\n")
	fmt.Fprintf(&c.out, "1 0 0 1 %s %s Tm\n", pdf.Number(x), pdf.Number(c.height-y))
	now := -1
	pen, sheet, em := 0.0, 0.0, 1000.0 // both in thousandths of the size: where a glyph belongs, where the reader of the file has come to
	for _, p := range pieces {
		if p.face != now {
			now = p.face
			fmt.Fprintf(&c.out, "/F%d %s Tf\n", now, pdf.Number(size))
		}
		em = 1000 / float64(c.fonts.faces[now].file.UnitsPerEm)
		pen, sheet = c.glyphs(p, pen, sheet, em, size)
	}
	c.out.WriteString("ET\n")
	return x + pen*size/1000
}

// glyphs writes one TJ for glyphs of one height above the line, a new one where that changes.
func (c *canvas) glyphs(p piece, pen, sheet, em, size float64) (float64, float64) {
	rise := int32(0)
	open := false
	closeShow := func() {
		if open {
			c.out.WriteString(">]TJ\n")
			open = false
		}
	}
	for _, g := range p.glyphs {
		if g.rise != rise {
			closeShow()
			rise = g.rise
			fmt.Fprintf(&c.out, "%s Ts\n", pdf.Number(float64(rise)*em*size/1000))
		}
		if !open {
			c.out.WriteString("[<")
			open = true
		}
		if off := math.Round(pen + float64(g.right)*em - sheet); off != 0 {
			c.out.WriteString(">" + strconv.Itoa(int(-off)) + "<")
			sheet += off
		}
		fmt.Fprintf(&c.out, "%04X", c.used[p.face].cid(drawn{g.id, g.text}))
		sheet += float64(width(c.fonts.faces[p.face], g.id))
		pen += float64(g.advance) * em
	}
	closeShow()
	if rise != 0 {
		c.out.WriteString("0 Ts\n")
	}
	return pen, sheet
}

// width is a glyph's advance in thousandths of the size, as the file's W array gives it.
func width(f face, id uint16) int {
	return int(math.Round(float64(f.file.Advance(id)) * 1000 / float64(f.file.UnitsPerEm)))
}

// stroke is a straight line that is not read.
type stroke struct{ x1, y1, x2, y2, width, dash float64 }

func (c *canvas) strokes(all []stroke, x, y float64) {
	if len(all) == 0 {
		return
	}
	c.begin(nil, decoration)
	for _, s := range all {
		dash := "[]"
		if s.dash > 0 {
			dash = "[" + pdf.Number(s.dash) + "]"
		}
		fmt.Fprintf(&c.out, "0.55 G %s w %s 0 d %s %s m %s %s l S\n", pdf.Number(s.width), dash,
			pdf.Number(x+s.x1), pdf.Number(c.height-y-s.y1), pdf.Number(x+s.x2), pdf.Number(c.height-y-s.y2))
	}
	c.end()
}

// quietZone is the white border of a QR code in modules, ISO/IEC 18004.
const quietZone = 4

// code is a QR code on its place.
type code struct {
	x, y, side float64 // with the white border
	qr         *qr.Code
	of         *element
}

func (c *canvas) code(q code, x, y float64) {
	k := c.begin(q.of, decoration)
	module := q.side / float64(q.qr.Size+2*quietZone)
	fmt.Fprintf(&c.out, "q 1 0 0 1 %s %s cm %.5f 0 0 %.5f 0 0 cm\n", pdf.Number(x+q.x), pdf.Number(c.height-y-q.y), module, -module)
	for row := range q.qr.Size {
		for col := 0; col < q.qr.Size; col++ {
			from := col
			for col < q.qr.Size && q.qr.Black(col, row) {
				col++
			}
			if col > from {
				fmt.Fprintf(&c.out, "%d %d %d 1 re\n", from+quietZone, row+quietZone, col-from)
			}
		}
	}
	c.out.WriteString("f Q\n")
	c.end()
	if q.of != nil {
		q.of.kids = append(q.of.kids, k)
		q.of.attrs = fmt.Sprintf("<</O/Layout/Placement/Block/BBox[%s %s %s %s]>>", pdf.Number(x+q.x), pdf.Number(c.height-y-q.y-q.side), pdf.Number(x+q.x+q.side), pdf.Number(c.height-y-q.y))
	}
}
