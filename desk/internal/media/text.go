package media

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the most characters that Text returns, the limit of a letter (docs/formats.md, section 2).
const MaxText = 20_000

// Text makes a letter's words safe to set into a page: valid UTF-8 (each bad byte becomes U+FFFD), no control
// characters but newline and tab (CR LF and CR become newlines), no bidirectional embeddings, overrides or isolates,
// at most MaxText characters. The marks that Persian, Pashto and Urdu need (ZWNJ, ZWJ, LRM, RLM, ALM) stay: they
// cannot reach beyond the text. The page still sets the result in an element with dir="auto", which isolates it.
func Text(data []byte) string {
	var b strings.Builder
	b.Grow(min(len(data), 4*MaxText))
	for n := 0; len(data) > 0 && n < MaxText; {
		r, size := utf8.DecodeRune(data)
		data = data[size:]
		if r == '\r' {
			if len(data) > 0 && data[0] == '\n' {
				continue
			}
			r = '\n'
		}
		if !shown(r) {
			continue
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// shown tells which characters stay. Bidirectional formatting is UAX #9, section 2; the tag characters and
// interlinear marks are invisible text, U+2028 and U+2029 would break a line or a paragraph where no one sees why.
func shown(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return true
	case unicode.IsControl(r):
		return false
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F: // embeddings, overrides, isolates, deprecated marks
		return false
	case r == 0x2028 || r == 0x2029 || r == 0xFEFF:
		return false
	case r >= 0xFFF9 && r <= 0xFFFB, r >= 0xE0000 && r <= 0xE007F:
		return false
	}
	return true
}
