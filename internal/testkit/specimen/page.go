package specimen

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"panah/core/papers"
)

// A paper's sizes in millimetres: Doc 9303-4, -5, -6 and -7, and the zone's place in it.
type paper struct {
	w, h    float64
	columns int
	lines   int
	foot    float64 // from the last baseline to the paper's edge
}

func sizes(kind papers.Type) paper {
	switch kind {
	case papers.TD1:
		return paper{85.6, 54, 30, 3, 4.5}
	case papers.TD2, papers.MRVB, papers.FraID:
		return paper{105, 74, 36, 2, 6}
	case papers.MRVA:
		return paper{120, 80, 44, 2, 6}
	default:
		return paper{125, 88, 44, 2, 7.5}
	}
}

const (
	pitchMM = 2.54 // Doc 9303-3, 4.1: ten characters an inch
	lineMM  = 6.35
)

// drawPage draws the page flat, scale pixels a millimetre: paper with a guilloche, a portrait's box, printed words, the zone.
func drawPage(face *Face, kind papers.Type, lines []string, scale float64, r *rand.Rand) *image.Gray {
	p := sizes(kind)
	page := image.NewGray(image.Rect(0, 0, int(p.w*scale), int(p.h*scale)))
	guilloche(page, scale, r)
	upper := p.h - p.foot - lineMM*float64(len(lines)) - 4 // what is left above the zone
	portrait(page, image.Rect(int(5*scale), int(0.2*upper*scale), int((5+0.6*upper)*scale), int(0.95*upper*scale)), r)
	words(page, upper, scale)
	pitch := pitchMM * scale
	left := (p.w - pitchMM*float64(p.columns)) / 2 * scale * (0.9 + 0.2*r.Float64())
	spread := (r.Float64() - 0.6) * 0.04 // a worn or a fat ribbon
	ink := 25 + 45*r.Float64()
	spacing := lineMM * (0.92 + 0.1*r.Float64())
	w, h := int(pitch*1.3), int(pitch*1.6)
	drawn := map[rune]*image.Gray{}
	for row, line := range lines {
		base := (p.h - p.foot - spacing*float64(len(lines)-1-row)) * scale
		for column, c := range line {
			if drawn[c] == nil {
				drawn[c] = face.Draw(c, w, h, pitch, math.Floor(pitch*1.3), spread)
			}
			x := int(left + (float64(column)+0.5)*pitch - float64(w)/2 + r.Float64()*0.02*pitch)
			y := int(base - pitch*1.3)
			draw.DrawMask(page, image.Rect(x, y, x+w, y+h), image.NewUniform(color.Gray{uint8(ink)}), image.Point{}, mask(drawn[c]), image.Point{}, draw.Over)
		}
	}
	return page
}

func mask(m *image.Gray) *image.Alpha {
	return &image.Alpha{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
}

// guilloche fills the page with paper and waves of fine lines.
func guilloche(page *image.Gray, scale float64, r *rand.Rand) {
	base, depth := 205+30*r.Float64(), 8+16*r.Float64()
	a, b, c := 1.5+2*r.Float64(), 0.15+0.2*r.Float64(), 6*r.Float64()
	wave, slope := make([]float64, page.Rect.Dx()), make([]float64, page.Rect.Dx())
	for x := range wave {
		u := float64(x) / scale
		wave[x], slope[x] = 3*math.Sin(u*b+c), 6*math.Sin(u/19)
	}
	for y := range page.Rect.Dy() {
		v := float64(y) / scale
		bow := 2 * math.Sin(v*b*1.3)
		for x := range page.Rect.Dx() {
			one := math.Sin(2*math.Pi*(v/a) + wave[x])
			two := math.Sin(2*math.Pi*(float64(x)/scale/a*0.7+v/a*0.4) + bow)
			line := max(0, one-0.6)/0.4 + 0.7*max(0, two-0.6)/0.4
			page.Pix[y*page.Stride+x] = shade(base - depth*line - slope[x])
		}
	}
}

func shade(v float64) uint8 { return uint8(min(255, max(0, v+0.5))) }

// portrait draws a box with a head-shaped blot: nobody's face.
func portrait(page *image.Gray, box image.Rectangle, r *rand.Rand) {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			u := (float64(x-box.Min.X)/float64(box.Dx()) - 0.5) * 2
			v := (float64(y-box.Min.Y)/float64(box.Dy()) - 0.5) * 2
			tone := 170.0
			if u*u*3.2+(v+0.15)*(v+0.15)*1.8 < 0.8 {
				tone = 120 - 60*u
			} else if v > 0.45 && math.Abs(u) < 0.4+v*0.5 {
				tone = 60
			}
			page.SetGray(x, y, color.Gray{shade(tone + 8*r.NormFloat64())})
		}
	}
}

// words prints labels and made-up entries beside the portrait.
func words(page *image.Gray, upper, scale float64) {
	typeface, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic("specimen: the Go typeface does not open: " + err.Error())
	}
	write := func(x, y, mm float64, text string) {
		f, err := opentype.NewFace(typeface, &opentype.FaceOptions{Size: mm * scale, DPI: 72})
		if err != nil {
			panic("specimen: the Go typeface has no such size: " + err.Error())
		}
		d := font.Drawer{Dst: page, Src: image.NewUniform(color.Gray{45}), Face: f, Dot: fixed.P(int(x*scale), int(y*scale))}
		d.DrawString(text)
	}
	write(6, 0.13*upper, 0.07*upper, "SPECIMEN OF UTOPIA   PASSPORT / CARD")
	x := 8 + 0.6*upper
	rows := []string{"Surname / Nom", "MADE UP", "Given names / Prénoms", "NOBODY AT ALL", "Nationality   Date of birth   Sex", "UTOPIAN   01 JAN / JAN 90   F", "Date of expiry / Authority", "31 DEC / DEC 34   MINISTRY OF NOWHERE"}
	for i, text := range rows {
		write(x, (0.22+0.1*float64(i))*upper, []float64{0.03, 0.045}[i%2]*upper, text)
	}
}
