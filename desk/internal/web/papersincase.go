package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"panah/core/calendar"
	"panah/core/event"
	"panah/core/fold"
	"panah/core/rulebook"
)

// A checkedPaper is a check that a case keeps, as it is read.
type checkedPaper struct {
	fold.PaperCheck
	Name, In    string
	Word, Would string // ids
	Icon, Tone  string
	Who         string
	PrintedDay  string
	OnDay       string
	KnownDay    string // where it is another day
	UntilDay    string
	SinceDay    string
	Sources     []source
	Older       bool // another version of the rulebook holds now
	Fields      []field2
}

// fillPapers lists the checks of a case, newest first.
func (s *server) fillPapers(r *http.Request, p *casePage) error {
	if s.can.papers == nil || len(p.File.Case.Papers) == 0 {
		return nil
	}
	book, err := s.can.papers.Rulebook(r.Context())
	if err != nil {
		return fmt.Errorf("reading the rulebook: %w", err)
	}
	for _, k := range slices.Backward(p.File.Case.Papers) {
		p.Papers = append(p.Papers, s.checked(p, book, k))
	}
	return nil
}

func (s *server) checked(p *casePage, book *rulebook.Book, k fold.PaperCheck) checkedPaper {
	tone := tones[rulebook.Verdict(k.Verdict)]
	out := checkedPaper{
		PaperCheck: k, Word: "papers.verdict_" + idWord(k.Verdict), Icon: tone[0], Tone: tone[1], Who: p.name(k.By), PrintedDay: printedDay(p.words, k.PaperChecked), OnDay: dayOf(p.words, k.On),
		UntilDay: dayOf(p.words, k.Until), SinceDay: dayOf(p.words, k.Since), Older: k.Book != book.Version(), Fields: hiddenOf(k.PaperChecked),
	}
	out.Name, out.In = k.Paper, "en"
	if paper, ok := book.Paper(k.Paper); ok {
		out.Name, out.In = paperNamed(paper, p.lang.Code)
	}
	if k.Would != "" {
		out.Would = "papers.verdict_" + idWord(k.Would)
	}
	if k.Known != k.On {
		out.KnownDay = dayOf(p.words, k.Known)
	}
	for _, id := range k.PaperChecked.Sources {
		c, ok := book.Source(id)
		if !ok {
			c = rulebook.Cited{ID: id, Title: id}
		}
		out.Sources = append(out.Sources, source{ID: id, Title: c.Title, URL: c.URL, Kind: c.Kind})
	}
	return out
}

// hiddenOf are the fields of a form that asks again what a check asked, about today, and says by which version that was answered.
func hiddenOf(k event.PaperChecked) (list []field2) {
	f := formOfCheck(k)
	for _, name := range []string{"paper", "round", "printed", "calendar"} {
		if v := f.Val(name); v != "" {
			list = append(list, field2{name, v})
		}
	}
	for id, v := range f.Facts {
		list = append(list, field2{factField + id, v})
	}
	slices.SortFunc(list, func(a, b field2) int { return strings.Compare(a.Name, b.Name) })
	return append(list, field2{"book", k.Book})
}

// printedDay is the printed date of a check: in words in its own calendar, and in both in numbers.
func printedDay(w *words, k event.PaperChecked) string {
	if k.Printed == "" {
		return ""
	}
	d, err := calendar.ParseWritten(k.Printed, calendar.Name(k.Calendar))
	if err != nil { // of a desk with another table of months
		return w.Num(k.Printed)
	}
	return writtenIn(w, d)
}

// dayOf reads a day of an event in both calendars; "" for none.
func dayOf(w *words, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return w.RuleDay(t)
}

// tellPaper finds the words for a check in the timeline.
func (s *server) tellPaper(p *casePage, k event.PaperChecked, h *happening) error {
	verdict, err := p.P("papers.verdict_" + idWord(k.Verdict))
	if err != nil {
		return err
	}
	if k.Would != "" {
		would, err := p.P("papers.verdict_" + idWord(k.Would))
		if err != nil {
			return err
		}
		verdict += " (" + would + ")"
	}
	h.Words, h.Pairs = "papers.event", []any{"paper", s.paperName(p.words, k.Paper), "date", dayOf(p.words, k.On), "verdict", verdict}
	return nil
}
