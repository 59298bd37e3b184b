package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Bounds of a photo.
const (
	MaxPhotoBytes  = 4 << 20    // of the file as it came
	MaxPhotoSide   = 8_192      // pixels, as it came
	MaxPhotoPixels = 24_000_000 // as it came
	PhotoSide      = 1_600      // pixels: what comes out is at most this high and wide
	photoQuality   = 85
	decodeTime     = 20 * time.Second // after which a decoder gets no more bytes
)

// An Image is a photo that this desk encoded: no metadata, upright, at most PhotoSide pixels a side.
type Image struct {
	JPEG          []byte
	Width, Height int // pixels
}

// decoding holds a place for each photo being decoded: 24 megapixels at 8 bytes (16-bit PNG) are 192 MB, so one at
// a time. The channel is made once and never replaced.
var decoding = make(chan struct{}, 1)

// Photo decodes data (JPEG, PNG or WebP, one still picture) within bounds and encodes it afresh as JPEG. Nothing of
// the file's metadata survives; its EXIF orientation is applied first. Errors wrap ErrTooLarge, ErrNotPhoto or
// ErrBroken. It waits while another photo is being decoded.
func Photo(data []byte) (Image, error) {
	if len(data) > MaxPhotoBytes {
		return Image{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	kind, turn, err := inspect(data)
	if err != nil {
		return Image{}, err
	}
	decoding <- struct{}{}
	defer func() { <-decoding }()
	return reencode(kind, turn, data)
}

// reencode does the work of Photo. A panic in a decoder is a damaged picture, not the end of the desk.
func reencode(kind format, turn orientation, data []byte) (out Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = Image{}, fmt.Errorf("%w: its decoder gave up", ErrBroken)
		}
	}()
	config, err := kind.config(bytes.NewReader(data))
	if err != nil {
		return Image{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	if err := checkSize(config); err != nil {
		return Image{}, err
	}
	src, err := kind.decode(&timedReader{bytes.NewReader(data), time.Now().Add(decodeTime)})
	if err != nil {
		return Image{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	if got := src.Bounds(); got.Dx() != config.Width || got.Dy() != config.Height {
		return Image{}, fmt.Errorf("%w: its size changed while decoding", ErrBroken)
	}
	return encode(turn.apply(fit(src)))
}

// checkSize refuses what would take too much memory, before any pixel is decoded.
func checkSize(c image.Config) error {
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return fmt.Errorf("%w: it has no pixels", ErrBroken)
	case c.Width > MaxPhotoSide || c.Height > MaxPhotoSide || c.Width*c.Height > MaxPhotoPixels:
		return fmt.Errorf("%w: %d × %d pixels", ErrTooLarge, c.Width, c.Height)
	}
	return nil
}

// fit scales src down to PhotoSide, never up. It halves as long as it can (which averages 2 × 2 pixels exactly, so that
// small print stays readable) and takes the last step, less than two, at once; a scaler with a wide kernel would hold
// 250 MB of intermediate columns for a large photo.
func fit(src image.Image) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	for max(w, h) >= 2*PhotoSide {
		w, h = max(1, w/2), max(1, h/2)
		src = onWhite(src, w, h)
	}
	if long := max(w, h); long > PhotoSide {
		w, h = max(1, w*PhotoSide/long), max(1, h*PhotoSide/long)
	}
	return onWhite(src, w, h)
}

// onWhite scales src to w × h over white: a transparent scan would otherwise turn black in JPEG.
func onWhite(src image.Image, w, h int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	return dst
}

func encode(m *image.RGBA) (Image, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: photoQuality}); err != nil {
		return Image{}, fmt.Errorf("encoding the photo: %w", err)
	}
	return Image{JPEG: out.Bytes(), Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}

// A format is one of the three that Photo knows.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func jpegFormat() format { return format{jpeg.DecodeConfig, jpeg.Decode} }
func pngFormat() format  { return format{png.DecodeConfig, png.Decode} }
func webpFormat() format { return format{webp.DecodeConfig, webp.Decode} }

var errTime = errors.New("decoding took too long")

// timedReader fails after its deadline: no decoder here can be stopped from outside, but all of them stop at a read
// error, and the bounds on pixels and scans limit what they do between two reads.
type timedReader struct {
	r        io.Reader
	deadline time.Time
}

func (t *timedReader) Read(p []byte) (int, error) {
	if time.Now().After(t.deadline) {
		return 0, errTime
	}
	return t.r.Read(p)
}
