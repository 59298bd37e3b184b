package office

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
)

// Queue lists cases and new letters as f says, of those that who acts may see, with counts of them all.
func (o *Office) Queue(ctx context.Context, f casedb.CaseFilter) (q Queue, err error) {
	v := viewer(ctx)
	f.Viewer, f.All, f.Locked = v.Staff, v.Keeper, v.Specialist
	if f.Limit <= 0 {
		f.Limit = 50
	}
	err = o.in(func(r *room) error {
		now := o.c.Now()
		more := f
		more.Limit++
		if q.Rows, err = r.db.Queue(ctx, more); err != nil {
			return err
		}
		if len(q.Rows) > f.Limit {
			q.Rows, q.More = q.Rows[:f.Limit], true
		}
		counts, err := r.db.QueueCounts(ctx, f, now)
		if err != nil {
			return err
		}
		q.Counts = QueueCounts(counts)
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		q.Duty = dutyNow(all.Shifts, now)
		q.People = namesOf(all)
		return nil
	})
	return q, err
}

// Tasks lists open tasks that are due before a time, by their deadlines; mine: only of cases that who acts owns or is on the team of.
func (o *Office) Tasks(ctx context.Context, before time.Time, mine bool) (list []casedb.TaskRow, err error) {
	v := viewer(ctx)
	err = o.in(func(r *room) error {
		list, err = r.db.TasksDue(ctx, casedb.TaskFilter{Viewer: v.Staff, All: v.Keeper, Locked: v.Specialist, Mine: mine, Before: before, Limit: 500})
		return err
	})
	return list, err
}

// People are the names of everybody who works, or worked, in the organisation.
func (o *Office) People(ctx context.Context) (names map[event.Staff]string, err error) {
	err = o.in(func(r *room) error {
		names, err = r.names(ctx)
		return err
	})
	return names, err
}

func (r *room) names(ctx context.Context) (map[event.Staff]string, error) {
	all, _, err := r.staff(ctx)
	if err != nil {
		return nil, err
	}
	return namesOf(all), nil
}

func namesOf(all fold.Office) map[event.Staff]string {
	names := map[event.Staff]string{}
	for _, p := range all.People {
		names[p.Staff] = p.Name
	}
	return names
}

// Case is everything of a case; of a conversation that belongs to another one, that case. Letters it shows count as read from the next call on, and who looked is noted. Errors wrap
// ErrNotFound or ErrWall.
func (o *Office) Case(ctx context.Context, thread int64) (f CaseFile, err error) {
	book, err := readBook()
	if err != nil {
		return f, err
	}
	err = o.reads(ctx, thread, func(r *room) error {
		home, err := r.db.HomeOf(ctx, thread)
		if err != nil {
			return err
		}
		if home != thread {
			if err := r.wall(ctx, home); err != nil {
				return err
			}
		}
		return r.file(ctx, home, book, &f)
	})
	if err != nil {
		return CaseFile{}, err
	}
	if f.Thread.Unread > 0 {
		o.hub.say(Change{Kind: ChangeStatus})
	}
	return f, nil
}

// file fills a case's file.
func (r *room) file(ctx context.Context, thread int64, book *pathway.Book, f *CaseFile) (err error) {
	if f.Row, err = r.db.Row(ctx, thread); err != nil {
		return err
	}
	if f.Thread, err = r.db.Thread(ctx, thread); err != nil {
		return err
	}
	if f.Role = ActorOf(ctx).Role; f.Role == "" {
		f.Role = string(r.keys.Role())
	}
	if f.People, err = r.names(ctx); err != nil || f.Thread.State != casedb.StateOpen {
		return err
	}
	if f.Linked, err = r.linked(ctx, thread); err != nil {
		return err
	}
	if f.Case, err = r.folded(ctx, thread); err != nil {
		return err
	}
	if err := r.look(ctx, thread, f.Case.Opened); err != nil {
		return err
	}
	for _, id := range f.Case.Pathways {
		if p, ok := book.Pathway(id); ok {
			f.Followed = append(f.Followed, p)
		}
	}
	situations := f.Thread.Situations
	for _, l := range f.Linked {
		situations = append(situations, l.Situations...)
	}
	f.Suggested = suggested(book, situations, f.Case, r.o.c.Now())
	if f.Case.Closure != nil {
		kept, err := r.retention(ctx)
		if err != nil {
			return err
		}
		f.Retention = dueOf(f.Case, f.Row.Last, f.Row.Waiting, f.Row.Locked, kept).Retention
	}
	return nil
}

// linked are the other conversations of a matter that who acts may see.
func (r *room) linked(ctx context.Context, thread int64) (list []casedb.Thread, err error) {
	ids, err := r.db.LinkedTo(ctx, thread)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		switch err := r.wall(ctx, id); {
		case errors.Is(err, ErrWall):
			continue
		case err != nil:
			return nil, err
		}
		t, err := r.db.Thread(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// oneLine makes a field of a stranger's words: one line, without control characters.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}
