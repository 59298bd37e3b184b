package qrcode

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

func TestDrawnModuleByModule(t *testing.T) {
	const said = "panah.promise/v1\norg 0123\n"
	for _, level := range []qr.Level{Screen, Paper} {
		svg, err := SVG(said, `a "label" <&>`, level)
		if err != nil {
			t.Fatal(err)
		}
		code, err := qr.Encode(said, level)
		if err != nil {
			t.Fatal(err)
		}
		black := map[[2]int]bool{}
		for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-`).FindAllStringSubmatch(string(svg), -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for i := range n {
				black[[2]int{x + i - quietZone, y - quietZone}] = true
			}
		}
		for y := range code.Size {
			for x := range code.Size {
				if black[[2]int{x, y}] != code.Black(x, y) {
					t.Fatalf("level %v: module %d, %d", level, x, y)
				}
			}
		}
		if !strings.Contains(string(svg), "a &#34;label&#34; &lt;&amp;&gt;") || !strings.Contains(string(svg), fmt.Sprintf(`viewBox="0 0 %d %[1]d"`, code.Size+8)) {
			t.Errorf("drawn as %.200s", svg)
		}
	}
}

func TestTooLongForACode(t *testing.T) {
	if svg, err := SVG(strings.Repeat("x", 3000), "", Screen); err == nil {
		t.Errorf("drawn as %.100s", svg)
	}
}
