package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLetters bounds a word: what is longer is no name.
const maxLetters = 40

// parse takes a folded word apart into its sounds. A second reading is there when letters can be split in two ways (Is-haq, Ish-aq).
func parse(word string) [][]unit {
	r, _ := utf8.DecodeRuneInString(word)
	if unicode.Is(unicode.Arabic, r) {
		out := [][]unit{parseArabic([]rune(word))}
		if bare, ok := strings.CutPrefix(word, "ال"); ok && utf8.RuneCountInString(bare) > 2 { // al-Ghaffar, Ghaffar
			out = append(out, parseArabic([]rune(bare)))
		}
		return out
	}
	w := []byte(ascii(word))
	out := [][]unit{parseLatin(w, false)}
	if i := strings.Index(string(w), "sh"); i == 1 && strings.ContainsRune("aeiou", rune(w[0])) && len(w) > 3 {
		out = append(out, parseLatin(w, true))
	}
	return out
}

// ascii drops what is no letter from a to z.
func ascii(word string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, word)
}

func isVowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

// parseLatin reads a word of Latin letters. split says that sh is s and h.
func parseLatin(w []byte, split bool) []unit {
	w = w[:min(len(w), maxLetters)]
	var out []unit
	for i := 0; i < len(w); {
		if n := vowelRun(w, i); n > 0 {
			out = append(out, latinVowels(w[i:i+n], i == 0)...)
			i += n
			continue
		}
		size := 1
		if i+1 < len(w) && latin[string(w[i:i+2])] != 0 && !(split && string(w[i:i+2]) == "sh") {
			size = 2
		}
		u := unit{sounds: latin[string(w[i:i+size])], first: i == 0}
		i += size
		for i < len(w) && size == 1 && w[i] == w[i-1] || i+1 < len(w) && size == 2 && i >= 2 && string(w[i:i+2]) == string(w[i-2:i]) { // doubled
			i += size
		}
		u.maybe = u.sounds == soundH && i == len(w) && len(out) > 0 && out[len(out)-1].kind == vowel || // Fatemeh, Fatima
			u.sounds == soundL && article(w[:i])
		out = append(out, u)
	}
	return ends(out)
}

// article reports whether what was read ends in the article of a compound: Abdul-, Nur ul-.
func article(read []byte) bool {
	s := string(read)
	for _, p := range []string{"abdul", "abdol", "abdel", "abdal"} {
		if s == p {
			return true
		}
	}
	return false
}

// vowelRun is how many letters from i on are one vowel: y and w belong to it unless a vowel follows them.
func vowelRun(w []byte, i int) int {
	if !isVowel(w[i]) && !(w[i] == 'y' && i > 0 && (i+1 == len(w) || !isVowel(w[i+1]))) {
		return 0
	}
	n := 1
	for i+n < len(w) {
		c := w[i+n]
		glide := (c == 'y' || c == 'w') && (i+n+1 == len(w) || !isVowel(w[i+n+1]) && w[i+n+1] != c)
		if !isVowel(c) && !glide {
			break
		}
		n++
	}
	return n
}

// long are vowels written with two letters: a long one, or one and a glide.
var long = map[string][2]byte{
	"aa": {vowelA}, "ee": {vowelI | vowelE}, "ii": {vowelI}, "ie": {vowelI}, "oo": {vowelU | vowelO}, "ou": {vowelU | vowelO}, "uu": {vowelU}, "eu": {vowelU},
	"ai": {vowelA, vowelI}, "ay": {vowelA, vowelI}, "ei": {vowelE, vowelI}, "ey": {vowelE, vowelI}, "oi": {vowelO, vowelI}, "oy": {vowelO, vowelI},
	"au": {vowelA, vowelU}, "aw": {vowelA, vowelU}, "ow": {vowelO, vowelU},
}

// latinVowels takes a run of vowels apart: Moein is o and ei, Raouf a and ou.
func latinVowels(run []byte, first bool) []unit {
	var out []unit
	for i := 0; i < len(run); {
		u := unit{kind: vowel, first: first && i == 0}
		pair := [2]byte{}
		if i+1 < len(run) {
			pair = long[string(run[i:i+2])]
		}
		switch {
		case pair[1] != 0:
			u.vowels = pair[0]
			out = append(out, u, unit{kind: vowel, vowels: pair[1], glide: true})
			i += 2
			continue
		case pair[0] != 0:
			u.vowels, u.long = pair[0], true
			i++
		default:
			u.vowels = map[byte]byte{'a': vowelA, 'e': vowelE, 'i': vowelI, 'y': vowelI, 'o': vowelO, 'u': vowelU, 'w': vowelU}[run[i]]
		}
		i++
		out = append(out, u)
	}
	return out
}

// parseArabic reads a word of Arabic letters. Short vowels are not there.
func parseArabic(w []rune) []unit {
	w = w[:min(len(w), maxLetters)]
	var out []unit
	for i, r := range w {
		u := unit{script: true, first: i == 0}
		switch {
		case r == 'ا' || r == 'ع' && i == 0:
			u.kind, u.vowels, u.long = vowel, vowelA, r == 'ا'
			if i == 0 {
				u.vowels = vowelAny
			}
			if i == 1 && w[0] == 'ع' { // عا-: one vowel
				continue
			}
			if i > 1 && i+2 < len(w) && w[i+1] == 'ل' { // the article inside a compound
				u.maybe = true
			}
		case r == 'ع':
			u.kind, u.maybe = ayn, true
		case r == 'و' && i > 0:
			u.kind = weakW
		case r == 'ی' && i > 0:
			u.kind = weakY
			if w[i-1] == 'ی' { // رضایی: one of them is a carrier
				out[len(out)-1].maybe = true
			}
		case r == 'و':
			u.sounds = soundV
		case r == 'ی':
			u.sounds = soundY
		default:
			if u.sounds = arabic[r]; u.sounds == 0 {
				continue
			}
			u.maybe = i > 0 && w[i-1] == r || // الله, but also ممتاز
				r == 'ه' && i == len(w)-1 && i > 0 || // -a, -eh
				r == 'ل' && i > 1 && w[i-1] == 'ا' && i+1 < len(w)-1 && out[len(out)-1].maybe
		}
		out = append(out, u)
	}
	return ends(out)
}

func ends(units []unit) []unit {
	if n := len(units); n > 0 {
		units[n-1].last = true
		if u := &units[n-1]; n > 1 && u.sounds == soundH && u.maybe && units[n-2].kind == vowel { // -eh is a vowel
			units[n-2].last = true
			units[n-2].vowels |= vowelA
		}
	}
	return units
}
