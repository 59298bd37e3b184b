// Package script makes writing comparable: one word has one form here, however the keyboard, the language or the habit of the writer spells it.
//
// It is for finding, never for showing: what it returns is not fit to be read. It knows nothing of meaning and stems no words but for the endings that Persian
// writes attached, apart or with a zero-width non-joiner.
package script

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxGrowth bounds Fold: no input grows by more than this factor. U+FDFA, one letter of three bytes, is the worst: eighteen letters of two bytes.
const maxGrowth = 12

// joiner stands for a zero-width non-joiner until words are cut. It is a control character, which no folded text holds.
const joiner = '\x01'

// letters are the forms that differ between keyboards and languages and not for a reader who looks for a word. Hamza, madda and vowel marks are gone before
// this table is asked: NFKD has taken them off.
var letters = map[rune]rune{
	// One yeh: Arabic, Persian, Pashto's five, Urdu's two, alef maqsura. Pashto tells them apart in grammar, people who type do not.
	'ي': 'ی', 'ى': 'ی', 'ې': 'ی', 'ۍ': 'ی', 'ے': 'ی', 'ێ': 'ی', 'ۑ': 'ی', 'ؠ': 'ی', 'ۓ': 'ی', 'ں': 'ن',
	'ك': 'ک', 'ڪ': 'ک', 'ڬ': 'ک',
	'ګ': 'گ', 'ڭ': 'گ', // Pashto's gaf: a g, never a k
	'ة': 'ه', 'ە': 'ه', 'ہ': 'ه', 'ھ': 'ه', 'ۃ': 'ه', 'ۀ': 'ه', 'ۂ': 'ه',
	'ٱ': 'ا', 'ٲ': 'ا', 'ٳ': 'ا', 'ٵ': 'ا',
	'ۇ': 'و', 'ۆ': 'و', 'ۋ': 'و', 'ۏ': 'و', 'ۊ': 'و', 'ٶ': 'و',
	'ڼ': 'ن',
	'ı': 'i', 'ø': 'o', 'đ': 'd', 'ł': 'l', 'ħ': 'h', 'ð': 'd', 'ə': 'e',
}

// spelled are single letters that are written as two.
var spelled = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th"}

// dropped reports what stands in words without being a letter: vowel marks, tatweel, hamza on its own, direction marks, apostrophes and the half rings that
// transliterations write for ayn and hamza.
func dropped(r rune) bool {
	switch r {
	case 'ـ', 'ء', '\'', '’', '‘', 'ʼ', 'ʻ', 'ʾ', 'ʿ', '`', '´', 'ˈ', '\u00AD', '\u200D':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}

// Fold is the one form of a text: words of letters and ASCII digits, a single space between them. It folds
//   - the yehs of Arabic, Persian, Pashto and Urdu, the kafs, the hehs (with teh marbuta), alef and waw with hamza or madda,
//   - vowel marks, tatweel, direction marks and Latin accents away,
//   - Persian and Arabic digits to ASCII, capitals to small letters, compatibility forms (ligatures, full width) to what they stand for.
//
// A zero-width non-joiner becomes a space: Words gives the other way to write it. Fold(Fold(s)) is Fold(s), and the result is at most twelve times as long as s.
func Fold(s string) string { return strings.ReplaceAll(fold(s), string(joiner), " ") }

// fold is Fold with joiner where a zero-width non-joiner stood between letters.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := rune(0) // what goes before the next letter
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		if r == '\u200C' {
			if gap == 0 {
				gap = joiner
			}
			continue
		}
		if dropped(r) {
			continue
		}
		out, many := letter(r)
		if out == 0 && many == "" {
			gap = ' '
			continue
		}
		if gap != 0 && b.Len() > 0 {
			b.WriteRune(gap)
		}
		gap = 0
		if many != "" {
			b.WriteString(many)
			continue
		}
		b.WriteRune(out)
	}
	return b.String()
}

// letter is the form of a letter or digit; zero for everything else.
func letter(r rune) (rune, string) {
	switch {
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0', ""
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0', ""
	}
	r = unicode.ToLower(r)
	if two, ok := spelled[r]; ok {
		return 0, two
	}
	if one, ok := letters[r]; ok {
		return one, ""
	}
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		return r, ""
	}
	return 0, ""
}
