package photo

import (
	"bytes"
	"errors"
	"image"
	"strings"
	"testing"
	"time"

	"panah/core/papers"
	"panah/internal/testkit/specimen"
)

// FuzzDecode: whatever the bytes, an image within the bounds or an error that callers know; what opens can be read without harm.
func FuzzDecode(f *testing.F) {
	file := specimen.Photograph(specimen.Hand(), papers.TD1, specimen.Lines(papers.TD1, 2), specimen.VGA, 2)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add(shapesFile)
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := Decode(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, ErrNotImage) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("an error that nobody knows: %v", err)
			}
			return
		}
		if b := img.Bounds(); b.Dx()*b.Dy() > MaxPixels {
			t.Fatalf("%v is over the bound", b)
		}
		if b := img.Bounds(); b.Dx()*b.Dy() > 1<<20 {
			return // TestSpecimens reads large ones; here many small ones are wanted
		}
		readSanely(t, img)
	})
}

// FuzzRead draws pictures that look like rows of something: dashes, noise, columns of any pitch, cut and turned.
func FuzzRead(f *testing.F) {
	f.Add([]byte("P<UTO"), uint16(640), uint16(200), uint8(13), uint8(32))
	f.Add([]byte{0xff, 0x81, 0x81, 0xff, 0}, uint16(700), uint16(300), uint8(20), uint8(50))
	f.Add([]byte{0x10, 0x38, 0x7c}, uint16(161), uint16(50), uint8(5), uint8(11))
	f.Fuzz(func(t *testing.T, ink []byte, w, h uint16, pitch, gap uint8) {
		img := image.NewGray(image.Rect(7, 3, 7+int(w%1200), 3+int(h%900)))
		p, g := max(3, int(pitch)), max(3, int(gap))
		for i := range img.Pix {
			x, y := i%img.Stride, i/img.Stride
			img.Pix[i] = 220
			if len(ink) > 0 && y%g < p && ink[(x/p+y/g*31)%len(ink)]>>(x%p*8/p)&1 == 1 {
				img.Pix[i] = ink[(x*7+y*13)%len(ink)] / 2
			}
		}
		readSanely(t, img)
	})
}

// readSanely: Read comes back in time, with a whole reading or an error that says what to do.
func readSanely(t *testing.T, img image.Image) {
	t.Helper()
	start := time.Now()
	r, err := Read(img, today)
	if took := time.Since(start); took > 20*time.Second {
		t.Fatalf("reading %v took %v", img.Bounds(), took)
	}
	var not *NotRead
	switch {
	case err == nil:
		if n := len(r.Lines); n != 2 && n != 3 || len(r.Sure) != n || r.Zone == nil || strings.Trim(strings.Join(r.Lines, ""), symbols) != "" {
			t.Fatalf("half a reading: %v", r.Lines)
		}
	case errors.As(err, &not) && not.Reason == "" || not == nil && !errors.Is(err, ErrTooLarge):
		t.Fatalf("an error that says nothing: %v", err)
	}
}
