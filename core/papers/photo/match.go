package photo

import (
	"math"
	"slices"
)

// A score says how well each symbol fits a cell: the normalised correlation, 1 for a perfect fit, at the best place around.
type score struct {
	fit      [len(symbols)]float32
	dx, dy   int     // where the best symbol stands off the middle, in cell pixels
	contrast float32 // deviation of the cell's pixels there
}

func (s *score) best() (symbol int) {
	for i, v := range s.fit {
		if v > s.fit[symbol] {
			symbol = i
		}
	}
	return symbol
}

func (s *score) top() float32 { return s.fit[s.best()] }

// leastInk is the length below which a cell holds nothing: pixels that differ by half a step of grey.
const leastInk = 10

// match compares a patch with every shape of a look at shifts of up to nx and ny pixels, every step-th.
func (p *patch) match(l *look, nx, ny, step int) score {
	var s score
	var cell [cellN]float32
	for i := range s.fit {
		s.fit[i] = -1
	}
	top := float32(-1)
	for dy := -ny; dy <= ny; dy += step {
		for dx := -nx; dx <= nx; dx += step {
			norm := p.window(dx, dy, &cell)
			if norm < leastInk {
				continue
			}
			for i := range l.shapes {
				v := -dot(&cell, &l.shapes[i]) / norm // shapes are ink, a photograph is light
				s.fit[i] = max(s.fit[i], v)
				if v > top {
					top, s.dx, s.dy, s.contrast = v, dx, dy, norm/20 // about √weights
				}
			}
		}
	}
	return s
}

// window copies a cell out of the patch, its columns weighed, and returns the length of what differs from its mean.
func (p *patch) window(dx, dy int, cell *[cellN]float32) float32 {
	var sum, squares float64 // of hundreds of numbers near 255, whose differences may be small: glare
	for y := range cellH {
		from := (y+roomY+dy)*patchW + roomX + dx
		row := (*[cellW]float32)(p[from : from+cellW])
		out := (*[cellW]float32)(cell[y*cellW : (y+1)*cellW])
		for x, v := range row {
			w := root[x] * v
			out[x] = w
			sum += float64(w * root[x])
			squares += float64(w) * float64(w)
		}
	}
	return float32(math.Sqrt(max(0, squares-sum*sum/weights)))
}

func dot(a *[cellN]float32, b *shape) float32 {
	var s0, s1, s2, s3 float32
	for i := 0; i < cellN; i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	return s0 + s1 + s2 + s3
}

// A sight is a stack's cells as one look sees them.
type sight struct {
	stack  stack
	scales scales
	look   *look
}

// quality is the mean fit of about n cells of each line without looking around far.
func (v *sight) quality(n int) float64 {
	var fits []float64
	for line := range v.stack.grid.rows {
		fits = v.fits(fits, line, n)
	}
	return middle(fits)
}

// lineQuality is the same of one line.
func (v *sight) lineQuality(line int) float64 { return middle(v.fits(nil, line, 16)) }

func (v *sight) fits(to []float64, line, n int) []float64 {
	var p patch
	for _, c := range v.some(n) {
		v.stack.grid.cut(v.scales, c, line, &p)
		s := p.match(v.look, 1, 1, 1)
		to = append(to, float64(s.top()))
	}
	return to
}

// middle is the mean of the better three quarters: glare or a thumb on a few cells says nothing about the others.
func middle(fits []float64) float64 {
	slices.Sort(fits)
	fits = fits[len(fits)/4:]
	var sum float64
	for _, v := range fits {
		sum += v
	}
	return sum / float64(max(1, len(fits)))
}

// some are about n columns, evenly spread.
func (v *sight) some(n int) []int {
	var out []int
	all := v.stack.last - v.stack.first + 1
	for i := range min(n, all) {
		out = append(out, v.stack.first+i*all/min(n, all))
	}
	return out
}

// settle moves the grid's lines to where the characters are: it looks for the best symbol around each cell and lays a parabola through
// what it found. It returns how well the cells fit.
func (v *sight) settle(n, nx, ny, step int) float64 {
	g := &v.stack.grid
	bends := slices.Clone(g.bend)
	var all []float64
	var p patch
	for line := range g.rows {
		var c, dx, dy, w []float64
		for _, column := range v.some(n) {
			g.cut(v.scales, column, line, &p)
			s := p.match(v.look, nx, ny, step)
			fit := float64(s.top())
			all = append(all, fit)
			c, w = append(c, float64(column)), append(w, math.Pow(max(0, fit-0.3), 3))
			dx, dy = append(dx, float64(s.dx)/cellW*g.wide), append(dy, float64(s.dy)/cellW*g.tall)
		}
		b := bend{robust(c, dx, w), robust(c, dy, w)}
		for i := range 3 {
			b.along[i] += g.bend[line].along[i]
			b.across[i] += g.bend[line].across[i]
		}
		if small(b, v.stack) {
			bends[line] = b
		}
	}
	g.bend = bends
	return middle(all)
}

// robust is a parabola through most of the values: what lies off is weighed less, twice over.
func robust(c, v, w []float64) [3]float64 {
	w = slices.Clone(w)
	fit := parabola(c, v, w)
	for range 2 {
		for i := range c {
			d := (v[i] - curve(fit, c[i])) / 0.08
			w[i] /= 1 + d*d
		}
		fit = parabola(c, v, w)
	}
	return fit
}

// small says whether a bend moves no character by more than one pitch: more is a mistake.
func small(b bend, s stack) bool {
	for c := s.first - 14; c <= s.last+14; c++ {
		if a := math.Abs(curve(b.along, float64(c))); !(a < 1) {
			return false
		}
		if a := math.Abs(curve(b.across, float64(c))); !(a < 1) {
			return false
		}
	}
	return true
}

// focus chooses the size of the characters and the look that fit best.
func (v *sight) focus(w *ways) float64 {
	g := &v.stack.grid
	best := v.quality(10)
	for _, tall := range []float64{0.82, 0.88, 0.94, 1.06, 1.12, 1.2} {
		best = v.keep(best, func(t *sight) { t.stack.grid.tall = tall })
	}
	for _, wide := range []float64{0.88, 0.94, 1.06} {
		best = v.keep(best, func(t *sight) { t.stack.grid.wide = wide })
	}
	tall := g.tall
	for _, by := range []float64{0.97, 1.03} {
		best = v.keep(best, func(t *sight) { t.stack.grid.tall = tall * by })
	}
	for _, looks := range [][]look{w.still, w.moved} {
		for i := range looks {
			best = v.keep(best, func(t *sight) { t.look = &looks[i] })
		}
	}
	return best
}

// keep tries a change and keeps it where it fits better.
func (v *sight) keep(best float64, change func(*sight)) float64 {
	t := *v
	change(&t)
	if q := t.quality(10); q > best {
		*v = t
		return q
	}
	return best
}
