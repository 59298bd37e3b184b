package photo

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/papers"
	"panah/internal/testkit/specimen"
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func open(t testing.TB, file []byte) image.Image {
	t.Helper()
	img, err := Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestSpecimens reads one photograph of each damage for each kind of paper; bench/photo reads many.
func TestSpecimens(t *testing.T) {
	printed, err := specimen.Printed()
	if err != nil {
		t.Fatal(err)
	}
	faces := []*specimen.Face{specimen.Hand(), printed}
	read, wrong, still := 0, 0, 0
	for d, damage := range specimen.Damages() {
		for k, kind := range []papers.Type{papers.TD3, papers.TD1, papers.TD2, papers.MRVA, papers.MRVB}[:3+2*(d%2)] {
			seed := uint64(300 + 10*d + k)
			lines := specimen.Lines(kind, seed)
			got, err := Read(open(t, specimen.Photograph(faces[(d+k)%2], kind, lines, damage, seed)), today)
			if damage != specimen.Motion {
				still++
			}
			switch {
			case err != nil:
				t.Logf("%s of %s, %s, was not read: %v", damage, kind, faces[(d+k)%2].Name, err)
			case !cmp.Equal(got.Lines, lines):
				wrong++
				t.Logf("%s of %s, %s, was read wrong:\n%s\n%s", damage, kind, faces[(d+k)%2].Name, strings.Join(got.Lines, "\n"), strings.Join(lines, "\n"))
			case damage != specimen.Motion:
				read++
			}
			if err == nil {
				checkReading(t, got, kind)
			}
		}
	}
	if still < 40 || 100*read < 85*still {
		t.Errorf("%d of %d photographs were read, want 85 of 100", read, still)
	}
	if wrong > 1 {
		t.Errorf("%d photographs were read wrong, at most one may be", wrong)
	}
}

// TestFrenchCard: the layout of 1988 has its own places.
func TestFrenchCard(t *testing.T) {
	for seed, damage := range []specimen.Damage{specimen.Clean, specimen.Rotated, specimen.LowLight} {
		lines := specimen.Lines(papers.FraID, uint64(seed))
		got, err := Read(open(t, specimen.Photograph(specimen.Hand(), papers.FraID, lines, damage, uint64(seed))), today)
		if err != nil {
			t.Errorf("%s: %v", damage, err)
			continue
		}
		if diff := cmp.Diff(lines, got.Lines); diff != "" {
			t.Errorf("%s: %s", damage, diff)
		}
		checkReading(t, got, papers.FraID)
	}
}

// checkReading: figures for every character, a zone to look at, and what core/papers says of the lines.
func checkReading(t *testing.T, r Reading, kind papers.Type) {
	t.Helper()
	if len(r.Sure) != len(r.Lines) || r.Zone == nil || r.MRZ.Type != kind || !r.MRZ.Valid {
		t.Errorf("a reading of %s with %d lines, figures for %d, a zone %v, type %q, valid %v: %v", kind, len(r.Lines), len(r.Sure), r.Zone != nil, r.MRZ.Type, r.MRZ.Valid, r.MRZ.Problems)
		return
	}
	for i, line := range r.Lines {
		if len(r.Sure[i]) != len(line) {
			t.Errorf("line %d has %d characters and %d figures", i+1, len(line), len(r.Sure[i]))
		}
		for _, p := range r.Sure[i] {
			if !(p > 0.2 && p <= 1.00001) {
				t.Errorf("a character of line %d is sure to %v", i+1, p)
			}
		}
	}
	if w := r.Zone.Rect.Dx(); w < len(r.Lines[0])*ZonePitch || w > (len(r.Lines[0])+2)*ZonePitch {
		t.Errorf("the zone of %d characters is %d pixels wide", len(r.Lines[0]), w)
	}
}

// TestZoneIsLevelled: the zone of a turned photograph can be read again as it is.
func TestZoneIsLevelled(t *testing.T) {
	lines := specimen.Lines(papers.TD3, 5)
	for _, damage := range []specimen.Damage{specimen.Rotated, specimen.UpsideDown, specimen.Sideways, specimen.Tilted} {
		got, err := Read(open(t, specimen.Photograph(specimen.Hand(), papers.TD3, lines, damage, 5)), today)
		if err != nil {
			t.Fatalf("%s: %v", damage, err)
		}
		s := newScales(newPlane(got.Zone))
		f := newField(blots(s[0]))
		rows := f.rows()
		if len(rows) < 2 {
			t.Fatalf("%s: the zone shows %d rows", damage, len(rows))
		}
		for _, r := range rows[:2] {
			dx, dy := r.heading()
			if dx < ZonePitch*0.95 || dx > ZonePitch*1.05 || dy > 0.3 || dy < -0.3 {
				t.Errorf("%s: a row of the zone steps %.2f, %.2f pixels, want %d, 0", damage, dx, dy, ZonePitch)
			}
		}
	}
}

// TestCheckDigitsGuideAndDoNotForce: a paper with a wrong check digit is read as it is printed, or not at all.
func TestCheckDigitsGuideAndDoNotForce(t *testing.T) {
	read := 0
	for seed := range uint64(8) {
		lines := specimen.Lines(papers.TD3, 40+seed)
		second := []byte(lines[1])
		at := []int{9, 19, 27, 43}[seed%4]
		second[at] = '0' + (second[at]-'0'+3)%10
		lines[1] = string(second)
		damage := []specimen.Damage{specimen.Clean, specimen.Blurred}[seed/4]
		got, err := Read(open(t, specimen.Photograph(specimen.Hand(), papers.TD3, lines, damage, 40+seed)), today)
		if errors.Is(err, ErrNotRead) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		read++
		if diff := cmp.Diff(lines, got.Lines); diff != "" {
			t.Errorf("a wrong check digit changed what was read:\n%s", diff)
		}
		if got.MRZ.Valid {
			t.Errorf("%v is said to be valid", lines)
		}
	}
	if read < 4 {
		t.Errorf("%d of 8 papers with a wrong check digit were read, want half", read)
	}
}

// TestNothingToRead: pictures without a zone say why, and what to do.
func TestNothingToRead(t *testing.T) {
	lines := specimen.Lines(papers.TD3, 9)
	tiny := image.NewGray(image.Rect(0, 0, 20, 20))
	flat := image.NewGray(image.Rect(0, 0, 900, 700))
	stripes := image.NewGray(image.Rect(0, 0, 900, 700))
	for i := range stripes.Pix {
		if i%900%20 < 5 && i/900%30 < 20 {
			stripes.Pix[i] = 255
		}
	}
	half := open(t, specimen.Photograph(specimen.Hand(), papers.TD3, lines, specimen.Clean, 9)).(*image.YCbCr)
	for name, c := range map[string]struct {
		img    image.Image
		reason []string
	}{
		"tiny":              {tiny, []string{Small}},
		"flat":              {flat, []string{NoZone}},
		"dashes":            {stripes, []string{NoZone, Blurred, Doubt}},
		"half of the lines": {half.SubImage(image.Rect(0, 0, 800, 1200)), []string{NoZone, Doubt}},
		"above the lines":   {half.SubImage(image.Rect(0, 0, 1600, 800)), []string{NoZone, Doubt, Blurred}},
	} {
		got, err := Read(c.img, today)
		var not *NotRead
		if !errors.As(err, &not) || !errors.Is(err, ErrNotRead) {
			t.Errorf("%s: %v, %v", name, got.Lines, err)
			continue
		}
		if !strings.Contains(strings.Join(c.reason, " "), not.Reason) || !strings.Contains(err.Error(), "type them") && not.Reason != "" {
			t.Errorf("%s: not read for %q: %v", name, not.Reason, err)
		}
		if got.Lines != nil || got.Sure != nil {
			t.Errorf("%s: an error with lines", name)
		}
	}
}

// TestWhiteCells: glare leaves cells that hardly differ from white. Rounding once made a fit of more than 1 of them, which has no
// logarithm, and reading failed on these two.
func TestWhiteCells(t *testing.T) {
	printed, err := specimen.Printed()
	if err != nil {
		t.Fatal(err)
	}
	for seed, face := range map[uint64]*specimen.Face{2: printed, 23: specimen.Hand()} {
		lines := specimen.Lines(papers.TD1, seed)
		got, err := Read(open(t, specimen.Photograph(face, papers.TD1, lines, specimen.Glare, seed)), today)
		if !errors.Is(err, ErrNotRead) && !cmp.Equal(got.Lines, lines) {
			t.Errorf("%d: %v, %v", seed, got.Lines, err)
		}
	}
}

// TestSamePictureSameAnswer, whatever image type it comes in.
func TestSamePictureSameAnswer(t *testing.T) {
	lines := specimen.Lines(papers.TD1, 3)
	img := open(t, specimen.Photograph(specimen.Hand(), papers.TD1, lines, specimen.VGA, 3))
	var first Reading
	for i, m := range []image.Image{img, img, grey(img), image.Image(plain{img})} {
		got, err := Read(m, today)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got
		}
		if !cmp.Equal(got.Lines, first.Lines) || i < 2 && !cmp.Equal(got, first) {
			t.Errorf("try %d: %v, before: %v", i, got.Lines, first.Lines)
		}
	}
}

// plain hides a picture's type.
type plain struct{ image.Image }

func grey(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			g.Set(x, y, m.At(x, y))
		}
	}
	return g
}

func TestDecodeBounds(t *testing.T) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	// The size stands in bytes 16 to 24 of a PNG; the checksum of that chunk in the next four and is not looked at first.
	huge := pngOfSize(t, 9000, 9000)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":           {nil, ErrNotImage},
		"words":           {[]byte("P<UTOERIKSSON<<ANNA<MARIA"), ErrNotImage},
		"half a PNG":      {small.Bytes()[:40], ErrNotImage},
		"GIF":             {[]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), ErrNotImage},
		"81 megapixels":   {huge, ErrTooLarge},
		"too many bytes":  {make([]byte, MaxBytes+1), ErrTooLarge},
		"whole small PNG": {small.Bytes(), nil},
	} {
		_, err := Decode(bytes.NewReader(c.file))
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := Read(image.NewUniform(color.White), today); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a picture without end: %v", err)
	}
}

// A progressive JPEG may pass over all its pixels again for every few bytes: half a megabyte of that kept a core busy for a minute.
func TestAPictureOfManyScansIsRefused(t *testing.T) {
	for scans, want := range map[int]error{8: nil, 5000: ErrNotImage} {
		begun := time.Now()
		if _, err := Decode(bytes.NewReader(scanned(2000, 2000, scans))); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%d scans: %v, want %v", scans, err, want)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("%d scans took %v", scans, took)
		}
	}
}

// scanned is a gray progressive JPEG whose scans but the first say only that nothing changes.
func scanned(w, h, scans int) []byte {
	segment := func(marker byte, body ...byte) []byte {
		return append([]byte{0xFF, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	oneCode := func(class, value byte) []byte { // a Huffman table with one code, of one bit
		return segment(0xC4, append(append([]byte{class, 1}, make([]byte, 15)...), value)...)
	}
	blocks := (w + 7) / 8 * ((h + 7) / 8)
	file := slices.Concat([]byte{0xFF, 0xD8}, segment(0xDB, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...),
		segment(0xC2, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0), oneCode(0x00, 0), oneCode(0x10, 0xE0),
		segment(0xDA, 1, 1, 0, 0, 0, 0), make([]byte, (blocks+7)/8))
	runs := blocks>>14 + 1 // each of a code and fourteen bits: that many blocks stay as they are
	nothing := slices.Concat(segment(0xDA, 1, 1, 0, 1, 63, 0), make([]byte, runs*15/8), []byte{byte(0xFF >> (runs * 15 % 8))})
	return slices.Concat(file, bytes.Repeat(nothing, scans-1), []byte{0xFF, 0xD9})
}

// pngOfSize is a PNG header that promises so many pixels and holds none.
func pngOfSize(t *testing.T, w, h int) []byte {
	t.Helper()
	var whole bytes.Buffer
	if err := png.Encode(&whole, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return whole.Bytes()[:60]
}
