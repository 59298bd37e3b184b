package bidi

import (
	"slices"
	"strings"
	"testing"
)

// drawn is text as it stands on paper from left to right.
func drawn(text string, dir Direction) string {
	runes := []rune(text)
	levels := New(runes, dir).Line(0, len(runes))
	var b strings.Builder
	for _, i := range Order(levels) {
		if levels[i]&1 == 1 {
			b.WriteRune(Mirror(runes[i]))
		} else {
			b.WriteRune(runes[i])
		}
	}
	return b.String()
}

func TestDrawn(t *testing.T) {
	const fsi, pdi = "\u2068", "\u2069"
	for name, c := range map[string]struct {
		dir        Direction
		text, want string
	}{
		"brackets turn with the text":        {RightToLeft, "ا(ب)", "(ب)ا"},
		"a date in Persian digits stays":     {RightToLeft, "تا ۱۴۰۳/۱۲/۲۹ بود", "دوب ۱۴۰۳/۱۲/۲۹ ات"},
		"Latin letters inside":               {RightToLeft, "نام Ahmad است", "تسا Ahmad مان"},
		"a number with hyphens falls apart":  {RightToLeft, "ش 12-34-56 ب", "ب 56-34-12 ش"},
		"isolated, it keeps its order":       {RightToLeft, "ش " + fsi + "12-34-56" + pdi + " ب", "ب " + pdi + "12-34-56" + fsi + " ش"},
		"a Persian name in an English text":  {LeftToRight, "Mr. احمد, 12", "Mr. 12 ,دمحا"},
		"isolated, the number stays behind":  {LeftToRight, "Mr. " + fsi + "احمد" + pdi + ", 12", "Mr. " + fsi + "دمحا" + pdi + ", 12"},
		"trailing space is at the far end":   {RightToLeft, "ا b ", " b ا"},
		"an overlong nest is drawn all same": {LeftToRight, strings.Repeat("\u202B", 200) + "ab", "ab"},
	} {
		if got := drawn(c.text, c.dir); got != c.want {
			t.Errorf("%s: %q is drawn as %q, want %q", name, c.text, got, c.want)
		}
	}
}

func TestMoreThan63BracketsHaveNoPairs(t *testing.T) {
	// At level 1 a pair around Latin letters is of the letters' direction only when the text before it is: so a lone pair stays R, unpaired brackets too, and
	// only the letters differ.
	text := []rune("a" + strings.Repeat("(", 64) + "b" + strings.Repeat(")", 64))
	p := New(text, RightToLeft)
	if got := p.Line(0, len(text))[len(text)-1]; got != 1 {
		t.Errorf("the last bracket is at level %d", got)
	}
	text = text[1:]
	text[0] = 'a'
	if got := New(text, RightToLeft).Line(0, len(text))[len(text)-2]; got != 2 {
		t.Errorf("63 brackets: the last but one is at level %d", got)
	}
}

// FuzzIsolates: whatever stands between FSI and PDI, nothing outside moves, every character that is drawn is drawn once, and no level passes the limit.
func FuzzIsolates(f *testing.F) {
	f.Add("تاریخ ", "12-34", " است", uint8(2))
	f.Add("a(", "ب)", ") 1", uint8(0))
	f.Add("\u2067\u202E", "\u202Aا", "\u2069\u202C b", uint8(1))
	f.Fuzz(func(t *testing.T, before, value, after string, d uint8) {
		dir := Direction(d % 3)
		if strings.ContainsFunc(value, func(r rune) bool { return ClassOf(r) == PDI || ClassOf(r).opensIsolate() || ClassOf(r) == B }) {
			return // the caller takes these out of a value
		}
		left, in, right := []rune(before+"\u2068"), []rune(value), []rune("\u2069"+after)
		with := slices.Concat(left, in, right)
		outer := New(slices.Concat(left, right), dir).levels
		p := New(with, dir)
		if got := p.levels; !slices.Equal(outer[:len(left)], got[:len(left)]) || !slices.Equal(outer[len(left):], got[len(left)+len(in):]) {
			t.Fatalf("%q between %q and %q moves what is around it", value, before, after)
		}
		line := p.Line(0, len(with))
		seen := map[int]bool{}
		for _, i := range Order(line) {
			if seen[i] || line[i] == Removed || line[i] > maxDepth+1 {
				t.Fatalf("character %d at level %d", i, line[i])
			}
			seen[i] = true
		}
		for i, l := range line {
			if l != Removed && !seen[i] {
				t.Fatalf("character %d of %q is not drawn", i, string(with))
			}
		}
	})
}

func BenchmarkParagraph(b *testing.B) {
	text := []rune(strings.Repeat("درخواست شما با شمارهٔ (12-34) در تاریخ ۱۴۰۳/۱۲/۲۹ به UNHCR رسید. ", 20))
	b.SetBytes(int64(len(string(text))))
	b.ReportAllocs()
	for b.Loop() {
		Order(New(text, RightToLeft).Line(0, len(text)))
	}
	b.ReportMetric(float64(len(text))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mchars/s")
}
