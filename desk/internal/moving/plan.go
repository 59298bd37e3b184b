package moving

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"panah/core/script"
	"panah/desk/internal/spreadsheet"
)

// Problems of a row. Pages have a sentence for each, "moving.problem_" + the word.
const (
	ProblemDate     = "date"    // the day cannot be read: today is taken
	ProblemFuture   = "future"  // the day is after today: today is taken
	ProblemUrgency  = "urgency" // a word that means no urgency here: days is taken
	ProblemPathway  = "pathway" // a word that is no situation here: none is followed
	ProblemLang     = "lang"    // a language that we do not know
	ProblemOutcome  = "outcome" // a word that is no outcome: the case comes in open
	ProblemLong     = "long"    // a short field is longer than 300 characters: it was cut, the rest stands in the note
	ProblemNumber   = "number"  // looks like a telephone or document number, an address of mail, or a place on a map
	ProblemTwice    = "twice"   // the same reference stands in an earlier row: left out
	ProblemEmpty    = "empty"   // nothing of what comes in has a word: left out
	ProblemClosed   = "closed"  // closed: left out, as was chosen
	ProblemBefore   = "before"  // was brought in by an earlier import: left out
	maxLine         = 300       // characters of a short field, as core/event has it
	maxNote         = 20_000    // characters of a note, likewise
	numberTakenMark = "[number taken out]"
)

// A Problem is what a person should look at. Line is the line of the file. It prints without content.
type Problem struct {
	Line  int
	What  string
	Field string
}

// A Row is a case to be.
type Row struct {
	Line     int
	Ref      string // 32 hex digits: of the reference, or of the row's words where there is none
	Since    time.Time
	Fields   map[string]string // of event.Field…: name, also, district, lang, urgency, summary
	Pathways []string
	Note     string
	Closed   bool
	Outcome  string // of _common.yaml; "none" for closed without one
}

// String hides the content.
func (Row) String() string { return "[row]" }

// GoString hides the content.
func (Row) GoString() string { return "[row]" }

// A Plan says what an import would do.
type Plan struct {
	Rows     []Row
	Problems []Problem
	Dropped  []Column // may not come in
	Unused   []Column // nobody chose a field for them
	Left     int      // rows that are left out
}

// Options of a plan.
type Options struct {
	Calendar    string            // gregorian, solar; "": each day is read as what its year fits
	KeepNumbers bool              // a person looked at what looks like numbers, and wants them kept
	WithClosed  bool              // closed cases come in too
	Pathways    map[string]string // folded title, letter or id to id
	Outcomes    []string
	Today       time.Time
	// Solar turns a day of the solar Hijri calendar into a time at midnight UTC; false for a day that is not there.
	Solar func(year, month, day int) (time.Time, bool)
	// Before says that a reference came in already.
	Before func(ref string) bool
}

// A planner goes through the rows.
type planner struct {
	r    *Rules
	o    Options
	at   map[string]int // column of a field
	seen map[string]bool
	plan Plan
}

// Plan works out what the rows of a list become. columns are as a person settled them; nothing of a column that has no field is read.
func (r *Rules) Plan(t *spreadsheet.Table, columns []Column, o Options) Plan {
	p := planner{r: r, o: o, at: map[string]int{}, seen: map[string]bool{}}
	for _, c := range columns {
		switch {
		case c.Never != "":
			p.plan.Dropped = append(p.plan.Dropped, c)
		case c.Field == "":
			p.plan.Unused = append(p.plan.Unused, c)
		default:
			p.at[c.Field] = c.Index
		}
	}
	for i := 1; i < len(t.Rows); i++ {
		p.row(t, i)
	}
	return p.plan
}

func (p *planner) problem(line int, what, field string) {
	p.plan.Problems = append(p.plan.Problems, Problem{line, what, field})
}

func (p *planner) leave(line int, what string) {
	p.problem(line, what, "")
	p.plan.Left++
}

// row plans one line.
func (p *planner) row(t *spreadsheet.Table, i int) {
	line := t.Rows[i].Line
	cell := func(field string) string {
		if c, ok := p.at[field]; ok {
			return t.Cell(i, c)
		}
		return ""
	}
	row := Row{Line: line, Fields: map[string]string{}, Since: p.o.Today}
	for _, f := range []string{Name, Also, District, Summary} {
		p.short(&row, f, cell(f))
	}
	row.Note = join(row.Note, p.clean(line, Note, cell(Note)))
	if row.Note == "" && len(row.Fields) == 0 {
		p.leave(line, ProblemEmpty)
		return
	}
	if row.Ref = ref(cell(Reference), row); p.seen[row.Ref] {
		p.leave(line, ProblemTwice)
		return
	}
	p.seen[row.Ref] = true
	if p.o.Before != nil && p.o.Before(row.Ref) {
		p.leave(line, ProblemBefore)
		return
	}
	if p.outcome(&row, cell(Outcome)); row.Closed && !p.o.WithClosed {
		p.leave(line, ProblemClosed)
		return
	}
	p.words(&row, cell)
	p.opened(&row, cell(Opened))
	row.Note = cut(row.Note, maxNote)
	p.plan.Rows = append(p.plan.Rows, row)
}

// short puts a cell into a short field; what does not fit goes to the note.
func (p *planner) short(row *Row, field, text string) {
	text = strings.Join(strings.Fields(p.clean(row.Line, field, text)), " ")
	if text == "" {
		return
	}
	if utf8.RuneCountInString(text) > maxLine {
		p.problem(row.Line, ProblemLong, field)
		row.Note = join(row.Note, text)
		text = cut(text, maxLine)
	}
	row.Fields[field] = text
}

// clean takes out what looks like a number that we never collect, unless a person looked and wants it kept.
func (p *planner) clean(line int, field, text string) string {
	found := Numbers(text)
	if len(found) == 0 {
		return text
	}
	p.problem(line, ProblemNumber, field)
	if p.o.KeepNumbers {
		return text
	}
	for _, f := range slices.Backward(found) {
		text = text[:f[0]] + numberTakenMark + text[f[1]:]
	}
	return text
}

// words reads the cells that hold one of few words.
func (p *planner) words(row *Row, cell func(string) string) {
	if s := fold(cell(Urgency)); len(s) > 0 {
		if u := exactly(p.r.urgency, s); u != "" {
			row.Fields[Urgency] = u
		} else {
			p.problem(row.Line, ProblemUrgency, Urgency)
		}
	}
	if s := fold(cell(Lang)); len(s) > 0 {
		if l := exactly(p.r.lang, s); l != "" {
			row.Fields[Lang] = l
		} else {
			p.problem(row.Line, ProblemLang, Lang)
		}
	}
	for part := range strings.FieldsFuncSeq(cell(Pathway), func(r rune) bool { return strings.ContainsRune(",;،؛/|+\n", r) }) {
		id := p.o.Pathways[script.Fold(part)]
		switch {
		case id == "" && script.Fold(part) != "":
			p.problem(row.Line, ProblemPathway, Pathway)
		case id != "" && !slices.Contains(row.Pathways, id):
			row.Pathways = append(row.Pathways, id)
		}
	}
}

// outcome reads how a case ended, if it did.
func (p *planner) outcome(row *Row, text string) {
	s := fold(text)
	switch {
	case len(s) == 0 || is(p.r.open, s):
	case is(p.r.closed, s):
		row.Closed, row.Outcome = true, "none"
	default:
		for _, o := range p.o.Outcomes {
			if slices.Equal(fold(o), s) {
				row.Closed, row.Outcome = true, o
				return
			}
		}
		p.problem(row.Line, ProblemOutcome, Outcome)
	}
}

func (p *planner) opened(row *Row, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	at, ok := p.o.day(text)
	switch {
	case !ok:
		p.problem(row.Line, ProblemDate, Opened)
	case at.After(p.o.Today):
		p.problem(row.Line, ProblemFuture, Opened)
	default:
		row.Since = at
	}
}

func fold(s string) []string { return strings.Fields(script.Fold(s)) }

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n])
}

// ref names a row. Of a reference only this is kept.
func ref(reference string, row Row) string {
	what := "panah.import/v1\nreference\n" + script.Fold(reference)
	if script.Fold(reference) == "" {
		what = "panah.import/v1\nrow\n"
		for _, f := range []string{Name, Also, District, Summary} {
			what += script.Fold(row.Fields[f]) + "\n"
		}
		what += script.Fold(row.Note)
	}
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:16])
}
