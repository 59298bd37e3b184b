package photo

import (
	"cmp"
	"math"
	"slices"
)

// A stack is two or three rows, one below the other, on one grid of columns.
type stack struct {
	first, last int // columns that have a blot
	blots       int
	grid        grid
}

// A rowPart is a row as one row of a stack sees it.
type rowPart struct {
	row    row
	below  float64 // pitches below the base row
	column int     // of the base, where the row's column 0 stands
}

const (
	nearest  = 1.3 // pitches between rows: Doc 9303 has 2.5, photographs from the side and worn printers less
	farthest = 3.6
)

// stacks lists what could be a zone, the fullest first.
func stacks(f *field, rows []row) []stack {
	var out []stack
	for i, base := range rows {
		parts := beside(base, rows)
		lines := gathered(parts)
		for from := range lines {
			for _, n := range []int{3, 2} {
				if from+n > len(lines) || !even(lines[from:from+n]) {
					continue
				}
				if s, ok := newStack(f, lines[from:from+n]); ok && !slices.ContainsFunc(out, s.same) {
					out = append(out, s)
				}
			}
		}
		if i == 12 {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b stack) int { return cmp.Compare(b.blots, a.blots) })
	return out
}

func (s stack) same(o stack) bool {
	if s.grid.rows != o.grid.rows || s.blots != o.blots {
		return false
	}
	sx, sy := s.grid.point(float64(s.first), 0)
	ox, oy := o.grid.point(float64(o.first), 0)
	return hypot(sx-ox, sy-oy) < 4
}

// beside lists the rows that run along base with its pitch, itself too, and where they stand.
func beside(base row, rows []row) []rowPart {
	bx, by := base.heading()
	pitch := hypot(bx, by)
	var parts []rowPart
	for _, r := range rows {
		dx, dy := r.heading()
		if dx*bx+dy*by < 0 {
			r, dx, dy = r.turned(), -dx, -dy
		}
		if p := hypot(dx, dy); p < 0.9*pitch || p > 1.1*pitch || math.Abs(dx*by-dy*bx) > 0.09*p*pitch {
			continue
		}
		column, below, ok := base.locate(r)
		if !ok || math.Abs(below) > 2.2*farthest {
			continue
		}
		parts = append(parts, rowPart{r, below, column})
	}
	slices.SortStableFunc(parts, func(a, b rowPart) int { return cmp.Compare(a.below, b.below) })
	return parts
}

// turned numbers the columns the other way.
func (r row) turned() row {
	o := row{links: slices.Clone(r.links), x: r.x, y: r.y}
	slices.Reverse(o.links)
	for i := range o.links {
		o.links[i].column *= -1
	}
	o.x[1], o.y[1] = -r.x[1], -r.y[1]
	return o
}

// locate says at which column of r's the column 0 of o stands, and how many pitches o runs below.
func (r row) locate(o row) (column int, below float64, ok bool) {
	oc := float64(o.first()+o.last()) / 2
	x, y := o.at(oc)
	c := float64(r.first()+r.last()) / 2
	for range 8 {
		rx, ry := r.at(c)
		dx, dy := r.x[1]+2*c*r.x[2], r.y[1]+2*c*r.y[2]
		pp := dx*dx + dy*dy
		if pp == 0 {
			return 0, 0, false
		}
		c += ((x-rx)*dx + (y-ry)*dy) / pp
		below = ((y-ry)*dx - (x-rx)*dy) / pp
		if math.Abs(c) > 300 {
			return 0, 0, false
		}
	}
	return int(math.Round(c - oc)), below, true
}

// gathered puts parts of one line together: a line that glare broke in two is two rows.
func gathered(parts []rowPart) [][]rowPart {
	var lines [][]rowPart
	for i, p := range parts {
		if i > 0 && p.below-parts[i-1].below < 0.6 {
			lines[len(lines)-1] = append(lines[len(lines)-1], p)
		} else {
			lines = append(lines, []rowPart{p})
		}
	}
	return lines
}

// even says whether the lines have the distances of one zone.
func even(lines [][]rowPart) bool {
	var gaps []float64
	for i := 1; i < len(lines); i++ {
		gaps = append(gaps, lines[i][0].below-lines[i-1][0].below)
	}
	least, most := slices.Min(gaps), slices.Max(gaps)
	return least > nearest && most < farthest && most < 1.25*least
}

// longest is more columns than any line has, with room for a speck at each end.
const longest = 50

func newStack(f *field, lines [][]rowPart) (stack, bool) {
	s := stack{first: math.MaxInt, last: math.MinInt}
	var from, to [][2]float64
	for n, line := range lines {
		for _, part := range line {
			for _, l := range part.row.links {
				c := l.column + part.column
				s.first, s.last = min(s.first, c), max(s.last, c)
				from = append(from, [2]float64{float64(c), float64(n)})
				to = append(to, [2]float64{f.blots[l.blot].x, f.blots[l.blot].y})
			}
		}
	}
	s.blots = len(from)
	if s.last-s.first+1 > longest || s.last-s.first+1 < 16 {
		return s, false
	}
	for i := range from {
		from[i][0] -= float64(s.first)
	}
	s.last, s.first = s.last-s.first, 0
	s.grid = grid{rows: len(lines), tall: 1, wide: 1, bend: make([]bend, len(lines))}
	s.grid.to = projective(from, to)
	for range 2 { // without what is off: specks, and blots of two characters
		var f2, t2 [][2]float64
		for i := range from {
			x, y := s.grid.point(from[i][0], from[i][1])
			if px, _ := s.grid.across(from[i][0], from[i][1]); hypot(x-to[i][0], y-to[i][1]) < 0.3*hypot(px[0], px[1]) {
				f2, t2 = append(f2, from[i]), append(t2, to[i])
			}
		}
		if len(f2) < 2*leastLinks {
			return s, false
		}
		s.grid.to = projective(f2, t2)
	}
	return s, true
}
