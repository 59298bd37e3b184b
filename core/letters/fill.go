package letters

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"panah/core/calendar"
	"panah/core/l10n"
)

// maxValue bounds one filled-in value, characters.
const maxValue = 6_000

// Why a letter cannot be filled in. Callers have sentences for each.
var (
	ErrLang      = errors.New("there is no such language")
	ErrAddressee = errors.New("a letter of this kind is not addressed to such a reader")
	ErrField     = errors.New("the template has no such field")
	ErrLong      = errors.New("a value is too long")
)

// A Letter is filled in: what is shown, edited, kept and printed.
type Letter struct {
	Letter  string
	Lang    string
	To      Addressee
	Version int
	Draft   bool // nobody has reviewed the template in this language
	Title   string
	Blocks  []Block
	Missing []string // ids of required fields without a value: gaps in the text
}

var place = regexp.MustCompile(`\{([a-z0-9_]{1,40})\}`)

// Built-in places, which no field may be named: the day on which the letter is written, and who it is for.
const (
	placeToday     = "today"
	placeAddressee = "addressee"
)

// Fill makes a letter. Every value stands isolated (UAX #9), a required one that is missing is a gap with its label, and a part whose "if" has no value is left out. Values of fields that the
// template does not name are refused, so that nothing of a case comes along by mistake. Errors wrap ErrLang, ErrAddressee, ErrField or ErrLong.
func Fill(t Template, to Addressee, lang string, values map[string]string, today time.Time) (Letter, error) {
	if _, ok := l10n.Find(lang); !ok {
		return Letter{}, fmt.Errorf("filling in a letter: %w: %.20q", ErrLang, lang)
	}
	if !t.For(to) {
		return Letter{}, fmt.Errorf("filling in a letter: %w: %.20q", ErrAddressee, to)
	}
	for id, v := range values {
		if _, ok := t.Field(id); !ok {
			return Letter{}, fmt.Errorf("filling in a letter: %w: %.40q", ErrField, id)
		}
		if utf8.RuneCountInString(v) > maxValue {
			return Letter{}, fmt.Errorf("filling in a letter: %w: %s, more than %d characters", ErrLong, id, maxValue)
		}
	}
	l := Letter{Letter: t.Letter, Lang: lang, To: to, Version: t.Version, Draft: t.IsDraft(lang), Title: t.Title.In(lang)}
	for _, f := range t.Fields {
		if f.Required && strings.TrimSpace(values[f.ID]) == "" && t.asks(f.ID, to) {
			l.Missing = append(l.Missing, f.ID)
		}
	}
	w := writer{t: t, lang: lang, to: to, values: values, today: today}
	for _, p := range t.Parts {
		if p.addressed(to) && w.wanted(p) {
			l.Blocks = append(l.Blocks, Block{p.Is, w.part(p)})
		}
	}
	return l, nil
}

// asks reports whether a letter to such a reader has a place for a field.
func (t Template) asks(id string, to Addressee) bool {
	for _, p := range t.Parts {
		if p.addressed(to) && strings.Contains(p.Text.In(l10n.English), "{"+id+"}") {
			return true
		}
	}
	return false
}

// FieldsFor are the fields that a letter to such a reader asks for.
func (t Template) FieldsFor(to Addressee) (out []Field) {
	for _, f := range t.Fields {
		if t.asks(f.ID, to) || t.receives(f.ID) {
			out = append(out, f)
		}
	}
	return out
}

// receiver is the field that names who a letter is for; it stands behind the addressee's words.
const receiver = "receiver"

func (t Template) receives(id string) bool { return id == receiver }

func (p Part) addressed(to Addressee) bool {
	if p.To == nil {
		return true
	}
	for _, a := range p.To {
		if a == to {
			return true
		}
	}
	return false
}

type writer struct {
	t      Template
	lang   string
	to     Addressee
	values map[string]string
	today  time.Time
}

func (w writer) value(id string) string {
	return strings.TrimSpace(strings.ReplaceAll(w.values[id], "\r\n", "\n"))
}

func (w writer) wanted(p Part) bool { return p.If == "" || w.value(p.If) != "" }

// part fills in the places of a part.
func (w writer) part(p Part) string {
	if p.Is != IsList && p.Is != IsSteps && p.Is != IsTable {
		return w.fill(p.Text.In(w.lang))
	}
	var out []string
	for _, line := range TextLines(p.Text.In(w.lang)) {
		m := place.FindStringSubmatch(line)
		if f, ok := w.field(m); ok && m[0] == line && (f.Kind == Lines || f.Kind == Rows) && w.value(f.ID) != "" {
			for _, row := range TextLines(w.value(f.ID)) {
				out = append(out, w.row(f, row))
			}
			continue
		}
		out = append(out, w.fill(line))
	}
	return strings.Join(out, "\n")
}

func (w writer) field(m []string) (Field, bool) {
	if m == nil {
		return Field{}, false
	}
	return w.t.Field(m[1])
}

// row is a line of a value with many: each cell of a table by itself.
func (w writer) row(f Field, row string) string {
	if f.Kind == Lines {
		return Isolated(row)
	}
	cells := Cells(row)
	for i, c := range cells {
		if c != "" {
			cells[i] = Isolated(c)
		}
	}
	return strings.Join(cells, " | ")
}

func (w writer) fill(text string) string {
	return twoStops.Replace(w.places(text))
}

// twoStops takes away the full stop of a sentence that ends with a value that brings its own.
var twoStops = strings.NewReplacer("."+pdi+".", "."+pdi, "۔"+pdi+"۔", "۔"+pdi)

func (w writer) places(text string) string {
	return place.ReplaceAllStringFunc(text, func(s string) string {
		id := strings.Trim(s, "{}")
		switch id {
		case placeToday:
			return Isolated(Both(w.today, w.lang))
		case placeAddressee:
			return w.addressee()
		}
		f, ok := w.t.Field(id)
		if !ok {
			return s
		}
		v := w.value(id)
		if v == "" {
			return gap(f.Label.In(w.lang))
		}
		return Isolated(w.shaped(f, v))
	})
}

// addressee is who the letter is for: the kind, and the name when one was typed.
func (w writer) addressee() string {
	words := w.t.Names[w.to].In(w.lang)
	if v := w.value(receiver); v != "" {
		return words + ": " + Isolated(oneLine(v))
	}
	return words
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// shaped is a value as it is printed.
func (w writer) shaped(f Field, v string) string {
	switch f.Kind {
	case Date:
		return DateIn(v, w.lang)
	case Number:
		l, _ := l10n.Find(w.lang)
		return l.Digits.Shape(oneLine(v))
	case Line:
		return oneLine(v)
	}
	return v
}

// DateIn is a day "2006-01-02" in both calendars; anything else as it is.
func DateIn(v, lang string) string {
	v = oneLine(v)
	if t, err := time.Parse(time.DateOnly, l10n.FoldDigits(v)); err == nil {
		return Both(t, lang)
	}
	return v
}

// Both is a day in both calendars, the one first that readers of the language use: "3 Azar 1405 (24 November 2026)".
func Both(t time.Time, lang string) string {
	gregorian, solar := calendar.Both(t, lang)
	switch {
	case solar == "":
		return gregorian
	case lang == l10n.English || lang == "ur":
		return gregorian + " (" + solar + ")"
	}
	return solar + " (" + gregorian + ")"
}
