package typeset

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"

	"panah/core/bidi"
)

// glyph is a shape on its place; lengths are in the font's units.
type glyph struct {
	id          uint16
	at          int    // the first character that it stands for
	text        string // what it stands for; "" when another glyph of the same characters says it
	advance     int32
	right, rise int32 // offset from the pen
}

// item is a stretch of a text that is shaped at once: one level, one script, one weight.
type item struct {
	from, to int
	level    bidi.Level
	face     int
	glyphs   []glyph // from left to right
}

// shaped is a text whose glyphs are known and whose lines are not.
type shaped struct {
	text
	order    *bidi.Paragraph
	items    []item
	advances []int32 // of each character; a ligature's is at its first
	blank    uint16  // the glyph that draws nothing
}

// shaper holds what is not safe to share: one for each document that is being set.
type shaper struct {
	fonts   *Fonts
	shapers [2]*harfbuzz.Font
	buffer  *harfbuzz.Buffer
	missing map[rune]bool
}

func newShaper(f *Fonts) *shaper {
	s := &shaper{fonts: f, buffer: harfbuzz.NewBuffer(), missing: map[rune]bool{}}
	for i := range f.faces {
		s.shapers[i] = harfbuzz.NewFont(font.NewFace(f.faces[i].shapes))
	}
	return s
}

// shape orders and shapes a text. What the typeface cannot draw is noted in missing.
func (s *shaper) shape(t text) *shaped {
	p := &shaped{text: t, order: t.resolve(), advances: make([]int32, len(t.runes)), blank: s.fonts.faces[regularFace].blank}
	levels := lineLevels(p.order, 0, len(t.runes))
	// Letters do not join across the border of a filled value.
	context := make([]rune, len(t.runes))
	for i, c := range t.runes {
		if c >= '\u2066' && c <= popIsolate {
			c = ' '
		}
		context[i] = c
	}
	scripts := scriptsOf(t.runes, t.rtl)
	for from := 0; from < len(t.runes); {
		if directs(t.runes[from]) {
			from++
			continue
		}
		to := from + 1
		for to < len(t.runes) && levels[to] == levels[from] && scripts[to] == scripts[from] && t.bold[to] == t.bold[from] && !directs(t.runes[to]) {
			to++
		}
		it := item{from: from, to: to, level: levels[from], face: regularFace}
		if t.bold[from] {
			it.face = boldFace
		}
		s.item(p, &it, context, scripts[from])
		p.items = append(p.items, it)
		from = to
	}
	return p
}

// scriptsOf gives every character a script: what many scripts share takes that of the character before.
func scriptsOf(runes []rune, rtl bool) []language.Script {
	last := language.Latin
	if rtl {
		last = language.Arabic
	}
	scripts := make([]language.Script, len(runes))
	for i, r := range runes {
		if s := language.LookupScript(r); s != language.Common && s != language.Inherited && s != language.Unknown {
			last = s
		}
		scripts[i] = last
	}
	return scripts
}

func (s *shaper) item(p *shaped, it *item, context []rune, script language.Script) {
	b := s.buffer
	b.Clear()
	b.ClusterLevel = harfbuzz.MonotoneCharacters
	b.Props = harfbuzz.SegmentProperties{Language: language.NewLanguage(p.segments[p.segs[it.from]].lang), Script: script, Direction: harfbuzz.LeftToRight}
	if it.level&1 == 1 {
		b.Props.Direction = harfbuzz.RightToLeft
	}
	b.Invisible = harfbuzz.GID(s.fonts.faces[it.face].blank)
	b.AddRunes(context, it.from, it.to-it.from)
	b.Shape(s.shapers[it.face], nil)
	s.take(p, it)
}

// take copies the shaped glyphs and says what each stands for: the first glyph of some characters, as they are read, says all of them.
func (s *shaper) take(p *shaped, it *item) {
	info, pos := s.buffer.Info, s.buffer.Pos
	ends := clusterEnds(info, it.from, it.to)
	it.glyphs = make([]glyph, 0, len(info)+8)
	before := 1 // where the glyph lies that is read before
	if it.level&1 == 0 {
		before = -1
	}
	for i := range info {
		g := glyph{id: uint16(info[i].Glyph), at: info[i].Cluster, advance: pos[i].XAdvance, right: pos[i].XOffset, rise: pos[i].YOffset}
		p.advances[g.at] += g.advance
		stands := p.runes[g.at:ends[i]]
		if g.id == 0 {
			for _, r := range stands {
				s.missing[r] = true
			}
		}
		if k := i + before; k >= 0 && k < len(info) && info[k].Cluster == g.at {
			stands = nil
		}
		it.put(g, stands, p.blank)
	}
}

// put appends a glyph and what is read for it. Programs take text out of a file glyph by glyph from left to right, turn it, and take a glyph above the line for
// a word of its own. So a mark is drawn dumb, with a blank glyph on the line that speaks for it, and a ligature that is read from right to left speaks for
// its last character, with blank ones for the others.
func (it *item) put(g glyph, stands []rune, blank uint16) {
	aside := g.rise != 0 || g.right != 0
	if it.level&1 == 0 {
		if !aside {
			g.text = string(stands)
		}
		it.glyphs = append(it.glyphs, g)
		if aside && len(stands) > 0 {
			it.glyphs = append(it.glyphs, glyph{id: blank, at: g.at, text: string(stands)})
		}
		return
	}
	if n := len(stands); !aside && n > 0 {
		g.text = string(stands[n-1])
		stands = stands[:n-1]
	}
	it.glyphs = append(it.glyphs, g)
	for k := len(stands) - 1; k >= 0; k-- {
		it.glyphs = append(it.glyphs, glyph{id: blank, at: g.at, text: string(stands[k])})
	}
}

// clusterEnds gives for every glyph the index after its last character: where the characters of another glyph begin. Glyphs come in any order where an
// override turns Arabic letters.
func clusterEnds(info []harfbuzz.GlyphInfo, from, to int) []int {
	next := make([]int, to-from+1) // of each character, the first one behind it at which a glyph begins
	for _, g := range info {
		next[g.Cluster-from] = 1
	}
	end := to
	for i := to - 1; i >= from; i-- {
		begins := next[i-from] == 1
		next[i-from] = end
		if begins {
			end = i
		}
	}
	ends := make([]int, len(info))
	for i, g := range info {
		ends[i] = next[g.Cluster-from]
	}
	return ends
}
