package papers

import (
	"fmt"
	"strings"
	"time"
)

// reader is one reading on its way.
type reader struct {
	layout   *layout
	lines    []string
	today    time.Time
	problems []Problem
	wrong    bool // a problem that is more than a note
	fits     int  // checks that fit
}

func (r *reader) tell(p Problem) {
	r.problems = append(r.problems, p)
	r.wrong = r.wrong || !p.Note
}

func read(text string, today time.Time) (MRZ, error) {
	c := clean(text)
	r := reader{today: today}
	if c.lower || c.spaces || c.digits || c.fillers || c.marks || c.long || c.problems != nil {
		for _, p := range c.notes(nil) {
			r.tell(p)
		}
	}
	r.lines = c.lines
	lay, ok := r.choose()
	c.lines = r.lines
	if !ok {
		return MRZ{Lines: r.lines, Problems: r.problems}, ErrNotMRZ
	}
	r.layout = lay
	if !r.measured() {
		return r.unmeasured()
	}
	m := MRZ{Type: lay.kind, Lines: c.lines}
	r.fill(&m)
	if r.fits == 0 && !strings.Contains("ACIPV", r.lines[0][:1]) {
		return MRZ{Lines: c.lines, Problems: []Problem{shapeless()}}, ErrNotMRZ
	}
	if r.wrong {
		m.Repairs = r.repairs(m.Checks)
	}
	return m, nil
}

// fill reads fields and checks of lines that have their length.
func (r *reader) fill(m *MRZ) {
	l := r.layout
	m.Fields = r.fields()
	r.namesProblems(l.names, false)
	m.Checks = make([]Check, len(l.tallies))
	for i := range l.tallies {
		m.Checks[i] = l.checkAt(i, r.lines)
		if m.Checks[i].OK {
			r.fits++
			continue
		}
		r.checkProblem(i, m.Checks[i])
	}
	m.Problems, m.Valid = r.problems, !r.wrong
}

// fields reads every field, and tells what does not fit in each.
func (r *reader) fields() Fields {
	l, lines := r.layout, r.lines
	f := Fields{
		DocumentCode:  l.code.trimmed(lines),
		IssuingState:  l.state.trimmed(lines),
		Nationality:   l.nation.trimmed(lines),
		OptionalData:  l.optional.trimmed(lines),
		OptionalData2: l.more.trimmed(lines),
		IssuingOffice: l.office.trimmed(lines),
	}
	r.codeProblems(f.DocumentCode)
	r.stateProblems(fState, l.state, f.IssuingState)
	if l.nation.none() {
		f.Nationality = f.IssuingState // only citizens have the French card
	} else {
		r.stateProblems(fNation, l.nation, f.Nationality)
	}
	if l.given.none() {
		f.Surname, f.GivenNames = names(l.names.of(lines))
	} else {
		f.Surname, f.GivenNames = spaced(l.names.trimmed(lines)), spaced(l.given.trimmed(lines))
		r.namesProblems(l.given, true)
	}
	f.DocumentNumber = l.number.trimmed(lines)
	if rest, at, ok := l.longNumber(lines); ok {
		f.DocumentNumber = l.number.of(lines) + rest
		f.OptionalData = trimFillers(lines[at.line][min(at.to+1, l.optional.to):l.optional.to])
	}
	if f.DocumentNumber == "" {
		r.tell(Problem{
			ID: "number-empty", Field: fNumber, Line: int(l.number.line) + 1, Column: int(l.number.from) + 1,
			Text: at(int(l.number.line)+1, int(l.number.from)+1) + " has no number: look at the printed side and type it",
		})
	}
	f.Sex = r.sex()
	if !l.expiry.none() {
		f.ExpiryDate = r.date(fExpiry, l.expiry)
	}
	if !l.issued.none() {
		f.IssueDate = r.date(fIssue, l.issued)
	}
	f.BirthDate = r.birth(f.ExpiryDate)
	return f
}

func (r *reader) codeProblems(code string) {
	firsts := "ACI"
	switch r.layout.kind {
	case TD3:
		firsts = "P"
	case MRVA, MRVB:
		firsts = "V"
	}
	p := r.layout.code
	switch {
	case code == "" || !strings.Contains(firsts, code[:1]) || letters(code) >= 0:
		r.tell(Problem{
			ID: "document-code", Field: fCode, Line: 1, Column: 1, Found: p.of(r.lines), Wanted: strings.Join(strings.Split(firsts, ""), ", "),
			Text: fmt.Sprintf("line 1 begins with %q; a zone of this size begins with %s: look at the first letter", p.of(r.lines), strings.Join(strings.Split(firsts, ""), " or ")),
		})
	case len(code) == 2 && code[0] == '<':
		r.tell(Problem{ID: "document-code", Field: fCode, Line: 1, Column: 1, Found: p.of(r.lines), Text: "line 1 begins with <: the kind of paper is missing"})
	}
}

func (r *reader) stateProblems(field string, p place, code string) {
	if StateKnown(code) {
		if code == "UTO" && field == fState {
			r.tell(Problem{
				ID: "specimen", Field: field, Note: true, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: code,
				Text: "UTO is Utopia, the made-up state of ICAO's specimens",
			})
		}
		return
	}
	raw := p.of(r.lines)
	r.tell(Problem{
		ID: "state-unknown", Field: field, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: raw,
		Text: fmt.Sprintf("%s: %q is not the code of a state or of an issuer that ICAO lists: look at the three letters", at(int(p.line)+1, int(p.from)+1), raw),
	})
}

func (r *reader) sex() string {
	p := r.layout.sex
	switch s := p.of(r.lines); s {
	case "M", "F":
		return s
	case "<":
		return "X"
	default:
		r.tell(Problem{
			ID: "sex", Field: fSex, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: s, Wanted: "M, F, <",
			Text: fmt.Sprintf("%s has %q for sex, where only M, F or < can stand: look again (an open sex is < in the lines, X only on the printed side)", at(int(p.line)+1, int(p.from)+1), s),
		})
		return ""
	}
}

// date reads the date at p; a birth is read by birth.
func (r *reader) date(field string, p place) Date {
	d, known := r.rawDate(field, p)
	if !known {
		return d
	}
	if field == fIssue {
		d.issuedIn()
	} else {
		d.endsIn(r.today)
	}
	return r.leap(field, p, d)
}

func (r *reader) birth(end Date) Date {
	p := r.layout.birth
	d, known := r.rawDate(fBirth, p)
	if !known {
		return d
	}
	d.bornIn(r.today, end)
	return r.leap(fBirth, p, d)
}

func (r *reader) rawDate(field string, p place) (Date, bool) {
	raw := p.of(r.lines)
	d, known, zero, wrong := readDate(raw)
	switch {
	case wrong != "":
		r.dateProblem(wrong, field, p)
	case zero:
		r.tell(Problem{
			ID: "date-zero", Field: field, Note: true, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: raw,
			Text: at(int(p.line)+1, int(p.from)+1) + " has 00 for a month or a day: read as not known (ICAO writes << for that)",
		})
	case strings.Contains(raw, "<"):
		r.tell(Problem{
			ID: "date-open", Field: field, Note: true, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: raw,
			Text: at(int(p.line)+1, int(p.from)+1) + " leaves a part of the date open: it is not known to who issued the paper",
		})
	}
	return d, known && wrong == ""
}

func (r *reader) leap(field string, p place, d Date) Date {
	if d.leapDay() {
		r.dateProblem("date-day", field, p)
		return Date{Raw: d.Raw}
	}
	return d
}

func (r *reader) dateProblem(id, field string, p place) {
	raw := p.of(r.lines)
	why := map[string]string{
		"date-characters": "a date has six digits, or << for a year, month or day that is not known: look for a letter read for a digit",
		"date-month":      "the third and fourth digits are the month, 01 to 12",
		"date-day":        "the last two digits are the day, and this month does not have that day",
	}[id]
	r.tell(Problem{
		ID: id, Field: field, Line: int(p.line) + 1, Column: int(p.from) + 1, Found: raw,
		Text: fmt.Sprintf("%s: %q is not a date as year, month, day: %s", at(int(p.line)+1, int(p.from)+1), raw, why),
	})
}
