package office

import (
	"context"
	"slices"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// A ConsentFile is what the pages of consents and of closing show of a case. It prints as "[case]".
type ConsentFile struct {
	Row    casedb.CaseRow
	Case   fold.Case
	People map[event.Staff]string
	Due    Due
	Kept   event.Retention
	Now    time.Time
	Linked int // further conversations
}

// String hides the content.
func (ConsentFile) String() string { return "[case]" }

// GoString hides the content.
func (ConsentFile) GoString() string { return "[case]" }

// Consents reads a case for the pages of consents, closing and erasing. The error wraps ErrWall or ErrNotFound.
func (o *Office) Consents(ctx context.Context, thread int64) (f ConsentFile, err error) {
	err = o.reads(ctx, thread, func(r *room) error {
		if f.Row, err = r.db.Row(ctx, thread); err != nil {
			return err
		}
		if f.Row.State == casedb.StateOpen {
			if f.Case, err = r.folded(ctx, thread); err != nil {
				return err
			}
		}
		if f.People, err = r.names(ctx); err != nil {
			return err
		}
		if f.Kept, err = r.retention(ctx); err != nil {
			return err
		}
		f.Now, f.Linked = o.c.Now(), f.Row.Linked
		f.Due = dueOf(f.Case, f.Row.Last, f.Row.Waiting, f.Row.Summary.Locked, f.Kept)
		return nil
	})
	return f, err
}

// Hold keeps a closed case until a day, with a reason; the zero time lets go. It needs a consent to keep longer that reaches as far, or a legal basis for keeping that is not
// consent, which may come with it. The errors wrap ErrReason, ErrEnd, ErrKeep, or those of fold.Case.May.
func (o *Office) Hold(ctx context.Context, thread int64, reason string, until time.Time, basis *event.Basis) error {
	if until.IsZero() {
		return o.does(ctx, thread, event.Held{Reason: reason})
	}
	if reason == "" {
		return ErrReason
	}
	if !until.After(o.c.Now()) {
		return ErrEnd
	}
	f, err := o.Consents(ctx, thread)
	if err != nil {
		return err
	}
	last := until.Format(time.DateOnly)
	held := event.Held{Reason: reason, Until: last}
	if basis != nil && basis.Basis != "consent" && basis.Processing == "keep" {
		return o.does(ctx, thread, *basis, held)
	}
	consent := slices.ContainsFunc(f.Case.Consents, func(k fold.Consent) bool {
		return k.What == "keep-longer" && k.State == "given" && k.Withdrawn.IsZero() && k.Ends >= last
	})
	ground := slices.ContainsFunc(f.Case.Bases, func(b event.Basis) bool { return b.Processing == "keep" && b.Basis != "consent" })
	if !consent && !ground {
		return ErrKeep
	}
	return o.does(ctx, thread, held)
}

// EraseCase is Erase for a case with every conversation that belongs to it. ErrWall also when who acts may not open one of those: what they may not see they do not destroy.
func (o *Office) EraseCase(ctx context.Context, thread int64) error {
	return o.changes(ctx, thread, func(r *room) error {
		linked, err := r.db.LinkedTo(ctx, thread)
		if err != nil {
			return err
		}
		for _, t := range linked {
			if err := r.wall(ctx, t); err != nil {
				return err
			}
		}
		return r.db.EraseCase(ctx, thread, o.c.Now())
	})
}

// DestroyReport destroys a letter that reports somebody, on every desk and at the gate, with its conversation when nothing else is in it. What stays is that there was one
// this month: not who destroyed it. Errors wrap ErrNotFound, ErrState, ErrRole, ErrWall.
func (o *Office) DestroyReport(ctx context.Context, thread, letter int64) (whole bool, err error) {
	err = o.changes(ctx, thread, func(r *room) error {
		t, err := r.db.Thread(ctx, thread)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(t.Letters, func(l casedb.Letter) bool { return l.ID == letter }) {
			return ErrNotFound
		}
		if _, whole, err = r.db.DestroyLetter(ctx, letter, o.c.Now()); err != nil {
			return err
		}
		return r.putOffice(ctx, "", event.Destroyed{Month: o.c.Now().UTC().Format("2006-01")})
	})
	return whole, err
}

// A Going is a case on the list of what goes. It prints as "[case]".
type Going struct {
	casedb.ClosedCase
	Due
	Outcome, Reason string
	HoldReason      string
	ByItself        time.Time // when it goes by itself; zero: only by hand, or not at all while it is held
	Overdue         bool
}

// String hides the content.
func (Going) String() string { return "[case]" }

// GoString hides the content.
func (Going) GoString() string { return "[case]" }

// Review is the list of what goes within two weeks, soonest first, and what is held. It is brought up to date first; nothing is destroyed by looking.
func (o *Office) Review(ctx context.Context) (list []Going, kept event.Retention, err error) {
	err = o.in(func(r *room) error {
		now := o.c.Now()
		if kept, err = r.retention(ctx); err != nil {
			return err
		}
		closed, err := r.db.ClosedBefore(ctx, now.Add(listAhead-time.Duration(min(kept.Text, kept.Identity, kept.Locked))*day), maxReview)
		if err != nil {
			return err
		}
		for _, c := range closed {
			if may, err := r.db.MayOpen(ctx, viewer(ctx), c.Thread); err != nil || !may {
				if err != nil {
					return err
				}
				continue
			}
			g, on, err := r.going(ctx, c, kept, now)
			if err != nil {
				return err
			}
			if on {
				list = append(list, g)
			}
		}
		slices.SortStableFunc(list, func(a, b Going) int { return a.Next.Compare(b.Next) })
		return nil
	})
	return list, kept, err
}

// going is a case's line on the list; on is false when it does not belong there.
func (r *room) going(ctx context.Context, c casedb.ClosedCase, kept event.Retention, now time.Time) (g Going, on bool, err error) {
	f, err := r.folded(ctx, c.Thread)
	if err != nil || f.Closure == nil {
		return g, false, err
	}
	g = Going{ClosedCase: c, Due: dueOf(f, c.Last, c.Waiting, c.Locked, kept), Outcome: f.Closure.Outcome, Reason: f.Closure.Reason, HoldReason: f.HoldReason}
	held := g.Held.After(now)
	if !held {
		g.HoldReason, g.Held = "", time.Time{}
	}
	if c.Waiting || !held && !g.Next.Before(now.Add(listAhead)) {
		return g, false, nil
	}
	if !held && g.Listed.IsZero() {
		g.Listed = now
		if err := r.db.SetListed(ctx, c.Thread, now); err != nil {
			return g, false, err
		}
	}
	g.Overdue = !held && !g.Next.After(now)
	if kept.List > 0 && !held {
		g.ByItself = later(g.Next, g.Listed.Add(time.Duration(kept.List)*day))
	}
	return g, true, nil
}

// MayKeep reports whether a person may set how long what is kept.
func MayKeep(role string) bool { return role == string(roster.RoleKeeper) }
