package papers

import "strings"

// names parts a name field into primary and secondary identifier (Doc 9303-3 section 4.6): "<<" between the two, one
// "<" between components, fillers to the end.
func names(field string) (surname, given string) {
	field = trimFillers(field)
	if i := strings.Index(field, "<<"); i >= 0 {
		return spaced(field[:i]), spaced(field[i+2:])
	}
	return spaced(field), ""
}

// spaced puts one space for each run of fillers; text without fillers is returned as it is.
func spaced(s string) string {
	if strings.IndexByte(s, '<') < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	gap := false
	for i := range len(s) {
		if s[i] == '<' {
			gap = out.Len() > 0
			continue
		}
		if gap {
			out.WriteByte(' ')
			gap = false
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func trimFillers(s string) string {
	n := len(s)
	for n > 0 && s[n-1] == '<' {
		n--
	}
	return s[:n]
}

// trimmed takes the fillers off the end and puts no others in their place.
func (p place) trimmed(lines []string) string {
	if p.none() {
		return ""
	}
	return trimFillers(p.of(lines))
}

// letters tells text of A–Z and fillers.
func letters(s string) int {
	for i := range len(s) {
		if c := s[i]; c != '<' && (c < 'A' || c > 'Z') {
			return i
		}
	}
	return -1
}

// namesProblems says what does not fit in the name field at p.
func (r *reader) namesProblems(p place, given bool) {
	field := p.of(r.lines)
	name := fSurname
	if given {
		name = fGiven
	}
	if i := letters(field); i >= 0 {
		r.badCharacter(name, p, i, "a name holds only letters and <: look for O or I read as 0 or 1")
	}
	if given {
		return
	}
	if field[0] == '<' {
		r.tell(Problem{
			ID: "name-first", Field: name, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: "<",
			Text: at(int(p.line)+1, int(p.from)+1) + " begins the name with <: a name begins with a letter; look for a letter that is missing, or one < too many",
		})
		return
	}
	rest := trimFillers(field)
	i := strings.Index(rest, "<<")
	if i >= 0 && strings.Contains(rest[i+2:], "<<") && r.layout.kind != FraID {
		r.tell(Problem{
			ID: "name-parts", Field: name, Note: true, Line: int(p.line) + 1, Column: int(p.from) + i + 3 + strings.Index(rest[i+2:], "<<"),
			Text: "the names have more than one <<, which parts family name and given names; what follows the first was read as given names",
		})
	}
	if len(rest) == len(field) {
		r.tell(Problem{
			ID: "name-truncated", Field: name, Note: true, Line: int(p.line) + 1, Column: int(p.to),
			Text: "the names fill their field to its end, so they may be shortened: take the full name from the printed side",
		})
	}
}
