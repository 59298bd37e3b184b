package office

import (
	"context"
	"slices"
	"sync"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/i18n"
	"panah/rules"
)

// readBook reads the pathways that the program was built with, once.
var readBook = sync.OnceValues(func() (*pathway.Book, error) {
	c, err := i18n.Catalogue(true)
	if err != nil {
		return nil, err
	}
	return rules.Pathways(i18n.Situations(c))
})

// Follow begins a pathway in a case, with its tasks, or takes it off: the tasks that nobody has touched go with it. Following what is followed does nothing. Errors wrap ErrNotFound, ErrWall and those of fold.Case.May.
func (o *Office) Follow(ctx context.Context, thread int64, id string, on bool) error {
	book, err := readBook()
	if err != nil {
		return err
	}
	p, ok := book.Pathway(id)
	if !ok && on {
		return ErrNotFound
	}
	return o.doing(ctx, thread, func(c fold.Case) ([]event.Body, error) {
		if slices.Contains(c.Pathways, id) == on {
			return nil, nil
		}
		if on {
			return begin(p, c, o.c.Now()), nil
		}
		return end(id, c), nil
	})
}

// begin are the events that follow a pathway. Tasks that are there already stay as they are.
func begin(p pathway.Pathway, c fold.Case, from time.Time) []event.Body {
	bodies := []event.Body{event.Followed{Pathway: p.ID, On: true, Version: p.Version}}
	for _, t := range p.Tasks {
		name := p.ID + "/" + t.ID
		if i := slices.IndexFunc(c.Tasks, func(have fold.Task) bool { return have.Task == name }); i >= 0 {
			if c.Tasks[i].State == fold.TaskDropped {
				bodies = append(bodies, event.TaskState{Task: name, State: fold.TaskOpen})
			}
			continue
		}
		bodies = append(bodies, taskOf(name, t, c, from))
	}
	return bodies
}

// taskOf makes a pathway's task one of a case. A duration counts from the beginning, or from the moment that the task names; a moment that nobody has said yet leaves the task without a
// deadline, and with the word for what it waits for.
func taskOf(name string, t pathway.Task, c fold.Case, from time.Time) event.TaskAdded {
	added := event.TaskAdded{
		Task: name, Do: t.Do, From: t.From, By: t.By, Times: t.Times, Who: t.Who, Basis: t.Basis, Source: t.Source,
		Letter: t.Letter, Needs: t.Needs, Note: t.Note, Steps: t.DoneWhen,
	}
	if added.Basis == "" {
		added.Basis = "proposal"
	}
	if _, err := pathway.ParseDuration(t.Repeat); err == nil {
		added.Repeat = t.Repeat
	}
	if added.From = WaitsFor(added); added.From != "" {
		if at, ok := dueFrom(added, c.Fields); ok {
			added.Due = stamp(at)
		}
		return added
	}
	if d, err := pathway.ParseDuration(t.By); err == nil {
		added.Due = stamp(from.Add(d))
	}
	return added
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// end are the events that take a pathway off: what was begun of it stays, what nobody did is dropped.
func end(id string, c fold.Case) []event.Body {
	bodies := []event.Body{event.Followed{Pathway: id}}
	for _, t := range c.Tasks {
		if len(t.Task) > len(id) && t.Task[:len(id)+1] == id+"/" && t.State == fold.TaskOpen && t.Done == 0 {
			bodies = append(bodies, event.TaskState{Task: t.Task, State: fold.TaskDropped})
		}
	}
	return bodies
}

// Answer writes down the answer to a pathway's question, and what follows from it at once: a higher urgency. Further pathways that it leads to are suggested, and a human decides. Errors as of Follow.
func (o *Office) Answer(ctx context.Context, thread int64, id, question, value string) error {
	book, err := readBook()
	if err != nil {
		return err
	}
	p, ok := book.Pathway(id)
	i := slices.IndexFunc(p.Triage, func(q pathway.Question) bool { return q.ID == question })
	if !ok || i < 0 {
		return ErrNotFound
	}
	return o.doing(ctx, thread, func(c fold.Case) ([]event.Body, error) {
		bodies := []event.Body{event.Answered{Pathway: id, Question: question, Value: value}}
		now := pathway.Urgency(c.Fields[event.FieldUrgency].Text())
		for _, to := range p.Triage[i].Raised(value, o.c.Now()) {
			if u := pathway.Urgency(to); pathway.Days.Most(u) == u && u != now && now.Most(u) == u {
				bodies = append(bodies, event.Set{Field: event.FieldUrgency, Value: to})
				now = u
			}
		}
		return bodies, nil
	})
}

// suggested are the pathways that the person's choices and the answers so far lead to, and that are not followed.
func suggested(book *pathway.Book, situations []string, c fold.Case, now time.Time) (list []pathway.Pathway) {
	add := func(id string) {
		p, ok := book.Pathway(id)
		if ok && !slices.Contains(c.Pathways, id) && !slices.ContainsFunc(list, func(have pathway.Pathway) bool { return have.ID == id }) {
			list = append(list, p)
		}
	}
	for _, s := range situations {
		if known, ok := book.Situation(s); ok {
			for _, id := range known.Pathways {
				add(id)
			}
		}
	}
	for _, id := range c.Pathways {
		p, _ := book.Pathway(id)
		for _, q := range p.Triage {
			for _, v := range c.Answers[id+"/"+q.ID] {
				for _, to := range q.Raised(v.Text, now) {
					add(to)
				}
			}
		}
	}
	return list
}
