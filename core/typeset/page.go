package typeset

import "fmt"

// width and height of a paper in millimetres.
func (z Size) width() float64  { return z.millimetres()[0] }
func (z Size) height() float64 { return z.millimetres()[1] }

func (z Size) millimetres() [2]float64 {
	switch z {
	case A3:
		return [2]float64{297, 420}
	case Letter:
		return [2]float64{215.9, 279.4}
	case Card:
		return [2]float64{85, 54}
	}
	return [2]float64{210, 297}
}

// margin in millimetres, the same on all sides.
func (z Size) margin() float64 {
	switch z {
	case A3:
		return 26
	case Card:
		return 5
	}
	return 22
}

// body is the size of running text in points.
func (z Size) body() float64 {
	switch z {
	case A3:
		return 15
	case Card:
		return 6.5
	}
	return 10.5
}

// paginate cuts slabs into pages of a height.
func paginate(slabs []slab, height float64) (pages [][]slab) {
	var page []slab
	used := 0.0
	for i := 0; i < len(slabs); {
		end, need := i, 0.0 // slabs that stay together
		for {
			need += slabs[end].before + slabs[end].height
			end++
			if end == len(slabs) || !slabs[end-1].keep {
				break
			}
		}
		if used+need > height && len(page) > 0 {
			if need-slabs[i].before <= height || used+slabs[i].before+slabs[i].height > height {
				pages, page, used = append(pages, page), nil, 0
				for _, h := range slabs[i].head {
					page, used = append(page, h.again()), used+h.height
				}
			}
		}
		if used+need > height { // more than a page holds: as much as goes
			end = i + 1
		}
		for ; i < end; i++ {
			b := slabs[i]
			if len(page) == 0 {
				b.before = 0
			}
			page = append(page, b)
			used += b.before + b.height
		}
	}
	return append(pages, page)
}

// again is a slab that is drawn once more and not read once more.
func (b slab) again() slab {
	lines := make([]placed, len(b.lines))
	for i, l := range b.lines {
		l.leaves = nil
		lines[i] = l
	}
	b.lines, b.before = lines, 0
	return b
}

// draw puts slabs on a page from top to bottom, with their left edge at x.
func (c *canvas) draw(slabs []slab, x, y float64) {
	for _, b := range slabs {
		y += b.before
		for _, l := range b.lines {
			c.text(l, x+l.x, y+l.y)
		}
		for _, q := range b.codes {
			c.code(q, x, y)
		}
		c.strokes(b.rules, x, y)
		y += b.height
	}
}

// numbering is "page 1 of 3" in every language: the number and the count go in as text.
func numbering(lang string) string {
	switch lang {
	case "fa", "fa-AF":
		return "صفحهٔ %s از %s"
	case "ps":
		return "مخ %s له %s څخه"
	case "ur":
		return "صفحہ %s از %s"
	}
	return "Page %s of %s"
}

// foot draws the line at the foot of a page: the footer at the start, the number at the end.
func (s *setter) foot(c *canvas, page, pages int, x, y, width float64) {
	st := s.style(s.body * 0.8)
	lines := [][]Run{s.doc.Footer, nil}
	if s.doc.Numbered {
		d := digits(s.doc.Lang)
		lines[1] = []Run{{Text: fmt.Sprintf(numbering(s.doc.Lang), d.Shape(fmt.Sprint(page)), d.Shape(fmt.Sprint(pages)))}}
	}
	room := width
	if len(lines[0]) > 0 && len(lines[1]) > 0 {
		room = width * 0.72
	}
	for i, runs := range lines {
		if len(runs) == 0 {
			continue
		}
		left := boolTo(rightToLeft(s.doc.Lang), width-room)
		if i == 1 {
			st.align, left, room = End, 0, width
		}
		for k, b := range s.words(runs, st, room, &element{}) {
			b.shift(left, float64(k)*st.leading)
			c.draw([]slab{b.again()}, x, y)
		}
	}
}
