package photo

import (
	"image"
	"math"
	"slices"
)

// What a reading must reach to be shown. Set on specimens that the bench does not use: docs/adr/photo.md.
const (
	zoneFit      = 0.50 // mean fit below which rows are no zone
	shapeFit     = 0.68 // mean fit below which nothing is believed
	enough       = 0.95 // chance that every character is right
	enoughAlone  = 0.98 // the same, where check digits, dates or states do not hold together
	clearAlone   = 0.85 // mean fit needed then
	smallPitch   = 7.5  // pixels a character
	mostStacks   = 4
	mostMissed   = 8    // columns at the ends that no blot was found for
	blankFit     = 0.45 // a cell that fits no symbol better holds none
	mostReads    = 8    // stacks of one photograph, over all sizes
	searchSide   = 1000 // the first look is at a picture of at most so many pixels a side
	smallestSide = 400
)

// A finding is the best answer so far; reason is "" for a reading.
type finding struct {
	verdict verdict
	quality float64
	reason  string
	zone    *image.Gray
	seen    sight
}

// search looks for a zone in copies of the picture of several sizes, and reads the first that reads surely.
func search(s scales) finding {
	best := finding{reason: NoZone}
	reads := 0
	for _, p := range sizesOf(s) {
		f := newField(blots(p.plane))
		stacks := stacks(f, f.rows())
		for _, st := range stacks[:min(len(stacks), mostStacks)] {
			st.grid = st.grid.scaled(p.by)
			got := read(s, st)
			if got.reason == "" {
				return got
			}
			if got.better(best) {
				best = got
			}
			if reads++; reads == mostReads {
				return best
			}
		}
	}
	return best
}

type sized struct {
	plane plane
	by    float64 // pixels of the working plane a pixel
}

// sizesOf are the copies to search: the largest of at most searchSide, a larger one for small zones, a smaller one for blurred and noisy ones.
func sizesOf(s scales) []sized {
	first := 0
	for first+1 < len(s) && max(s[first].w, s[first].h) > searchSide {
		first++
	}
	by := math.Pow(2, float64(first))
	out := []sized{{s[first], by}}
	if first > 0 {
		out = append(out, sized{s[first-1], by / 2})
	} else {
		out = append(out, sized{s[0].doubled(), 0.5})
	}
	if first+1 < len(s) && max(s[first+1].w, s[first+1].h) >= smallestSide {
		out = append(out, sized{s[first+1], by * 2})
	}
	return out
}

// better orders answers that are none: one that saw a zone tells a person more.
func (f finding) better(o finding) bool {
	if (f.zone != nil) != (o.zone != nil) {
		return f.zone != nil
	}
	return f.quality > o.quality
}

// read reads one stack, whichever way up it is.
func read(s scales, st stack) finding {
	if !st.grid.sound(st.last) {
		return finding{reason: NoZone}
	}
	w := looks()
	v := sight{st, s, &w.still[8]}
	up := v
	q := up.settle(12, roomX, roomY, 2)
	down := v
	down.stack.grid = st.grid.turned(st.last)
	if q2 := down.settle(12, roomX, roomY, 2); q2 > q {
		up, q = down, q2
	}
	if q < zoneFit {
		return finding{reason: NoZone, quality: q}
	}
	up.focus(&w)
	up.settle(24, 4, 4, 1)
	up.addLine()
	up.focus(&w)
	q = up.settle(longest, 2, 2, 1)
	return up.decide(q)
}

// addLine looks for a third line above and below two lines that could be a card's, and takes it where it fits as well as they do.
func (v *sight) addLine() {
	if v.stack.grid.rows != 2 || v.stack.last-v.stack.first+1 > 30+mostMissed {
		return
	}
	own := v.quality(10)
	for _, above := range []float64{1, 0} {
		t := *v
		t.stack.grid = v.stack.grid.lengthened(above)
		if !t.stack.grid.sound(t.stack.last) {
			continue
		}
		t.settle(16, roomX, roomY, 2)
		if t.quality(10) > own-0.06 && t.lineQuality(2-2*int(above)) > own-0.12 {
			*v = t
			return
		}
	}
}

// lengthened is the grid with one more line, above (1) or below (0).
func (g grid) lengthened(above float64) grid {
	for i := range 3 {
		g.to[3*i+2] -= above * g.to[3*i+1]
	}
	g.rows++
	g.bend = slices.Insert(slices.Clone(g.bend), (1-int(above))*len(g.bend), bend{})
	return g
}

// sound says whether the grid maps all places that will be looked at to places of some picture.
func (g grid) sound(last int) bool {
	for _, c := range []float64{-mostMissed - 2, float64(last) / 2, float64(last) + mostMissed + 2} {
		for r := range g.rows {
			x, y := g.point(c, float64(r))
			right, down := g.across(c, float64(r))
			if !finite(x, y, right[0], right[1], down[0], down[1]) || hypot(right[0], right[1]) < 1 || hypot(right[0], right[1]) > 400 {
				return false
			}
		}
	}
	return true
}

// decide scores all cells, finds where the lines begin, judges the layouts and says whether the likeliest zone is sure.
func (v *sight) decide(quality float64) finding {
	right, _ := v.stack.grid.across(float64(v.stack.last)/2, 0)
	out := finding{quality: quality, reason: Doubt, seen: *v}
	first, columns, cells := v.place()
	if columns == 0 {
		out.reason = NoZone
		return out
	}
	out.zone = v.stack.grid.zone(v.scales, first, columns)
	if quality < shapeFit {
		out.reason = Blurred
		if hypot(right[0], right[1]) < smallPitch {
			out.reason = Small
		}
		return out
	}
	best := math.Inf(-1)
	for _, l := range layouts(v.stack.grid.rows, columns) {
		j := judge(l, cells, v.blur())
		if total := j.support + math.Log(max(1e-30, j.chance)); total > best {
			best, out.verdict = total, j
		}
	}
	j := out.verdict
	if j.chance >= enoughAlone && quality >= clearAlone || j.fits && j.chance >= enough {
		out.reason = ""
	}
	return out
}

// blur is how much less a fit says where blur has made the shapes alike.
func (v *sight) blur() float64 {
	return min(1, 3/v.look.sigma, 10/max(1, v.look.smear))
}

// place scores the cells and finds the window of 30, 36 or 44 columns that holds characters with none beside it.
func (v *sight) place() (first, columns int, cells [][]score) {
	span := v.stack.last - v.stack.first + 1
	from, to := v.stack.first-mostMissed, v.stack.last+mostMissed
	all := make([][]score, v.stack.grid.rows)
	var p patch
	for line := range all {
		for c := from; c <= to; c++ {
			v.stack.grid.cut(v.scales, c, line, &p)
			all[line] = append(all[line], p.match(v.look, 2, 2, 1))
		}
	}
	best := math.Inf(-1)
	contrast, fit := typical(all)
	for _, n := range []int{30, 36, 44} {
		if n < span-mostMissed || n > span+mostMissed || len(layouts(len(all), n)) == 0 {
			continue
		}
		for at := 0; at+n <= len(all[0]); at++ {
			if got := held(all, at, n, contrast, fit); got > best {
				best, first, columns = got, at, n
			}
		}
	}
	if columns == 0 {
		return 0, 0, nil
	}
	for line := range all {
		all[line] = all[line][first : first+columns]
	}
	return first + from, columns, all
}

// held weighs a window: what its cells hold, less what stands beside it. A cell holds a character when it fits one half as well
// again as an empty cell does, with some of the contrast of the others.
func held(all [][]score, at, n int, contrast, fit float64) float64 {
	blank := blankFit + (fit-blankFit)/2
	var sum float64
	for _, line := range all {
		for c := max(0, at-1); c < min(len(line), at+n+1); c++ {
			v := float64(line[c].top())*min(1, 2.5*float64(line[c].contrast)/contrast) - blank
			if c >= at && c < at+n {
				sum += v
			} else {
				sum -= max(0, v)
			}
		}
	}
	return sum
}

// typical are the mean contrast and fit of the middle cells.
func typical(all [][]score) (contrast, fit float64) {
	var n float64
	for _, line := range all {
		for c := mostMissed; c < len(line)-mostMissed; c++ {
			contrast += float64(line[c].contrast)
			fit += float64(line[c].top())
			n++
		}
	}
	return max(1, contrast/max(1, n)), fit / max(1, n)
}

// zone is the levelled lines with half a character around.
func (g grid) zone(s scales, first, columns int) *image.Gray {
	const edge = 0.5
	middle := float64(first) + float64(columns-1)/2
	right, _ := g.across(middle, 0)
	x0, y0 := g.point(middle, 0)
	x1, y1 := g.point(middle, float64(g.rows-1))
	pitch := hypot(right[0], right[1])
	gap := min(4, max(1, hypot(x1-x0, y1-y0)/pitch/float64(g.rows-1))) // pitches from line to line
	level, by := s.level(pitch)
	w, h := int((float64(columns)+2*edge)*ZonePitch), int((gap*float64(g.rows-1)+2)*ZonePitch)
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		r := ((float64(y)+0.5)/ZonePitch - 1) / gap
		for x := range w {
			c := float64(first) - 0.5 - edge + (float64(x)+0.5)/ZonePitch
			px, py := g.point(c, r)
			m.Pix[y*m.Stride+x] = uint8(s[level].at(float32((px+0.5)/by-0.5), float32((py+0.5)/by-0.5)) + 0.5)
		}
	}
	return m
}
