package bidi

// Level is an embedding level: even from left to right, odd from right to left.
type Level uint8

// Removed is the level of a character that rule X9 takes out: it is not drawn.
const Removed Level = 0xFF

// maxDepth is the deepest level that an embedding gives, BD2.
const maxDepth = 125

// Direction is the direction of a paragraph.
type Direction int8

// The directions. Auto is that of the first strong character (rules P2 and P3), left to right when there is none.
const (
	Auto Direction = iota
	LeftToRight
	RightToLeft
)

// Paragraph is a text with its levels before it is broken into lines; read-only.
type Paragraph struct {
	base    Level
	levels  []Level // by rules X1 to I2
	classes []Class // as the text has them
}

// New resolves a paragraph, rules P2 to I2. A paragraph separator belongs at its end only: text behind it is taken as the same paragraph.
func New(text []rune, dir Direction) *Paragraph {
	classes := make([]Class, len(text))
	for i, r := range text {
		classes[i] = ClassOf(r)
	}
	return resolve(classes, text, dir)
}

// resolve does the work; text may be nil, then there are no brackets (BidiTest.txt gives classes only).
func resolve(classes []Class, text []rune, dir Direction) *Paragraph {
	p := &Paragraph{levels: make([]Level, len(classes)), classes: classes}
	match := matchIsolates(classes)
	switch dir {
	case RightToLeft:
		p.base = 1
	case Auto:
		p.base = firstStrong(classes, match, 0, len(classes))
	}
	work := append([]Class(nil), classes...) // rewritten by the rules
	p.explicit(work, match)
	for _, s := range p.sequences(match) {
		s.work = work
		s.weak()
		if text != nil {
			s.pairs(text, classes)
		}
		s.neutrals()
		s.implicit(p.levels)
	}
	return p
}

// Base is the level of the paragraph: 0 or 1.
func (p *Paragraph) Base() Level { return p.base }

// matchIsolates finds for every isolate initiator its PDI and for every PDI its initiator (BD9); the length of the text for an initiator without one, -1 for
// everything else.
func matchIsolates(classes []Class) []int {
	match := make([]int, len(classes))
	var open []int
	for i, c := range classes {
		match[i] = -1
		switch {
		case c.opensIsolate():
			match[i] = len(classes)
			open = append(open, i)
		case c == PDI && len(open) > 0:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			match[last], match[i] = i, last
		}
	}
	return match
}

// firstStrong is the level by rules P2 and P3 of the text from one index to before another.
func firstStrong(classes []Class, match []int, from, to int) Level {
	for i := from; i < to; i++ {
		switch c := classes[i]; {
		case c == L:
			return 0
		case c == R || c == AL:
			return 1
		case c.opensIsolate():
			i = match[i]
		}
	}
	return 0
}
