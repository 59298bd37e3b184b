// Package qrcode draws texts as QR codes that need no script and no file of their own: inline SVG in a page that is read
// on a screen or printed. It refuses nothing but a text that fits no code.
package qrcode

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// How much of a code may be damaged and still be read.
const (
	Screen = qr.M // 15 %
	Paper  = qr.Q // 25 %: paper gets creased
)

// quietZone is the white border of a QR code in modules, ISO/IEC 18004.
const quietZone = 4

// SVG draws text: one path, black on white in every colour scheme, because scanners expect it. label is read aloud in its place.
func SVG(text, label string, level qr.Level) (template.HTML, error) {
	code, err := qr.Encode(text, level)
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
