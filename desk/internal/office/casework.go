package office

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// caseFields are the fields there are: for what must never be collected there is none.
var caseFields = [...]string{
	event.FieldUrgency, event.FieldSensitivity, event.FieldName, event.FieldAlso, event.FieldDistrict, event.FieldLang, event.FieldSummary, event.FieldWho, event.FieldPaper,
	event.FieldPrinted, event.FieldSafeTime, event.FieldSafeSay, event.FieldOtherSide, event.FieldDetained, event.FieldOrder, event.FieldRelease,
	event.FieldDeadline, event.FieldSummons, event.FieldLeaving, event.FieldCountry,
}

// maySet refuses fields that there are not, and "locked" where the case does not say so already: a case is locked by sealing it, and the word alone would keep its keepers out of it.
func maySet(c fold.Case, set event.Set) error {
	now := c.Fields[set.Field]
	if !slices.Contains(caseFields[:], set.Field) ||
		set.Field == event.FieldSensitivity && set.Value == string(pathway.Locked) && !slices.ContainsFunc(now, func(v fold.Value) bool { return v.Text == set.Value }) {
		return event.ErrMalformed
	}
	return nil
}

// Do records what somebody did in a case. A moment that deadlines wait for gives them their dates. Errors wrap ErrWall, ErrNotFound, and those of fold.Case.May.
func (o *Office) Do(ctx context.Context, thread int64, bodies ...event.Body) error {
	return o.doing(ctx, thread, func(c fold.Case) (all []event.Body, err error) {
		for _, b := range bodies {
			all = append(all, b)
			if set, ok := b.(event.Set); ok {
				if err := maySet(c, set); err != nil {
					return nil, err
				}
				all = append(all, dated(set, &c)...)
			}
		}
		return all, nil
	})
}

// OpenCase opens a case from a letter in one step: what the person chose and wrote in the form becomes its fields, the pathways are followed, their tasks get deadlines from the hour of
// the letter. Opening what is open does nothing: a form may come twice. Errors as of Do; ErrState for a conversation that is none (any more).
func (o *Office) OpenCase(ctx context.Context, thread int64, op Opening) error {
	book, err := readBook()
	if err != nil {
		return err
	}
	return o.changes(ctx, thread, func(r *room) error {
		row, err := r.db.Row(ctx, thread)
		if err != nil {
			return err
		}
		if row.State != casedb.StateOpen {
			return ErrState
		}
		in, err := r.db.IntakeOf(ctx, thread)
		if err != nil {
			return err
		}
		if op.Since.IsZero() {
			op.Since = row.First
		}
		op.Fields = withIntake(op.Fields, in)
		u := op.urgency(book, row.Urgency)
		return r.open(ctx, thread, op, book, u)
	})
}

// BeginCase opens a case of somebody who came by, or from another list: without a letter. Errors as of Do.
func (o *Office) BeginCase(ctx context.Context, op Opening) (thread int64, err error) {
	book, err := readBook()
	if err != nil {
		return 0, err
	}
	err = o.change(0, func(r *room) error {
		if ActorOf(ctx).Role == fold.RoleReader {
			return fold.ErrRole
		}
		if op.Since.IsZero() {
			op.Since = o.c.Now()
		}
		urgency := op.urgency(book, casedb.UrgencyDays)
		var id event.Case
		rand.Read(id[:])
		for _, b := range op.bodies(book, urgency, ActorOf(ctx), o.c.Now()) { // before there is a thread: an opening that cannot be written leaves none behind
			if _, err := event.Sign(event.Event{Org: r.keys.Org, Epoch: r.keys.Epoch(), Case: id, At: o.c.Now(), Body: b}, r.keys.Device()); err != nil {
				return err
			}
		}
		if thread, err = r.db.Begin(ctx, id); err != nil {
			return err
		}
		return r.open(ctx, thread, op, book, urgency)
	})
	return thread, err
}

// open records an opening.
func (r *room) open(ctx context.Context, thread int64, op Opening, book *pathway.Book, urgency string) error {
	r.signing.Lock()
	defer r.signing.Unlock()
	c, err := r.folded(ctx, thread)
	if err != nil || c.Opened {
		return err
	}
	actor := ActorOf(ctx)
	if err := c.May(actor, event.Opened{Source: op.Source, Since: stamp(op.Since)}, r.o.c.Now()); err != nil {
		return err
	}
	return r.putNext(ctx, thread, actor.Staff, op.bodies(book, urgency, actor, r.o.c.Now())...)
}

// bodies are the events of an opening, in the order in which they take effect.
func (op Opening) bodies(book *pathway.Book, urgency string, actor fold.Actor, now time.Time) []event.Body {
	out := []event.Body{event.Opened{Source: op.Source, Since: stamp(op.Since)}}
	fields := maps.Clone(op.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	fields[event.FieldUrgency] = urgency
	if s := op.sensitivity(book); fields[event.FieldSensitivity] == "" && s != pathway.Ordinary {
		fields[event.FieldSensitivity] = string(s)
	}
	if op.OtherSide != "" {
		fields[event.FieldOtherSide] = op.OtherSide
	}
	c := fold.Case{Fields: map[string]fold.Field{}}
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		if fields[f] != "" {
			out = append(out, event.Set{Field: f, Value: fields[f]})
			c.Fields[f] = fold.Field{{Text: fields[f]}}
		}
	}
	from := now // a case from another list was begun by others: what we have to do counts from today
	if op.Source == "letter" {
		from = received(op.Since, now) // as the reply clock: a gate tells the hour only
	}
	for _, id := range op.Pathways {
		if p, ok := book.Pathway(id); ok {
			out = append(out, begin(p, c, from)...)
		}
	}
	if op.Checked != nil {
		out = append(out, event.Checked{Found: *op.Checked})
	}
	if op.Note != "" {
		out = append(out, event.Noted{Text: op.Note})
	}
	if op.Claim && actor.Staff != "" {
		out = append(out, event.Claimed{})
	}
	return out
}

// urgency is what the human chose, or else the highest of what the person's choices and the pathways say.
func (op Opening) urgency(book *pathway.Book, claimed casedb.Urgency) string {
	if u := op.Fields[event.FieldUrgency]; u != "" {
		return u
	}
	most := [...]pathway.Urgency{pathway.Minutes, pathway.Hours, pathway.Days}[min(max(int(claimed), 1), 3)-1]
	for _, id := range op.Pathways {
		if p, ok := book.Pathway(id); ok {
			most = most.Most(p.Urgency.Class)
		}
	}
	return string(most)
}

// sensitivity is the strictest of the pathways, but never "locked": a case is locked by sealing it to its specialists, not by a word. Until then it is its team's.
func (op Opening) sensitivity(book *pathway.Book) pathway.Sensitivity {
	s := pathway.Ordinary
	for _, id := range op.Pathways {
		if p, ok := book.Pathway(id); ok {
			s = s.Most(p.Sensitivity)
		}
	}
	if s == pathway.Locked {
		return pathway.Sensitive
	}
	return s
}

// withIntake adds what the person wrote into the form, where the caseworker wrote nothing.
func withIntake(fields map[string]string, in seal.Intake) map[string]string {
	out := map[string]string{
		event.FieldWho: in.Who, event.FieldDistrict: oneLine(in.District), event.FieldLang: in.Lang, event.FieldPaper: in.Paper,
		event.FieldPrinted: oneLine(in.Printed), event.FieldSafeTime: oneLine(in.SafeTime),
	}
	for f, v := range fields {
		if v != "" {
			out[f] = v
		}
	}
	return out
}

// Link says that a conversation is the same matter as a case; Split takes it off again. Errors as of Do; who acts must be inside the walls of both.
func (o *Office) Link(ctx context.Context, thread, to int64) error {
	var id event.Case
	err := o.reads(ctx, to, func(r *room) (err error) {
		row, err := r.db.Row(ctx, to)
		if err != nil {
			return err
		}
		if row.State != casedb.StateOpen || thread == to {
			return ErrState
		}
		id, err = r.db.CaseID(ctx, to)
		return err
	})
	if err != nil {
		return err
	}
	return o.does(ctx, thread, event.Linked{To: id.Reveal()})
}

// Split makes a conversation a matter of its own again.
func (o *Office) Split(ctx context.Context, thread int64) error {
	return o.does(ctx, thread, event.Linked{})
}

// lookDay is the day that looks are counted by.
func lookDay(now time.Time) string { return now.UTC().Format(time.DateOnly) }

// look notes that somebody opened a case: once a day for each. A desk nobody signed in at has nobody to name.
func (r *room) look(ctx context.Context, thread int64, opened bool) error {
	staff := ActorOf(ctx).Staff
	if staff == "" || !opened {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // a browser that goes away in between must not make the day count as noted
	first, err := r.db.Looked(ctx, thread, staff, lookDay(r.o.c.Now()))
	if err != nil || !first {
		return err
	}
	return r.put(ctx, thread, staff, event.Looked{})
}
