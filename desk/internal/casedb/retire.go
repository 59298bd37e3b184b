package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"panah/core/event"
	"panah/core/wire"
)

// Retention destroys a closed case in two steps. First what it says: letters, answers, notes, tasks. One event stays, Retired, that says what the case was. Then all of it,
// with Erase. Nothing here knows of clocks: desk/internal/office does.

// retireSchema is the part of schema3 that retention needs: since when a closed case stands on the list of what goes, and when its text went.
const retireSchema = `
CREATE TABLE retire (thread INTEGER PRIMARY KEY, listed INTEGER NOT NULL DEFAULT 0, text_gone INTEGER NOT NULL DEFAULT 0);
CREATE INDEX thread_closed ON thread (closed_at) WHERE stage = 'closed';
`

// ErrBusy says that something of a case has not gone out yet.
var ErrBusy = errors.New("something of this case is still on its way out; it goes when that has arrived")

// A ClosedCase is a closed case as retention looks at it. It prints as "[case]".
type ClosedCase struct {
	Thread   int64
	Name     string
	Line     string
	Pathways string // separated by spaces
	Closed   time.Time
	Last     time.Time // last letter or answer
	Waiting  bool      // its person has written since
	Locked   bool
	Listed   time.Time // on the list of what goes since; zero: not
	TextGone time.Time
}

// String hides the content.
func (ClosedCase) String() string { return "[case]" }

// GoString hides the content.
func (ClosedCase) GoString() string { return "[case]" }

// ClosedBefore lists cases that were closed before a moment, oldest first, at most limit.
func (d *DB) ClosedBefore(ctx context.Context, before time.Time, limit int) (list []ClosedCase, err error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT t.id, t.name, t.line, t.pathways, t.closed_at, t.latest, t.asks, t.locked > 0, coalesce(r.listed, 0), coalesce(r.text_gone, 0)
		FROM thread t LEFT JOIN retire r ON r.thread = t.id WHERE t.stage = 'closed' AND t.closed_at <= ? AND t.state = 'open' AND t.home = 0 ORDER BY t.closed_at, t.id LIMIT ?`, before.Unix(), limit)
	if err != nil {
		return nil, fmt.Errorf("listing closed cases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c ClosedCase
		var closed, last, listed, gone int64
		if err := rows.Scan(&c.Thread, &c.Name, &c.Line, &c.Pathways, &closed, &last, &c.Waiting, &c.Locked, &listed, &gone); err != nil {
			return nil, fmt.Errorf("listing closed cases: %w", err)
		}
		c.Closed, c.Last, c.Listed, c.TextGone = fromUnix(closed), fromUnix(last), fromUnix(listed), fromUnix(gone)
		list = append(list, c)
	}
	return list, rows.Err()
}

// SetListed keeps since when a case stands on the list; the zero time takes it off.
func (d *DB) SetListed(ctx context.Context, thread int64, since time.Time) error {
	_, err := d.sql.ExecContext(ctx, "INSERT INTO retire (thread, listed) VALUES (?, ?) ON CONFLICT (thread) DO UPDATE SET listed = excluded.listed", thread, toUnix(since))
	if err != nil {
		return fmt.Errorf("keeping the list of what goes: %w", err)
	}
	return nil
}

// Retire destroys what a closed case says, on this desk now and at the gate and the other desks when they hear of it. In the place of its events stands one, which must be of
// the kind retired; c and seen are the case as it was looked at. The errors wrap ErrNotFound; ErrState: the case is not closed, or something came in since; ErrBusy.
func (d *DB) Retire(ctx context.Context, c ClosedCase, seen Mark, rest event.Signed, now time.Time) error {
	thread := c.Thread
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, ok := rest.Body.(event.Retired); !ok {
			return errors.New("retiring a case: another event was given")
		}
		if err := asSeen(tx, c, seen); err != nil {
			return fmt.Errorf("retiring a case: %w", err)
		}
		if err := mayRetire(tx, thread); err != nil {
			return fmt.Errorf("retiring a case: %w", err)
		}
		conversations, err := indices(tx, "SELECT id FROM thread WHERE home = ? AND home <> 0", thread)
		if err != nil {
			return err
		}
		said, err := saidIn(tx, thread)
		if err != nil {
			return err
		}
		for _, q := range []string{
			"DELETE FROM outbox WHERE thread = ?1 AND kind = 'notice' AND CAST(substr(body, 1, length(?2)) AS TEXT) = ?2", // events that nobody has seen
			"DELETE FROM event WHERE thread = ?1",
		} {
			if err := execNumbered(tx, q, thread, eventsPrefix); err != nil {
				return fmt.Errorf("retiring a case: %w", err)
			}
		}
		if _, err := addEvent(tx, thread, rest, nil, true); err != nil {
			return err
		}
		if err := enqueueEvents(tx, thread, []event.Signed{rest}); err != nil {
			return err
		}
		for _, c := range append(conversations, thread) {
			if err := retireConversation(tx, c, thread, said); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("INSERT INTO retire (thread, text_gone) VALUES (?1, ?2) ON CONFLICT (thread) DO UPDATE SET text_gone = ?2, listed = 0", thread, now.Unix()); err != nil {
			return fmt.Errorf("retiring a case: %w", err)
		}
		return project(tx, thread)
	})
}

// EraseClosed is EraseCase for retention, which nobody watches: all of it in one step, and only while the case is closed and as it was looked at. The error wraps ErrNotFound,
// or ErrState: its person wrote again, or somebody said something of it.
func (d *DB) EraseClosed(ctx context.Context, c ClosedCase, seen Mark, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if err := asSeen(tx, c, seen); err != nil {
			return fmt.Errorf("erasing a closed case: %w", err)
		}
		all, err := indices(tx, "SELECT id FROM thread WHERE home = ? AND home <> 0", c.Thread)
		if err != nil {
			return err
		}
		me, err := device(tx)
		if err != nil {
			return err
		}
		for _, t := range append(all, c.Thread) {
			if err := eraseThread(tx, t, false, true, nil, now); err != nil {
				return err
			}
			if me == (Device{}) {
				continue
			}
			if err := markErased(tx, t, me[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// asSeen refuses, with ErrState, a case that is not closed any more, or of which something came in since it was looked at: a letter, an answer, a word of another desk.
func asSeen(tx *sql.Tx, c ClosedCase, seen Mark) error {
	if err := caseOpen(tx, c.Thread); err != nil {
		return err
	}
	now, err := markOf(tx, c.Thread, false)
	if err != nil {
		return err
	}
	var same bool
	if err := tx.QueryRow("SELECT stage = 'closed' AND asks = 0 AND home = 0 AND latest = ? FROM thread WHERE id = ?", toUnix(c.Last), c.Thread).Scan(&same); err != nil {
		return err
	}
	if !same || now != seen {
		return ErrState
	}
	return nil
}

func mayRetire(tx *sql.Tx, thread int64) error {
	if err := caseOpen(tx, thread); err != nil {
		return err
	}
	var closed, busy bool
	err := tx.QueryRow(`SELECT t.stage = 'closed' AND t.asks = 0, EXISTS (SELECT 1 FROM outbox o WHERE (o.thread = t.id OR o.thread IN (SELECT id FROM thread WHERE home = t.id))
		AND (o.kind IN ('reply', 'copy') OR o.sealed IS NOT NULL OR o.sent)) FROM thread t WHERE t.id = ?`, thread).Scan(&closed, &busy)
	switch {
	case err != nil:
		return err
	case !closed:
		return ErrState
	case busy:
		return ErrBusy
	}
	return nil
}

// saidIn lists the entries of the log that brought a case's events.
func saidIn(tx *sql.Tx, thread int64) ([]gone, error) {
	return gones(tx, "SELECT letter_id, commitment FROM notice WHERE letter_id IN (SELECT notice FROM event WHERE thread = ? AND notice IS NOT NULL)", thread)
}

func gones(tx *sql.Tx, query string, args ...any) (list []gone, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("listing what is to go: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var g gone
		if err := rows.Scan(&g.letter, &g.commitment); err != nil {
			return nil, fmt.Errorf("listing what is to go: %w", err)
		}
		list = append(list, g)
	}
	return list, rows.Err()
}

// retireConversation destroys letters and answers of a conversation, and when it is the case's own what desks said.
func retireConversation(tx *sql.Tx, thread, home int64, said []gone) error {
	entries, err := gones(tx, `SELECT letter_id, commitment FROM letter WHERE thread = ?1
		UNION ALL SELECT copy_id, commitment FROM reply WHERE thread = ?1 AND copy_id IS NOT NULL AND commitment IS NOT NULL`, thread)
	if err != nil {
		return err
	}
	if thread == home {
		entries = append(entries, said...)
	}
	if err := removeEntries(tx, thread, entries); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE reply SET text = '' WHERE thread = ?", thread); err != nil { // also those without a copy
		return fmt.Errorf("destroying answers: %w", err)
	}
	if _, err := tx.Exec("DELETE FROM part WHERE thread = ?", thread); err != nil {
		return fmt.Errorf("destroying files: %w", err)
	}
	return announceRemoved(tx, thread, entries)
}

// removeEntries destroys letters, answers and notices of a thread that stays. Of an answer its number stays, so that the next one gets another.
func removeEntries(tx *sql.Tx, thread int64, entries []gone) error {
	for _, g := range entries {
		for _, q := range []string{
			"DELETE FROM part WHERE letter IN (SELECT id FROM letter WHERE letter_id = ?1)", "DELETE FROM letter WHERE letter_id = ?1",
			"DELETE FROM part WHERE reply IN (SELECT id FROM reply WHERE copy_id = ?1)",
			"UPDATE reply SET text = '', copy_id = NULL, copy_idx = -1, commitment = NULL, file_key = NULL WHERE copy_id = ?1",
			"DELETE FROM event WHERE notice = ?1", "DELETE FROM notice WHERE letter_id = ?1",
		} {
			if _, err := tx.Exec(q, g.letter); err != nil {
				return fmt.Errorf("destroying a letter: %w", err)
			}
		}
	}
	if err := rememberErased(tx, entries); err != nil {
		return err
	}
	return recount(tx, thread)
}

// recount makes a thread's line anew after letters of it went.
func recount(tx *sql.Tx, thread int64) error {
	var text string
	err := tx.QueryRow("SELECT text FROM letter WHERE thread = ? AND tag <> 'forged' ORDER BY hour DESC, idx DESC, id DESC LIMIT 1", thread).Scan(&text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("counting letters: %w", err)
	}
	_, err = tx.Exec(`UPDATE thread SET beginning = ?2, letters = (SELECT count(*) FROM letter WHERE thread = ?1), unread = (SELECT count(*) FROM letter WHERE thread = ?1 AND NOT seen),
		forged = EXISTS (SELECT 1 FROM letter WHERE thread = ?1 AND tag = 'forged') OR EXISTS (SELECT 1 FROM reply WHERE thread = ?1 AND tag = 'forged'),
		waiting = waiting AND EXISTS (SELECT 1 FROM letter WHERE thread = ?1 AND tag <> 'forged') WHERE id = ?1`, thread, firstLine([]byte(text)))
	if err != nil {
		return fmt.Errorf("counting letters: %w", err)
	}
	return nil
}

// announceRemoved tells the other desks that entries of a thread are gone while it stays, and asks the gate to delete them once they can know. A desk that comes in later
// finds no first letter there: the notice says what that one said of the mailbox.
func announceRemoved(tx *sql.Tx, thread int64, entries []gone) error {
	mailboxes, err := mailboxesOf(tx, thread)
	if err != nil || len(mailboxes) == 0 || len(entries) == 0 {
		return err
	}
	var id, mac []byte
	var box string
	err = tx.QueryRow("SELECT id, box, mac FROM mailbox WHERE thread = ? AND live = 1 AND mac IS NOT NULL LIMIT 1", thread).Scan(&id, &box, &mac)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading a mailbox: %w", err)
	}
	n := Notice{Do: doRemove}
	if len(id) == len(wire.MailboxID{}) {
		n.Mailbox, n.Box, n.MAC = wire.MailboxID(id).Reveal(), box, mac
	}
	return announceGone(tx, thread, n, mailboxes, entries)
}

// removedElsewhere follows another desk that destroyed entries of a thread which stays.
func (in *ingest) removedElsewhere(e *Incoming, n Notice) error {
	in.anyErased = true
	var entries []gone
	for i, s := range n.Letters {
		id, err := wire.ParseLetterID(s)
		if err != nil {
			return err
		}
		entries = append(entries, gone{id[:], n.Commitments[i]})
	}
	p, err := in.threadOf(n.Mailboxes[0])
	if err != nil {
		return err
	}
	switch {
	case p.thread == 0 || p.state == StateErased || p.state == StateLocked:
		err = rememberErased(in.tx, entries)
	default:
		if err = removeEntries(in.tx, p.thread, entries); err == nil {
			in.folds[p.thread] = true
			err = in.noticeOf(e, p.thread)
		}
	}
	if err != nil {
		return err
	}
	if p.thread != 0 && p.mac == nil && p.state == StateOpen && n.Mailbox == n.Mailboxes[0] {
		if _, err := in.tx.Exec("UPDATE mailbox SET box = ?, mac = ? WHERE rowid = ?", n.Box, n.MAC, p.row); err != nil {
			return fmt.Errorf("adding a mailbox: %w", err)
		}
	}
	return enqueueDelete(in.tx, 0, entries, 0) // idempotent, and finishes the work of a desk that died in between
}

// EraseCase is Erase for a case with all conversations that belong to it. A case without letters goes the same way.
func (d *DB) EraseCase(ctx context.Context, thread int64, now time.Time) error {
	all, err := d.LinkedTo(ctx, thread)
	if err != nil {
		return err
	}
	// The case last: until it is gone, what was left behind by a desk that died in between still belongs to it.
	for _, t := range append(all, thread) {
		if err := d.Erase(ctx, t, now); err != nil {
			return err
		}
	}
	return nil
}

// DestroyLetter destroys a letter that reports somebody, everywhere, and its conversation with it when there is no other letter of its person. It returns the letter's
// thread, and whether that is gone. The error wraps ErrNotFound, or ErrState for a thread that this desk cannot read.
func (d *DB) DestroyLetter(ctx context.Context, letter int64, now time.Time) (thread int64, whole bool, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		g := gone{}
		err := tx.QueryRow("SELECT thread, letter_id, commitment FROM letter WHERE id = ?", letter).Scan(&thread, &g.letter, &g.commitment)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := caseOpen(tx, thread); err != nil {
			return err
		}
		if whole, err = wholeThread(tx, thread, letter); err != nil {
			return err
		}
		if whole {
			if err := forgetCounted(tx, thread); err != nil { // it was no case
				return err
			}
			return eraseThread(tx, thread, false, true, nil, now)
		}
		if err := removeEntries(tx, thread, []gone{g}); err != nil {
			return err
		}
		if err := announceRemoved(tx, thread, []gone{g}); err != nil {
			return err
		}
		return project(tx, thread)
	})
	if err != nil {
		return 0, false, fmt.Errorf("destroying a letter: %w", err)
	}
	return thread, whole, nil
}

// wholeThread reports whether nothing genuine is in a thread but that letter: no other of its person, and no case that began without one.
func wholeThread(tx *sql.Tx, thread, letter int64) (whole bool, err error) {
	if err := tx.QueryRow("SELECT NOT EXISTS (SELECT 1 FROM letter WHERE thread = ? AND id <> ? AND tag <> 'forged')", thread, letter).Scan(&whole); err != nil || !whole {
		return false, err
	}
	entries, err := eventsOf(tx, thread)
	for _, e := range entries {
		if o, ok := e.Body.(event.Opened); ok && o.Source != "letter" {
			return false, nil
		}
	}
	return true, err
}
