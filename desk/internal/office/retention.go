package office

import (
	"context"
	"errors"
	"fmt"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// Retention of closed cases: two clocks start when a case is closed, what it says goes first and the rest later, and nothing goes that has not stood on the list of what goes
// for a week (docs/adr/retention.md).

const day = 24 * time.Hour

// DefaultRetention holds while nobody has set anything else: the proposals of rules/pathways/_common.yaml, in days.
func DefaultRetention() event.Retention {
	return event.Retention{Text: 30, Identity: 90, Locked: 30, Lost: 60, List: 7}
}

// What may be set, in days.
const (
	MinKept = 7
	MaxKept = 3650
	MinList = 7 // nothing goes sooner by itself, once it stands on the list
	MaxList = 90

	// listAhead is how long before its day a case comes onto the list: longer than MinList, so that it goes on its day.
	listAhead = 14 * day
	// maxReview bounds the list: what is left over follows when the first have gone.
	maxReview = 1000
)

// Errors of retention.
var (
	ErrBounds = errors.New("that is not within what may be set")
	ErrReason = errors.New("say why")
	ErrKeep   = errors.New("keeping longer needs a consent to keep longer, or a legal basis for keeping other than consent")
	ErrEnd    = errors.New("the end has to be a day that is still to come")
)

// A Due says what of a closed case goes when.
type Due struct {
	Retention
	Next time.Time // the next day on which something goes; zero: nothing does
	All  bool      // then everything; else what it says
}

// dueOf works the clocks of a closed case out. last is the last letter or answer: a word after the closing puts the clocks off.
func dueOf(c fold.Case, last time.Time, waiting, locked bool, kept event.Retention) (d Due) {
	if c.Closure == nil {
		return d
	}
	text, all := kept.Text, kept.Identity
	if locked {
		text, all = min(text, kept.Locked), min(all, kept.Locked)
	}
	from := c.Closure.At
	if last.After(from) {
		from = last
	}
	d.TextOn, d.AllOn, d.Waiting = from.Add(time.Duration(text)*day), from.Add(time.Duration(all)*day), waiting
	for _, h := range c.Hold {
		if until, err := time.Parse(time.DateOnly, h.Text); err == nil && until.Add(day).After(d.Held) {
			d.Held = until.Add(day)
		}
	}
	d.TextOn, d.AllOn = later(d.TextOn, d.Held), later(d.AllOn, d.Held)
	if waiting {
		return d
	}
	d.Next = d.TextOn
	if !c.Retired.IsZero() || !d.TextOn.Before(d.AllOn) {
		d.Next, d.All = d.AllOn, true
	}
	return d
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// retention is what the organisation set.
func (r *room) retention(ctx context.Context) (event.Retention, error) {
	_, sure, err := r.staff(ctx) // only a keeper's desk, and this one, may shorten what is kept here
	return within(orDefault(sure.Retention)), err
}

// within keeps what was set to what may be set: a keeper's desk that asks nobody sets no shorter clocks than its pages would.
func within(k event.Retention) event.Retention {
	for _, n := range []*int{&k.Text, &k.Identity, &k.Locked, &k.Lost} {
		*n = min(max(*n, MinKept), MaxKept)
	}
	if k.Identity = max(k.Identity, k.Text); k.List != 0 {
		k.List = min(max(k.List, MinList), MaxList)
	}
	return k
}

func orDefault(k event.Retention) event.Retention {
	if k == (event.Retention{}) {
		return DefaultRetention()
	}
	return k
}

// Kept is how long what is kept after closing.
func (o *Office) Kept(ctx context.Context) (k event.Retention, err error) {
	err = o.in(func(r *room) error {
		k, err = r.retention(ctx)
		return err
	})
	return k, err
}

// SetKept sets it for the whole organisation, with a reason. Keepers may. The errors wrap ErrKeeper, ErrReason, ErrBounds.
func (o *Office) SetKept(ctx context.Context, k event.Retention) error {
	if a := ActorOf(ctx); a.Role != string(roster.RoleKeeper) {
		return ErrKeeper
	}
	if k.Why == "" {
		return ErrReason
	}
	in := func(n int) bool { return n >= MinKept && n <= MaxKept }
	if !in(k.Text) || !in(k.Identity) || !in(k.Locked) || !in(k.Lost) || k.Text > k.Identity || k.List != 0 && (k.List < MinList || k.List > MaxList) {
		return ErrBounds
	}
	return o.in(func(r *room) error {
		if err := r.mayWrite(); err != nil {
			return err
		}
		return r.putOffice(ctx, ActorOf(ctx).Staff, k)
	})
}

// retain is the daily pass: it puts cases onto the list and takes them off it, and destroys what has stood there long enough and is due. A reader's desk destroys nothing: it
// follows the others.
func (r *room) retain(ctx context.Context, now time.Time) error {
	kept, err := r.retention(ctx)
	if err != nil {
		return err
	}
	closed, err := r.db.ClosedBefore(ctx, now.Add(listAhead-time.Duration(min(kept.Text, kept.Identity, kept.Locked))*day), maxReview)
	if err != nil {
		return err
	}
	var all error
	for _, c := range closed {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		all = errors.Join(all, r.retainOne(ctx, c, kept, now))
	}
	return all
}

func (r *room) retainOne(ctx context.Context, c casedb.ClosedCase, kept event.Retention, now time.Time) error {
	r.signing.Lock() // nobody here says anything of it meanwhile; what comes from elsewhere, the database sees
	defer r.signing.Unlock()
	seen, err := r.db.MarkOf(ctx, c.Thread, false)
	if err != nil {
		return err
	}
	f, err := r.folded(ctx, c.Thread)
	if err != nil {
		return err
	}
	d := dueOf(f, c.Last, c.Waiting, c.Locked, kept)
	listed := !d.Next.IsZero() && d.Next.Before(now.Add(listAhead))
	switch {
	case !listed && !c.Listed.IsZero():
		return r.db.SetListed(ctx, c.Thread, time.Time{})
	case listed && c.Listed.IsZero():
		return r.db.SetListed(ctx, c.Thread, now)
	case !listed || kept.List == 0 || d.Next.After(now) || c.Listed.Add(time.Duration(kept.List)*day).After(now) || r.mayWrite() != nil:
		return nil
	case d.All:
		err = r.db.EraseClosed(ctx, c, seen, now)
	default:
		err = r.retire(ctx, c, seen, f)
	}
	if errors.Is(err, casedb.ErrBusy) || errors.Is(err, ErrState) {
		return nil // the next pass looks again
	}
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	wake(r.wakePost)
	r.o.hub.say(Change{Kind: ChangeThread, Thread: c.Thread}, Change{Kind: ChangeThreads}, Change{Kind: ChangeStatus})
	return nil
}

// keptFields are those that say who somebody is and how to reach them: they stay when what was written goes.
var keptFields = [...]string{
	event.FieldUrgency, event.FieldSensitivity, event.FieldName, event.FieldAlso, event.FieldDistrict, event.FieldLang, event.FieldWho, event.FieldSafeTime, event.FieldSafeSay,
}

// retire destroys what a closed case says. It wants r.signing.
func (r *room) retire(ctx context.Context, of casedb.ClosedCase, seen casedb.Mark, c fold.Case) error {
	if c.Closure == nil {
		return ErrState
	}
	rest := event.Retired{
		Source: c.Source, Since: moment(c.Since, c.OpenedAt), Opened: moment(c.OpenedAt, c.Closure.At), OpenedBy: c.OpenedBy, Owner: event.Staff(c.Owner.Text()), Team: c.Team,
		Pathways: c.Pathways, Fields: map[string]string{}, Outcome: c.Closure.Outcome, Reason: c.Closure.Reason, Closed: moment(c.Closure.At, c.Closure.At), ClosedBy: c.Closure.By,
	}
	for who := range c.Barred {
		rest.Barred = append(rest.Barred, who)
	}
	for _, name := range keptFields {
		if v := c.Fields[name].Text(); v != "" {
			rest.Fields[name] = v
		}
	}
	// Nobody's: the desk does it by itself. It is put on top of everything that is known.
	signed, err := r.sign(ctx, of.Thread, "", rest)
	if err != nil {
		return err
	}
	return r.db.Retire(ctx, of, seen, signed[0], r.o.c.Now())
}

// moment writes t, or other when t is not known.
func moment(t, other time.Time) string {
	if t.IsZero() {
		t = other
	}
	return stamp(t)
}

// retainEvery is how often the pass runs while the desk is open; and once when it is opened.
const retainEvery = 6 * time.Hour

// retaining runs the pass until ctx ends.
func (r *room) retaining(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.retain(ctx, r.o.c.Now()); err != nil && ctx.Err() == nil {
			r.o.c.Log.Error("keeping the clocks of retention", "error", err)
		}
		t := time.NewTimer(retainEvery)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}
