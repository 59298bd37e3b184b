package typeset

import (
	"unicode"

	"panah/core/bidi"
)

// line is a part of a shaped text; the space that it ended with is left out.
type line struct {
	from, to int
	width    int32 // in the font's units
}

// lines breaks a text so that no line is wider than width, in the font's units. A word that is wider than a line is broken inside.
func (p *shaped) lines(width int32) (all []line) {
	from, chance := 0, -1 // chance: where the line may be broken
	sum := int32(0)
	for i := 0; i < len(p.runes); i++ {
		sum += p.advances[i]
		if sum > width && !breakSpace(p.runes[i]) && i > from {
			at := chance
			if at <= from {
				at = p.clusterStart(i, from)
			}
			all = append(all, p.trim(from, at))
			from, chance, sum = at, -1, 0
			i = at - 1
			continue
		}
		if p.mayBreakAfter(i) {
			chance = i + 1
		}
	}
	return append(all, p.trim(from, len(p.runes)))
}

// clusterStart is the last place at or before i, but behind from, at which no ligature is cut.
func (p *shaped) clusterStart(i, from int) int {
	for at := i; at > from; at-- {
		if p.advances[at] != 0 && !unicode.In(p.runes[at], unicode.M) {
			return at
		}
	}
	return i
}

func breakSpace(r rune) bool { return r == ' ' || r == '\u200B' || r == '\u3000' }

// mayBreakAfter: after a space; after a hyphen or dash between letters. A zero-width non-joiner is inside a word.
func (p *shaped) mayBreakAfter(i int) bool {
	if i+1 >= len(p.runes) {
		return false
	}
	switch r := p.runes[i]; r {
	case ' ', '\u200B', '\u3000':
		return !breakSpace(p.runes[i+1])
	case '-', '‐', '–', '—':
		return i > 0 && unicode.IsLetter(p.runes[i-1]) && unicode.IsLetter(p.runes[i+1])
	}
	return false
}

// trim makes a line without the space at its end.
func (p *shaped) trim(from, to int) line {
	for to > from && breakSpace(p.runes[to-1]) {
		to--
	}
	l := line{from: from, to: to}
	for i := from; i < to; i++ {
		l.width += p.advances[i]
	}
	return l
}

// piece is a stretch of a line that is drawn in one weight and belongs to one segment.
type piece struct {
	face    int
	segment int
	from    int // its first character
	glyphs  []glyph
}

// pieces are the line from left to right, rule L2 on stretches.
func (p *shaped) pieces(l line) (all []piece) {
	type stretch struct {
		from, to, item int
	}
	levels := lineLevels(p.order, l.from, l.to)
	var stretches []stretch
	var at []bidi.Level
	for n, it := range p.items {
		for from := max(it.from, l.from); from < min(it.to, l.to); {
			to := from + 1
			for to < min(it.to, l.to) && levels[to-l.from] == levels[from-l.from] && p.segs[to] == p.segs[from] {
				to++
			}
			stretches, at = append(stretches, stretch{from, to, n}), append(at, levels[from-l.from])
			from = to
		}
	}
	order := bidi.Order(at)
	for n, i := range order {
		s := stretches[i]
		it := p.items[s.item]
		c := piece{face: it.face, segment: p.segs[s.from], from: s.from}
		for _, g := range it.glyphs {
			if g.at < s.from || g.at >= s.to {
				continue
			}
			if at[i]&1 == 1 && p.swallows(g.at, l) {
				c.glyphs = append(c.glyphs, glyph{id: p.blank, at: g.at, text: string(rightMark)})
			}
			c.glyphs = append(c.glyphs, g)
		}
		if n > 0 && at[i]&1 != at[order[n-1]]&1 {
			before := stretches[order[n-1]]
			if p.order.Base() == 1 {
				all[n-1].glyphs = append(all[n-1].glyphs, p.border(before.from, before.to, at[order[n-1]])...)
			} else {
				c.glyphs = append(p.border(s.from, s.to, at[i]), c.glyphs...)
			}
		}
		all = append(all, c)
	}
	return all
}

// border marks where a stretch begins that is read after one of the other direction, by a character that is read and not seen. Programs that take text out of
// a file see glyphs and no levels: without the mark they give the space behind a number, or half a pair of brackets, to the number.
func (p *shaped) border(from, to int, level bidi.Level) []glyph {
	next, mark := from, rightMark // the character at the border
	if (level&1 == 1) != (p.order.Base() == 1) {
		next = to - 1
	}
	class := bidi.ClassOf(p.runes[next])
	if level&1 == 0 {
		mark = leftMark
		if class == bidi.L || class == bidi.EN || class == bidi.AN {
			return nil
		}
	} else if class == bidi.R || class == bidi.AL {
		return nil
	}
	return []glyph{{id: p.blank, at: next, text: string(mark)}}
}

// swallows reports a separator, as a colon or a stop, with something behind it that has no direction of its own. Programs that take text out of a file count
// separators as parts of numbers and would draw the space to them.
func (p *shaped) swallows(at int, l line) bool {
	if p.order.Base() == 0 {
		return false
	}
	switch bidi.ClassOf(p.runes[at]) {
	case bidi.ES, bidi.ET, bidi.CS:
	default:
		return false
	}
	if at+1 >= l.to {
		return true // whatever stands beside the line
	}
	next := bidi.ClassOf(p.runes[at+1])
	return next != bidi.R && next != bidi.AL
}
