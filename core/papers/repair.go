package papers

import (
	"slices"
	"strings"
)

// slips are the characters that people and cameras take for one another: each digit with the letters it is taken for, and
// the other way round.
func slips(c byte) string {
	switch c {
	case '0':
		return "ODQ"
	case '1':
		return "IL"
	case '2':
		return "Z"
	case '5':
		return "S"
	case '6':
		return "G"
	case '8':
		return "B"
	case 'O', 'D', 'Q':
		return "0"
	case 'I', 'L':
		return "1"
	case 'Z':
		return "2"
	case 'S':
		return "5"
	case 'G':
		return "6"
	case 'B':
		return "8"
	}
	return ""
}

// mostBroken and mostWays bound the search: three fields, forty ways each.
const (
	mostBroken = 3
	mostWays   = 40
)

// repairs proposes, for each field whose check digit does not fit, the one change by slips that makes its digit fit and,
// where the layout has one, the composite too. More than one such change, or none: nothing is proposed.
func (r *reader) repairs(checks []Check) []Repair {
	l := r.layout
	last := len(checks)
	composite := last > 0 && checks[last-1].Field == fComposite
	if composite {
		last--
	}
	var broken []int
	var ways [][][]Change
	for i := range last {
		forced := l.forced(l.covered(i), r.lines)
		if checks[i].OK && forced == nil {
			continue
		}
		broken = append(broken, i)
		ways = append(ways, r.ways(i, forced))
	}
	if !composite {
		return r.single(broken, ways)
	}
	last = len(checks) - 1
	digit := l.forced([]place{l.tallies[last].at}, r.lines)
	if len(broken) == 0 {
		return r.wholeRepair(checks[last], digit)
	}
	if len(broken) > mostBroken {
		return nil
	}
	fits := r.together(ways, digit)
	if len(fits) != 1 {
		return nil
	}
	var out []Repair
	for n, i := range broken {
		out = append(out, proposal(l.tallies[i].field, fits[0][n]))
	}
	if digit != nil {
		out = append(out, proposal(fComposite, digit))
	}
	return out
}

// single takes each field by itself: the layout has no composite.
func (r *reader) single(broken []int, ways [][][]Change) (out []Repair) {
	for n, i := range broken {
		if len(ways[n]) == 1 {
			out = append(out, proposal(r.layout.tallies[i].field, ways[n][0]))
		}
	}
	return out
}

// together finds the combinations of ways, one for each broken field, under which everything fits.
func (r *reader) together(ways [][][]Change, digit []Change) (fits [][][]Change) {
	chosen := make([][]Change, len(ways))
	var try func(n int)
	try = func(n int) {
		if n == len(ways) {
			lines := applied(r.lines, slices.Concat(append(slices.Clone(chosen), digit)...))
			if r.layout.consistent(lines) {
				fits = append(fits, slices.Clone(chosen))
			}
			return
		}
		for _, way := range ways[n] {
			chosen[n] = way
			try(n + 1)
		}
	}
	try(0)
	return fits
}

// wholeRepair looks where every field's own digit fits and the composite does not: its digit, or a character that only the
// composite covers.
func (r *reader) wholeRepair(c Check, digit []Change) []Repair {
	if digit != nil {
		if r.layout.consistent(applied(r.lines, digit)) {
			return []Repair{proposal(fComposite, digit)}
		}
		return nil
	}
	if c.OK {
		return nil
	}
	i := len(r.layout.tallies) - 1
	var found []Change
	for _, p := range r.layout.tallies[i].over {
		for _, way := range r.singles(p) {
			if r.layout.consistent(applied(r.lines, way)) {
				found = append(found, way[0])
			}
		}
	}
	if len(found) != 1 {
		return nil
	}
	return []Repair{proposal(fComposite, found)}
}

// ways are the changes of one field that make its own digit fit: first what its places force (a date has digits), and when
// that is not enough, one slip more, or the same slip everywhere in the field.
func (r *reader) ways(i int, forced []Change) (ways [][]Change) {
	l := r.layout
	fits := func(changes []Change) bool { return l.checkAt(i, applied(r.lines, changes)).OK }
	if forced != nil && fits(forced) {
		return [][]Change{forced}
	}
	places := l.covered(i)
	if i == 0 {
		if _, digit, ok := l.longNumber(r.lines); ok {
			places = append(places, place{l.optional.line, l.optional.from, digit.to})
		}
	}
	add := func(more []Change) {
		way := slices.Concat(forced, more)
		if len(ways) < mostWays && fits(way) && !slices.ContainsFunc(ways, func(w []Change) bool { return slices.Equal(w, way) }) {
			ways = append(ways, way)
		}
	}
	for _, p := range places {
		for _, way := range r.singles(p) {
			add(way)
		}
	}
	for _, p := range places {
		for _, way := range r.everywhere(p) {
			add(way)
		}
	}
	return ways
}

// singles are the slips of one character within p that its place allows.
func (r *reader) singles(p place) (ways [][]Change) {
	text := p.of(r.lines)
	for i := range len(text) {
		col := int(p.from) + i
		if r.layout.forcedAt(int(p.line), col, text[i]) != 0 {
			continue // changed already
		}
		for _, to := range []byte(slips(text[i])) {
			if r.layout.allows(int(p.line), col, to) {
				ways = append(ways, []Change{{Line: int(p.line) + 1, Column: col + 1, From: text[i : i+1], To: string(rune(to))}})
			}
		}
	}
	return ways
}

// everywhere is the same slip at each place of p where the character stands, when it stands more than once.
func (r *reader) everywhere(p place) (ways [][]Change) {
	text := p.of(r.lines)
	for i := range len(text) {
		if strings.Count(text, text[i:i+1]) < 2 || strings.IndexByte(text, text[i]) != i {
			continue
		}
		for _, to := range []byte(slips(text[i])) {
			var way []Change
			for j := range len(text) {
				if text[j] == text[i] && r.layout.allows(int(p.line), int(p.from)+j, to) {
					way = append(way, Change{Line: int(p.line) + 1, Column: int(p.from) + j + 1, From: text[j : j+1], To: string(rune(to))})
				}
			}
			if len(way) > 1 {
				ways = append(ways, way)
			}
		}
	}
	return ways
}

// covered are the places that a tally reads, its digit last.
func (l *layout) covered(i int) []place {
	return append(slices.Clone(l.tallies[i].over), l.tallies[i].at)
}

// forced are the changes that places of digits demand of the letters that stand there.
func (l *layout) forced(places []place, lines []string) (changes []Change) {
	for _, p := range places {
		text := p.of(lines)
		for i := range len(text) {
			if to := l.forcedAt(int(p.line), int(p.from)+i, text[i]); to != 0 {
				changes = append(changes, Change{Line: int(p.line) + 1, Column: int(p.from) + i + 1, From: text[i : i+1], To: string(rune(to))})
			}
		}
	}
	return changes
}

// forcedAt is the digit that a letter at a place of digits must have been taken from, or 0.
func (l *layout) forcedAt(line, col int, c byte) byte {
	if c < 'A' || c > 'Z' || l.allows(line, col, c) {
		return 0
	}
	if s := slips(c); s != "" {
		return s[0]
	}
	return 0
}

// allows tells whether a digit or letter may stand at a place: dates and check digits have digits, names and codes have
// letters, numbers and optional data both.
func (l *layout) allows(line, col int, c byte) bool {
	in := func(p place) bool { return int(p.line) == line && int(p.from) <= col && col < int(p.to) }
	digit := in(l.birth) || in(l.expiry) || in(l.issued)
	for i := range l.tallies {
		digit = digit || in(l.tallies[i].at)
	}
	letter := in(l.names) || in(l.given) || in(l.code) || in(l.state) || in(l.nation) || in(l.sex)
	isDigit := '0' <= c && c <= '9'
	return !(digit && !isDigit) && !(letter && isDigit)
}

// applied is a copy of lines with changes of one character each.
func applied(lines []string, changes []Change) []string {
	out := slices.Clone(lines)
	for _, c := range changes {
		i, n := c.Line-1, c.Column-1
		if i < 0 || i >= len(out) || n < 0 || n > len(out[i]) || !strings.HasPrefix(out[i][n:], c.From) {
			continue
		}
		out[i] = out[i][:n] + c.To + out[i][n+len(c.From):]
	}
	return out
}

// Apply is a copy of lines with the repair made. A change that does not find its character is left out.
func (r Repair) Apply(lines []string) []string { return applied(lines, r.Changes) }

func proposal(field string, changes []Change) Repair {
	var parts []string
	for _, c := range changes {
		parts = append(parts, c.To+" instead of "+c.From+" at "+at(c.Line, c.Column))
	}
	return Repair{Field: field, Changes: changes, Text: strings.Join(parts, ", ") + "; then the check digits fit. Use it only when the paper shows it so"}
}
