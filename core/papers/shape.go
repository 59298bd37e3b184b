package papers

import (
	"slices"
	"strings"
)

// slack is how many characters a line may differ from its width and still be taken for a line of that layout.
const slack = 6

// choose finds the layout that the lines come nearest to, or tells why none does. It may replace r.lines: by the parts of
// a zone pasted as one line, or by the zone within further lines.
func (r *reader) choose() (*layout, bool) {
	if len(r.lines) == 0 {
		r.tell(emptyProblem())
		return nil, false
	}
	if len(r.lines) == 1 {
		r.split()
	}
	if n := len(r.lines); n > 3 || n == 3 && !near(r.lines, 30) {
		r.within()
	}
	switch n := len(r.lines); n {
	case 2:
		if lay := r.pair(); lay != nil {
			return lay, true
		}
	case 3:
		if near(r.lines, 30) {
			return &td1, true
		}
	default:
		r.tell(countProblem(n))
		return nil, false
	}
	for i, line := range r.lines {
		r.tell(farProblem(i+1, len(line)))
	}
	return nil, false
}

// pair chooses among the layouts of two lines.
func (r *reader) pair() *layout {
	wide, narrow := near(r.lines, 44), near(r.lines, 36)
	if wide && narrow {
		off := away(r.lines, 44) - away(r.lines, 36)
		wide = off < 0 || off == 0 && r.lines[0][0] == 'P'
	}
	visa := r.lines[0][0] == 'V'
	switch {
	case wide && visa:
		return &mrva
	case wide:
		return &td3
	case !narrow:
		return nil
	case visa:
		return &mrvb
	case strings.HasPrefix(r.lines[0], "IDFRA") && !(len(r.lines[1]) >= 13 && r.lines[1][10:13] == "FRA"):
		return &fraID // a TD2 would repeat the state as the nationality there
	}
	return &td2
}

func near(lines []string, width int) bool {
	for _, line := range lines {
		if len(line) < width-slack || len(line) > width+slack {
			return false
		}
	}
	return true
}

func away(lines []string, width int) int {
	n := 0
	for _, line := range lines {
		n += max(len(line)-width, width-len(line))
	}
	return n
}

// split cuts a zone that came as one line.
func (r *reader) split() {
	line := r.lines[0]
	width := 0
	switch len(line) {
	case 2 * 44:
		width = 44
	case 3 * 30:
		width = 30
	case 2 * 36:
		width = 36
	default:
		return
	}
	for i := range r.problems {
		if p := &r.problems[i]; p.Line > 0 {
			p.Line, p.Column = (p.Column-1)/width+1, (p.Column-1)%width+1
			*p = odd(p.Found, p.Line, p.Column)
		}
	}
	r.lines = nil
	for i := 0; i < len(line); i += width {
		r.lines = append(r.lines, line[i:i+width])
	}
	r.tell(Problem{ID: "split", Note: true, Text: "the lines came as one and were parted by their length"})
}

// within looks for a zone among further lines, such as the text of a whole page.
func (r *reader) within() {
	for i := range r.lines {
		for _, shape := range [...][2]int{{3, 30}, {2, 44}, {2, 36}} {
			n, width := shape[0], shape[1]
			if i+n <= len(r.lines) && away(r.lines[i:i+n], width) == 0 && strings.Contains(strings.Join(r.lines[i:i+n], ""), "<") {
				r.lines = r.lines[i : i+n]
				r.forget(i, n)
				r.tell(Problem{ID: "other-lines", Note: true, Text: "there are further lines; only those of the machine-readable zone were read"})
				return
			}
		}
	}
}

// forget drops what was told about lines before first and after the n that stay, and counts the rest from first.
func (r *reader) forget(first, n int) {
	told := r.problems
	r.problems, r.wrong = nil, false
	for _, p := range told {
		if p.Line > 0 {
			if p.Line <= first || p.Line > first+n {
				continue
			}
			p = odd(p.Found, p.Line-first, p.Column)
		}
		r.tell(p)
	}
}

// measured tells whether every line can be read by place. A line that ends in the names and lacks only fillers, or has
// too many, is told and evened out: its other places do not move.
func (r *reader) measured() bool {
	l := r.layout
	for i, line := range r.lines {
		if len(line) == l.width {
			continue
		}
		if i != l.namesLine || !strings.HasSuffix(line, "<<") || len(trimFillers(line)) > l.width {
			return false
		}
		even := trimFillers(line)
		r.lines = slices.Clone(r.lines)
		r.lines[i] = even + strings.Repeat("<", l.width-len(even))
		r.tell(lengthProblem(i+1, len(line), l.width, true))
	}
	return true
}

// unmeasured is the answer when a line of another length cannot be read by place.
func (r *reader) unmeasured() (MRZ, error) {
	off := -1
	count := 0
	for i, line := range r.lines {
		if len(line) == r.layout.width {
			continue
		}
		off, count = i, count+1
		if !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.ID == "length" && p.Line == i+1 }) {
			r.tell(lengthProblem(i+1, len(line), r.layout.width, i == r.layout.namesLine))
		}
	}
	m := MRZ{Type: r.layout.kind, Lines: r.lines, Problems: r.problems}
	if count == 1 && off != r.layout.namesLine {
		m.Repairs = r.lengthRepairs(off)
	}
	return m, nil
}

// lengthRepairs proposes the one row of fillers that, made longer or shorter by one, makes every check digit fit.
func (r *reader) lengthRepairs(off int) []Repair {
	line, width := r.lines[off], r.layout.width
	var found []Change
	try := slices.Clone(r.lines)
	for i := 0; i <= len(line); i++ {
		var change Change
		switch {
		case len(line) == width-1 && i > 0 && line[i-1] == '<' && (i == len(line) || line[i] != '<'):
			try[off] = line[:i] + "<" + line[i:]
			change = Change{Line: off + 1, Column: i + 1, To: "<"}
		case len(line) == width+1 && i < len(line) && line[i] == '<' && (i+1 == len(line) || line[i+1] != '<'):
			try[off] = line[:i] + line[i+1:]
			change = Change{Line: off + 1, Column: i + 1, From: "<"}
		default:
			continue
		}
		if r.layout.consistent(try) {
			found = append(found, change)
		}
	}
	if len(found) != 1 {
		return nil
	}
	text := at(found[0].Line, found[0].Column) + ": put one < more into this row; then every check digit fits"
	if found[0].To == "" {
		text = at(found[0].Line, found[0].Column) + ": take one < out of this row; then every check digit fits"
	}
	return []Repair{{Field: fLine, Changes: found, Text: text}}
}

// consistent tells whether every check digit fits and the dates are dates.
func (l *layout) consistent(lines []string) bool {
	for i := range l.tallies {
		if !l.checkAt(i, lines).OK {
			return false
		}
	}
	for _, p := range [...]place{l.birth, l.expiry, l.issued} {
		if p.none() {
			continue
		}
		if _, _, _, wrong := readDate(p.of(lines)); wrong != "" {
			return false
		}
	}
	return true
}
