package bidi

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ucd is where Debian's unicode-data lies; .ci/deps installs it, and without it these tests fail.
const ucd = "/usr/share/unicode/"

var classNames = map[string]Class{
	"L": L, "R": R, "AL": AL, "EN": EN, "ES": ES, "ET": ET, "AN": AN, "CS": CS, "NSM": NSM, "BN": BN, "B": B, "S": S, "WS": WS, "ON": ON,
	"LRE": LRE, "LRO": LRO, "RLE": RLE, "RLO": RLO, "PDF": PDF, "LRI": LRI, "RLI": RLI, "FSI": FSI, "PDI": PDI,
}

// eachLine calls f with every line that is not empty and no comment.
func eachLine(t *testing.T, name string, f func(n int, line string)) {
	t.Helper()
	file, err := os.Open(ucd + name)
	if err != nil {
		t.Fatalf("apt-get install unicode-data: %v", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if line := strings.TrimSpace(lines.Text()); line != "" && line[0] != '#' {
			f(n, line)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func parseLevels(t *testing.T, text string) (levels []Level) {
	t.Helper()
	for _, s := range strings.Fields(text) {
		if s == "x" {
			levels = append(levels, Removed)
			continue
		}
		n, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			t.Fatal(err)
		}
		levels = append(levels, Level(n))
	}
	return levels
}

func parseOrder(t *testing.T, text string) []int {
	t.Helper()
	order := []int{}
	for _, s := range strings.Fields(text) {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, n)
	}
	return order
}

func hex(t *testing.T, s string) rune {
	t.Helper()
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	return rune(n)
}

// TestBidiTest holds every line of BidiTest.txt, in every direction that it names.
func TestBidiTest(t *testing.T) {
	var levels []Level
	var order []int
	lines, cases, wrong := 0, 0, 0
	start := time.Now()
	eachLine(t, "BidiTest.txt", func(n int, line string) {
		if rest, ok := strings.CutPrefix(line, "@Levels:"); ok {
			levels = parseLevels(t, rest)
			return
		}
		if rest, ok := strings.CutPrefix(line, "@Reorder:"); ok {
			order = parseOrder(t, rest)
			return
		}
		input, bits, _ := strings.Cut(line, ";")
		var classes []Class
		for _, name := range strings.Fields(input) {
			c, ok := classNames[name]
			if !ok {
				t.Fatalf("line %d: class %s", n, name)
			}
			classes = append(classes, c)
		}
		set, err := strconv.ParseUint(strings.TrimSpace(bits), 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		lines++
		for bit, dir := range []Direction{Auto, LeftToRight, RightToLeft} {
			if set&(1<<bit) == 0 {
				continue
			}
			cases++
			got := resolve(classes, nil, dir).Line(0, len(classes))
			if !slices.Equal(got, levels) || !slices.Equal(Order(got), order) {
				if wrong++; wrong < 20 {
					t.Errorf("line %d, direction %d: %s: levels %v, want %v", n, dir, input, got, levels)
				}
			}
		}
	})
	if lines < 490_000 {
		t.Errorf("the file has only %d lines of data", lines)
	}
	t.Logf("BidiTest.txt: %d lines, %d cases, %d wrong, %v", lines, cases, wrong, time.Since(start).Round(time.Millisecond))
}

// TestBidiCharacterTest holds every line of BidiCharacterTest.txt.
func TestBidiCharacterTest(t *testing.T) {
	lines, wrong := 0, 0
	eachLine(t, "BidiCharacterTest.txt", func(n int, line string) {
		f := strings.Split(line, ";")
		if len(f) != 5 {
			t.Fatalf("line %d has %d fields", n, len(f))
		}
		var text []rune
		for _, s := range strings.Fields(f[0]) {
			text = append(text, hex(t, s))
		}
		dir, ok := map[string]Direction{"0": LeftToRight, "1": RightToLeft, "2": Auto}[f[1]]
		if !ok {
			t.Fatalf("line %d: direction %s", n, f[1])
		}
		lines++
		p := New(text, dir)
		got := p.Line(0, len(text))
		if fmt.Sprint(p.Base()) != f[2] || !slices.Equal(got, parseLevels(t, f[3])) || !slices.Equal(Order(got), parseOrder(t, f[4])) {
			if wrong++; wrong < 20 {
				t.Errorf("line %d: %s: base %d, levels %v; want %s, %s", n, f[0], p.Base(), got, f[2], f[3])
			}
		}
	})
	if lines < 90_000 {
		t.Errorf("the file has only %d lines of data", lines)
	}
	t.Logf("BidiCharacterTest.txt: %d lines, %d wrong", lines, wrong)
}
