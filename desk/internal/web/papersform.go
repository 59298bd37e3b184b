package web

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/l10n"
	"panah/core/rulebook"
)

// A paperForm is the form of the check as it was typed. It has no field for a number or a name, and the page asks for none.
type paperForm struct {
	Paper    string
	Round    string
	Printed  string // as it stands on the paper
	Calendar string // solar, gregorian, lunar; "": as the kind of paper has it
	On       string // either calendar; "": today
	Known    string
	Facts    map[string]string // by id
}

// factField begins the names of fields that answer what the rulebook asks about.
const factField = "fact."

// maxTyped bounds a date as it was typed, in characters.
const maxTyped = 100

func readPaperForm(v url.Values) paperForm {
	get := func(name string) string {
		s := []rune(strings.TrimSpace(v.Get(name)))
		return string(s[:min(len(s), maxTyped)])
	}
	f := paperForm{Paper: get("paper"), Round: get("round"), Printed: get("printed"), Calendar: get("calendar"), On: get("on"), Known: get("known"), Facts: map[string]string{}}
	for name := range v {
		if id, ok := strings.CutPrefix(name, factField); ok && len(f.Facts) < 16 && get(name) != "" {
			f.Facts[id] = get(name)
		}
	}
	return f
}

// Val is a field as it was typed.
func (f paperForm) Val(name string) string {
	if id, ok := strings.CutPrefix(name, factField); ok {
		return f.Facts[id]
	}
	return map[string]string{"paper": f.Paper, "round": f.Round, "printed": f.Printed, "calendar": f.Calendar, "on": f.On, "known": f.Known}[name]
}

// A wrongField is what is wrong with a field: the words, and what they quote.
type wrongField struct {
	Words string
	Pairs []any
	Try   string // words that name the calendar that the date may be of; "" for none
}

// wrongs are fields that cannot be used, by name.
type wrongs map[string]wrongField

// question reads a form. What cannot be read is told by field, all at once.
func (f *paperForm) question(book *rulebook.Book, today time.Time) (q rulebook.Question, wrong wrongs) {
	wrong = wrongs{}
	q = rulebook.Question{Paper: f.Paper, Facts: map[string]string{}}
	paper, known := book.Paper(f.Paper)
	if !known && f.Paper != rulebook.None {
		wrong["paper"] = wrongField{Words: "papers.wrong_paper"}
	}
	f.readRound(&q, paper, wrong)
	f.readPrinted(&q, paper, wrong)
	q.On, q.Known = readAskedDay(f.On, "on", today, wrong), readAskedDay(f.Known, "known", today, wrong)
	for id, value := range f.Facts {
		switch i := slices.IndexFunc(paper.Facts, func(k rulebook.Fact) bool { return k.ID == id }); {
		case id == rulebook.AskCountry && slices.Contains(paper.UsedIn, value):
			q.Facts[id] = value
		case i < 0: // of another kind of paper: it was answered before the kind was changed
		case paper.Facts[i].Type == "number":
			n, err := strconv.ParseUint(l10n.FoldDigits(value), 10, 16)
			if err != nil || n > 9999 {
				wrong[factField+id] = wrongField{Words: "papers.wrong_number"}
				continue
			}
			q.Facts[id] = strconv.FormatUint(n, 10)
		case slices.Contains(paper.Facts[i].Options, value):
			q.Facts[id] = value
		}
	}
	return q, wrong
}

func (f *paperForm) readRound(q *rulebook.Question, paper rulebook.Paper, wrong wrongs) {
	if f.Round == "" || paper.ID != "" && len(paper.Rounds) == 0 {
		return
	}
	n, err := strconv.ParseUint(l10n.FoldDigits(f.Round), 10, 16)
	if err != nil || n == 0 || n > 999 {
		wrong["round"] = wrongField{Words: "papers.wrong_round"}
		return
	}
	q.Round = int(n)
}

func (f *paperForm) readPrinted(q *rulebook.Question, paper rulebook.Paper, wrong wrongs) {
	if f.Printed == "" {
		return
	}
	if f.Calendar == "" {
		f.Calendar = string(guessCalendar(paper, f.Printed))
	}
	w, err := calendar.ParseWritten(f.Printed, calendar.Name(f.Calendar))
	if err == nil {
		err = w.AsEnd()
	}
	if err != nil {
		wrong["printed"] = wrongDate(err)
		return
	}
	q.Printed = w
}

// guessCalendar is the calendar that a kind of paper is printed in; when the text can be no date of it, the one that it can be of. The form shows which was taken.
func guessCalendar(paper rulebook.Paper, text string) calendar.Name {
	var names []calendar.Name
	for _, n := range strings.Fields(paper.Calendar) {
		names = append(names, calendar.Name(n))
	}
	names = append(names, calendar.Names()...)
	if w, ok := calendar.Guess(text, names...); ok { // a year that rather looks like another calendar's is that one's: 1447 is no solar 2068
		return w.In
	}
	for _, n := range names {
		if _, err := calendar.ParseWritten(text, n); err == nil {
			return n
		}
	}
	return names[0]
}

// wrongDate finds the words for why a date cannot be read.
func wrongDate(err error) wrongField {
	var e *calendar.DateError
	if !errors.As(err, &e) {
		return wrongField{Words: "papers.date_shape"}
	}
	w := wrongField{Words: "papers.date_shape"}
	switch e.Reason {
	case calendar.ReasonMonth, calendar.ReasonDay, calendar.ReasonYear, calendar.ReasonOrder, calendar.ReasonBounds:
		w.Words = "papers.date_" + e.Reason
		if e.Field != "" {
			w.Words, w.Pairs = "papers.date_"+e.Reason+"said", []any{"said", line(e.Field)}
		}
	}
	if e.Try.Known() {
		w.Try = "papers.calendar_" + string(e.Try)
	}
	return w
}

// readAskedDay reads a day of either calendar; empty is today.
func readAskedDay(typed, field string, today time.Time, wrong wrongs) time.Time {
	if typed == "" {
		return today
	}
	t, err := parseMoment(typed)
	if err == nil {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	for _, in := range []calendar.Name{calendar.Solar, calendar.Gregorian} { // with a month's name
		if w, err := calendar.ParseWritten(typed, in); err == nil {
			return w.Day
		}
	}
	in := calendar.Gregorian
	if folded := l10n.FoldDigits(typed); strings.HasPrefix(folded, "13") || strings.HasPrefix(folded, "14") {
		in = calendar.Solar
	}
	_, err = calendar.ParseWritten(typed, in)
	wrong[field] = wrongDate(err)
	return today
}

// today is the day of this laptop's clock, as rules count days.
func (w *words) today() time.Time {
	y, m, d := w.now.Local().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// rightToLeft makes two dates stand in the order of a right-to-left line, though they have no letters: the calendar that its readers live by first.
const rightToLeft = "\u200f"

// RuleDay writes a day of a rule in both calendars: midnight UTC is no moment of this laptop's clock.
func (w *words) RuleDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if w.lang.Dir == l10n.RightToLeft {
		return rightToLeft + w.CountDay(t)
	}
	return w.CountDay(t)
}

// formOfCase fills the form from what a case says of the person's paper.
func formOfCase(c fold.Case, intakePaper, intakePrinted string) paperForm {
	f := paperForm{Paper: intakePaper, Printed: intakePrinted, Facts: map[string]string{}}
	if v := c.Fields[event.FieldPaper].Text(); v != "" {
		f.Paper = v
	}
	if v := c.Fields[event.FieldPrinted].Text(); v != "" {
		f.Printed = line(v)
	}
	return f
}

// formOfCheck is the form that a check of a case was made by; the days are today's.
func formOfCheck(p event.PaperChecked) paperForm {
	f := paperForm{Paper: p.Paper, Printed: p.Printed, Calendar: p.Calendar, Facts: map[string]string{}}
	if p.Round > 0 {
		f.Round = strconv.Itoa(p.Round)
	}
	for id, value := range p.Facts {
		if id == rulebook.AskCountry {
			value = strings.ToUpper(value)
		}
		f.Facts[id] = value
	}
	return f
}
