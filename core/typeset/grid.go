package typeset

import "fmt"

// grid lays out cells of one size. A cell that is too small for its words is an error: half a card is worse than none.
func (s *setter) grid(g Grid, width float64, parent *element) ([]slab, error) {
	w, h, pad := g.Width*point, g.Height*point, g.Pad*point
	columns := max(g.Columns, 1)
	left := (width - float64(columns)*w) / 2
	if left < -0.5 {
		return nil, fmt.Errorf("%d cells of %.0f mm do not fit side by side", columns, g.Width)
	}
	body := s.body
	defer func() { s.body = body }()
	if g.Points > 0 {
		s.body = g.Points
	}
	var rows []slab
	for i, cell := range g.Cells {
		column := i % columns
		if column == 0 {
			rows = append(rows, slab{height: h})
		}
		x := left + float64(column)*w
		if rightToLeft(s.doc.Lang) {
			x = left + float64(columns-1-column)*w
		}
		row := &rows[len(rows)-1]
		if err := s.cell(cell, w-2*pad, h-2*pad, x+pad, pad, row, parent.add("Sect")); err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		if g.Cut {
			row.rules = append(row.rules, frame(x, w, h)...)
		}
	}
	return rows, nil
}

// cell puts blocks into a row, in the middle of the height that they have.
func (s *setter) cell(blocks []Block, width, height, x, y float64, row *slab, of *element) error {
	slabs, err := s.blocks(blocks, width, of)
	if err != nil {
		return err
	}
	need := 0.0
	for i, b := range slabs {
		if i > 0 {
			need += b.before
		}
		need += b.height
	}
	if need > height+0.5 {
		return fmt.Errorf("the words take %.0f mm of height, and there are %.0f: choose smaller letters or fewer words", need/point, height/point)
	}
	y += (height - need) / 2
	for i, b := range slabs {
		if i > 0 {
			y += b.before
		}
		b.shift(x, y)
		y += b.height
		row.lines = append(row.lines, b.lines...)
		row.codes = append(row.codes, b.codes...)
		row.rules = append(row.rules, b.rules...)
	}
	return nil
}

// frame is a broken line around a cell.
func frame(x, w, h float64) []stroke {
	const thin, dash = 0.4, 3
	return []stroke{{x, 0, x + w, 0, thin, dash}, {x, h, x + w, h, thin, dash}, {x, 0, x, h, thin, dash}, {x + w, 0, x + w, h, thin, dash}}
}
