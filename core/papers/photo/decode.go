package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
)

// Bounds of [Decode], checked before anything of that size is allocated. A JPEG decoder takes up to six times MaxPixels in bytes
// while it works (progressive files), a PNG decoder up to eight (16 bits a channel).
const (
	MaxBytes  = 32 << 20
	MaxPixels = 40_000_000
	maxSide   = 20_000
	maxScans  = 64 // of a JPEG: encoders write about ten, and each passes over all pixels for as little as some bytes
)

// Decode reads one JPEG or PNG image. The error wraps ErrNotImage or ErrTooLarge, or what reading r said. The orientation
// that a camera notes beside the picture is not looked at: Read finds which way round the lines are.
func Decode(r io.Reader) (image.Image, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading a photograph: %w", err)
	}
	if len(file) > MaxBytes {
		return nil, ErrTooLarge
	}
	config, decode := jpeg.DecodeConfig, jpeg.Decode
	if bytes.HasPrefix(file, []byte("\x89PNG")) {
		config, decode = png.DecodeConfig, png.Decode
	}
	// In a picture's data 0xFF is followed by 0x00 or RST (ISO/IEC 10918-1, B.1.1.5): FF DA is a scan, or one of a small picture beside it.
	if bytes.HasPrefix(file, []byte{0xFF, 0xD8}) && bytes.Count(file, []byte{0xFF, 0xDA}) > maxScans {
		return nil, fmt.Errorf("%w: too many scans", ErrNotImage)
	}
	c, err := config(bytes.NewReader(file))
	if err != nil {
		return nil, errors.Join(ErrNotImage, err)
	}
	if err := fits(c.Width, c.Height, c.ColorModel); err != nil {
		return nil, err
	}
	img, err := decode(bytes.NewReader(file))
	if err != nil {
		return nil, errors.Join(ErrNotImage, err)
	}
	return img, nil
}

// fits refuses sizes that would cost too much memory. 16 bits a channel count double.
func fits(w, h int, model color.Model) error {
	if w <= 0 || h <= 0 {
		return ErrNotImage
	}
	most := MaxPixels
	if model == color.NRGBA64Model || model == color.RGBA64Model {
		most /= 2
	}
	if w > maxSide || h > maxSide || w*h > most {
		return ErrTooLarge
	}
	return nil
}
