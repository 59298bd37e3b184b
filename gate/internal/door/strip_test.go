package door

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/webp"

	"panah/core/seal"
)

const place = "33.6844 N 73.0479 E" // what must not travel

func picture() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 24, 16))
	for i := range m.Pix {
		m.Pix[i] = byte(i*7) | 0x80
	}
	return m
}

func jpegBytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngBytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func segment(marker byte, body string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2)), body...)
}

// tiff is a directory with the orientation turn and the place, as phones write it.
func tiff(turn byte) string {
	return "Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string([]byte{turn}) + "\x00\x00\x00" +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00\x00\x00\x00\x00" + place
}

func phoneJPEG(t testing.TB, turn byte) []byte {
	t.Helper()
	photo := jpegBytes(t)
	return slices.Concat(photo[:2], segment(0xE0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), segment(0xE1, tiff(turn)),
		segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00"+place), segment(0xE2, "MPF\x00"+place), segment(0xFE, place),
		[]byte{0xFF}, photo[2:], []byte("trailer "+place))
}

func chunk(kind, body string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind+body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func phonePNG(t testing.TB) []byte {
	t.Helper()
	photo := pngBytes(t)
	return slices.Concat(photo[:33], chunk("tEXt", "Comment\x00"+place), chunk("eXIf", tiff(6)[6:]), chunk("zzZz", place), photo[33:], []byte(place))
}

// phoneWebP is a picture that Chromium's canvas drew (extended, with a colour profile), with EXIF and XMP added.
func phoneWebP(t testing.TB) []byte {
	t.Helper()
	drawn, err := os.ReadFile("testdata/drawn.webp")
	if err != nil {
		t.Fatal(err)
	}
	body := drawn[8:]
	body[len("WEBPVP8X")+4] |= 0x0C
	for kind, data := range map[string]string{"EXIF": tiff(6), "XMP ": place, "zzzz": place} {
		body = append(binary.LittleEndian.AppendUint32(append(body, kind...), uint32(len(data))), data...)
		body = append(body, make([]byte, len(data)%2)...)
	}
	file := append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
	return append(file, "trailer "+place...)
}

func TestThePlaceDoesNotTravel(t *testing.T) {
	for name, c := range map[string]struct {
		file   []byte
		kind   string
		decode func([]byte) (image.Image, error)
	}{
		"jpeg": {phoneJPEG(t, 6), seal.TypeJPEG, func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }},
		"png":  {phonePNG(t), seal.TypePNG, func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }},
		"webp": {phoneWebP(t), seal.TypeWebP, func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) }},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := c.decode(c.file)
			if err != nil {
				t.Fatalf("the test's own file: %v", err)
			}
			buffer := slices.Clone(c.file)
			kind, out := strip(buffer)
			if kind != c.kind {
				t.Fatalf("type %s", kind)
			}
			if bytes.Contains(buffer, []byte(place)) {
				t.Error("the place is still in the buffer")
			}
			got, err := c.decode(out)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(pixels(want), pixels(got)); diff != "" {
				t.Errorf("the picture changed: %s", diff)
			}
		})
	}
}

func pixels(m image.Image) (out []color.Color) {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out = append(out, color.RGBAModel.Convert(m.At(x, y)))
		}
	}
	return out
}

func TestTheOrientationTravels(t *testing.T) {
	for turn := byte(1); turn <= 8; turn++ {
		_, out := strip(phoneJPEG(t, turn))
		_, after, found := bytes.Cut(out, []byte("Exif\x00\x00"))
		switch {
		case turn == 1 && found:
			t.Error("an upright picture got EXIF")
		case turn > 1 && (!found || turnOf(after) != turn):
			t.Errorf("orientation %d came out as %d", turn, turnOf(after))
		}
	}
}

// A progressive picture has several scans with tables between them, stuffed zeros and restarts within (annex G).
func TestScansStayWhole(t *testing.T) {
	parts := [][]byte{
		{0xFF, 0xD8},
		segment(0xC2, "frame"), segment(0xC4, "table"), segment(0xDA, "scan"), []byte("ab\xFF\x00cd\xFF\xD0ef\xFF\xD7"),
		segment(0xC4, "table"), segment(0xDA, "scan"), []byte("gh\xFF\x00"),
		{0xFF, 0xD9},
	}
	want := slices.Concat(parts...)
	dirty := slices.Concat(slices.Concat(parts[:5]...), segment(0xFE, place), segment(0xE1, place), slices.Concat(parts[5:]...))
	kind, got := strip(dirty)
	if kind != seal.TypeJPEG || !bytes.Equal(got, want) {
		t.Errorf("%s\n got %q\nwant %q", kind, got, want)
	}
}

func TestAdobeColoursStay(t *testing.T) {
	photo := jpegBytes(t)
	adobe := segment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x01")
	if _, out := strip(slices.Concat(photo[:2], adobe, photo[2:])); !bytes.Contains(out, adobe) {
		t.Error("the colour transform is gone")
	}
	long := segment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x01"+place)
	if _, out := strip(slices.Concat(photo[:2], long, photo[2:])); bytes.Contains(out, []byte(place)) {
		t.Error("something else went along")
	}
}

func TestWhatCannotBeFollowedStaysWhole(t *testing.T) {
	photo := phoneJPEG(t, 6)
	moving := phoneWebP(t)
	moving[20] |= 2
	for name, file := range map[string][]byte{
		"cut jpeg":     photo[:len(photo)-len(place)-20],
		"jpeg header":  photo[:30],
		"cut png":      phonePNG(t)[:90],
		"cut webp":     phoneWebP(t)[:60],
		"moving webp":  moving,
		"heic":         []byte("\x00\x00\x00\x18ftypheic"),
		"almost empty": {0xFF, 0xD8, 0xFF},
		"segments":     append(bytes.Repeat(segment(0xFE, ""), maxSegments+1), 0xFF, 0xD9),
	} {
		if name == "segments" {
			file = append([]byte{0xFF, 0xD8}, file...)
		}
		kind, out := strip(slices.Clone(file))
		if kind != seal.TypeOctets || !bytes.Equal(out, file) {
			t.Errorf("%s: %s, changed %v", name, kind, !bytes.Equal(out, file))
		}
	}
}

func FuzzStrip(f *testing.F) {
	f.Add(phoneJPEG(f, 6))
	f.Add(phonePNG(f))
	f.Add(phoneWebP(f))
	f.Add([]byte(strings.Repeat("\xff\xd8\xff\xe1\x00\x08Exif\x00\x00", 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := slices.Clone(data)
		kind, out := strip(slices.Clone(data))
		if len(out) > len(before) {
			t.Errorf("grew from %d to %d", len(before), len(out))
		}
		if kind == seal.TypeOctets {
			if !bytes.Equal(out, before) {
				t.Error("changed what it does not know")
			}
			return
		}
		again, twice := strip(slices.Clone(out))
		if again != kind || !bytes.Equal(twice, out) {
			t.Errorf("a second time gives something else: %s %d bytes, %s %d bytes", kind, len(out), again, len(twice))
		}
	})
}
