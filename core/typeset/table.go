package typeset

// Space inside a cell, in points for text of 11 points.
const (
	padSide = 5.0
	padTop  = 2.0
)

// columns are the widths of a table's columns, in points.
func (s *setter) columns(t Table, n int, width float64) []float64 {
	widths := make([]float64, n)
	if len(t.Widths) == n {
		sum := 0.0
		for _, w := range t.Widths {
			sum += max(w, 0)
		}
		if sum > 0 {
			for i, w := range t.Widths {
				widths[i] = width * max(w, 0) / sum
			}
			return widths
		}
	}
	return s.fit(t, n, width)
}

// fit gives every column what its longest word needs and shares the rest by what the cells would take in one line.
func (s *setter) fit(t Table, n int, width float64) []float64 {
	least, want := make([]float64, n), make([]float64, n)
	rows := append([][][]Run{t.Head}, t.Rows...)
	for r, row := range rows {
		st := s.style(s.body)
		st.bold = r == 0
		for i, cell := range row {
			whole, word := s.natural(cell, st)
			least[i], want[i] = max(least[i], word+2*padSide+1), max(want[i], whole+2*padSide+1)
		}
	}
	sumLeast, sumWant := 0.0, 0.0
	for i := range n {
		least[i], want[i] = max(least[i], 2*padSide+s.body), max(want[i], 2*padSide+s.body)
		sumLeast, sumWant = sumLeast+least[i], sumWant+want[i]
	}
	widths := make([]float64, n)
	for i := range n {
		switch {
		case sumLeast >= width:
			widths[i] = width * least[i] / sumLeast
		case sumWant <= width:
			widths[i] = width * want[i] / sumWant
		default:
			widths[i] = least[i] + (width-sumLeast)*(want[i]-least[i])/(sumWant-sumLeast)
		}
	}
	return widths
}

func (s *setter) table(t Table, width float64, parent *element) []slab {
	n := len(t.Head)
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	if n == 0 {
		return nil
	}
	widths := s.columns(t, n, width)
	of := parent.add("Table")
	var head, all []slab
	if len(t.Head) > 0 {
		head = s.row(t.Head, widths, width, of.add("THead").add("TR"), true)
		for i := range head {
			head[i].keep = true
		}
		all = append(all, head...)
	}
	body := of.add("TBody")
	for _, row := range t.Rows {
		slabs := s.row(row, widths, width, body.add("TR"), false)
		for i := range slabs {
			slabs[i].head = head
		}
		all = append(all, slabs...)
	}
	return all
}

// row is one slab, or, when it would fill more than half a page, one for every line of it.
func (s *setter) row(cells [][]Run, widths []float64, width float64, of *element, head bool) []slab {
	st, tag := s.style(s.body), "TD"
	if head {
		st.bold, tag = true, "TH"
	}
	st.leading = st.size * 1.5
	rows := []slab{}
	x := 0.0
	for i, w := range widths {
		cell := of.add(tag)
		if head {
			cell.attrs = "<</O/Table/Scope/Column>>"
		}
		var runs []Run
		if i < len(cells) {
			runs = cells[i]
		}
		left := x
		if rightToLeft(s.doc.Lang) {
			left = width - x - w
		}
		for k, b := range s.words(runs, st, w-2*padSide, cell) {
			if k == len(rows) {
				rows = append(rows, slab{height: st.leading})
			}
			b.shift(left+padSide, 0)
			rows[k].lines = append(rows[k].lines, b.lines...)
		}
		x += w
	}
	if len(rows) == 0 {
		rows = []slab{{height: st.leading}}
	}
	weight := 0.4
	if head {
		weight = 0.9
	}
	return ruled(rows, width, weight, s.doc.Page.height()*point/2)
}

// ruled joins lines to a row with space around it and a rule below.
func ruled(lines []slab, width, weight, most float64) []slab {
	whole := []slab{{}}
	if float64(len(lines))*lines[0].height > most {
		whole = lines
	} else {
		for _, b := range lines {
			b.shift(0, whole[0].height)
			whole[0].lines = append(whole[0].lines, b.lines...)
			whole[0].height += b.height
		}
	}
	whole[0].shift(0, padTop)
	whole[0].height += padTop
	last := &whole[len(whole)-1]
	last.height += padTop
	last.rules = append(last.rules, stroke{0, last.height, width, last.height, weight, 0})
	return whole
}
