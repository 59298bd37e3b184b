package photo

import (
	"bytes"
	_ "embed"
	"image"
	"image/png"
	"math"
	"sync"
)

// symbols are the characters of a zone, in the order of the sheet.
const symbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"

const filler = len(symbols) - 1

// The sheet has a cell for each symbol: white ink on black. Half a pitch above the baseline is the middle of a cell.
const (
	sheetPitch = 40
	sheetW     = sheetPitch
	sheetH     = 52
	sheetBase  = 46
)

// shapesFile holds the shapes of OCR-B, drawn by this package's test from Debian's fonts-ocr-b, whose outlines are Norbert Schwarz's ("you may
// freely use, modify and/or distribute this file, without limitation") and Matthew Skala's (public domain). See docs/adr/photo.md.
//
//go:embed shapes.png
var shapesFile []byte

// Characters are matched in cells of cellW × cellH pixels.
const (
	cellW = 20
	cellH = 26
	cellN = cellW * cellH
)

// A shape is what one symbol looks like in a cell: mean 0, length 1.
type shape [cellN]float32

// A look is all symbols printed and photographed in one way.
type look struct {
	shapes [len(symbols)]shape
	spread float64 // of the ink: negative thinner, positive fatter; in cell pixels
	sigma  float64 // of the blur, in cell pixels
	smear  float64 // length of the camera's movement, in cell pixels
	angle  float64 // of the movement
}

// ways are how characters are expected to look: sharp to blurred, thin to fat, smeared in four directions.
type ways struct {
	still []look // by blur, each with every spread
	moved []look
}

// looks draws all shapes once. They depend on nothing but the sheet.
var looks = sync.OnceValue(func() ways {
	img, err := png.Decode(bytes.NewReader(shapesFile))
	if err != nil {
		panic("photo: the embedded shapes do not open: " + err.Error())
	}
	sheet := img.(*image.Gray)
	var w ways
	for _, spread := range []float64{-0.6, 0, 0.7} {
		fat := drawn(sheet, spread)
		for _, sigma := range []float64{0.7, 1.2, 1.8, 2.5, 3.3, 4.2} {
			w.still = append(w.still, newLook(fat, look{spread: spread, sigma: sigma}))
		}
	}
	plain := drawn(sheet, 0)
	for _, smear := range []float64{5, 8, 11, 14} {
		for a := range 8 {
			w.moved = append(w.moved, newLook(plain, look{sigma: 1, smear: smear, angle: float64(a) * math.Pi / 8}))
		}
	}
	return w
})

// A cell is a symbol in a cell's pixels with room around for blur.
const margin = 12

type roomy [(cellW + 2*margin) * (cellH + 2*margin)]float32

// drawn takes the sheet's symbols down to cells, with ink that spreads on all sides.
func drawn(sheet *image.Gray, spread float64) (out [len(symbols)]roomy) {
	const by = sheetPitch / cellW
	for s := range out {
		for y := range cellH {
			for x := range cellW {
				var sum float32
				for dy := range by {
					for dx := range by {
						sum += inkAt(sheet, s, x*by+dx, y*by+dy, spread*by)
					}
				}
				out[s][(y+margin)*(cellW+2*margin)+x+margin] = sum / (by * by)
			}
		}
	}
	return out
}

// inkAt is the most ink within spread pixels of a point of the sheet, or the least for a negative spread.
func inkAt(sheet *image.Gray, s, x, y int, spread float64) float32 {
	n := int(math.Abs(spread) + 0.5)
	best := -1
	for dy := -n; dy <= n; dy++ {
		for dx := -n; dx <= n; dx++ {
			if float64(dx*dx+dy*dy) > spread*spread+0.5 {
				continue
			}
			v := 0
			if px, py := x+dx, y+dy; px >= 0 && px < sheetW && py >= 0 && py < sheetH {
				v = int(sheet.Pix[py*sheet.Stride+s*sheetW+px])
			}
			if best < 0 || (spread > 0 && v > best) || (spread < 0 && v < best) {
				best = v
			}
		}
	}
	return float32(best)
}

func newLook(symbolsDrawn [len(symbols)]roomy, l look) look {
	for s, r := range symbolsDrawn {
		r = r.blurred(l.sigma)
		if l.smear > 0 {
			r = r.smeared(l.smear, l.angle)
		}
		for y := range cellH {
			copy(l.shapes[s][y*cellW:(y+1)*cellW], r[(y+margin)*(cellW+2*margin)+margin:])
		}
		l.shapes[s].normalise()
	}
	return l
}

func (r roomy) blurred(sigma float64) roomy {
	const w, h = cellW + 2*margin, cellH + 2*margin
	n := min(margin, int(3*sigma+1))
	kernel, sum := make([]float32, n+1), float32(0)
	for i := range kernel {
		kernel[i] = float32(math.Exp(-float64(i*i) / (2 * sigma * sigma)))
		sum += kernel[i] * float32(min(2, i+1))
	}
	var across, out roomy
	for y := range h {
		for x := range w {
			v := kernel[0] * r[y*w+x]
			for i := 1; i <= n; i++ {
				if x >= i {
					v += kernel[i] * r[y*w+x-i]
				}
				if x+i < w {
					v += kernel[i] * r[y*w+x+i]
				}
			}
			across[y*w+x] = v / sum
		}
	}
	for y := range h {
		for x := range w {
			v := kernel[0] * across[y*w+x]
			for i := 1; i <= n; i++ {
				if y >= i {
					v += kernel[i] * across[(y-i)*w+x]
				}
				if y+i < h {
					v += kernel[i] * across[(y+i)*w+x]
				}
			}
			out[y*w+x] = v / sum
		}
	}
	return out
}

func (r roomy) smeared(length, angle float64) roomy {
	const w, h = cellW + 2*margin, cellH + 2*margin
	sin, cos := math.Sincos(angle)
	steps := int(length) + 1
	var out roomy
	for s := range steps {
		t := (float64(s)/float64(steps-1) - 0.5) * length
		dx, dy := int(math.Round(t*cos)), int(math.Round(t*sin))
		for y := max(0, -dy); y < min(h, h-dy); y++ {
			for x := max(0, -dx); x < min(w, w-dx); x++ {
				out[y*w+x] += r[(y+dy)*w+x+dx]
			}
		}
	}
	return out
}

// A column at the side of a cell says less: blur brings the neighbour's ink there. root are the square roots of the columns'
// weights, weights is the sum of all pixels' weights.
var root = [cellW]float32{0, 0.5, 0.8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.8, 0.5, 0}

const weights = cellH * (14 + 2*(0.64+0.25))

// normalise takes the weighed mean off, weighs the columns and makes the length 1.
func (s *shape) normalise() {
	var sum, squares float64
	for i, v := range s {
		sum += float64(v * root[i%cellW] * root[i%cellW])
	}
	mean := float32(sum / weights)
	for i, v := range s {
		s[i] = (v - mean) * root[i%cellW]
		squares += float64(s[i]) * float64(s[i])
	}
	if squares == 0 {
		return
	}
	by := float32(1 / math.Sqrt(squares))
	for i := range s {
		s[i] *= by
	}
}
