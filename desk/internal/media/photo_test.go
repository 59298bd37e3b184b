package media

import (
	"bytes"
	"encoding/binary"
	"errors"
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
)

// corners is a picture whose four quarters tell how it is turned: red, green, blue, black in reading order.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	colours := [4]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {0, 0, 0, 255}}
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, colours[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is a TIFF directory with an orientation and a GPS pointer, as phones write it.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, tag := range [][2]uint16{{0x0112, turn}, {0x8825, 1}} {
		b = order.AppendUint16(b, tag[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, tag[1])
		b = append(b, 0, 0)
	}
	return append(b, "\x00\x00\x00\x0033.6844 N 73.0479 E"...)
}

func withExif(file, tiff []byte) []byte {
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2))
	return slices.Concat(file[:2], segment, body, file[2:])
}

// withChunk puts a chunk after IHDR.
func withChunk(file []byte, kind string, body []byte) []byte {
	const afterIHDR = 8 + 25
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	chunk = append(append(chunk, kind...), body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(file[:afterIHDR], chunk, file[afterIHDR:])
}

func TestPhotoStandsUprightWithoutMetadata(t *testing.T) {
	// What the four quarters of the upright picture are, by orientation, when red, green, blue, black are stored.
	upright := map[uint16]string{1: "rgbk", 2: "grkb", 3: "kbgr", 4: "bkrg", 5: "rbgk", 6: "brkg", 7: "kgbr", 8: "gkrb"}
	for turn, want := range upright {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			for name, file := range map[string][]byte{
				"jpeg": withExif(jpegOf(t, corners(64, 32)), exif(order, turn)),
				"png":  withChunk(pngOf(t, corners(64, 32)), "eXIf", exif(order, turn)),
			} {
				got, err := Photo(file)
				if err != nil {
					t.Fatalf("%s, orientation %d: %v", name, turn, err)
				}
				if bytes.Contains(got.JPEG, []byte("73.0479")) || bytes.Contains(got.JPEG, []byte("Exif")) {
					t.Errorf("%s: metadata came through", name)
				}
				if q := quarters(t, got); q != want {
					t.Errorf("%s, orientation %d: %s, want %s", name, turn, q, want)
				}
			}
		}
	}
}

func quarters(t *testing.T, got Image) string {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(got.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bounds()
	if b.Dx() != got.Width || b.Dy() != got.Height {
		t.Errorf("is %v, says %d × %d", b, got.Width, got.Height)
	}
	var out strings.Builder
	for i := range 4 {
		r, g, bl, _ := m.At(b.Dx()/4+i%2*b.Dx()/2, b.Dy()/4+i/2*b.Dy()/2).RGBA()
		switch {
		case r > 0xC000:
			out.WriteByte('r')
		case g > 0xC000:
			out.WriteByte('g')
		case bl > 0xC000:
			out.WriteByte('b')
		default:
			out.WriteByte('k')
		}
	}
	return out.String()
}

func TestPhotoFits(t *testing.T) {
	for _, c := range []struct{ w, h, wantW, wantH int }{
		{1, 1, 1, 1}, {1600, 1200, 1600, 1200}, {1601, 1200, 1600, 1199}, {4000, 3000, 1600, 1200}, {8192, 2, 1600, 1}, {3, 8192, 1, 1600},
	} {
		got, err := Photo(jpegOf(t, corners(c.w, c.h)))
		if err != nil {
			t.Fatalf("%d × %d: %v", c.w, c.h, err)
		}
		if diff := cmp.Diff([2]int{c.wantW, c.wantH}, [2]int{got.Width, got.Height}); diff != "" {
			t.Errorf("%d × %d: %s", c.w, c.h, diff)
		}
	}
}

func TestPhotoReadsWebP(t *testing.T) {
	// Both were drawn and encoded by Chromium's canvas.
	for name, file := range map[string][]byte{"lossy": fixture(t, "lossy.webp"), "lossless": fixture(t, "lossless.webp")} {
		for turn, want := range map[uint16]string{1: "rgbk", 6: "brkg"} {
			got, err := Photo(webpWithExif(file, exif(binary.LittleEndian, turn)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if q := quarters(t, got); q != want {
				t.Errorf("%s, orientation %d: %s, want %s", name, turn, q, want)
			}
		}
		if _, err := Photo(file); err != nil {
			t.Errorf("%s, without EXIF: %v", name, err)
		}
	}
}

// webpWithExif appends an EXIF chunk to an extended file (RFC 9649, section 2.7).
func webpWithExif(file, tiff []byte) []byte {
	body := slices.Clone(file[8:])
	body[len("WEBPVP8X")+4] |= 0x08
	body = append(body, "EXIF"...)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(tiff)))
	body = append(body, tiff...)
	if len(tiff)%2 == 1 {
		body = append(body, 0)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func TestPhotoOfATransparentScanIsOnWhite(t *testing.T) {
	got, err := Photo(pngOf(t, image.NewNRGBA(image.Rect(0, 0, 16, 16))))
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(got.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := m.At(8, 8).RGBA(); min(r, g, b) < 0xF000 {
		t.Errorf("%x %x %x", r, g, b)
	}
}

func TestPhotoRefuses(t *testing.T) {
	small := pngOf(t, corners(8, 8))
	huge := slices.Clone(small)
	binary.BigEndian.PutUint32(huge[16:], 8000)
	binary.BigEndian.PutUint32(huge[20:], 8000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	wide := pngOf(t, image.NewGray(image.Rect(0, 0, MaxPhotoSide+1, 1)))
	photo := jpegOf(t, corners(64, 64))
	scan := photo[bytes.Index(photo, []byte{0xFF, 0xDA}):]
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":         {nil, ErrNotPhoto},
		"gif":             {[]byte("GIF89a\x01\x00\x01\x00"), ErrNotPhoto},
		"svg":             {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ErrNotPhoto},
		"moving png":      {withChunk(small, "acTL", make([]byte, 8)), ErrNotPhoto},
		"moving webp":     {[]byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x07\x00\x00\x07\x00\x00ANIM\x00\x00\x00\x00"), ErrNotPhoto},
		"too many pixels": {huge, ErrTooLarge},
		"too wide":        {wide, ErrTooLarge},
		"too many bytes":  {append(slices.Clone(photo), make([]byte, MaxPhotoBytes)...), ErrTooLarge},
		"cut jpeg":        {photo[:len(photo)/2], ErrBroken},
		"cut png":         {small[:len(small)-20], ErrBroken},
		"bad checksum":    {append(slices.Clone(small[:40]), append([]byte{small[40] ^ 1}, small[41:]...)...), ErrBroken},
		"too many scans":  {slices.Concat(photo[:len(photo)-2], bytes.Repeat(scan, maxScans)), ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Photo(c.file); !errors.Is(err, c.want) {
				t.Errorf("got %d × %d, %v; want %v", got.Width, got.Height, err, c.want)
			}
		})
	}
}

// A decoder that panics must not take the desk down.
func TestPhotoSurvivesAPanic(t *testing.T) {
	bad := pngFormat()
	bad.decode = nil
	if _, err := reencode(bad, upright, pngOf(t, corners(8, 8))); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v", err)
	}
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzPhoto(f *testing.F) {
	f.Add(withExif(jpegOf(f, corners(16, 8)), exif(binary.BigEndian, 6)))
	f.Add(withChunk(pngOf(f, corners(16, 8)), "eXIf", exif(binary.LittleEndian, 5)))
	f.Add(pngOf(f, image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.Black, color.Transparent})))
	f.Add(webpWithExif(fixture(f, "lossy.webp"), exif(binary.LittleEndian, 8)))
	f.Add(fixture(f, "lossless.webp"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Photo(data)
		if err != nil {
			if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrNotPhoto) && !errors.Is(err, ErrBroken) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(got.JPEG))
		if err != nil || c.Width != got.Width || c.Height != got.Height || max(c.Width, c.Height) > PhotoSide {
			t.Errorf("%d × %d, %v", c.Width, c.Height, err)
		}
	})
}
