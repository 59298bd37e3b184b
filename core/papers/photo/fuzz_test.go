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

// FuzzRows draws pictures that look like rows of something, and levels whatever is found in them: no map leads out of what can be
// computed. Matching, which takes long and minds no content, is left to FuzzDecode and the tests.
func FuzzRows(f *testing.F) {
	f.Add([]byte("P<UTO"), uint16(640), uint16(200), uint8(13), uint8(32))
	f.Add([]byte{0xff, 0x81, 0x81, 0xff, 0}, uint16(700), uint16(300), uint8(20), uint8(50))
	f.Add([]byte{0x10, 0x38, 0x7c}, uint16(161), uint16(50), uint8(5), uint8(11))
	f.Fuzz(func(t *testing.T, ink []byte, w, h uint16, pitch, gap uint8) {
		img := image.NewGray(image.Rect(7, 3, 7+int(w%800), 3+int(h%400)))
		if img.Rect.Dx() < leastSide || img.Rect.Dy() < leastSide/4 {
			return
		}
		p, g := max(3, int(pitch)), max(3, int(gap))
		for i := range img.Pix {
			x, y := i%img.Stride, i/img.Stride
			img.Pix[i] = 220
			if len(ink) > 0 && y%g < p && ink[(x/p+y/g*31)%len(ink)]>>(x%p*8/p)&1 == 1 {
				img.Pix[i] = ink[(x*7+y*13)%len(ink)] / 2
			}
		}
		s := newScales(newPlane(img))
		for _, p := range sizesOf(s)[:1] {
			f := newField(blots(p.plane))
			for _, st := range stacks(f, f.rows()) {
				for _, g := range []grid{st.grid.scaled(p.by), st.grid.turned(st.last), st.grid.lengthened(1)} {
					if !g.sound(st.last) {
						continue
					}
					var cell patch
					for c := -mostMissed; c <= st.last+mostMissed; c++ {
						g.cut(s, c, g.rows-1, &cell)
					}
					if z := g.zone(s, 0, 44); z.Rect.Dx() > 46*ZonePitch || z.Rect.Dy() > 12*ZonePitch {
						t.Fatalf("a zone of %v", z.Rect)
					}
				}
			}
		}
	})
}

// FuzzJudge: whatever the cells look like, every layout gets whole lines of its symbols and chances that are chances.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{1, 2, 3}, 1.0)
	f.Add([]byte("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"), 0.7)
	f.Add([]byte{255, 255, 0, 9}, 0.0)
	f.Fuzz(func(t *testing.T, fits []byte, blur float64) {
		if len(fits) == 0 || !(blur >= 0 && blur <= 1) {
			return
		}
		for _, size := range [][2]int{{3, 30}, {2, 36}, {2, 44}} {
			cells := make([][]score, size[0])
			for line := range cells {
				cells[line] = make([]score, size[1])
				for c := range cells[line] {
					cell := &cells[line][c]
					for i := range cell.fit {
						cell.fit[i] = float32(fits[(line*size[1]+c+i*i)%len(fits)])/120 - 1 // over 1 too
					}
					cell.contrast = float32(fits[c%len(fits)])
				}
			}
			for _, l := range layouts(size[0], size[1]) {
				checkVerdict(t, judge(l, cells, blur))
			}
		}
	})
}

func checkVerdict(t *testing.T, v verdict) {
	t.Helper()
	if !(v.chance >= 0 && v.chance <= 1.0001) || len(v.lines) != len(v.layout.lines) {
		t.Fatalf("%s: a chance of %v for %d lines", v.layout.kind, v.chance, len(v.lines))
	}
	for line, classes := range v.layout.lines {
		if len(v.lines[line]) != len(classes) {
			t.Fatalf("%s: a line of %d characters", v.layout.kind, len(v.lines[line]))
		}
		for c := range classes {
			may := allowed(classes[c])
			if i := strings.IndexByte(symbols, v.lines[line][c]); i < 0 || !may[i] {
				t.Fatalf("%s: %q stands at %d, %d", v.layout.kind, v.lines[line][c], line, c)
			}
			if p := v.sure[line][c]; !(p >= 0 && p <= 1.0001) {
				t.Fatalf("%s: sure to %v", v.layout.kind, p)
			}
		}
	}
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
