package office

import (
	"cmp"
	"context"
	"slices"
	"time"

	"panah/core/pathway"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// MaxMonths is the longest period that figures are shown of.
const MaxMonths = 24

// A Month is a calendar month in UTC, as figures count them: 202611.
type Month int

// MonthOf is the month of a time.
func MonthOf(t time.Time) Month { t = t.UTC(); return Month(t.Year()*100 + int(t.Month())) }

// Add is the month n later.
func (m Month) Add(n int) Month {
	all := int(m)/100*12 + int(m)%100 - 1 + n
	return Month(all/12*100 + all%12 + 1)
}

// Good reports whether m is a month between 2000 and 2199.
func (m Month) Good() bool { return m >= 200001 && m <= 219912 && m%100 >= 1 && m%100 <= 12 }

// Answers counts first answers to people who wrote: within the clock of the case's urgency, after it, and not yet. Cases without a letter are in none.
type Answers struct{ InTime, Late, Awaits int }

// Asked is how many cases had a letter to answer.
func (a Answers) Asked() int { return a.InTime + a.Late + a.Awaits }

func (a *Answers) add(how, n int) {
	switch how {
	case casedb.AnswerInTime:
		a.InTime += n
	case casedb.AnswerLate:
		a.Late += n
	case casedb.AnswerAwaits:
		a.Awaits += n
	}
}

// A MonthFigures is what happened in a month. Answers are of the cases opened in it, also when the answer came later.
type MonthFigures struct {
	Month          Month
	Opened, Closed int
	Open           int // at its end; of the running month: now
	Answers        Answers
	Met, Missed    int // deadlines that fell into it
	Destroyed      int // denunciations
}

// A FigureLine is one line of a table: a pathway, an urgency, an outcome, a district.
type FigureLine struct {
	ID             string // "" for none, or not known
	Opened, Closed int    // in the period
	Open           int    // now
	Answers        Answers
}

// A DeadlineLine is how deadlines of the period were kept, by what they rest on.
type DeadlineLine struct {
	Basis       string // law, standard, proposal
	Met, Missed int
}

// Figures are exact sums over the cases that the viewer may see, and those of erased ones. A case that follows several pathways is in the line of each.
type Figures struct {
	From, To  Month // both in it
	Now       Month
	New       int // letters that nobody has opened a case from
	Open      int // now, whenever opened
	Total     MonthFigures
	Months    []MonthFigures
	Pathways  []FigureLine
	Urgencies []FigureLine
	Outcomes  []FigureLine // ID and Closed only
	Districts []FigureLine // ID and Opened only
	Deadlines []DeadlineLine
}

// MayExport says whether a person may take figures away as files: readers look at them only.
func MayExport(role string) bool { return role != string(roster.RoleReader) }

// Figures counts a period of whole months, at most MaxMonths; what lies outside is cut off. The error wraps ErrLocked.
func (o *Office) Figures(ctx context.Context, from, to Month) (f Figures, err error) {
	err = o.in(func(r *room) error {
		now := o.c.Now()
		found, err := r.db.Figures(ctx, viewer(ctx), now)
		if err != nil {
			return err
		}
		v := viewer(ctx)
		queue, err := r.db.QueueCounts(ctx, casedb.CaseFilter{Viewer: v.Staff, All: v.Keeper, Locked: v.Specialist}, now)
		if err != nil {
			return err
		}
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		f = tally(found, from, to, MonthOf(now))
		f.New = queue.New
		for i, m := range f.Months {
			f.Months[i].Destroyed = all.Destroyed[m.Month.String()]
			f.Total.Destroyed += f.Months[i].Destroyed
		}
		return nil
	})
	return f, err
}

// String writes a month as events do, "2026-11".
func (m Month) String() string {
	return time.Date(int(m)/100, time.Month(int(m)%100), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// period puts two months in order and within bounds.
func period(from, to, now Month) (Month, Month) {
	if !to.Good() || to > now {
		to = now
	}
	if !from.Good() || from > to {
		from = to.Add(-11)
	}
	return max(from, to.Add(1-MaxMonths)), to
}

// tally makes tables of sums.
func tally(found casedb.Figures, from, to, now Month) Figures {
	f := Figures{Now: now}
	f.From, f.To = period(from, to, now)
	for m := f.From; m <= f.To; m = m.Add(1) {
		f.Months = append(f.Months, MonthFigures{Month: m})
	}
	lines := [3]map[string]*FigureLine{{}, {}, {}} // pathways, urgencies, outcomes
	line := func(table int, id string) *FigureLine {
		if lines[table][id] == nil {
			lines[table][id] = &FigureLine{ID: id}
		}
		return lines[table][id]
	}
	for _, x := range found.Cases {
		f.add(x, true, line)
	}
	for _, x := range found.Erased {
		f.add(x, false, line)
	}
	f.Pathways, f.Urgencies, f.Outcomes = sorted(lines[0]), byUrgency(sorted(lines[1])), sorted(lines[2])
	f.districts(found.Districts)
	f.deadlines(found.Deadlines)
	for i := range f.Months {
		m := &f.Months[i]
		f.Total.Opened += m.Opened
		f.Total.Closed += m.Closed
		f.Total.Met += m.Met
		f.Total.Missed += m.Missed
		f.Total.Answers.InTime += m.Answers.InTime
		f.Total.Answers.Late += m.Answers.Late
		f.Total.Answers.Awaits += m.Answers.Awaits
	}
	return f
}

// urgencyWords are those of event.FieldUrgency.
var urgencyWords = map[casedb.Urgency]string{casedb.UrgencyMinutes: "minutes", casedb.UrgencyHours: "hours", casedb.UrgencyDays: "days"}

// add puts cases that are alike where they belong. here: they are not erased.
func (f *Figures) add(x casedb.Figure, here bool, line func(int, string) *FigureLine) {
	opened := Month(x.Opened) >= f.From && Month(x.Opened) <= f.To
	closed := x.Closed > 0 && Month(x.Closed) >= f.From && Month(x.Closed) <= f.To
	open := here && x.Closed == 0
	for i := range f.Months {
		m := &f.Months[i]
		if Month(x.Opened) == m.Month {
			m.Opened += x.N
			m.Answers.add(x.Answer, x.N)
		}
		if Month(x.Closed) == m.Month {
			m.Closed += x.N
		}
		if Month(x.Opened) <= m.Month && (x.Closed == 0 && here || Month(x.Closed) > m.Month) {
			m.Open += x.N
		}
	}
	pathways := x.Pathways
	if len(pathways) == 0 {
		pathways = []string{""}
	}
	all := []*FigureLine{line(1, urgencyWords[x.Urgency])}
	for _, p := range pathways {
		all = append(all, line(0, p))
	}
	for _, l := range all {
		if opened {
			l.Opened += x.N
			l.Answers.add(x.Answer, x.N)
		}
		if closed {
			l.Closed += x.N
		}
		if open {
			l.Open += x.N
		}
	}
	if open {
		f.Open += x.N
	}
	if closed {
		line(2, x.Outcome).Closed += x.N
	}
}

// sorted lists what has anything, most first; what has no name last.
func sorted(lines map[string]*FigureLine) (list []FigureLine) {
	for _, l := range lines {
		if l.Opened+l.Closed+l.Open > 0 {
			list = append(list, *l)
		}
	}
	slices.SortFunc(list, func(a, b FigureLine) int {
		return cmp.Or(cmp.Compare(map[bool]int{true: 1}[a.ID == ""], map[bool]int{true: 1}[b.ID == ""]), cmp.Compare(b.Opened, a.Opened), cmp.Compare(b.Closed, a.Closed), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// byUrgency puts minutes before hours before days, as everywhere on the desk.
func byUrgency(list []FigureLine) []FigureLine {
	slices.SortStableFunc(list, func(a, b FigureLine) int {
		return cmp.Compare(pathway.Urgency(a.ID).Rank(), pathway.Urgency(b.ID).Rank())
	})
	return list
}

func (f *Figures) districts(found []casedb.DistrictFigure) {
	lines := map[string]*FigureLine{}
	for _, x := range found {
		if m := Month(x.Opened); m >= f.From && m <= f.To {
			if lines[x.District] == nil {
				lines[x.District] = &FigureLine{ID: x.District}
			}
			lines[x.District].Opened += x.N
		}
	}
	f.Districts = sorted(lines)
}

func (f *Figures) deadlines(found []casedb.DeadlineFigure) {
	by := map[string]*DeadlineLine{}
	for _, basis := range []string{"law", "standard", "proposal"} {
		by[basis] = &DeadlineLine{Basis: basis}
	}
	for _, x := range found {
		for i := range f.Months {
			if m := &f.Months[i]; m.Month == Month(x.Month) && by[x.Basis] != nil {
				m.Met += x.Met
				m.Missed += x.Not
				by[x.Basis].Met += x.Met
				by[x.Basis].Missed += x.Not
			}
		}
	}
	for _, basis := range []string{"law", "standard", "proposal"} {
		f.Deadlines = append(f.Deadlines, *by[basis])
	}
}
