package photo

import "math"

// A grid says where each column of each line stands in the photograph: a projective map, and what paper that is not flat adds.
type grid struct {
	rows int
	to   [9]float64 // from (column, line) to pixels of the working plane
	bend []bend     // one a line
	tall float64    // height of the characters against what their pitch says
	wide float64    // and width
}

// A bend moves the characters of a line, along and across it, in pitches, as a parabola of the column.
type bend struct{ along, across [3]float64 }

func curve(p [3]float64, c float64) float64 { return p[0] + c*(p[1]+c*p[2]) }

func (g grid) point(c, r float64) (x, y float64) {
	t := g.to
	z := t[6]*c + t[7]*r + t[8]
	return (t[0]*c + t[1]*r + t[2]) / z, (t[3]*c + t[4]*r + t[5]) / z
}

// across is the step to the next column at a place, and a step of the same length down the paper.
func (g grid) across(c, r float64) (right, down [2]float64) {
	x0, y0 := g.point(c-0.5, r)
	x1, y1 := g.point(c+0.5, r)
	right = [2]float64{x1 - x0, y1 - y0}
	x0, y0 = g.point(c, r-0.25)
	x1, y1 = g.point(c, r+0.25)
	dx, dy := x1-x0, y1-y0
	by := hypot(right[0], right[1]) / max(1e-9, hypot(dx, dy))
	return right, [2]float64{dx * by, dy * by}
}

// turned is the grid of the same lines the other way up, for columns up to last.
func (g grid) turned(last int) grid {
	c, r := float64(last), float64(g.rows-1)
	t := g.to
	g.to = [9]float64{-t[0], -t[1], t[0]*c + t[1]*r + t[2], -t[3], -t[4], t[3]*c + t[4]*r + t[5], -t[6], -t[7], t[6]*c + t[7]*r + t[8]}
	g.bend = make([]bend, g.rows)
	return g
}

// scaled takes a grid of a smaller or larger copy of a plane to the plane: by of its pixels are one of the copy's.
func (g grid) scaled(by float64) grid {
	for i := range 3 {
		for _, j := range []int{i, i + 3} {
			g.to[j] = by*g.to[j] + (by-1)/2*g.to[i+6]
		}
	}
	return g
}

// projective is the least-squares map between two lists of places of at least four; the ninth number is 1.
func projective(from, to [][2]float64) [9]float64 {
	// Places are moved and shrunk first: sums of squares of hundreds and of ones do not go together.
	mx, my := mean(to)
	const unit = 500
	a := make([][]float64, 8)
	for i := range a {
		a[i] = make([]float64, 9)
	}
	add := func(p [8]float64, v float64) {
		for i := range 8 {
			for j := range 8 {
				a[i][j] += p[i] * p[j]
			}
			a[i][8] += p[i] * v
		}
	}
	for i, f := range from {
		c, r := f[0]/20, f[1]
		x, y := (to[i][0]-mx)/unit, (to[i][1]-my)/unit
		add([8]float64{c, r, 1, 0, 0, 0, -c * x, -r * x}, x)
		add([8]float64{0, 0, 0, c, r, 1, -c * y, -r * y}, y)
	}
	s := solve(a)
	h := [9]float64{s[0] / 20, s[1], s[2], s[3] / 20, s[4], s[5], s[6] / 20, s[7], 1}
	for i := range 3 {
		h[i] = h[i]*unit + mx*h[i+6]
		h[i+3] = h[i+3]*unit + my*h[i+6]
	}
	return h
}

func mean(p [][2]float64) (x, y float64) {
	for _, v := range p {
		x, y = x+v[0], y+v[1]
	}
	n := float64(max(1, len(p)))
	return x / n, y / n
}

// A patch is a character's cell with room on all sides, to look for the character where it stands.
const (
	roomX  = 6
	roomY  = 8
	patchW = cellW + 2*roomX
	patchH = cellH + 2*roomY
)

type patch [patchW * patchH]float32

// cut takes the cell of a column and line out of the photograph, levelled.
func (g grid) cut(s scales, column, line int, out *patch) {
	c, r := float64(column), float64(line)
	b := g.bend[line]
	c += curve(b.along, c)
	x, y := g.point(c, r)
	right, down := g.across(c, r)
	shift := curve(b.across, c)
	x, y = x+down[0]*shift, y+down[1]*shift
	level, by := s.level(hypot(right[0], right[1]))
	p := s[level]
	at := func(v float64) float32 { return float32((v+0.5)/by - 0.5) }
	ux, uy := float32(right[0]*g.wide/cellW/by), float32(right[1]*g.wide/cellW/by)
	vx, vy := float32(down[0]*g.tall/cellW/by), float32(down[1]*g.tall/cellW/by)
	x0, y0 := at(x), at(y)
	for j := range patchH {
		v := float32(j) - (patchH-1)/2.
		for i := range patchW {
			u := float32(i) - (patchW-1)/2.
			out[j*patchW+i] = p.at(x0+u*ux+v*vx, y0+u*uy+v*vy)
		}
	}
}

// scales are a plane and its halves.
type scales []plane

func newScales(p plane) scales {
	s := scales{p}
	for p.w > 400 && p.h > 200 {
		p = p.halved()
		s = append(s, p)
	}
	return s
}

// level picks the plane where a character of so many pixels of the largest is sampled with little lost and little doubled.
func (s scales) level(pitch float64) (level int, by float64) {
	for by = 1; level+1 < len(s) && pitch/by > 1.5*cellW; by *= 2 {
		level++
	}
	return level, by
}

func finite(v ...float64) bool {
	for _, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) || math.Abs(x) > 1e6 {
			return false
		}
	}
	return true
}
