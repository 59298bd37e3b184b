package typeset

import (
	"slices"
	"strings"
	"unicode"

	"panah/core/bidi"
	"panah/core/l10n"
)

// Characters that only order what is around them, UAX #9 section 2, and the one that keeps letters apart.
const (
	nonJoiner    = '\u200C'
	leftMark     = '\u200E' // LRM
	rightMark    = '\u200F' // RLM
	leftIsolate  = '\u2066' // LRI
	rightIsolate = '\u2067' // RLI: a filled value stands between one of these two and the next
	popIsolate   = '\u2069' // PDI
)

// segment is a part of a text in one language; each is a leaf of the file's structure.
type segment struct {
	lang string
	text strings.Builder // as read, without marks of direction
}

// text is a paragraph's characters in the order in which they are read.
type text struct {
	runes    []rune
	bold     []bool
	segs     []int // the segment of each rune
	segments []*segment
	lang     string // of the paragraph
	rtl      bool
}

// rightToLeft is the direction of a language.
func rightToLeft(lang string) bool {
	l, ok := l10n.Find(lang)
	return ok && l.Dir == l10n.RightToLeft
}

// paragraphLang is the language that all runs which are no filled values share, else the document's.
func paragraphLang(runs []Run, document string) string {
	lang := ""
	for _, r := range runs {
		if r.Filled {
			continue
		}
		l := r.Lang
		if l == "" {
			l = document
		}
		if lang != "" && l != lang {
			return document
		}
		lang = l
	}
	if lang == "" {
		return document
	}
	return lang
}

// texts joins runs, one text for each line that "\n" ends.
func texts(runs []Run, document string, bold bool) []text {
	lang := paragraphLang(runs, document)
	t := text{lang: lang, rtl: rightToLeft(lang)}
	var all []text
	for _, r := range runs {
		for i, line := range strings.Split(strings.ReplaceAll(r.Text, "\r\n", "\n"), "\n") {
			if i > 0 {
				all = append(all, t)
				t = text{lang: lang, rtl: t.rtl}
			}
			t.add(r, line, lang, bold)
		}
	}
	return append(all, t)
}

func (t *text) add(r Run, line, lang string, bold bool) {
	if line == "" {
		return
	}
	if r.Lang != "" {
		lang = r.Lang
	}
	if n := len(t.segments); n == 0 || t.segments[n-1].lang != lang {
		t.segments = append(t.segments, &segment{lang: lang})
	}
	if !r.Filled {
		for _, c := range drawable(line, false) {
			t.put(c, r.Bold || bold)
		}
		return
	}
	value := drawable(line, true)
	t.put(isolateFor(value), r.Bold || bold)
	for _, c := range isolateStretches(value) {
		t.put(c, r.Bold || bold)
	}
	t.put(popIsolate, r.Bold || bold)
}

// drawable are the characters of a line with controls as spaces. A filled value loses its own marks of direction, which could end its isolate early.
func drawable(line string, filled bool) (all []rune) {
	for _, c := range strings.ToValidUTF8(line, "\uFFFD") {
		switch {
		case filled && directs(c):
			continue
		case unicode.IsControl(c) || c == '\u2028' || c == '\u2029':
			c = ' '
		}
		all = append(all, c)
	}
	return all
}

// isolateFor is what FSI means for a value: RLI when its first letter is written from right to left, else LRI.
func isolateFor(value []rune) rune {
	for _, c := range value {
		switch bidi.ClassOf(c) {
		case bidi.R, bidi.AL:
			return rightIsolate
		case bidi.L:
			return leftIsolate
		}
	}
	return leftIsolate
}

// isolateStretches puts stretches of one script each between an isolate of their own, where a value has several: UAX #9 by itself would draw the 20 of
// "۲۹ اسفند ۱۴۰۳ (20 March 2025)" behind 2025, and turn the groups of a telephone number behind a Persian word round.
func isolateStretches(in []rune) (out []rune) {
	for i := 0; i < len(in); {
		end := stretchEnd(in, i)
		if end == i || i == 0 && end == len(in) {
			out = append(out, in[i:max(end, i+1)]...)
			i = max(end, i+1)
			continue
		}
		out = append(out, isolateFor(in[i:end]))
		out = append(append(out, in[i:end]...), popIsolate)
		i = end
	}
	return out
}

// stretchEnd is the end of the words of one script that begin at from; from itself when none does.
func stretchEnd(in []rune, from int) int {
	word := func(c rune) bool { return c >= '0' && c <= '9' || unicode.Is(unicode.Latin, c) }
	if c := in[from]; c >= '۰' && c <= '۹' || unicode.Is(unicode.Arabic, c) {
		word = func(c rune) bool { return unicode.Is(unicode.Arabic, c) || unicode.Is(unicode.Mn, c) || c == nonJoiner }
	} else if !word(c) && c != '+' {
		return from
	}
	end := from
	for i := from; i < len(in); i++ {
		switch c := in[i]; {
		case word(c):
			end = i + 1
		case !strings.ContainsRune(" -./:@_'+#&٫٬", c):
			return end
		}
	}
	return end
}

func (t *text) put(c rune, bold bool) {
	last := len(t.segments) - 1
	t.runes, t.bold, t.segs = append(t.runes, c), append(t.bold, bold), append(t.segs, last)
	if !directs(c) {
		t.segments[last].text.WriteRune(c)
	}
}

// directs reports the characters that only say how others are ordered: they are never drawn. The marks LRM, RLM and ALM are among them.
func directs(c rune) bool {
	class := bidi.ClassOf(c)
	return class >= bidi.LRE || slices.Contains([]rune{'\u200E', '\u200F', '\u061C'}, c)
}

// levels resolves the paragraph. Characters that UAX #9 takes out, as the zero-width non-joiner, get the level of what is before them (section 5.2).
func (t *text) resolve() *bidi.Paragraph {
	dir := bidi.LeftToRight
	if t.rtl {
		dir = bidi.RightToLeft
	}
	return bidi.New(t.runes, dir)
}

// lineLevels are the levels of a line with none removed.
func lineLevels(p *bidi.Paragraph, from, to int) []bidi.Level {
	levels := p.Line(from, to)
	before := p.Base()
	for i, l := range levels {
		if l == bidi.Removed {
			levels[i] = before
		}
		before = levels[i]
	}
	return levels
}
