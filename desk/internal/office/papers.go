package office

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/rulebook"
)

// CheckPaper asks the rulebook in use. Nothing of it is kept, and nothing is written anywhere. The errors wrap rulebook.ErrPaper, rulebook.ErrQuestion.
func (o *Office) CheckPaper(ctx context.Context, q rulebook.Question) (a rulebook.Answer, err error) {
	book, err := o.Rulebook(ctx)
	if err != nil {
		return a, err
	}
	return book.Check(q)
}

// SavePaperCheck asks again and keeps in a case what the rulebook in use says now: what was shown before counts for nothing. Errors as of CheckPaper and Do.
func (o *Office) SavePaperCheck(ctx context.Context, thread int64, q rulebook.Question) error {
	a, err := o.CheckPaper(ctx, q)
	if err != nil {
		return err
	}
	return o.Do(ctx, thread, paperChecked(q, a, o.c.Now()))
}

// paperChecked is what a case keeps of a check: ids and days, and no other word of what was typed.
func paperChecked(q rulebook.Question, a rulebook.Answer, now time.Time) event.PaperChecked {
	known := q.Known
	if known.IsZero() {
		known = now
	}
	b := event.PaperChecked{
		Paper: q.Paper, Round: q.Round, Printed: q.Printed.String(), Calendar: string(q.Printed.In), On: dayText(q.On), Known: dayText(known), Verdict: string(a.Verdict), Would: string(a.Would),
		Since: dayText(a.Since), Until: dayText(a.Until), Book: a.Book,
	}
	if a.Rule != nil {
		b.Rule = a.Rule.ID
	}
	for _, s := range a.Sources {
		if !slices.Contains(b.Sources, s.ID) {
			b.Sources = append(b.Sources, s.ID)
		}
	}
	for fact, value := range q.Facts {
		if value == "" {
			continue
		}
		if b.Facts == nil {
			b.Facts = map[string]string{}
		}
		b.Facts[fact] = strings.ToLower(value) // codes of countries are the only capitals
	}
	return b
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// DeadlineTask is the task that a deadline of the rulebook makes in a case: named by its rule, so that pressing twice makes one. It is due at the noon of its day by this desk's clock, which no
// time zone moves to another day.
func DeadlineTask(rule rulebook.Rule) event.TaskAdded {
	do := rule.What
	if do == "" {
		do = rule.Note
	}
	if do == "" {
		do = "a deadline of the rulebook: " + rule.ID
	}
	y, m, d := rule.On.Date()
	t := event.TaskAdded{Task: taskOfPapers + rule.ID, Do: do, Due: time.Date(y, m, d, 12, 0, 0, 0, time.Local).UTC().Format(time.RFC3339), Who: "caseworker", Note: rule.Note}
	if len(rule.Sources) > 0 {
		t.Source = rule.Sources[0]
	}
	return t
}

// taskOfPapers begins the names of tasks that deadlines of the rulebook make.
const taskOfPapers = "papers-check/"

// misfit says what of a rulebook a case could not keep, "" for nothing: its ids must be those of events, which leave no room for numbers or words.
func misfit(book *rulebook.Book) string {
	good := event.PaperChecked{Paper: "x", On: "2026-01-01", Known: "2026-01-01", Verdict: string(rulebook.Unknown), Book: book.Version()}
	try := func(change func(*event.PaperChecked)) bool {
		b := good
		change(&b)
		return event.Check(b) == nil
	}
	for _, p := range book.Papers() {
		if !try(func(b *event.PaperChecked) { b.Paper = p.ID }) {
			return "the paper " + clip(p.ID)
		}
		for _, f := range p.Facts {
			for _, option := range append(slices.Clone(f.Options), "1") {
				if !try(func(b *event.PaperChecked) { b.Facts = map[string]string{f.ID: strings.ToLower(option)} }) {
					return "the fact " + clip(f.ID)
				}
			}
		}
	}
	for _, r := range book.Rules() {
		if !try(func(b *event.PaperChecked) { b.Rule, b.Sources, b.Round = r.ID, r.Sources, r.Round }) {
			return "the rule " + clip(r.ID)
		}
		if event.Check(DeadlineTask(r)) != nil {
			return "the rule " + clip(r.ID)
		}
	}
	return ""
}

// clip bounds an id in a sentence.
func clip(id string) string { return fmt.Sprintf("%.60q", id) }
