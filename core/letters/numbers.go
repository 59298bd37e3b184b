package letters

import (
	"regexp"
	"strings"
	"unicode"

	"panah/core/l10n"
)

// Room is what stands in the place of a number.
const Room = "________"

var (
	// day is a date in numbers, which is no paper's.
	day = regexp.MustCompile(`^([0-9]{4}([-/.])[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})$`)
	// years is a stretch of years.
	years = regexp.MustCompile(`^(1[34]|19|20)[0-9]{2}[-–/](1[34]|19|20)[0-9]{2}$`)
	year  = regexp.MustCompile(`^(1[34]|19|20)[0-9]{2}$`)
	// version is a rulebook's: 16 hex digits. One without a letter cannot be told from the number of a card.
	version = regexp.MustCompile(`^[0-9a-f]*[a-f][0-9a-f]*$`)
	// passport is a number of six digits, with the letters that make it one.
	passport = regexp.MustCompile(`^[A-Za-z]{1,3}[0-9]{6,}$`)
)

// Bounds of what is no number: longer ones are.
const (
	maxWhole = 40 // bytes of a day, a version, a stretch of years
	maxYears = 12 // of years in a row
)

// A token is letters and digits in a row, as they stand in the text from From to To, in runes.
type token struct {
	from, to        int
	bare            string // without what joins, digits folded
	whole           string // the same with what can be seen of what joins
	digits, letters int
}

// WithoutNumbers is text as it may be kept: what may be the number of a paper, or of a telephone, gives way to a line to write on. That is eight digits or more, seven with a Latin letter among them,
// six after one to three; of any script, dashes, slashes, points and invisible characters between them counted as nothing; and nine digits or more in groups with spaces. Not a date, not years, not
// the version of a rulebook, not an address of the web. Blanked says whether there was any.
func WithoutNumbers(text string) (kept string, blanked bool) {
	runes := []rune(text)
	var out strings.Builder
	done := 0
	blank := func(from, to int) {
		out.WriteString(string(runes[done:from]) + Room)
		done, blanked = to, true
	}
	tokens := tokensOf(runes)
	for i := 0; i < len(tokens); {
		if n := grouped(runes, tokens[i:]); n > 0 {
			blank(tokens[i].from, tokens[i+n-1].to)
			i += n
			continue
		}
		if tokens[i].numbered() {
			blank(tokens[i].from, tokens[i].to)
		}
		i++
	}
	if !blanked {
		return text, false
	}
	out.WriteString(string(runes[done:]))
	return out.String(), true
}

// tokensOf finds the tokens of a text, but those of addresses of the web.
func tokensOf(runes []rune) (all []token) {
	for i := 0; i < len(runes); {
		if n := address(runes[i:]); n > 0 {
			i += n
			continue
		}
		if !isDigit(runes[i]) && !isLatin(runes[i]) {
			i++
			continue
		}
		t := token{from: i}
		for i < len(runes) {
			t.add(runes[i])
			i++
			t.to = i
			next := joined(runes, i)
			if next < 0 {
				break
			}
			for _, r := range runes[i:next] {
				if !invisible(r) && len(t.whole) < maxWhole {
					t.whole += string(r)
				}
			}
			i = next
		}
		all = append(all, t)
	}
	return all
}

// address is how long an address of the web is that a text begins with; 0 when it begins with none.
func address(runes []rune) int {
	if runes[0] != 'h' || !strings.HasPrefix(string(runes[:min(len(runes), 8)]), "http://") && !strings.HasPrefix(string(runes[:min(len(runes), 8)]), "https://") {
		return 0
	}
	n := 0
	for n < len(runes) && !unicode.IsSpace(runes[n]) {
		n++
	}
	return n
}

func (t *token) add(r rune) {
	if len(t.whole) < maxWhole {
		s := l10n.FoldDigits(string(r))
		t.bare, t.whole = t.bare+s, t.whole+s
	}
	if isDigit(r) {
		t.digits++
	} else {
		t.letters++
	}
}

// joined is where a token that has come to i goes on; -1 when it ends there. A point joins digits only: it may end a sentence.
func joined(runes []rune, i int) int {
	next, seen, point := i, false, false
	for next < len(runes) && (invisible(runes[next]) || isDash(runes[next]) || runes[next] == '.' && !seen) {
		point = point || runes[next] == '.'
		seen = seen || !invisible(runes[next])
		next++
	}
	if next == len(runes) || !isDigit(runes[next]) && (!isLatin(runes[next]) || point) || point && !isDigit(runes[i-1]) {
		return -1
	}
	return next
}

func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) }
func isLatin(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }
func isDash(r rune) bool {
	return r == '-' || r == '/' || r >= '\u2010' && r <= '\u2015' || r == '\u2212'
}

// invisible: joiners, marks of direction, soft hyphens.
func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// numbered reports whether a token may be the number of a paper.
func (t token) numbered() bool {
	if day.MatchString(t.whole) || years.MatchString(t.whole) || len(t.whole) == 16 && version.MatchString(t.whole) {
		return false
	}
	return t.digits >= 8 || t.digits >= 7 && t.letters > 0 || passport.MatchString(t.bare)
}

// grouped is how many of the tokens that a text begins with are one number, written with spaces; 0 when they are none.
func grouped(runes []rune, tokens []token) (n int) {
	if len(tokens) > 1 && tokens[0].digits == 0 && tokens[0].letters <= 2 && tokens[0].bare == strings.ToUpper(tokens[0].bare) && tokens[1].letters == 0 && tokens[1].digits >= 6 && tokens[1].plain() && spaced(runes, tokens[0], tokens[1]) {
		return 2 // AB 123456
	}
	digits, dated := 0, true
	for n < len(tokens) && tokens[n].letters == 0 && tokens[n].digits > 1 && tokens[n].plain() && (n == 0 || spaced(runes, tokens[n-1], tokens[n])) {
		digits += tokens[n].digits
		dated = dated && year.MatchString(tokens[n].bare)
		n++
	}
	if n < 2 || digits < 9 || dated && n <= maxYears {
		return 0
	}
	return n
}

// plain reports whether a token is neither a date nor a stretch of years.
func (t token) plain() bool { return !day.MatchString(t.whole) && !years.MatchString(t.whole) }

// spaced reports whether there is one space between two tokens, of any width, and nothing that can be seen.
func spaced(runes []rune, a, b token) bool {
	spaces := 0
	for _, r := range runes[a.to:b.from] {
		switch {
		case unicode.Is(unicode.Zs, r) || r == '\t':
			spaces++
		case !invisible(r):
			return false
		}
	}
	return spaces == 1
}
