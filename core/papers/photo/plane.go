package photo

import (
	"image"
	"image/color"
)

// A plane is a grey picture, 0 black to 255 white, without gaps between rows.
type plane struct {
	w, h int
	pix  []uint8
}

// workSide is the most pixels a side that are worked on: a zone across half of such a picture has 30 pixels a character.
const workSide = 3000

// newPlane makes a grey plane of img, halved, thirded… while it is read, until no side has more than workSide pixels.
func newPlane(img image.Image) plane {
	b := img.Bounds()
	by := (max(b.Dx(), b.Dy()) + workSide - 1) / workSide
	p := plane{w: b.Dx() / by, h: b.Dy() / by}
	p.pix = make([]uint8, p.w*p.h)
	row, sums := make([]uint8, p.w*by), make([]uint32, p.w)
	grey := greyRow(img)
	half := uint32(by*by) / 2
	for y := range p.h {
		clear(sums)
		for dy := range by {
			grey(row, b.Min.Y+y*by+dy)
			for x := range sums {
				for _, v := range row[x*by : x*by+by] {
					sums[x] += uint32(v)
				}
			}
		}
		out := p.pix[y*p.w : (y+1)*p.w]
		for x, s := range sums {
			out[x] = uint8((s + half) / uint32(by*by))
		}
	}
	return p
}

// greyRow returns what fills row with the grey of line y of img, from its left edge. Photographs are YCbCr: their Y is grey already.
func greyRow(img image.Image) func(row []uint8, y int) {
	left := img.Bounds().Min.X
	switch m := img.(type) {
	case *image.YCbCr:
		return func(row []uint8, y int) { copy(row, m.Y[m.YOffset(left, y):]) }
	case *image.Gray:
		return func(row []uint8, y int) { copy(row, m.Pix[m.PixOffset(left, y):]) }
	case *image.RGBA:
		return func(row []uint8, y int) { greyRGB(row, m.Pix[m.PixOffset(left, y):]) }
	case *image.NRGBA:
		return func(row []uint8, y int) { greyRGB(row, m.Pix[m.PixOffset(left, y):]) }
	default:
		return func(row []uint8, y int) {
			for x := range row {
				row[x] = color.GrayModel.Convert(img.At(left+x, y)).(color.Gray).Y
			}
		}
	}
}

// greyRGB weighs four bytes a pixel as Rec. 601 does. What lies behind a transparent pixel is taken as it is.
func greyRGB(row, pix []uint8) {
	for x := range row {
		p := pix[4*x : 4*x+4]
		row[x] = uint8((299*uint32(p[0]) + 587*uint32(p[1]) + 114*uint32(p[2]) + 500) / 1000)
	}
}

// halved is the plane with each two by two pixels made one.
func (p plane) halved() plane {
	o := plane{w: p.w / 2, h: p.h / 2}
	o.pix = make([]uint8, o.w*o.h)
	for y := range o.h {
		a, b := p.pix[2*y*p.w:], p.pix[(2*y+1)*p.w:]
		for x := range o.w {
			o.pix[y*o.w+x] = uint8((uint32(a[2*x]) + uint32(a[2*x+1]) + uint32(b[2*x]) + uint32(b[2*x+1]) + 2) / 4)
		}
	}
	return o
}

// doubled is the plane with pixels put between its pixels, for small pictures.
func (p plane) doubled() plane {
	o := plane{w: p.w * 2, h: p.h * 2}
	o.pix = make([]uint8, o.w*o.h)
	for y := range o.h {
		for x := range o.w {
			o.pix[y*o.w+x] = uint8(p.at(float32(x)/2-0.25, float32(y)/2-0.25) + 0.5)
		}
	}
	return o
}

// smoothed is the plane under the binomial kernel 1 2 1, both ways.
func (p plane) smoothed() plane {
	across := make([]uint16, len(p.pix))
	for y := range p.h {
		in, out := p.pix[y*p.w:(y+1)*p.w], across[y*p.w:(y+1)*p.w]
		for x := range in {
			out[x] = uint16(in[max(0, x-1)]) + 2*uint16(in[x]) + uint16(in[min(p.w-1, x+1)])
		}
	}
	o := plane{p.w, p.h, make([]uint8, len(p.pix))}
	for y := range p.h {
		a, b, c := across[max(0, y-1)*p.w:], across[y*p.w:], across[min(p.h-1, y+1)*p.w:]
		for x := range p.w {
			o.pix[y*p.w+x] = uint8((a[x] + 2*b[x] + c[x] + 8) / 16)
		}
	}
	return o
}

// at is the grey between pixels, where (0, 0) is the middle of the first; outside, the nearest edge's.
func (p plane) at(x, y float32) float32 {
	if !(x >= 0) { // not a number too
		x = 0
	}
	if !(y >= 0) {
		y = 0
	}
	x, y = min(x, float32(p.w-1)), min(y, float32(p.h-1))
	ix, iy := min(int(x), max(0, p.w-2)), min(int(y), max(0, p.h-2))
	u, v := x-float32(ix), y-float32(iy)
	i := iy*p.w + ix
	right, down := min(1, p.w-1), p.w*min(1, p.h-1)
	a, b := float32(p.pix[i]), float32(p.pix[i+right])
	c, d := float32(p.pix[i+down]), float32(p.pix[i+down+right])
	top, bottom := a+(b-a)*u, c+(d-c)*u
	return top + (bottom-top)*v
}
