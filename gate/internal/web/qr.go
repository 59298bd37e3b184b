package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// quietZone is the white border of a QR code in modules, ISO/IEC 18004.
const quietZone = 4

// drawQR draws a text as a QR code in inline SVG: one path, black on white in every colour scheme, because
// scanners expect it. label is read aloud in its place.
func drawQR(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	var d strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, n, n)
			}
		}
	}
	size := strconv.Itoa(code.Size + 2*quietZone)
	return template.HTML(`<svg viewBox="0 0 ` + size + ` ` + size + `" role="img" aria-label="` + template.HTMLEscapeString(label) + //nolint:gosec // numbers, and a label that is escaped
		`" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h` + size + `v` + size + `H0z"/><path fill="#000" d="` + d.String() + `"/></svg>`), nil
}
