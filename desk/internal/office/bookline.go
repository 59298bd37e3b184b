package office

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"panah/core/rulebook"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// settingBook is what this desk knows of the gate's rulebook; settingBookChanged, that a keeper changed it at this desk since: another value with each change; settingBookTold, which rulebooks that
// do not count it has raised an alarm of.
const (
	settingBook        = "rulebook.said"
	settingBookChanged = "rulebook.changed"
	settingBookTold    = "rulebook.told"
)

// maxTold bounds settingBookTold: the oldest are forgotten.
const maxTold = 64

// A shownBook is what the gate was told, and what it shows.
type shownBook struct {
	At      int64  `json:"at"`      // that this desk signed last and the gate took, unix seconds; 0: never
	Shown   string `json:"shown"`   // version that the gate shows; "": the one of its release
	Problem string `json:"problem"` // see PublicBook
}

// PublicBook is by which rulebook the public page answers.
type PublicBook struct {
	Gate    bool   // there is a gate to tell
	Shown   string // version; "" for the one of the gate's release, or when nobody has looked yet
	Problem string // "", "offline", "refused", "withheld": the gate shows another one than it was given; "unsigned": no keeper of today signed what it shows
}

func (r *room) publicBook(ctx context.Context) (PublicBook, error) {
	s, err := r.bookSaid(ctx)
	return PublicBook{Gate: r.line != nil, Shown: s.Shown, Problem: s.Problem}, err
}

func (r *room) bookSaid(ctx context.Context) (s shownBook, err error) {
	text, err := r.db.Setting(ctx, settingBook)
	if err != nil || text == "" {
		return s, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("reading what the gate was told of the rulebook: %w", err)
	}
	return s, nil
}

// publishing gives the gate the rulebook that holds, looks whether it passes it on, and tells people of rulebooks that do not count, until ctx ends.
func (r *room) publishing(ctx context.Context) {
	r.keepTelling(ctx, r.wakeBook, "telling the gate of the rulebook", r.publishPass, errBookLater)
}

// errBookLater says that the gate has a rulebook of the same second, or a later one: another keeper was quicker, or this one changes minds quickly. The next look compares.
var errBookLater = errors.New("the gate was given a rulebook that was signed later")

func (r *room) publishPass(ctx context.Context) error {
	if err := r.tellPassed(ctx); err != nil {
		return err
	}
	before, err := r.bookSaid(ctx)
	if err != nil {
		return err
	}
	now := before
	err = r.publish(ctx, &now)
	return afterTelling(ctx, r, settingBook, before, &now, &now.Problem, err, errBookLater)
}

// publish compares what the gate shows with the rulebook that holds; a keeper's desk gives it that one when it is another.
func (r *room) publish(ctx context.Context, s *shownBook) error {
	_, sure, err := r.staff(ctx)
	if err != nil {
		return err
	}
	if len(sure.Books) == 0 && s.Shown == "" && s.At == 0 && s.Problem == "" {
		return nil // nobody ever adopted one: the gate answers by its own, and is not asked
	}
	book, files, by, err := r.rulebook(ctx)
	if err != nil {
		return err
	}
	changed, err := r.db.Setting(ctx, settingBookChanged)
	if err != nil {
		return err
	}
	seen, err := r.shownBook(ctx, s)
	if err != nil {
		return err
	}
	if s.Shown == book.Version() && seen.ours {
		return r.published(ctx, changed)
	}
	if _, keeper := r.keys.KeeperSigner(); !keeper || r.mayWrite() != nil || len(sure.Books) == 0 {
		return nil
	}
	if seen.ours && changed == "" && s.Problem != "withheld" {
		// What another keeper gave it a moment ago may be newer than what this desk has heard of; and of programs of several releases, the newest speaks.
		if r.o.c.Now().Sub(seen.at) < settleTime || by == nil && !book.ReadOn().After(seen.read) {
			return nil
		}
	}
	signed, err := r.signBook(files)
	if err != nil {
		return err
	}
	var e *wire.Error
	if err := r.line.PostRulebook(ctx, signed); errors.As(err, &e) && e.Code == wire.CodeRulebook && e.Status == http.StatusConflict {
		return errBookLater
	} else if err != nil {
		return err
	}
	when, err := signed.SignedAt()
	if err != nil {
		return err
	}
	s.At, s.Shown, s.Problem = when.Unix(), book.Version(), ""
	return r.published(ctx, changed)
}

// published takes off the mark that the rulebook was changed, unless it was changed again in the meantime: then another pass follows.
func (r *room) published(ctx context.Context, changed string) error {
	if changed == "" {
		return nil
	}
	if again, err := r.db.Setting(ctx, settingBookChanged); err != nil || again != changed {
		return err
	}
	return r.db.SetSetting(ctx, settingBookChanged, "")
}

// publishAnew has the gate told at once.
func (r *room) publishAnew(ctx context.Context) error {
	defer wake(r.wakeBook)
	return r.db.SetSetting(ctx, settingBookChanged, rand.Text())
}

// A seenBook is what the gate shows.
type seenBook struct {
	at   time.Time // when it was signed; zero: it shows none
	read time.Time // when its sources were read last; zero: not known
	ours bool      // a keeper of the roster signed it
}

// shownBook checks what the gate shows. A gate that makes rulebooks up, or keeps back what it has taken, is an alarm.
func (r *room) shownBook(ctx context.Context, s *shownBook) (seen seenBook, err error) {
	body, there, err := r.line.Rulebook(ctx)
	if err != nil {
		return seen, err
	}
	s.Shown = ""
	madeUp := false
	if there {
		b, err := wire.ParseRulebook(body)
		if err == nil {
			seen.at, err = b.SignedAt()
		}
		madeUp = err != nil
		if !madeUp {
			s.Shown = filesOf(b).Version()
			_, err := b.Open(r.keys.Newest())
			seen.ours = err == nil
			if book, _ := rulebook.Parse(filesOf(b)); seen.ours && book != nil {
				seen.read = book.ReadOn()
			}
		}
	}
	if !madeUp && (s.At == 0 || seen.at.Unix() >= s.At) {
		switch {
		case there && !seen.ours: // a keeper who left, or nobody
			s.Problem = "unsigned"
		default:
			s.Problem = ""
		}
		return seen, nil
	}
	seen.ours = false
	if s.Problem == "withheld" {
		return seen, nil
	}
	s.Problem = "withheld"
	r.o.hub.say(Change{Kind: ChangeAlarms})
	return seen, r.db.Raise(ctx, casedb.Finding{Kind: casedb.AlarmBookGate, Evidence: []string{"version " + s.Shown}}, r.o.c.Now())
}

// tellPassed raises an alarm for each rulebook that came in and does not count, once. One whose desk has left is no alarm: its page says so.
func (r *room) tellPassed(ctx context.Context) error {
	_, sure, err := r.staff(ctx)
	if err != nil {
		return err
	}
	var found []string
	for _, b := range sure.Books {
		if b.Refused != "" {
			found = append(found, fmt.Sprintf("%x", b.Hash[:8]))
		}
	}
	r.staffing.mu.Lock()
	for _, p := range r.staffing.passed {
		if p.why != bookLeft {
			found = append(found, fmt.Sprintf("%x", p.Hash[:8]))
		}
	}
	r.staffing.mu.Unlock()
	text, err := r.db.Setting(ctx, settingBookTold)
	if err != nil {
		return err
	}
	var told []string
	if text != "" {
		if err := json.Unmarshal([]byte(text), &told); err != nil {
			return fmt.Errorf("reading which rulebooks were told of: %w", err)
		}
	}
	fresh := slices.DeleteFunc(found, func(h string) bool { return slices.Contains(told, h) })
	if len(fresh) == 0 {
		return nil
	}
	if err := r.db.Raise(ctx, casedb.Finding{Kind: casedb.AlarmBook, Evidence: fresh}, r.o.c.Now()); err != nil {
		return err
	}
	r.o.hub.say(Change{Kind: ChangeAlarms}, Change{Kind: ChangeStatus})
	told = append(told, fresh...)
	return r.keepJSON(ctx, settingBookTold, told[max(0, len(told)-maxTold):])
}
