package barcode

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"panah/core/papers/seal"
	"panah/internal/testkit"
)

// The pictures of testdata were made by zint 2.11.1, which shares no code with gozxing:
// zint --binary -b DATAMATRIX --square --scale=2 -w 4 --vwhitesp=4 -i seal.bin -o datamatrix-seal.png, and so on.
func picture(t testing.TB, name string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// sealBytes are the bytes of a worked example of vectors/seals.json.
func sealBytes(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(testkit.Root(), "vectors", "seals.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Name, Bytes string }
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if strings.HasPrefix(v.Name, name) {
			b, err := hex.DecodeString(strings.ReplaceAll(v.Bytes, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	t.Fatalf("no seal %s", name)
	return nil
}

func TestRead(t *testing.T) {
	visa, arrival := sealBytes(t, "visa"), sealBytes(t, "arrival")
	for _, c := range []struct {
		file  string
		kind  Kind
		bytes []byte // nil: those of text
		text  string
	}{
		{"qr-seal", QR, visa, ""},
		{"datamatrix-seal", DataMatrix, visa, ""},
		{"datamatrix-arrival", DataMatrix, arrival, ""},
		{"aztec-seal", Aztec, visa, ""},
		{"qr-address", QR, nil, "https://example.org/verify?id=12345"},
		{"qr-persian", QR, nil, "پناه ۱۴۰۵"},
		{"qr-persian-bytes", QR, nil, "پناه ۱۴۰۵"},
		{"aztec-text", Aztec, nil, "P<UTOERIKSSON<<ANNA<MARIA"},
		{"datamatrix-text", DataMatrix, nil, "PANAH 2026"},
	} {
		want := c.bytes
		if want == nil {
			want = []byte(c.text)
		}
		for _, turn := range []float64{0, 90, 180} {
			got, err := Read(photographed(picture(t, c.file), 700, 500, turn, 3))
			if err != nil {
				t.Errorf("%s turned by %v: %v", c.file, turn, err)
				continue
			}
			if got.Kind != c.kind || got.Text != c.text || !bytes.Equal(got.Bytes, want) {
				t.Errorf("%s turned by %v: %s %q %x", c.file, turn, got.Kind, got.Text, got.Bytes)
			}
			if c.bytes != nil {
				if _, err := seal.Parse(got.Bytes); err != nil {
					t.Errorf("%s: %v", c.file, err)
				}
			}
		}
	}
}

// photographed puts a code on a gray sheet of w × h pixels, turned by degrees, with noise.
func photographed(code image.Image, w, h int, degrees, scale float64) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{215}), image.Point{}, draw.Src)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cw, ch := float64(code.Bounds().Dx())/2, float64(code.Bounds().Dy())/2
	scale = min(scale, 0.7*float64(min(w, h))/(2*max(cw, ch)))
	a, b := cos*scale, sin*scale
	m := f64.Aff3{a, -b, float64(w)/2 - a*cw + b*ch, b, a, float64(h)/2 - b*cw - a*ch}
	draw.BiLinear.Transform(out, m, code, code.Bounds(), draw.Over, nil)
	random := rand.New(rand.NewPCG(1, uint64(degrees)))
	for i := range out.Pix {
		out.Pix[i] = uint8(max(0, min(255, 0.75*float64(out.Pix[i])+20+8*random.NormFloat64())))
	}
	return out
}

// TestTurned: codes at odd angles, of a size that a phone gives.
func TestTurned(t *testing.T) {
	read, all := 0, 0
	for _, file := range []string{"qr-seal", "datamatrix-seal", "aztec-seal"} {
		for _, degrees := range []float64{-25, 5, 40} {
			all++
			if c, err := Read(photographed(picture(t, file), 1600, 1200, degrees, 8)); err == nil && bytes.Equal(c.Bytes, sealBytes(t, "visa")) {
				read++
			} else {
				t.Logf("%s at %v degrees: not read", file, degrees)
			}
		}
	}
	t.Logf("%d of %d turned codes were read, bytes and all", read, all)
	if read < all*8/10 {
		t.Errorf("%d of %d were read", read, all)
	}
}

// TestNone: pictures without a code are told, in bounded time, also large ones and ones of noise.
func TestNone(t *testing.T) {
	noise := image.NewGray(image.Rect(0, 0, 2400, 1800))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.UintN(256))
	}
	for name, img := range map[string]image.Image{
		"white": image.NewGray(image.Rect(0, 0, 2000, 1500)), "noise": noise, "one pixel": image.NewGray(image.Rect(0, 0, 1, 1)),
		"a line": image.NewGray(image.Rect(0, 0, 5000, 21)), "PDF417": picture(t, "pdf417"),
	} {
		began := time.Now()
		if c, err := Read(img); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v %+v", name, err, c)
		}
		t.Logf("%s: %v", name, time.Since(began).Round(time.Millisecond))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(uint8(40), []byte{0, 255, 3})
	f.Add(uint8(25), []byte("a code"))
	f.Fuzz(func(t *testing.T, width uint8, pixels []byte) {
		w := max(21, int(width))
		h := min(60, max(21, len(pixels)/w))
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i := range img.Pix {
			if len(pixels) > 0 {
				img.Pix[i] = pixels[i%len(pixels)]
			}
		}
		if c, err := Read(img); err == nil && c.Kind == "" {
			t.Fatalf("%+v", c)
		}
	})
}
