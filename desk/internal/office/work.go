package office

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"panah/core/receipt"
	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/media"
)

// maxText bounds a reply, characters.
const maxText = 20_000

// maxPhoto bounds a photo in a reply as it goes out, bytes: it must fit a letter, and a mailbox is read over slow lines. Only noise comes near.
const maxPhoto = 1 << 20

// in runs f while the office is unlocked, and keeps it from locking meanwhile.
func (o *Office) in(f func(r *room) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.open == nil {
		return ErrLocked
	}
	return f(o.open)
}

// Status never fails; locked, it says only that.
func (o *Office) Status(ctx context.Context) Status {
	s := Status{Locked: true, Removed: WasRemoved(o.c.Data)}
	err := o.in(func(r *room) error {
		counts, err := r.db.Counts(ctx)
		if err != nil {
			return err
		}
		cursor, err := r.db.Cursor(ctx)
		if err != nil {
			return err
		}
		c := r.contactNow()
		s = Status{
			Org: r.keys.Org, Name: r.keys.Name(), Gate: r.keys.Gate().Origin, GateURL: r.keys.Gate().URL, Reachable: c.reachable, LastSync: cursor.Synced, LogSize: cursor.Verified.Size(),
			Queued: counts.Queued, Alarms: counts.Alarms, Unread: counts.Unread, Syncing: c.syncing, LockIn: time.Until(o.deadline),
			SyncProblem: c.problem, FirstSyncing: cursor.Synced.IsZero() && c.syncing,
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrLocked) && ctx.Err() == nil {
		o.c.Log.Error("reading the status", "error", err)
	}
	return s
}

// Threads lists threads.
func (o *Office) Threads(ctx context.Context, f casedb.Filter) (list []casedb.Summary, err error) {
	err = o.in(func(r *room) error {
		if list, err = r.db.Threads(ctx, f); err != nil || viewer(ctx).Staff == "" {
			return err
		}
		list, err = r.visible(ctx, list)
		return err
	})
	return list, err
}

// Thread returns one thread whole, without the bytes of its parts. Letters it shows count as read from the next call on.
func (o *Office) Thread(ctx context.Context, id int64) (t casedb.Thread, err error) {
	err = o.reads(ctx, id, func(r *room) error {
		t, err = r.db.Thread(ctx, id)
		return err
	})
	if err == nil && t.Unread > 0 {
		o.hub.say(Change{Kind: ChangeStatus})
	}
	return t, err
}

// Part returns a stranger's file as it came. Hand it to desk/internal/media.
func (o *Office) Part(ctx context.Context, id int64) (p casedb.Part, err error) {
	err = o.in(func(r *room) error {
		found, err := r.db.Part(ctx, id)
		if err == nil {
			err = r.wall(ctx, found.Thread)
		}
		if err != nil {
			return err
		}
		p = found
		return nil
	})
	return p, err
}

// SetUrgency overrides what the person's choices said.
func (o *Office) SetUrgency(ctx context.Context, thread int64, u casedb.Urgency) error {
	return o.changes(ctx, thread, func(r *room) error { return r.db.SetUrgency(ctx, thread, u) })
}

// write is changes for what other desks, or people, will see: a reader's desk may not.
func (o *Office) write(ctx context.Context, thread int64, f func(r *room) error) error {
	return o.changes(ctx, thread, func(r *room) error {
		if r.keys.Role() == roster.RoleReader {
			return ErrRole
		}
		return f(r)
	})
}

// change runs f, tells everybody, and lets the outbox be looked at. A reader's desk changes nothing: ErrRole.
func (o *Office) change(thread int64, f func(r *room) error) error {
	err := o.in(func(r *room) error {
		if err := r.mayWrite(); err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
		wake(r.wakePost)
		wake(r.wakeClock)
		return nil
	})
	if err == nil {
		o.hub.say(Change{Kind: ChangeThread, Thread: thread}, Change{Kind: ChangeThreads}, Change{Kind: ChangeStatus})
	}
	return err
}

// Reply queues d: it is sealed to the person's mailbox and to the organisation when it goes out. once is any string that a form
// carries: a second Reply with the same once does nothing, so a repeated POST is harmless. Errors wrap ErrEmpty, ErrTooLong, ErrPhoto, ErrState, ErrRole.
func (o *Office) Reply(ctx context.Context, thread int64, d Draft, once string) error {
	if d.Text == "" && d.Photo == nil {
		return ErrEmpty
	}
	if utf8.RuneCountInString(d.Text) > maxText || !utf8.ValidString(d.Text) {
		return ErrTooLong
	}
	var photo *seal.Part
	if d.Photo != nil {
		img, err := media.Photo(d.Photo)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPhoto, err)
		}
		if len(img.JPEG) > maxPhoto {
			return fmt.Errorf("%w: %d bytes after encoding", ErrPhoto, len(img.JPEG))
		}
		photo = &seal.Part{Type: seal.TypeJPEG, Data: img.JPEG}
	}
	return o.write(ctx, thread, func(r *room) error { return r.db.AddReply(ctx, thread, d.Text, photo, once, o.c.Now()) })
}

// Reissue makes a new code for a thread whose person lost theirs, after the safe word was confirmed: a new mailbox with the
// earlier replies in it; the old code opens nothing any more once the gate has heard. The code is returned once and kept nowhere. ErrSafeWord, ErrState, ErrRole.
func (o *Office) Reissue(ctx context.Context, thread int64, safeWordConfirmed bool) (receipt.Code, error) {
	if !safeWordConfirmed {
		return receipt.Code{}, ErrSafeWord
	}
	code, err := receipt.New(rand.Reader)
	if err != nil {
		return receipt.Code{}, err
	}
	err = o.write(ctx, thread, func(r *room) error {
		keys, err := receipt.Derive(code, r.keys.Org)
		if err != nil {
			return err
		}
		return r.db.Reissue(ctx, thread, keys.Mailbox, keys.Recipient().String(), keys.MAC)
	})
	if err != nil {
		return receipt.Code{}, err
	}
	return code, nil
}

// Join says that newThread is the same person as oldThread, who lost the code and wrote anew: newThread goes on with both
// histories; the old code dies. ErrSafeWord, ErrState, ErrRole.
func (o *Office) Join(ctx context.Context, newThread, oldThread int64, safeWordConfirmed bool) error {
	if !safeWordConfirmed {
		return ErrSafeWord
	}
	return o.write(ctx, newThread, func(r *room) error {
		if err := r.wall(ctx, oldThread); err != nil {
			return err
		}
		return r.db.Join(ctx, newThread, oldThread)
	})
}

// Erase destroys text, parts and keys of a thread on this desk now, and asks the gate and the other desks to do the same
// (queued when there is no network). What stays is that something was erased, and when. ErrRole.
func (o *Office) Erase(ctx context.Context, thread int64) error {
	return o.write(ctx, thread, func(r *room) error { return r.db.Erase(ctx, thread, o.c.Now()) })
}

// Alarms returns the unresolved alarms, newest first; with all also the resolved ones.
func (o *Office) Alarms(ctx context.Context, all bool) (alarms []casedb.Alarm, err error) {
	err = o.in(func(r *room) error {
		alarms, err = r.db.Alarms(ctx, all)
		return err
	})
	return alarms, err
}

// Resolve closes an alarm with the note of a person; the evidence is kept. Resolving an alarm about the log accepts the gate's log as it is now and
// checks all of it anew. If the cause is still there, the alarm comes back.
func (o *Office) Resolve(ctx context.Context, alarm int64, note string) error {
	err := o.in(func(r *room) error {
		if err := r.db.Resolve(ctx, alarm, note, o.c.Now()); err != nil {
			return err
		}
		wake(r.wakeSync)
		return nil
	})
	if err == nil {
		o.hub.say(Change{Kind: ChangeAlarms}, Change{Kind: ChangeStatus})
	}
	return err
}

// SyncNow asks for a sync at once and does not wait for it.
func (o *Office) SyncNow() {
	_ = o.in(func(r *room) error { // locked: nothing to ask
		wake(r.wakeSync)
		return nil
	})
}
