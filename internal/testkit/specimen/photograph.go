// Package specimen makes photographs of papers of made-up people, for the tests and the bench of core/papers/photo and for the desk's
// browser test: a page with a guilloche, a portrait's box, printed words and a machine-readable zone, put on a table, photographed
// askew and damaged in one of the ways of Damages. The same seed gives the same photograph.
package specimen

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"panah/core/papers"
)

// Damage is what is wrong with a photograph.
type Damage string

// The damages. Every photograph is also a little turned and tilted, unevenly lit, noisy and compressed.
const (
	Clean      Damage = "clean"
	Rotated    Damage = "rotated ±15°"
	UpsideDown Damage = "upside down"
	Sideways   Damage = "sideways" // a quarter turn, as cameras store portrait pictures
	Tilted     Damage = "tilted"   // perspective
	Blurred    Damage = "blurred"
	Motion     Damage = "motion-blurred"
	Noisy      Damage = "noisy"
	LowLight   Damage = "low light"
	Glare      Damage = "glare"
	JPEG30     Damage = "JPEG q30"
	Cropped    Damage = "cropped" // hardly more than the zone
	VGA        Damage = "VGA"     // 640 × 480
	Far        Damage = "far"     // the page takes half of the picture's width
)

// Damages lists all of them in the order of the bench's table.
func Damages() []Damage {
	return []Damage{Clean, Rotated, UpsideDown, Sideways, Tilted, Blurred, Motion, Noisy, LowLight, Glare, JPEG30, Cropped, VGA, Far}
}

// JPEG is a photograph of a paper with these lines in the hand-made typeface: nothing needs to be installed.
func JPEG(kind papers.Type, lines []string, damage Damage) []byte {
	return Photograph(Hand(), kind, lines, damage, 1)
}

// Photograph is a JPEG of a paper with these lines, in this typeface.
func Photograph(face *Face, kind papers.Type, lines []string, damage Damage, seed uint64) []byte {
	return Enlarged(face, kind, lines, damage, seed, 0)
}

// Enlarged is the same photograph, as a camera takes it whose pictures are width pixels wide; 0 for the usual width.
func Enlarged(face *Face, kind papers.Type, lines []string, damage Damage, seed uint64, width int) []byte {
	r := rand.New(rand.NewPCG(seed, 0x0ca3e7a))
	s := shot(kind, damage, width, r)
	page := drawPage(face, kind, lines, s.scale*1.1, r)
	m := s.expose(page, r)
	m.wear(damage, s.scale*pitchMM, r)
	quality := 88
	if damage == JPEG30 {
		quality = 30
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m.picture(), &jpeg.Options{Quality: quality}); err != nil {
		panic(fmt.Sprintf("specimen: writing to memory: %v", err))
	}
	return out.Bytes()
}

// A view is where the camera stands.
type view struct {
	w, h  int
	scale float64    // pixels a millimetre in the middle
	from  [9]float64 // from a pixel of the photograph to a point of the page, 0 to 1 each way
}

func shot(kind papers.Type, damage Damage, width int, r *rand.Rand) view {
	p := sizes(kind)
	v := view{w: 1600, h: 1200}
	share := 0.72 + 0.2*r.Float64() // of the picture's width that the page takes
	angle := (r.Float64() - 0.5) * 6
	tilt := 0.015
	cx, cy := 0.5, 0.5
	switch damage {
	case VGA:
		v.w, v.h, share = 640, 480, 0.9+0.08*r.Float64()
	case Rotated:
		angle = (r.Float64() - 0.5) * 30
		share = 0.7 + 0.08*r.Float64()
	case Far:
		share, cx, cy = 0.42+0.14*r.Float64(), 0.3+0.4*r.Float64(), 0.3+0.4*r.Float64()
	case UpsideDown:
		angle += 180
	case Sideways:
		v.w, v.h = v.h, v.w
		angle += 90 + 180*float64(r.IntN(2))
		share *= 4. / 3
	case Tilted:
		tilt = 0.06
	case Cropped:
		share, angle = 0.98, angle/3
	}
	if width > 0 {
		v.w, v.h = width, v.h*width/v.w
	}
	v.scale = share * float64(v.w) / p.w
	if damage == Cropped {
		zone := 2.5 + lineMM*float64(p.lines-1)
		v.h = int((zone + 8) * v.scale)
		cy = (float64(v.h)/2 - (p.h/2-p.foot-zone/2)*v.scale) / float64(v.h)
	}
	sin, cos := math.Sincos(angle * math.Pi / 180)
	var corners [4]point
	for i, c := range [4]point{{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}} {
		x := c.x*p.w*v.scale + tilt*p.w*v.scale*(r.Float64()-0.5)
		y := c.y*p.h*v.scale + tilt*p.w*v.scale*(r.Float64()-0.5)
		corners[i] = point{cx*float64(v.w) + x*cos - y*sin, cy*float64(v.h) + x*sin + y*cos}
	}
	v.from = invert(square(corners))
	return v
}

// square is the projective map from the unit square to four corners (Heckbert 1989).
func square(c [4]point) [9]float64 {
	dx1, dx2, dx3 := c[1].x-c[2].x, c[3].x-c[2].x, c[0].x-c[1].x+c[2].x-c[3].x
	dy1, dy2, dy3 := c[1].y-c[2].y, c[3].y-c[2].y, c[0].y-c[1].y+c[2].y-c[3].y
	det := dx1*dy2 - dx2*dy1
	g, h := (dx3*dy2-dx2*dy3)/det, (dx1*dy3-dx3*dy1)/det
	return [9]float64{
		c[1].x - c[0].x + g*c[1].x, c[3].x - c[0].x + h*c[3].x, c[0].x,
		c[1].y - c[0].y + g*c[1].y, c[3].y - c[0].y + h*c[3].y, c[0].y, g, h, 1,
	}
}

func invert(m [9]float64) [9]float64 {
	return [9]float64{
		m[4]*m[8] - m[5]*m[7], m[2]*m[7] - m[1]*m[8], m[1]*m[5] - m[2]*m[4],
		m[5]*m[6] - m[3]*m[8], m[0]*m[8] - m[2]*m[6], m[2]*m[3] - m[0]*m[5],
		m[3]*m[7] - m[4]*m[6], m[1]*m[6] - m[0]*m[7], m[0]*m[4] - m[1]*m[3],
	}
}

// A film is a photograph before it is a file, 0 to 255.
type film struct {
	w, h int
	pix  []float32
}

// expose photographs the page on a table of dark wood, with light from one side.
func (v view) expose(page *image.Gray, r *rand.Rand) *film {
	m := &film{v.w, v.h, make([]float32, v.w*v.h)}
	table := 50 + 60*r.Float64()
	lx, ly := (r.Float64()-0.5)*0.3, (r.Float64()-0.5)*0.3
	t := v.from
	for y := range v.h {
		for x := range v.w {
			fx, fy := float64(x), float64(y)
			z := t[6]*fx + t[7]*fy + t[8]
			px, py := (t[0]*fx+t[1]*fy+t[2])/z*float64(page.Rect.Dx()), (t[3]*fx+t[4]*fy+t[5])/z*float64(page.Rect.Dy())
			var tone float64
			if px >= 0 && py >= 0 && px < float64(page.Rect.Dx()-1) && py < float64(page.Rect.Dy()-1) {
				tone = sample(page, px, py)
			} else {
				tone = table + 14*math.Sin(fy/float64(v.h)*90+4*math.Sin(fx/float64(v.w)*5))
			}
			tone *= 0.95 + lx*(fx/float64(v.w)-0.5) + ly*(fy/float64(v.h)-0.5)
			m.pix[y*v.w+x] = float32(tone)
		}
	}
	return m
}

func sample(page *image.Gray, x, y float64) float64 {
	ix, iy := int(x), int(y)
	u, v := x-float64(ix), y-float64(iy)
	i := iy*page.Stride + ix
	a, b := float64(page.Pix[i]), float64(page.Pix[i+1])
	c, d := float64(page.Pix[i+page.Stride]), float64(page.Pix[i+page.Stride+1])
	return (a*(1-u)+b*u)*(1-v) + (c*(1-u)+d*u)*v
}

// picture gives the film a colour cast, as cameras do.
func (m *film) picture() image.Image {
	p := image.NewRGBA(image.Rect(0, 0, m.w, m.h))
	for i, v := range m.pix {
		p.Pix[4*i], p.Pix[4*i+1], p.Pix[4*i+2], p.Pix[4*i+3] = shade(float64(v)*1.02), shade(float64(v)), shade(float64(v)*0.93), 255
	}
	return p
}
