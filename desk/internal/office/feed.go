package office

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/desk/internal/casedb"
	"panah/desk/internal/ical"
)

// Settings of this desk about calendars.
const (
	settingFeeds   = "ical.feeds" // token to person
	settingFeedKey = "ical.key"   // of the names of entries
)

// Times that a calendar covers.
const (
	feedBehind = 7 * 24 * time.Hour
	feedAhead  = 60 * 24 * time.Hour
)

// FeedToken is the name of the actor's calendar feed on this desk; renewed when renew is set: the old name shows nothing from then on.
func (o *Office) FeedToken(ctx context.Context, renew bool) (token string, err error) {
	err = o.in(func(r *room) error {
		feeds, err := r.feeds(ctx)
		if err != nil {
			return err
		}
		who := ActorOf(ctx).Staff
		for t, staff := range feeds {
			if staff != who {
				continue
			}
			if token = t; !renew {
				return nil
			}
			delete(feeds, t)
		}
		token = rand.Text()
		feeds[token] = who
		return r.keepJSON(ctx, settingFeeds, feeds)
	})
	return token, err
}

func (r *room) feeds(ctx context.Context) (map[string]event.Staff, error) {
	feeds := map[string]event.Staff{}
	text, err := r.db.Setting(ctx, settingFeeds)
	if err != nil || text == "" {
		return feeds, err
	}
	if err := json.Unmarshal([]byte(text), &feeds); err != nil {
		return nil, fmt.Errorf("reading the calendar feeds: %w", err)
	}
	return feeds, nil
}

// Feed is the calendar of a token: without a word of any case. The error wraps ErrLocked, or ErrNotFound for a token that is none, and for that of a person who left.
func (o *Office) Feed(ctx context.Context, token string) (calendar []byte, err error) {
	err = o.in(func(r *room) error {
		feeds, err := r.feeds(ctx)
		if err != nil {
			return err
		}
		who, ok := feeds[token]
		if !ok {
			return ErrNotFound
		}
		all, _, err := r.staff(ctx)
		if err != nil {
			return err
		}
		if who != "" && !slices.ContainsFunc(all.People, func(p fold.Person) bool { return p.Staff == who && p.Active }) {
			return ErrNotFound
		}
		entries, err := r.entries(ctx, who)
		calendar = ical.Write(entries, o.c.Now())
		return err
	})
	return calendar, err
}

// Calendar is the actor's calendar, once, as a file.
func (o *Office) Calendar(ctx context.Context) (calendar []byte, err error) {
	err = o.in(func(r *room) error {
		entries, err := r.entries(ctx, ActorOf(ctx).Staff)
		calendar = ical.Write(entries, o.c.Now())
		return err
	})
	return calendar, err
}

// entries are a person's tasks, answers and shifts; of a desk by itself, all that are due.
func (r *room) entries(ctx context.Context, who event.Staff) (out []ical.Entry, err error) {
	key, err := r.feedKey(ctx)
	if err != nil {
		return nil, err
	}
	now := r.o.c.Now()
	from, to := now.Add(-feedBehind), now.Add(feedAhead)
	tasks, err := r.db.TasksDue(ctx, casedb.TaskFilter{Viewer: who, Mine: who != "", Before: to, Limit: 500})
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if !t.Due.Before(from) {
			out = append(out, ical.Entry{UID: ical.UID(key, "task", strconv.FormatInt(t.Thread, 10), t.Task), Title: ical.Task, Start: t.Due})
		}
	}
	rows, err := r.db.Queue(ctx, casedb.CaseFilter{Viewer: who, Mine: who != "", Waiting: true, Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, c := range rows {
		if !c.ReplyBy.IsZero() && c.ReplyBy.After(from) {
			out = append(out, ical.Entry{UID: ical.UID(key, "answer", strconv.FormatInt(c.ID, 10)), Title: ical.Answer, Start: c.ReplyBy})
		}
	}
	all, _, err := r.staff(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range all.Shifts {
		if s.To.After(from) && s.From.Before(to) && (who == "" || slices.Contains(s.Staff, who)) {
			out = append(out, ical.Entry{UID: ical.UID(key, "duty", s.ID), Title: ical.Duty, Start: s.From, End: s.To})
		}
	}
	return out, nil
}

// feedKey is made when it is first needed. It never leaves the desk: the names of entries are other ones on each.
func (r *room) feedKey(ctx context.Context) ([]byte, error) {
	key, err := r.db.Setting(ctx, settingFeedKey)
	if err == nil && key == "" {
		key = rand.Text()
		err = r.db.SetSetting(ctx, settingFeedKey, key)
	}
	return []byte(key), err
}
