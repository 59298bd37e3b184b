package casedb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/core/wire"
)

// Bounds of a notice that carries events: a letter holds less than 2 MiB.
const (
	maxEvents     = 200
	maxEventsBody = 3 << 19 // 1.5 MiB of JSON
)

// Record stores what somebody at this desk said happened in a case, queues it for the other desks, and brings the thread's row up to date. The events must be of that
// case and this organisation, newest last. An event that is there already changes nothing. Errors wrap ErrNotFound or ErrState: the thread is erased, joined to another,
// unopened, or locked for others.
func (d *DB) Record(ctx context.Context, thread int64, events []event.Signed) error {
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		if err := caseOpen(tx, thread); err != nil {
			return err
		}
		fresh, err := keepEvents(tx, thread, events)
		if err != nil || len(fresh) == 0 {
			return err
		}
		if err := enqueueEvents(tx, thread, fresh); err != nil {
			return err
		}
		return project(tx, thread)
	})
	if err != nil {
		return fmt.Errorf("recording what happened: %w", err)
	}
	return nil
}

// keepEvents stores events made here and returns those that were not there.
func keepEvents(tx *sql.Tx, thread int64, events []event.Signed) (fresh []event.Signed, err error) {
	for _, e := range events {
		at, err := threadOfCase(tx, e.Case)
		if err != nil {
			return nil, err
		}
		if at != thread {
			return nil, errors.New("an event of another case")
		}
		added, err := addEvent(tx, thread, e, nil, true)
		if err != nil {
			return nil, err
		}
		if added {
			fresh = append(fresh, e)
		}
	}
	return fresh, nil
}

// addEvent stores an event. notice is the log entry that brought it, nil when none did. An event that is there already is not added; the notice that stands first in
// the log is its.
func addEvent(tx *sql.Tx, thread int64, e event.Signed, notice []byte, known bool) (added bool, err error) {
	device := roster.HashDevice(e.Device)
	var by any
	if notice != nil {
		by = notice
	}
	res, err := tx.Exec("INSERT INTO event (thread, hash, notice, device, known, note) VALUES (?,?,?,?,?,?) ON CONFLICT (hash) DO NOTHING", thread, e.Hash[:], by, device[:], known, e.Note)
	if err != nil {
		return false, fmt.Errorf("keeping an event: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return n > 0, err
	}
	if notice == nil {
		return false, nil
	}
	_, err = tx.Exec(`UPDATE event SET notice = ?2 WHERE hash = ?1 AND (notice IS NULL OR
		(SELECT idx FROM notice WHERE letter_id = ?2) < coalesce((SELECT idx FROM notice WHERE letter_id = event.notice), -1))`, e.Hash[:], notice)
	if err != nil {
		return false, fmt.Errorf("keeping an event: %w", err)
	}
	return false, nil
}

// enqueueEvents puts events into a notice of their case that has not been sealed yet, or into new ones.
func enqueueEvents(tx *sql.Tx, thread int64, events []event.Signed) error {
	var id int64
	var body []byte
	err := tx.QueryRow(`SELECT id, body FROM outbox WHERE thread = ? AND kind = 'notice' AND sealed IS NULL AND sent = 0 AND waits = 0
		AND CAST(substr(body, 1, ?) AS TEXT) = ? ORDER BY id DESC LIMIT 1`, thread, len(eventsPrefix), eventsPrefix).Scan(&id, &body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("queueing events: %w", err)
	}
	n := Notice{Do: doEvents}
	if err == nil {
		if n, err = ParseNotice(body); err != nil {
			return err
		}
	}
	if len(n.Mailboxes) == 1 && n.Mailboxes[0] != boxOfCase(events[0].Event).Reveal() { // of a thread that was joined into this one
		id, n, body = 0, Notice{Do: doEvents}, nil
	}
	size := len(body)
	for len(events) > 0 {
		n.Mailboxes = []string{boxOfCase(events[0].Event).Reveal()}
		if n, events, err = fillNotice(n, size, events); err != nil {
			return err
		}
		if err := putEvents(tx, thread, id, n); err != nil {
			return err
		}
		id, n, size = 0, Notice{Do: doEvents}, 0
	}
	return nil
}

// eventsPrefix begins the body of a notice that carries events, as this program writes it.
const eventsPrefix = `{"do":"events",`

// fillNotice puts as many events into a notice as go in, and returns the rest. size is that of its body.
func fillNotice(n Notice, size int, events []event.Signed) (Notice, []event.Signed, error) {
	for len(events) > 0 {
		text, err := json.Marshal(string(events[0].Note))
		if err != nil {
			return n, nil, fmt.Errorf("writing an event: %w", err)
		}
		full := len(n.Events) >= maxEvents || size+len(text)+200 > maxEventsBody
		if len(n.Events) > 0 && (full || boxOfCase(events[0].Event).Reveal() != n.Mailboxes[0]) {
			break
		}
		n.Events = append(n.Events, string(events[0].Note))
		size += len(text) + 1
		events = events[1:]
	}
	return n, events, nil
}

// putEvents writes the body of an outbox item, a new one when id is 0.
func putEvents(tx *sql.Tx, thread, id int64, n Notice) error {
	if id == 0 {
		_, err := enqueueNotice(tx, thread, n)
		return err
	}
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("writing a notice: %w", err)
	}
	if _, err := tx.Exec("UPDATE outbox SET body = ? WHERE id = ?", body, id); err != nil {
		return fmt.Errorf("queueing events: %w", err)
	}
	return nil
}

// Begin makes a case without a letter, which other desks know by id; the thread is there already when one of them has spoken of it. It can be listed, locked and
// erased like any other; an answer needs a code first (Reissue).
func (d *DB) Begin(ctx context.Context, id event.Case) (thread int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		if thread, err = threadOfCase(tx, id); err != nil || thread != 0 {
			return err
		}
		thread, err = begin(tx, id)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("beginning a case: %w", err)
	}
	return thread, nil
}

// begin makes the thread of a case that no letter has begun here.
func begin(tx *sql.Tx, id event.Case) (thread int64, err error) {
	err = tx.QueryRow(`INSERT INTO thread (state, urgency, first, last, unread, waiting, beginning, situations, lang, who, district, sealed, letters)
		VALUES ('open', ?, 0, 0, 0, 0, '', '', '', '', '', '', 0) RETURNING id`, int64(UrgencyDays)).Scan(&thread)
	if err != nil {
		return 0, fmt.Errorf("beginning a case: %w", err)
	}
	if _, err := tx.Exec("INSERT INTO mailbox (id, thread, box, live) VALUES (?, ?, '', 1)", id[:], thread); err != nil {
		return 0, fmt.Errorf("beginning a case: %w", err)
	}
	return thread, nil
}

// CaseID is how the other desks know the case of a thread: the zero case for the organisation's own stream. The error wraps ErrNotFound, also when the thread has no
// name that others could know: one letter that nothing opens.
func (d *DB) CaseID(ctx context.Context, thread int64) (id event.Case, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		id, err = caseID(tx, thread)
		return err
	})
	if err != nil {
		return id, fmt.Errorf("looking up a case: %w", err)
	}
	return id, nil
}

func caseID(tx *sql.Tx, thread int64) (id event.Case, err error) {
	var b []byte
	var stage string
	err = tx.QueryRow("SELECT m.id, t.stage FROM mailbox m JOIN thread t ON t.id = m.thread WHERE m.thread = ? ORDER BY m.joined, m.rowid LIMIT 1", thread).Scan(&b, &stage)
	if errors.Is(err, sql.ErrNoRows) {
		return id, ErrNotFound
	}
	if err != nil {
		return id, fmt.Errorf("looking up a case: %w", err)
	}
	if stage == stageOffice {
		return event.Office, nil
	}
	copy(id[:], b)
	return id, nil
}

// threadOfCase finds the thread of a case that some desk named: also by the name of a case that was joined into it. 0 when there is none.
func threadOfCase(tx *sql.Tx, id event.Case) (thread int64, err error) {
	if id == event.Office {
		err = tx.QueryRow("SELECT id FROM thread INDEXED BY queue_office WHERE stage = 'office'").Scan(&thread)
	} else {
		err = tx.QueryRow("SELECT m.thread FROM mailbox m WHERE m.id = ? ORDER BY m.rowid LIMIT 1", id[:]).Scan(&thread)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking up a case: %w", err)
	}
	return thread, nil
}

// caseOpen reports ErrNotFound, or ErrState unless events may be added to a thread here.
func caseOpen(tx *sql.Tx, thread int64) error {
	var state string
	err := tx.QueryRow("SELECT state FROM thread WHERE id = ?", thread).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("looking up a case: %w", err)
	}
	if State(state) != StateOpen {
		return ErrState
	}
	return nil
}

// Events returns what is known of a case, in no order: core/fold orders it. Events of desks that are not known to be the organisation's are left out.
func (d *DB) Events(ctx context.Context, thread int64) (list []fold.Entry, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		list, err = eventsOf(tx, thread)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading a case: %w", err)
	}
	return list, nil
}

// eventsOf reads the events of a thread. Those of a thread that was joined into it count as its own, though they were signed under the other's name.
func eventsOf(tx *sql.Tx, thread int64) ([]fold.Entry, error) {
	id, err := caseID(tx, thread)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query("SELECT e.note, coalesce(n.idx, -1) FROM event e LEFT JOIN notice n ON n.letter_id = e.notice WHERE e.thread = ? AND e.known = 1 ORDER BY e.id", thread)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	defer rows.Close()
	var out []fold.Entry
	for rows.Next() {
		var e fold.Entry
		var note []byte
		if err := rows.Scan(&note, &e.Place); err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		if e.Signed, err = event.Read(note); err != nil {
			return nil, fmt.Errorf("reading events: %w", err) // it was well-formed when it was stored
		}
		e.Case = id
		out = append(out, e)
	}
	return out, rows.Err()
}

// boxOfCase names the case of an event as notices do: by a mailbox.
func boxOfCase(e event.Event) wire.MailboxID {
	if e.Case == event.Office {
		return officeMailbox(e.Org)
	}
	return wire.MailboxID(e.Case)
}

// officeMailbox names the organisation's own stream among the mailboxes: docs/formats-events.md.
func officeMailbox(org string) (id wire.MailboxID) {
	sum := sha256.Sum256([]byte("panah.office/v1\n" + org))
	copy(id[:], sum[:])
	return id
}
