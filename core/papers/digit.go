package papers

// bad is the value of a character that a zone cannot hold.
const bad = 0xff

// values gives each character its number: 0–9, A = 10 … Z = 35, filler = 0 (Doc 9303-3 section 4.9).
var values = func() (v [256]byte) {
	for i := range v {
		v[i] = bad
	}
	for c := byte('0'); c <= '9'; c++ {
		v[c] = c - '0'
	}
	for c := byte('A'); c <= 'Z'; c++ {
		v[c] = c - 'A' + 10
	}
	v['<'] = 0
	return v
}()

// sum is a check digit being computed over several places in turn: weights 7, 3, 1 go on from one to the next.
type sum struct {
	total  int
	weight int // 0, 1, 2: which of 7, 3, 1 comes next
	broken bool
}

func (s *sum) add(text string) {
	total, w := s.total, s.weight
	for i := range len(text) {
		v := values[text[i]]
		if v == bad {
			s.broken = true
			v = 0
		}
		total += int(v) * int("\x07\x03\x01"[w])
		if w++; w == 3 {
			w = 0
		}
	}
	s.total, s.weight = total, w
}

// digit is '0'…'9', or 0 when a character did not count.
func (s *sum) digit() byte {
	if s.broken {
		return 0
	}
	return '0' + byte(s.total%10)
}

// CheckDigit computes the check digit of text (Doc 9303-3 section 4.9), '0'…'9'. It is false when text holds a character
// that a zone cannot hold. Beware what it cannot tell: characters whose values differ by a multiple of ten weigh the
// same, so G and 6, L and 1, or A, K, U and 0 pass for each other.
func CheckDigit(text string) (byte, bool) {
	var s sum
	s.add(text)
	d := s.digit()
	return d, d != 0
}

// check computes one tally over lines. Long numbers are not its business: see checkNumber.
func (t *tally) check(lines []string) Check {
	var s sum
	for _, p := range t.over {
		s.add(p.of(lines))
	}
	c := Check{Field: t.field, Line: int(t.at.line) + 1, Column: int(t.at.from) + 1, Found: lines[t.at.line][t.at.from], Wanted: s.digit()}
	c.OK = c.Wanted != 0 && c.Found == c.Wanted
	if !c.OK && t.field == fOptional && c.Found == '<' && blank(t.over[0].of(lines)) {
		c.OK = true // Doc 9303-4 section 4.2.2: an empty personal number may have a filler for its digit
	}
	return c
}

// blank tells whether text is fillers only.
func blank(text string) bool {
	for i := range len(text) {
		if text[i] != '<' {
			return false
		}
	}
	return true
}

// longNumber is the continuation of a number in the optional data: present when its own check place has a filler and
// the optional data does not begin with one. rest is the number's end without its check digit.
func (l *layout) longNumber(lines []string) (rest string, digitAt place, ok bool) {
	if !l.long || l.tallies[0].at.of(lines) != "<" || blank(l.number.of(lines)) {
		return "", place{}, false
	}
	text := l.optional.of(lines)
	end := 0
	for end < len(text) && text[end] != '<' {
		end++
	}
	if end < 2 {
		return "", place{}, false
	}
	at := l.optional.from + int8(end) - 1
	return text[:end-1], place{l.optional.line, at, at + 1}, true
}

// checkAt checks the tally with the given index, a long number with its continuation.
func (l *layout) checkAt(i int, lines []string) Check {
	if i == 0 {
		if rest, at, ok := l.longNumber(lines); ok {
			var s sum
			s.add(l.number.of(lines))
			s.add(rest)
			c := Check{Field: fNumber, Line: int(at.line) + 1, Column: int(at.from) + 1, Found: lines[at.line][at.from], Wanted: s.digit()}
			c.OK = c.Wanted != 0 && c.Found == c.Wanted
			return c
		}
	}
	return l.tallies[i].check(lines)
}
