package sheet

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// quietZone is the white border of a QR code in modules, ISO/IEC 18004.
const quietZone = 4

// drawQR draws text in inline SVG, one rectangle for each row's run of black modules. Quartile correction: paper gets creased.
func drawQR(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.Q)
	if err != nil {
		return "", fmt.Errorf("drawing the key's QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		start := -1
		for x := range code.Size + 1 {
			black := x < code.Size && code.Black(x, y)
			switch {
			case black && start < 0:
				start = x
			case !black && start >= 0:
				fmt.Fprintf(&path, "M%d %dH%dv1H%dz", start+quietZone, y+quietZone, x+quietZone, start+quietZone)
				start = -1
			}
		}
	}
	side := strconv.Itoa(code.Size + 2*quietZone)
	return template.HTML(`<svg viewBox="0 0 ` + side + ` ` + side + `" role="img" aria-label="` + template.HTMLEscapeString(label) + //nolint:gosec // numbers, and a label that is escaped
		`" shape-rendering="crispEdges"><path fill="#000" d="` + path.String() + `"/></svg>`), nil
}
