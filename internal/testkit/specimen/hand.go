package specimen

import (
	"strconv"
	"strings"
)

// hand holds the zone's characters drawn for this project as paths of a pen, in hundredths of a pitch, y upwards from the baseline:
// M moves, L draws lines, C a cubic curve. They follow the proportions that ISO 1073-2 gives OCR-B, not the outlines of any typeface:
// a reader that knows its own shapes only would fail on them.
const hand = `
0 M 50 101 C 71 101 79 85 79 52 C 79 20 71 5 50 5 C 29 5 21 20 21 52 C 21 85 29 101 50 101
1 M 28 84 L 56 101 L 56 5
2 M 24 88 C 28 98 40 101 50 101 C 66 101 76 92 76 78 C 76 64 66 56 50 44 C 32 30 25 20 25 7 L 77 7
3 M 23 99 L 75 99 L 44 62 C 66 64 77 52 77 35 C 77 15 64 5 44 5 C 34 5 27 7 22 10
4 M 55 101 L 23 36 L 80 36 M 62 57 L 62 5
5 M 74 99 L 30 99 L 29 63 C 35 65 40 66 46 66 C 64 66 74 54 74 36 C 74 15 60 5 42 5 C 35 5 29 6 25 9
6 M 64 101 C 45 80 22 58 22 34 C 22 15 34 5 50 5 C 66 5 78 15 78 34 C 78 51 66 61 51 61 C 40 61 31 55 26 45
7 M 22 99 L 78 99 C 64 75 48 50 46 5
8 M 50 101 C 36 101 27 93 27 80 C 27 58 78 56 78 30 C 78 14 67 5 50 5 C 33 5 22 14 22 30 C 22 56 73 58 73 80 C 73 93 64 101 50 101
9 M 36 5 C 55 26 78 48 78 72 C 78 91 66 101 50 101 C 34 101 22 91 22 72 C 22 55 34 45 49 45 C 60 45 69 51 74 61
A M 21 5 L 44 92 L 56 92 L 79 5 M 29 34 L 71 34
B M 25 6 L 25 92 L 52 92 C 66 92 73 84 73 72 C 73 58 64 51 50 51 L 25 51 M 50 51 C 68 51 79 43 79 28 C 79 14 69 6 54 6 L 25 6
C M 75 80 C 71 88 64 93 55 93 C 38 93 27 78 27 49 C 27 20 38 5 55 5 C 65 5 72 11 75 20
D M 27 6 L 27 92 L 42 90 C 62 84 76 70 76 49 C 76 28 62 14 42 8 L 27 6
E M 77 92 L 27 92 L 27 6 L 78 6 M 27 50 L 70 50
F M 77 92 L 32 92 L 32 5 M 32 48 L 70 48
G M 76 79 C 70 88 63 93 53 93 C 34 93 22 77 22 48 C 22 20 34 5 52 5 C 62 5 71 10 77 17 L 77 47 L 50 47
H M 25 5 L 25 93 M 75 5 L 75 93 M 25 49 L 75 49
I M 30 92 L 70 92 M 30 6 L 70 6 M 50 92 L 50 6
J M 63 93 L 63 25 C 63 11 56 4 44 4 C 32 4 25 12 24 26
K M 24 5 L 24 93 M 77 93 L 26 44 M 40 56 L 79 5
L M 26 93 L 26 6 L 79 6
M M 21 5 L 21 92 L 30 92 L 50 40 L 70 92 L 79 92 L 79 5
N M 24 5 L 24 92 L 32 92 L 69 6 L 77 6 L 77 93
O M 50 93 C 68 93 78 76 78 49 C 78 22 68 5 50 5 C 32 5 22 22 22 49 C 22 76 32 93 50 93
P M 26 5 L 26 91 L 52 91 C 69 91 79 82 79 67 C 79 52 69 43 52 43 L 26 43
Q M 48 93 C 65 93 74 77 74 51 C 74 27 65 7 47 7 C 31 7 21 24 21 50 C 21 76 31 93 48 93 M 50 43 L 80 5
R M 27 5 L 27 91 L 50 91 C 66 91 75 82 75 69 C 75 55 66 47 50 47 L 27 47 M 48 47 L 77 5
S M 74 78 C 71 88 63 93 51 93 C 35 93 26 85 26 73 C 26 60 36 54 50 49 C 65 44 76 38 76 25 C 76 12 66 4 50 4 C 37 4 28 10 24 22
T M 22 91 L 79 91 M 50 91 L 50 5
U M 24 93 L 24 33 C 24 14 34 4 50 4 C 66 4 76 14 76 33 L 76 93
V M 21 93 L 45 6 L 55 6 L 79 93
W M 21 93 C 21 60 25 30 31 6 L 36 6 L 47 50 L 53 50 L 64 6 L 69 6 C 75 30 79 60 79 93
X M 25 5 L 76 93 M 24 93 L 77 5
Y M 24 93 L 50 48 L 77 93 M 50 48 L 50 5
Z M 26 91 L 74 91 L 25 6 L 76 6
< M 79 90 L 22 52 L 79 15`

// Hand is a second typeface, drawn by hand with a round pen; it needs no file.
func Hand() *Face {
	face := &Face{Name: "hand", glyphs: map[rune]glyph{}}
	for line := range strings.SplitSeq(strings.TrimSpace(hand), "\n") {
		words := strings.Fields(line)
		face.glyphs[[]rune(words[0])[0]] = glyph{strokes: pen(words[1:]), pen: 0.125}
	}
	return face
}

// pen follows a path. The paths are this package's own: a word that is no number is a mistake to find at once.
func pen(words []string) (strokes [][]point) {
	next := func() point {
		x, errX := strconv.ParseFloat(words[0], 64)
		y, errY := strconv.ParseFloat(words[1], 64)
		if errX != nil || errY != nil {
			panic("specimen: a path of the hand-drawn typeface ends early at " + words[0])
		}
		words = words[2:]
		return point{x / 100, y / 100}
	}
	for len(words) > 0 {
		op := words[0]
		words = words[1:]
		if op == "M" {
			strokes = append(strokes, []point{next()})
			continue
		}
		path := &strokes[len(strokes)-1]
		if op == "L" {
			*path = append(*path, next())
			continue
		}
		*path = flatten(*path, (*path)[len(*path)-1], next(), next(), next())
	}
	return strokes
}
