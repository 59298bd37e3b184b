package typeset_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/typeset"
)

// rewrite makes the golden files anew: PANAH_GOLDEN=write go test ./core/typeset. Somebody has to look at the pictures before they are committed.
var rewrite = os.Getenv("PANAH_GOLDEN") == "write"

// rendered draws a page in grey, at 60 dots to the inch.
func rendered(t *testing.T, pdf []byte, page string) *image.Gray {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page")
	tool(t, "pdftoppm", "-r", "60", "-gray", "-png", "-singlefile", "-f", page, "-l", page, pdfFile(t, pdf), out)
	return readGray(t, out+".png")
}

func readGray(t *testing.T, name string) *image.Gray {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatalf("PANAH_GOLDEN=write makes it: %v", err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(img.Bounds())
	for y := range gray.Rect.Dy() {
		for x := range gray.Rect.Dx() {
			gray.Set(x, y, color.GrayModel.Convert(img.At(x, y)))
		}
	}
	return gray
}

// Pictures are compared as a person would: by how dark each patch of a page is. Another release of poppler smooths edges another way and moves no ink.
const (
	patch     = 6    // pixels
	tolerance = 16.0 // of 255, for the darkest difference of a patch
)

// differ is the greatest difference between two pictures' patches, and where it is.
func differ(a, b *image.Gray) (worst float64, at image.Point) {
	if a.Rect != b.Rect {
		return 255, image.Point{}
	}
	for y := 0; y+patch <= a.Rect.Dy(); y += patch {
		for x := 0; x+patch <= a.Rect.Dx(); x += patch {
			sum := 0
			for dy := range patch {
				for dx := range patch {
					sum += int(a.GrayAt(x+dx, y+dy).Y) - int(b.GrayAt(x+dx, y+dy).Y)
				}
			}
			if d := max(float64(sum), float64(-sum)) / (patch * patch); d > worst {
				worst, at = d, image.Pt(x, y)
			}
		}
	}
	return worst, at
}

func TestGolden(t *testing.T) {
	f := fonts(t)
	for lang := range wordings() {
		b, err := f.PDF(sample(lang))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSpace(spoken(tool(t, "pdftotext", pdfFile(t, b), "-"))) + "\n"
		name := filepath.Join("testdata", "letter-"+lang)
		picture := rendered(t, b, "1")
		if rewrite {
			if err := os.WriteFile(name+".txt", []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			writePNG(t, name+".png", picture)
			continue
		}
		want, err := os.ReadFile(name + ".txt")
		if err != nil {
			t.Fatalf("PANAH_GOLDEN=write makes it: %v", err)
		}
		// Other releases of poppler put other white space between blocks.
		if diff := cmp.Diff(strings.Fields(string(want)), strings.Fields(text)); diff != "" {
			t.Errorf("%s: the text differs (-want +got):\n%s", lang, diff)
		}
		if worst, at := differ(readGray(t, name+".png"), picture); worst > tolerance {
			t.Errorf("%s: the page looks different at %v by %.0f of 255", lang, at, worst)
		}
	}
}

// TestTheEyeOfTheGoldenTest: it sees a date that has turned round.
func TestTheEyeOfTheGoldenTest(t *testing.T) {
	set := func(date string) *image.Gray {
		b, err := fonts(t).PDF(typeset.Document{Lang: "fa", Blocks: []typeset.Block{typeset.Paragraph{Runs: []typeset.Run{{Text: "تا "}, {Text: date, Filled: true}}}}})
		if err != nil {
			t.Fatal(err)
		}
		return rendered(t, b, "1")
	}
	right := set("2024-05-31")
	if worst, _ := differ(right, set("2024-05-31")); worst != 0 {
		t.Errorf("the same page differs by %.0f", worst)
	}
	if worst, _ := differ(right, set("31-05-2024")); worst <= tolerance {
		t.Errorf("a date that has turned round differs by %.0f only", worst)
	}
}

func writePNG(t *testing.T, name string, img image.Image) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPictures writes the pictures of docs/pictures that `make pictures` asks for. Somebody looks at them before they are committed.
func TestPictures(t *testing.T) {
	f := fonts(t)
	for lang := range wordings() {
		b, err := f.PDF(sample(lang))
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "letters-"+lang)
		tool(t, "pdftoppm", "-r", "84", "-gray", "-png", "-singlefile", pdfFile(t, b), out)
		if dir := os.Getenv("PANAH_PICTURES"); dir != "" {
			writePNG(t, filepath.Join(dir, "letters-"+lang+".png"), readGray(t, out+".png"))
		}
	}
}
