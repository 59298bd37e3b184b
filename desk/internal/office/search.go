package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"panah/core/event"
	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// What can go wrong with a search that a page has words for.
var (
	ErrSearchEmpty  = errors.New("there is nothing to look for; write a word, or choose a filter")
	ErrSearchLong   = errors.New("that is too much to look for at once; use a few words")
	ErrSearchReason = errors.New("searching the cases of everybody needs a reason; write one line, it is recorded")
)

// Bounds of a search.
const (
	maxQuery  = 200  // characters
	maxReason = 500  // characters
	maxNames  = 16   // of a conflict check
	maxName   = 1000 // bytes
)

// A Query is what is looked for. It prints as "[search]".
type Query struct {
	casedb.SearchFilter        // Viewer is filled in from who acts
	Reason              string // Everyone: why; kept with who searched and when, the words are not
	Again               bool   // the very search is shown once more, or its next page: it is recorded already
}

// String hides the words.
func (Query) String() string { return "[search]" }

// GoString hides the words.
func (Query) GoString() string { return "[search]" }

// Results are what a search found. They print as "[results]".
type Results struct {
	casedb.Found
	Indexing casedb.Indexing
	People   map[event.Staff]string
}

// String hides the hits.
func (Results) String() string { return "[results]" }

// GoString hides the hits.
func (Results) GoString() string { return "[results]" }

// Search looks for cases in what was written and by names in any spelling: those that who acts owns or is on the team of, and new ones that nobody has. With Everyone it looks at
// all cases that they may open; that is recorded in the office's stream, with the reason and without the words, before anything is found. Errors wrap ErrSearchEmpty, ErrSearchLong, ErrSearchReason.
func (o *Office) Search(ctx context.Context, q Query) (found Results, err error) {
	q.Words, q.Reason = strings.TrimSpace(q.Words), strings.TrimSpace(q.Reason)
	switch {
	case utf8.RuneCountInString(q.Words) > maxQuery || utf8.RuneCountInString(q.Reason) > maxReason:
		return found, ErrSearchLong
	case q.Words == "" && q.Pathway == "" && q.Urgency == 0 && q.District == "" && q.Stage == "" && q.Lang == "" && q.From.IsZero() && q.To.IsZero():
		return found, ErrSearchEmpty
	case q.Everyone && q.Reason == "":
		return found, ErrSearchReason
	}
	q.Viewer = viewer(ctx)
	err = o.in(func(r *room) error {
		if q.Everyone && q.Viewer.Staff != "" && !q.Again {
			// Also when the browser goes away: the same search shown again is not recorded again.
			if err := r.putOffice(context.WithoutCancel(ctx), q.Viewer.Staff, event.SearchedAll{Reason: q.Reason}); err != nil {
				return fmt.Errorf("recording a search: %w", err)
			}
		}
		if found.Found, err = r.db.Search(ctx, q.SearchFilter); err != nil {
			return err
		}
		if found.Indexing, err = r.db.Indexing(ctx); err != nil {
			return err
		}
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		found.People = map[event.Staff]string{}
		for _, p := range all.People {
			found.People[p.Staff] = p.Name
		}
		return nil
	})
	return found, err
}

// An Answer is what the conflict check says: whether there may be one, never where.
type Answer struct {
	Possible bool
	Whole    bool // every case of this desk was looked at; false while the index is behind
	Keeper   bool // who asks is a keeper, at whom a look is due when it is possible
}

// Conflict reports whether one of names is the other side of a case on this desk, or the other side is somebody who is helped here: in any case, also those that who asks may not
// open and the locked ones that this desk holds. The answer goes into the new case as event.Checked. Error: ErrSearchLong.
func (o *Office) Conflict(ctx context.Context, names []string, otherSide string) (a Answer, err error) {
	if len(names) > maxNames || len(otherSide) > maxName || len(strings.Join(names, "")) > maxName*maxNames {
		return a, ErrSearchLong
	}
	err = o.in(func(r *room) error {
		a.Possible, a.Whole, err = r.db.Conflicting(ctx, names, otherSide)
		a.Keeper = viewer(ctx).Keeper || r.keys.Role() == roster.RoleKeeper && ActorOf(ctx).Staff == ""
		return err
	})
	return a, err
}

// Suggest lists cases that may be the same matter as a thread's, the likeliest first, at most five, none that who acts may not open. A human decides. The error wraps ErrWall or
// ErrNotFound.
func (o *Office) Suggest(ctx context.Context, thread int64) (list []Suggestion, err error) {
	err = o.reads(ctx, thread, func(r *room) error {
		found, err := r.db.SameMatter(ctx, viewer(ctx), thread)
		if err != nil {
			return err
		}
		for _, s := range found {
			list = append(list, Suggestion{s.Thread, s.Name, s.Why})
		}
		return nil
	})
	return list, err
}
