// Package scanner looks at a printed page as a phone does.
package scanner

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Code draws the first page of a PDF file at so many dots per inch (pdftoppm of poppler-utils, .ci/deps) and returns what its QR code says.
func Code(t testing.TB, pdf string, dpi int) string {
	t.Helper()
	base := filepath.Join(t.TempDir(), "page")
	if out, err := exec.Command("pdftoppm", "-r", strconv.Itoa(dpi), "-png", "-singlefile", pdf, base).CombinedOutput(); err != nil { // #nosec G204 -- a file of this test
		t.Fatalf("drawing a page (poppler-utils, .ci/deps): %v: %s", err, out)
	}
	f, err := os.Open(base + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatalf("the code on the page cannot be scanned: %v", err)
	}
	return found.GetText()
}
