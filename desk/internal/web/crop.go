package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/draw"
	"image/png"
)

// A crop is the picture of a paper's lines, as PNG, small enough to lie in the page and to come back with its form.
type crop []byte

// Bounds of a crop.
const (
	maxCropBytes = 180 << 10
	maxCropSide  = 2_000
)

var errCrop = errors.New("this is no picture of lines")

// newCrop makes the PNG of a zone. One that is too large for the form is made half as large until it fits.
func newCrop(zone *image.Gray) (crop, error) {
	for {
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, zone); err != nil {
			return nil, fmt.Errorf("making the picture of the lines: %w", err)
		}
		if b := zone.Bounds(); out.Len() <= maxCropBytes && b.Dx() <= maxCropSide && b.Dy() <= maxCropSide {
			return out.Bytes(), nil
		}
		zone = halved(zone)
	}
}

// halved averages two by two pixels.
func halved(g *image.Gray) *image.Gray {
	b := g.Bounds()
	out := image.NewGray(image.Rect(0, 0, max(1, b.Dx()/2), max(1, b.Dy()/2)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			at := func(dx, dy int) int {
				return int(g.GrayAt(min(b.Min.X+2*x+dx, b.Max.X-1), min(b.Min.Y+2*y+dy, b.Max.Y-1)).Y)
			}
			out.Pix[out.PixOffset(x, y)] = uint8((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4)
		}
	}
	return out
}

// cropFrom takes a crop back from a form: only what decodes as a small PNG, made afresh.
func cropFrom(field string) (crop, error) {
	if field == "" || len(field) > 2*maxCropBytes {
		return nil, errCrop
	}
	b, err := base64.RawURLEncoding.DecodeString(field)
	if err != nil {
		return nil, errCrop
	}
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxCropSide || c.Height > maxCropSide {
		return nil, errCrop
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, errCrop
	}
	gray := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(gray, gray.Bounds(), img, img.Bounds().Min, draw.Src)
	return newCrop(gray)
}

// url is the crop as the source of an image.
func (c crop) url() template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(c)) // made of our own bytes
}

// field is the crop as a field of a form.
func (c crop) field() string { return base64.RawURLEncoding.EncodeToString(c) }
