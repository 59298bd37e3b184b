package photo

import (
	"cmp"
	"math"
	"slices"
)

// A link is a blot that stands where a row expects its column.
type link struct {
	column int
	blot   int
}

// A row is a chain of blots at an even pitch; pitch and direction may change slowly along it, as perspective and bent paper make them.
type row struct {
	links []link // by column
	x, y  [3]float64
	// x and y are the row's middle line: x[0]+x[1]·c+x[2]·c² for the column c.
}

func (r row) first() int { return r.links[0].column }
func (r row) last() int  { return r.links[len(r.links)-1].column }

func (r row) at(c float64) (x, y float64) {
	return r.x[0] + c*(r.x[1]+c*r.x[2]), r.y[0] + c*(r.y[1]+c*r.y[2])
}

// heading is the step from one column to the next in the middle of the row.
func (r row) heading() (dx, dy float64) {
	c := float64(r.first()+r.last()) / 2
	return r.x[1] + 2*c*r.x[2], r.y[1] + 2*c*r.y[2]
}

const (
	leastLinks  = 9   // a shorter chain is a word of the page
	mostMissing = 3   // columns in a row without a blot
	askew       = 0.3 // of a pitch that a blot may be off
	mostRows    = 40
)

// A field finds blots by place.
type field struct {
	blots []blot
	bins  map[[2]int][]int
	used  map[[2]int]bool // pairs of neighbours that are in a row already
}

const bin = 24

func newField(b []blot) *field {
	f := &field{blots: b, bins: map[[2]int][]int{}, used: map[[2]int]bool{}}
	for i, o := range b {
		k := [2]int{int(o.x) / bin, int(o.y) / bin}
		f.bins[k] = append(f.bins[k], i)
	}
	return f
}

// around calls yield for blots within reach of a point, in the order of the picture.
func (f *field) around(x, y, reach float64, yield func(i int)) {
	x0, x1 := int(math.Floor((x-reach)/bin)), int((x+reach)/bin)
	y0, y1 := int(math.Floor((y-reach)/bin)), int((y+reach)/bin)
	for by := y0; by <= y1; by++ {
		for bx := x0; bx <= x1; bx++ {
			for _, i := range f.bins[[2]int{bx, by}] {
				yield(i)
			}
		}
	}
}

// rows finds the chains, longest first; a blot is in one row at most.
func (f *field) rows() []row {
	var found [][]link
	for i, b := range f.blots {
		f.around(b.x, b.y, 2.4*b.size(), func(j int) {
			o := f.blots[j]
			big, small := max(b.size(), o.size()), min(b.size(), o.size())
			d := hypot(o.x-b.x, o.y-b.y)
			if j == i || small < 0.45*big || d < 0.65*big || d > 2.2*big || (o.x < b.x || o.x == b.x && o.y < b.y) || f.used[[2]int{i, j}] {
				return
			}
			links := f.follow(i, j)
			if len(links) < leastLinks {
				return
			}
			for k := 1; k < len(links); k++ {
				f.used[[2]int{links[k-1].blot, links[k].blot}] = true
			}
			found = append(found, links)
		})
	}
	slices.SortStableFunc(found, func(a, b []link) int { return cmp.Compare(len(b), len(a)) })
	taken := map[int]bool{}
	var out []row
	for _, links := range found {
		free := slices.DeleteFunc(slices.Clone(links), func(l link) bool { return taken[l.blot] })
		if len(free) < leastLinks || 2*len(free) < len(links) {
			continue
		}
		for _, l := range free {
			taken[l.blot] = true
		}
		if out = append(out, f.fitted(free)); len(out) == mostRows {
			break
		}
	}
	return out
}

// follow walks on from two neighbours, both ways.
func (f *field) follow(i, j int) []link {
	links := f.walk([]link{{0, i}, {1, j}}, 1)
	slices.Reverse(links)
	links = f.walk(links, -1)
	slices.Reverse(links)
	if n := links[len(links)-1].column - links[0].column + 1; len(links)*3 < n*2 {
		return nil
	}
	return links
}

// walk appends to links what stands in the next columns; by is 1 or −1.
func (f *field) walk(links []link, by int) []link {
	for missing := 0; missing <= mostMissing; {
		last := links[len(links)-1]
		back := links[max(0, len(links)-7)]
		n := float64(last.column - back.column)
		a, b := f.blots[last.blot], f.blots[back.blot]
		dx, dy := (a.x-b.x)/n, (a.y-b.y)/n
		ahead := float64(by * (missing + 1))
		x, y, pitch := a.x+dx*ahead, a.y+dy*ahead, hypot(dx, dy)
		best, off := -1, askew*pitch
		f.around(x, y, off, func(k int) {
			if o := f.blots[k]; o.size() > 0.3*pitch && o.size() < 2.2*pitch {
				if d := hypot(o.x-x, o.y-y); d < off {
					best, off = k, d
				}
			}
		})
		if best < 0 {
			missing++
			continue
		}
		links = append(links, link{last.column + by*(missing+1), best})
		missing = 0
		if len(links) > 120 {
			break
		}
	}
	return links
}

// fitted lays the middle line through the links.
func (f *field) fitted(links []link) row {
	r := row{links: links}
	c, x, y, w := make([]float64, len(links)), make([]float64, len(links)), make([]float64, len(links)), make([]float64, len(links))
	for i, l := range links {
		c[i], x[i], y[i], w[i] = float64(l.column), f.blots[l.blot].x, f.blots[l.blot].y, 1
	}
	r.x, r.y = parabola(c, x, w), parabola(c, y, w)
	return r
}

// parabola is the weighted least-squares fit of v over c; a straight line or a constant where there is too little for more.
func parabola(c, v, w []float64) [3]float64 {
	var a [3][4]float64
	for i := range c {
		p := [3]float64{1, c[i], c[i] * c[i]}
		for j := range 3 {
			for k := range 3 {
				a[j][k] += w[i] * p[j] * p[k]
			}
			a[j][3] += w[i] * p[j] * v[i]
		}
	}
	rows := make([][]float64, 3)
	for j := range rows {
		rows[j] = a[j][:]
		rows[j][j] += 1e-6
	}
	s := solve(rows)
	return [3]float64{s[0], s[1], s[2]}
}

// solve does Gauss's elimination on n rows of n+1; a row that depends on others gives 0.
func solve(a [][]float64) []float64 {
	n := len(a)
	for i := range n {
		p := i
		for j := i + 1; j < n; j++ {
			if math.Abs(a[j][i]) > math.Abs(a[p][i]) {
				p = j
			}
		}
		a[i], a[p] = a[p], a[i]
		if math.Abs(a[i][i]) < 1e-12 {
			continue
		}
		for j := range n {
			if j == i {
				continue
			}
			by := a[j][i] / a[i][i]
			for k := i; k <= n; k++ {
				a[j][k] -= by * a[i][k]
			}
		}
	}
	out := make([]float64, n)
	for i := range n {
		if math.Abs(a[i][i]) >= 1e-12 {
			out[i] = a[i][n] / a[i][i]
		}
	}
	return out
}
