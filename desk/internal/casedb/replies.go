package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"panah/core/seal"
	"panah/core/wire"
)

// ErrState says that a thread takes no reply or new code: erased, joined to another, or not opened.
var ErrState = errors.New("the thread is erased, joined to another, or cannot be opened")

// live finds the mailbox that replies of an open thread go to.
func live(tx *sql.Tx, thread int64) (row int64, id wire.MailboxID, err error) {
	var state string
	var b []byte
	err = tx.QueryRow("SELECT state FROM thread WHERE id = ?", thread).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, id, ErrNotFound
	}
	if err != nil {
		return 0, id, fmt.Errorf("finding the mailbox: %w", err)
	}
	if State(state) != StateOpen {
		return 0, id, ErrState
	}
	// A thread that this desk has not heard of has no key yet, and nothing can be tagged.
	err = tx.QueryRow("SELECT rowid, id FROM mailbox WHERE thread = ? AND live = 1 AND mac IS NOT NULL", thread).Scan(&row, &b)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, id, ErrState
	}
	if err != nil {
		return 0, id, fmt.Errorf("finding the mailbox: %w", err)
	}
	copy(id[:], b)
	return row, id, nil
}

// AddReply queues a reply and its copy. once makes a repeated call harmless; "" is never a repetition. Errors wrap ErrNotFound or ErrState.
func (d *DB) AddReply(ctx context.Context, thread int64, text string, photo *seal.Part, once string, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		row, _, err := live(tx, thread)
		if err != nil {
			return err
		}
		var key any
		if once != "" {
			key = once
		}
		var id int64
		err = tx.QueryRow(`INSERT INTO reply (thread, mailbox, n, at, here, tag, delivered, text, once)
			SELECT ?1, ?2, coalesce(max(n), 0) + 1, ?3, 1, 'ok', 0, ?4, ?5 FROM reply WHERE mailbox = ?2 AND tag = 'ok'
			ON CONFLICT (once) DO NOTHING RETURNING id`, thread, row, now.Unix(), text, key).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("adding a reply: %w", err)
		}
		if photo != nil {
			if _, err := tx.Exec("INSERT INTO part (thread, reply, type, data) VALUES (?,?,?,?)", thread, id, photo.Type, photo.Data); err != nil {
				return fmt.Errorf("adding a photo: %w", err)
			}
		}
		for _, kind := range []OutKind{OutReply, OutCopy} {
			if err := enqueue(tx, outRow{kind: kind, thread: thread, reply: id}); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("UPDATE thread SET waiting = 0 WHERE id = ?", thread); err != nil {
			return fmt.Errorf("adding a reply: %w", err)
		}
		return nil
	})
}

// Reissue gives a thread a new mailbox: the gate opens it, the other desks are told, the earlier replies are sealed to it, and
// the old one dies, in this order: another desk that has heard of the new mailbox may send there at once. box and mac are the new mailbox's.
func (d *DB) Reissue(ctx context.Context, thread int64, key wire.MailboxKey, box string, mac seal.ThreadKey) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		old, reached, err := reissuable(tx, thread)
		if err != nil {
			return err
		}
		if err := enqueue(tx, outRow{kind: OutOpen, thread: thread, body: append(key.ID[:], key.Auth[:]...)}); err != nil {
			return err
		}
		if err := relock(tx, thread, key.ID); err != nil {
			return err
		}
		n := Notice{Do: doReissue, Old: old.Reveal(), Mailbox: key.ID.Reveal(), Box: box, MAC: mac[:]}
		if _, err := enqueueNotice(tx, thread, n); err != nil {
			return err
		}
		if err := turnTo(tx, thread, key.ID, box, mac[:]); err != nil {
			return err
		}
		if err := sendAll(tx, thread); err != nil || !reached {
			return err
		}
		return enqueue(tx, outRow{kind: OutKill, thread: thread, body: old[:]})
	})
}

// reissuable finds the mailbox that a new code takes the place of. reached is false when the gate has never heard of it: the case began without a letter.
func reissuable(tx *sql.Tx, thread int64) (old wire.MailboxID, reached bool, err error) {
	_, old, err = live(tx, thread)
	if !errors.Is(err, ErrState) {
		return old, true, err
	}
	var b []byte
	err = tx.QueryRow(`SELECT m.id FROM mailbox m JOIN thread t ON t.id = m.thread WHERE t.id = ? AND t.state = 'open' AND t.stage <> 'office' AND t.letters = 0 AND m.live = 1 AND m.mac IS NULL`, thread).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return old, false, ErrState
	}
	if err != nil {
		return old, false, fmt.Errorf("finding the mailbox: %w", err)
	}
	copy(old[:], b)
	return old, false, nil
}

// Join continues the thread old in next: the same person under a new code. The earlier replies are sealed to the mailbox of next too, and that
// of old dies. Errors wrap ErrNotFound or ErrState.
func (d *DB) Join(ctx context.Context, next, old int64) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if next == old {
			return ErrState
		}
		_, to, err := live(tx, next)
		if err != nil {
			return err
		}
		_, from, err := live(tx, old)
		if err != nil {
			return err
		}
		var locked bool // who may read the one may not read the other
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM thread WHERE id IN (?, ?) AND locked > 0)", next, old).Scan(&locked); err != nil || locked {
			return errors.Join(ErrState, err)
		}
		if _, err := enqueueNotice(tx, next, Notice{Do: doJoin, Old: from.Reveal(), Mailbox: to.Reveal()}); err != nil {
			return err
		}
		if err := joinThreads(tx, next, old); err != nil {
			return err
		}
		if err := sendAll(tx, next); err != nil {
			return err
		}
		return enqueue(tx, outRow{kind: OutKill, thread: next, body: from[:]})
	})
}

// joinThreads moves everything of old into next. Its replies get numbers of the mailbox of next, behind that one's own; those that
// have not gone out go there.
func joinThreads(tx *sql.Tx, next, old int64) error {
	row, _, err := live(tx, next)
	if err != nil {
		return err
	}
	if err := renumber(tx, old, row); err != nil {
		return err
	}
	if err := moveEvents(tx, old, next); err != nil {
		return err
	}
	for _, q := range []string{
		"UPDATE mailbox SET live = 0, joined = 1 WHERE thread = ?2",
		"UPDATE mailbox SET thread = ?1 WHERE thread = ?2",
		"UPDATE letter SET thread = ?1 WHERE thread = ?2",
		"UPDATE reply SET thread = ?1 WHERE thread = ?2",
		"UPDATE part SET thread = ?1 WHERE thread = ?2",
		"UPDATE outbox SET thread = ?1 WHERE thread = ?2",
		"UPDATE notice SET thread = ?1 WHERE thread = ?2",
		"UPDATE thread SET joined_to = ?1 WHERE joined_to = ?2 AND joined_to <> 0",
		`UPDATE thread SET letters = thread.letters + o.letters, unread = thread.unread + o.unread, forged = max(thread.forged, o.forged),
			urgency = min(thread.urgency, o.urgency), first = min(thread.first, o.first), last = max(thread.last, o.last),
			sealed = CASE WHEN o.sealed = 'door' THEN 'door' ELSE thread.sealed END
			FROM (SELECT * FROM thread WHERE id = ?2) AS o WHERE thread.id = ?1`,
		`UPDATE thread SET state = 'joined', listed = 0, joined_to = ?1, beginning = '', situations = '', lang = '', who = '', district = '',
			unread = 0, waiting = 0, letters = 0, stage = 'new', name = '', line = '', owner = '', pathways = '', sensitivity = '', walled = 0, task_due = 0, due_task = '',
			reply_by = 0, escalated = 0, conflict = 0, open_tasks = 0, opened = 0, closed_at = 0 WHERE id = ?2`,
	} {
		if err := execNumbered(tx, q, next, old); err != nil {
			return fmt.Errorf("joining two threads: %w", err)
		}
	}
	if err := project(tx, next); err != nil {
		return err
	}
	return requeue(tx, next)
}

// sendAll sends every reply of a thread to its live mailbox (again), at the desk that made it so; what comes later for a dead one is forwarded here.
func sendAll(tx *sql.Tx, thread int64) error {
	for _, q := range []string{
		"UPDATE thread SET reissued_here = 1 WHERE id = ?1",
		"DELETE FROM outbox WHERE thread = ?1 AND kind = 'reply'",
		"UPDATE reply SET delivered = 0 WHERE thread = ?1 AND tag = 'ok'",
		"INSERT INTO outbox (kind, thread, reply) SELECT 'reply', ?1, id FROM reply WHERE thread = ?1 AND tag = 'ok' ORDER BY n, id",
	} {
		if _, err := tx.Exec(q, thread); err != nil {
			return fmt.Errorf("moving replies to the new mailbox: %w", err)
		}
	}
	return requeue(tx, thread)
}

// requeue puts the replies of a thread that have not gone out, and behind them the copies that are not sealed yet, at the end of the outbox under
// new ids: a copy that names the new mailbox must not reach the log before the notice that tells of it, and a push that is under
// way with an old row must not mark the new one. A copy that is sealed stays: the gate may have it.
func requeue(tx *sql.Tx, thread int64) error {
	for _, kind := range []OutKind{OutReply, OutCopy} {
		var last int64
		const which = " FROM outbox WHERE thread = ? AND kind = ? AND sent = 0 AND (kind = 'reply' OR sealed IS NULL)"
		if err := tx.QueryRow("SELECT coalesce(max(id), 0)"+which, thread, kind).Scan(&last); err != nil {
			return fmt.Errorf("queueing replies anew: %w", err)
		}
		for _, q := range []string{
			"INSERT INTO outbox (kind, thread, reply) SELECT kind, thread, reply" + which + " AND id <= ? ORDER BY id",
			"DELETE" + which + " AND id <= ?",
		} {
			if _, err := tx.Exec(q, thread, kind, last); err != nil {
				return fmt.Errorf("queueing replies anew: %w", err)
			}
		}
	}
	return nil
}

// renumber gives the replies of a thread numbers of another mailbox, behind those already in it: the person's phone would take a
// gap for a missing reply.
func renumber(tx *sql.Tx, thread, mailbox int64) error {
	replies, err := indices(tx, "SELECT id FROM reply WHERE thread = ? AND tag = 'ok' ORDER BY n, id", thread)
	if err != nil {
		return err
	}
	for _, id := range replies {
		if _, err := tx.Exec(`UPDATE reply SET mailbox = ?1, n = (SELECT coalesce(max(n), 0) + 1 FROM reply WHERE mailbox = ?1 AND tag = 'ok')
			WHERE id = ?2`, mailbox, id); err != nil {
			return fmt.Errorf("renumbering replies: %w", err)
		}
	}
	return nil
}

// execNumbered runs a statement that uses a beginning of the numbered parameters; database/sql refuses more values than that.
func execNumbered(tx *sql.Tx, query string, args ...any) error {
	for len(args) > 0 && !strings.Contains(query, "?"+strconv.Itoa(len(args))) {
		args = args[:len(args)-1]
	}
	_, err := tx.Exec(query, args...)
	return err
}

// SetUrgency overrides what the person's choices said. The error wraps ErrNotFound.
func (d *DB) SetUrgency(ctx context.Context, thread int64, u Urgency) error {
	if u < UrgencyMinutes || u > UrgencyDays {
		return errors.New("setting the urgency: it is minutes, hours or days")
	}
	res, err := d.sql.ExecContext(ctx, "UPDATE thread SET urgency = ? WHERE id = ?", int64(u), thread)
	if err != nil {
		return fmt.Errorf("setting the urgency: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("setting the urgency: %w", ErrNotFound)
	}
	return nil
}
