package photo

import (
	"bytes"
	"flag"
	"image"
	"image/draw"
	"image/png"
	"os"
	"testing"

	"panah/internal/testkit/specimen"
)

var update = flag.Bool("update", false, "write shapes.png again from the installed typeface")

// TestShapesAreOfTheTypeface: shapes.png is made by this test, of Debian's fonts-ocr-b, and by nobody's hand.
func TestShapesAreOfTheTypeface(t *testing.T) {
	face, err := specimen.Printed()
	if err != nil {
		t.Fatal(err)
	}
	sheet := image.NewGray(image.Rect(0, 0, len(symbols)*sheetW, sheetH))
	for i, r := range symbols {
		g := face.Draw(r, sheetW, sheetH, sheetPitch, sheetBase, 0)
		draw.Draw(sheet, image.Rect(i*sheetW, 0, (i+1)*sheetW, sheetH), g, image.Point{}, draw.Src)
	}
	var want bytes.Buffer
	if err := png.Encode(&want, sheet); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("shapes.png", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := png.Decode(bytes.NewReader(shapesFile))
	if err != nil {
		t.Fatal(err)
	}
	drawn, ok := got.(*image.Gray)
	if !ok || drawn.Rect != sheet.Rect {
		t.Fatalf("shapes.png is %T of %v, want gray of %v", got, got.Bounds(), sheet.Rect)
	}
	for i := range sheet.Pix {
		// Another processor may round a distance otherwise.
		if d := int(sheet.Pix[i]) - int(drawn.Pix[i]); d < -2 || d > 2 {
			t.Fatalf("shapes.png is not of %s: pixel %d is %d, want %d (go test -run Shapes -update)", specimen.OCRB, i, drawn.Pix[i], sheet.Pix[i])
		}
	}
}
