package specimen

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"os"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// Symbols are the characters of a machine-readable zone, in the order of the reader's sheet of shapes.
const Symbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"

// OCRB is where Debian's package fonts-ocr-b puts the typeface (.ci/deps installs it).
const OCRB = "/usr/share/fonts/opentype/ocr-b/OCRB.otf"

// A Face is a typeface of the zone: closed outlines and, for the hand-made one, the paths of a pen.
type Face struct {
	Name   string
	glyphs map[rune]glyph
}

// A glyph is in widths of one character (the pitch): x from 0 to 1, y from 0 at the baseline upwards.
type glyph struct {
	outlines [][]point // closed, filled by the nonzero rule
	strokes  [][]point // drawn with a round pen
	pen      float64   // diameter
}

type point struct{ x, y float64 }

// Printed is the typeface of the file at OCRB. The error names the package to install.
func Printed() (*Face, error) {
	file, err := os.ReadFile(OCRB)
	if err != nil {
		return nil, fmt.Errorf("reading the typeface of the zone (Debian package fonts-ocr-b): %w", err)
	}
	f, err := font.ParseTTF(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", OCRB, err)
	}
	face := &Face{Name: "printed", glyphs: map[rune]glyph{}}
	for _, r := range Symbols {
		id, ok := f.NominalGlyph(r)
		drawn, isOutline := f.GlyphData(id).(font.GlyphOutline)
		if !ok || !isOutline {
			return nil, fmt.Errorf("reading %s: no outline of %q", OCRB, r)
		}
		face.glyphs[r] = outline(drawn, float64(f.HorizontalAdvance(id)))
	}
	return face, nil
}

// outline flattens a glyph; its advance is one pitch.
func outline(drawn font.GlyphOutline, advance float64) glyph {
	var g glyph
	at := func(p opentype.SegmentPoint) point { return point{float64(p.X) / advance, float64(p.Y) / advance} }
	for _, s := range drawn.Segments {
		to := at(s.Args[0])
		if s.Op == opentype.SegmentOpMoveTo {
			g.outlines = append(g.outlines, []point{to})
			continue
		}
		path := &g.outlines[len(g.outlines)-1]
		from := (*path)[len(*path)-1]
		switch s.Op {
		case opentype.SegmentOpLineTo:
			*path = append(*path, to)
		case opentype.SegmentOpQuadTo:
			end := at(s.Args[1])
			*path = flatten(*path, from, lerp(from, to, 2./3), lerp(end, to, 2./3), end)
		case opentype.SegmentOpCubeTo:
			*path = flatten(*path, from, to, at(s.Args[1]), at(s.Args[2]))
		}
	}
	return g
}

func lerp(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }

// flatten appends a cubic curve as straight lines.
func flatten(path []point, a, b, c, d point) []point {
	const steps = 12
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps
		ab, bc, cd := lerp(a, b, t), lerp(b, c, t), lerp(c, d, t)
		path = append(path, lerp(lerp(ab, bc, t), lerp(bc, cd, t), t))
	}
	return path
}

// ink says how much of the ink's width from the edge a point is, in pitches: positive inside. Enough for drawing at any weight.
func (g glyph) ink(p point) float64 {
	d := math.Inf(1)
	for _, s := range g.strokes {
		for i := 1; i < len(s); i++ {
			d = min(d, distance(p, s[i-1], s[i]))
		}
	}
	best := g.pen/2 - d
	if len(g.outlines) == 0 {
		return best
	}
	d, winding := math.Inf(1), 0
	for _, s := range g.outlines {
		for i := range s {
			a, b := s[i], s[(i+1)%len(s)]
			d = min(d, distance(p, a, b))
			if (a.y <= p.y) != (b.y <= p.y) && a.x+(p.y-a.y)/(b.y-a.y)*(b.x-a.x) > p.x {
				if b.y > a.y {
					winding++
				} else {
					winding--
				}
			}
		}
	}
	if winding == 0 {
		d = -d
	}
	return max(best, d)
}

func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/l))
	}
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}

// Draw draws a character as ink (255) on nothing (0), w × h pixels, pitch pixels a character, baseline rows from the top, with ink that
// spreads by spread pitches on every side (negative: thinner).
func (f *Face) Draw(r rune, w, h int, pitch, baseline, spread float64) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	g := f.glyphs[r]
	left := float64(w)/2 - pitch/2
	for y := range h {
		for x := range w {
			p := point{(float64(x) + 0.5 - left) / pitch, (baseline - float64(y) - 0.5) / pitch}
			cover := (g.ink(p)+spread)*pitch + 0.5
			m.Pix[y*m.Stride+x] = uint8(255*min(1, max(0, cover)) + 0.5)
		}
	}
	return m
}
