package photo

import "math"

// A blot is a connected patch of dark pixels: a character, or something of its size.
type blot struct {
	x, y   float64 // the middle of its box
	w, h   int
	pixels int
}

func (b blot) size() float64 { return float64(max(b.w, b.h)) }

const (
	window   = 30  // half the side of the square that a pixel is compared with
	tile     = 16  // side of the squares whose darkest pixel is known
	darkPart = 0.4 // of the way from the mean around to the darkest around: fainter is background
	maxBlots = 20_000
)

// blots finds the dark patches of the size of a character. What is dark is decided by what is around, so neither shadows nor a
// guilloche paler than the print matter.
func blots(p plane) []blot {
	p = p.smoothed()
	return patches(p.w, p.h, dark(p))
}

func dark(p plane) []bool {
	sums := integral(p)
	darkest, across := darkestTiles(p)
	floor := max(4, 2.2*p.noise())
	out := make([]bool, len(p.pix))
	for y := range p.h {
		y0, y1 := max(0, y-window), min(p.h, y+window+1)
		for x := range p.w {
			x0, x1 := max(0, x-window), min(p.w, x+window+1)
			s := sums[y1*(p.w+1)+x1] - sums[y0*(p.w+1)+x1] - sums[y1*(p.w+1)+x0] + sums[y0*(p.w+1)+x0]
			mean := float64(s) / float64((x1-x0)*(y1-y0))
			depth := max(floor, darkPart*(mean-float64(darkest[y/tile*across+x/tile])))
			out[y*p.w+x] = mean-float64(p.pix[y*p.w+x]) > depth
		}
	}
	return out
}

// integral is the summed-area table, one row and column of zeros before the first. At most workSide² pixels of 255 fit.
func integral(p plane) []uint32 {
	s := make([]uint32, (p.w+1)*(p.h+1))
	for y := range p.h {
		var row uint32
		for x := range p.w {
			row += uint32(p.pix[y*p.w+x])
			s[(y+1)*(p.w+1)+x+1] = s[y*(p.w+1)+x+1] + row
		}
	}
	return s
}

// darkestTiles is, for each tile, the darkest pixel in it and its eight neighbours.
func darkestTiles(p plane) (around []uint8, across int) {
	across = (p.w + tile - 1) / tile
	down := (p.h + tile - 1) / tile
	own := make([]uint8, across*down)
	for i := range own {
		own[i] = 255
	}
	for y := range p.h {
		for x := range p.w {
			t := y/tile*across + x/tile
			own[t] = min(own[t], p.pix[y*p.w+x])
		}
	}
	around = make([]uint8, len(own))
	for ty := range down {
		for tx := range across {
			least := uint8(255)
			for y := max(0, ty-1); y <= min(down-1, ty+1); y++ {
				for x := max(0, tx-1); x <= min(across-1, tx+1); x++ {
					least = min(least, own[y*across+x])
				}
			}
			around[ty*across+tx] = least
		}
	}
	return around, across
}

// noise estimates the deviation of the pixels from a smooth picture: half of the median step across two pixels.
func (p plane) noise() float64 {
	var counts [512]int
	n := 0
	for y := 1; y < p.h-1; y += 3 {
		row := p.pix[y*p.w:]
		for x := 1; x < p.w-1; x += 3 {
			d := 2*int(row[x]) - int(row[x-1]) - int(row[x+1])
			counts[min(511, max(d, -d))]++
			n++
		}
	}
	seen := 0
	for d, c := range counts {
		if seen += c; seen > n/2 {
			return float64(d) / 1.65 // the median of |2a−b−c| is 0.6745·√6 deviations
		}
	}
	return 0
}

// patches labels runs of dark pixels, row by row, and keeps patches that could be characters.
func patches(w, h int, dark []bool) []blot {
	type run struct{ from, to, label int }
	type box struct{ parent, x0, y0, x1, y1, pixels int }
	var boxes []box
	root := func(i int) int {
		for boxes[i].parent != i {
			boxes[i].parent = boxes[boxes[i].parent].parent
			i = boxes[i].parent
		}
		return i
	}
	join := func(a, b int) int {
		a, b = root(a), root(b)
		if a == b {
			return a
		}
		k, o := &boxes[a], boxes[b]
		boxes[b].parent = a
		k.x0, k.y0, k.x1, k.y1, k.pixels = min(k.x0, o.x0), min(k.y0, o.y0), max(k.x1, o.x1), max(k.y1, o.y1), k.pixels+o.pixels
		return a
	}
	var above, here []run
	for y := range h {
		row := dark[y*w : (y+1)*w]
		here = here[:0]
		first := 0
		for x := 0; x < w; x++ {
			if !row[x] {
				continue
			}
			r := run{from: x, label: len(boxes)}
			for x < w && row[x] {
				x++
			}
			r.to = x
			boxes = append(boxes, box{len(boxes), r.from, y, r.to, y + 1, r.to - r.from})
			for first < len(above) && above[first].to < r.from {
				first++
			}
			for i := first; i < len(above) && above[i].from <= r.to; i++ {
				r.label = join(above[i].label, r.label)
			}
			here = append(here, r)
		}
		above, here = here, above
	}
	var found []blot
	for i, b := range boxes {
		bw, bh := b.x1-b.x0, b.y1-b.y0
		if b.parent != i || max(bw, bh) < 5 || max(bw, bh) > 90 || min(bw, bh) < 2 || b.pixels < 8 || b.pixels*12 < bw*bh {
			continue
		}
		found = append(found, blot{float64(b.x0+b.x1-1) / 2, float64(b.y0+b.y1-1) / 2, bw, bh, b.pixels})
		if len(found) == maxBlots {
			break
		}
	}
	return found
}

func hypot(x, y float64) float64 { return math.Sqrt(x*x + y*y) }
