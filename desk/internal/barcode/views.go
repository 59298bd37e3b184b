package barcode

import (
	"image"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// wholePixels bounds the work: a photograph is looked at with at most so many pixels, half of them each way, in parts and
// turned.
const wholePixels = 1_500_000

// look says what a view is good for.
type look int

const (
	entire look = iota // the whole picture
	part               // a part of it, for Data Matrix, which is found only around the middle
	turned             // the whole, turned and smaller, for Aztec, whose grid is found only near the upright
)

// view is one look at the picture.
type view struct {
	image image.Image
	look  look
}

// views yields the looks at a picture, the most promising first, until yield returns false.
func views(img image.Image, yield func(view) bool) {
	whole := gray(img, wholePixels)
	half := gray(whole, wholePixels/4)
	if !yield(view{whole, entire}) || !yield(view{half, entire}) {
		return
	}
	b := half.Bounds()
	w, h := b.Dx()/2, b.Dy()/2
	for i := range 9 {
		x, y := b.Min.X+i%3*w/2, b.Min.Y+i/3*h/2
		if min(w, h) >= leastSide && !yield(view{half.SubImage(image.Rect(x, y, x+w, y+h)), part}) {
			return
		}
	}
	for _, scale := range [...]float64{1, 1.6, 0.7} {
		for degrees := 0.0; degrees < 90; degrees += 15 {
			if sheet := turn(half, degrees, scale); sheet != nil && !yield(view{sheet, turned}) {
				return
			}
		}
	}
}

// turn is the picture turned about its middle, on a sheet that holds all of it; nil when that would be a large sheet.
func turn(img *image.Gray, degrees, scale float64) *image.Gray {
	b := img.Bounds()
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(b.Dx()), float64(b.Dy())
	W, H := int(scale*(w*cos+h*sin)), int(scale*(w*sin+h*cos))
	if W*H > wholePixels {
		return nil
	}
	out := image.NewGray(image.Rect(0, 0, max(W, leastSide), max(H, leastSide)))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	s, c := sin*scale, cos*scale
	m := f64.Aff3{c, -s, float64(W)/2 - c*w/2 + s*h/2, s, c, float64(H)/2 - s*w/2 - c*h/2}
	draw.ApproxBiLinear.Transform(out, m, img, b, draw.Over, nil)
	return out
}

// gray is img on white, in gray, with at most the given number of pixels.
func gray(img image.Image, pixels int) *image.Gray {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	for w*h > pixels {
		w, h = max(1, w*9/10), max(1, h*9/10)
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	if w == b.Dx() && h == b.Dy() {
		draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
		return out
	}
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	return out
}
