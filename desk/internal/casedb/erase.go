package casedb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"panah/core/roster"
	"panah/core/wire"
)

// entriesPerNotice bounds a notice of erasure, and the request to the gate that follows it (at most 1,000 ids).
const entriesPerNotice = 500

// gone is a log entry that is to be empty.
type gone struct{ letter, commitment []byte }

// Erase destroys a thread on this desk and queues the same for the gate and the other desks. Nothing of its text, parts and keys is left in
// the file when it returns. Erasing what is erased does nothing.
func (d *DB) Erase(ctx context.Context, thread int64, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if err := eraseThread(tx, thread, false, true, nil, now); err != nil {
			return err
		}
		me, err := device(tx)
		if err != nil || me == (Device{}) {
			return err
		}
		return markErased(tx, thread, me[:])
	})
}

// erasedBy keeps which desk ordered an erasure. key is nil when nobody signed.
func erasedBy(tx *sql.Tx, thread int64, key []byte) error {
	if key == nil {
		return nil
	}
	by := roster.HashDevice(key)
	return markErased(tx, thread, by[:])
}

func markErased(tx *sql.Tx, thread int64, by []byte) error {
	if _, err := tx.Exec("UPDATE thread SET erased_by = ?2 WHERE id = ?1 AND erased_by IS NULL AND NOT by_person", thread, by); err != nil {
		return fmt.Errorf("recording who erased: %w", err)
	}
	return nil
}

// eraseThread destroys a thread. With announce the other desks are told, and the gate is asked to delete once they can know; without,
// another desk has seen to that. extra are entries of the thread that were never stored.
func eraseThread(tx *sql.Tx, thread int64, byPerson, announce bool, extra []gone, now time.Time) error {
	var state, stage string
	err := tx.QueryRow("SELECT state, stage FROM thread WHERE id = ?", thread).Scan(&state, &stage)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("erasing a thread: %w", ErrNotFound)
	case err != nil:
		return fmt.Errorf("erasing a thread: %w", err)
	case stage == stageOffice:
		return fmt.Errorf("erasing the organisation's own stream: %w", ErrState)
	case State(state) == StateErased:
		return nil
	case State(state) == StateLocked && announce:
		return fmt.Errorf("erasing a thread: %w", ErrState) // its specialists can: this desk does not know what belongs to it
	}
	entries, err := entriesOf(tx, thread)
	if err != nil {
		return err
	}
	mailboxes, err := mailboxesOf(tx, thread)
	if err != nil {
		return err
	}
	gone, err := goneEpoch(tx, thread)
	if err != nil {
		return err
	}
	if err := destroy(tx, thread, byPerson, now, gone); err != nil {
		return err
	}
	entries = append(entries, extra...)
	if err := rememberErased(tx, entries); err != nil {
		return err
	}
	if err := unwrap(tx, thread, mailboxes); err != nil || !announce { // also a desk that only follows: it may know of wraps that the other does not
		return err
	}
	for _, m := range mailboxes {
		if err := enqueue(tx, outRow{kind: OutKill, thread: thread, body: m[:]}); err != nil {
			return err
		}
	}
	return announceErased(tx, thread, mailboxes, byPerson, entries)
}

// entriesOf lists everything in the log that belongs to a thread.
func entriesOf(tx *sql.Tx, thread int64) ([]gone, error) {
	rows, err := tx.Query(`SELECT letter_id, commitment FROM letter WHERE thread = ?1
		UNION ALL SELECT copy_id, commitment FROM reply WHERE thread = ?1 AND copy_id IS NOT NULL AND commitment IS NOT NULL
		UNION ALL SELECT letter_id, commitment FROM notice WHERE thread = ?1 AND genuine`, thread)
	if err != nil {
		return nil, fmt.Errorf("erasing a thread: %w", err)
	}
	defer rows.Close()
	var out []gone
	for rows.Next() {
		var g gone
		if err := rows.Scan(&g.letter, &g.commitment); err != nil {
			return nil, fmt.Errorf("erasing a thread: %w", err)
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

func mailboxesOf(tx *sql.Tx, thread int64) ([]wire.MailboxID, error) {
	rows, err := tx.Query("SELECT id FROM mailbox WHERE thread = ? ORDER BY rowid", thread)
	if err != nil {
		return nil, fmt.Errorf("erasing a thread: %w", err)
	}
	defer rows.Close()
	var out []wire.MailboxID
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, fmt.Errorf("erasing a thread: %w", err)
		}
		var id wire.MailboxID
		copy(id[:], b)
		out = append(out, id)
	}
	return out, rows.Err()
}

// goneEpoch is the newest epoch whose key could open any of a thread: those its entries are sealed to, and the one whose wraps name it.
func goneEpoch(tx *sql.Tx, thread int64) (epoch int, err error) {
	err = tx.QueryRow(`SELECT max(coalesce((SELECT max(epoch) FROM letter WHERE thread = ?1), 0), coalesce((SELECT max(epoch) FROM reply WHERE thread = ?1), 0),
		coalesce((SELECT max(epoch) FROM notice WHERE thread = ?1), 0), coalesce((SELECT max(n) FROM epoch), 0))`, thread).Scan(&epoch)
	if err != nil {
		return 0, fmt.Errorf("erasing a thread: %w", err)
	}
	return epoch, nil
}

// destroy empties a thread. What stays: that it was, when it was erased, by whose wish, and its mailbox ids without keys.
func destroy(tx *sql.Tx, thread int64, byPerson bool, now time.Time, gone int) error {
	if err := keepCount(tx, thread); err != nil {
		return err
	}
	if err := forgetEvents(tx, thread); err != nil {
		return err
	}
	for _, q := range []string{
		"DELETE FROM retire WHERE thread = ?1", "DELETE FROM part WHERE thread = ?1", "DELETE FROM letter WHERE thread = ?1", "DELETE FROM reply WHERE thread = ?1",
		"DELETE FROM outbox WHERE thread = ?1", "DELETE FROM notice WHERE thread = ?1",
		"UPDATE mailbox SET box = '', mac = NULL, live = 0 WHERE thread = ?1",
		"UPDATE thread SET listed = 0 WHERE joined_to = ?1 AND joined_to <> 0",
		"DELETE FROM case_key WHERE case_id IN (SELECT case_id FROM locked WHERE thread = ?1)",
		"DELETE FROM ours WHERE case_id IN (SELECT case_id FROM locked WHERE thread = ?1)",
		"DELETE FROM locked_mailbox WHERE case_id IN (SELECT case_id FROM locked WHERE thread = ?1)",
		"DELETE FROM locked WHERE thread = ?1",
		`UPDATE thread SET state = 'erased', listed = ?2, urgency = 3, first = 0, last = ?3, unread = 0, waiting = 0, beginning = '', situations = '',
			lang = '', who = '', district = '', sealed = '', letters = 0, forged = 0, by_person = ?2, erased_at = ?3, reissued = 0, reissued_here = 0, locked = 0, gone_epoch = ?4 WHERE id = ?1`,
	} {
		if err := execNumbered(tx, q, thread, byPerson, now.Unix(), gone); err != nil {
			return fmt.Errorf("erasing a thread: %w", err)
		}
	}
	return nil
}

// rememberErased keeps what is needed to know an erased letter again: the hash of its sealed bytes and its commitment.
func rememberErased(tx *sql.Tx, entries []gone) error {
	for _, g := range entries {
		_, err := tx.Exec("INSERT INTO erased (letter_id, commitment) VALUES (?, ?) ON CONFLICT DO UPDATE SET commitment = excluded.commitment", g.letter, g.commitment)
		if err != nil {
			return fmt.Errorf("remembering an erasure: %w", err)
		}
		for _, q := range []string{"DELETE FROM absent WHERE commitment = ?1", "DELETE FROM before WHERE commitment = ?1", "DELETE FROM wrapped_key WHERE letter_id = ?2", "DELETE FROM wrapped WHERE letter_id = ?2"} {
			if err := execNumbered(tx, q, g.commitment, g.letter); err != nil {
				return fmt.Errorf("remembering an erasure: %w", err)
			}
		}
	}
	return nil
}

// announceErased queues notices, and behind each the request to the gate, which waits until the notice is in the log.
func announceErased(tx *sql.Tx, thread int64, mailboxes []wire.MailboxID, byPerson bool, entries []gone) error {
	return announceGone(tx, thread, Notice{Do: doErase, ByPerson: byPerson}, mailboxes, entries)
}

// announceGone is announceErased for any order that destroys entries: n is what it says besides of which. Without entries it is said once.
func announceGone(tx *sql.Tx, thread int64, n Notice, mailboxes []wire.MailboxID, entries []gone) error {
	for _, m := range mailboxes {
		n.Mailboxes = append(n.Mailboxes, m.Reveal())
	}
	for first := true; first || len(entries) > 0; first = false {
		some := entries[:min(len(entries), entriesPerNotice)]
		entries = entries[len(some):]
		n.Letters, n.Commitments = nil, nil
		for _, g := range some {
			n.Letters = append(n.Letters, wire.LetterID(g.letter).String())
			n.Commitments = append(n.Commitments, g.commitment)
		}
		id, err := enqueueNotice(tx, thread, n)
		if err != nil {
			return err
		}
		if err := enqueueDelete(tx, thread, some, id); err != nil {
			return err
		}
	}
	return nil
}

func enqueueNotice(tx *sql.Tx, thread int64, n Notice) (int64, error) {
	body, err := json.Marshal(n)
	if err != nil {
		return 0, fmt.Errorf("writing a notice: %w", err)
	}
	return enqueueID(tx, outRow{kind: OutNotice, thread: thread, body: body})
}

func enqueueDelete(tx *sql.Tx, thread int64, entries []gone, waits int64) error {
	if len(entries) == 0 {
		return nil
	}
	var body []byte
	for _, g := range entries {
		body = append(body, wire.LetterID(g.letter).String()+"\n"...)
	}
	return enqueue(tx, outRow{kind: OutDelete, thread: thread, body: body, waits: waits})
}

// eraseByPerson carries out a person's own wish, at once: the letter that asks goes with the rest.
func (in *ingest) eraseByPerson(e *Incoming, thread int64) error {
	in.anyErased, in.changed[thread] = true, true
	return eraseThread(in.tx, thread, true, true, []gone{{e.ID[:], e.Commitment[:]}}, in.now)
}

// eraseArrived treats what comes for an erased thread: it is not kept, and the gate is asked to destroy it too.
func (in *ingest) eraseArrived(e *Incoming, thread int64) error {
	in.anyErased = true
	entries := []gone{{e.ID[:], e.Commitment[:]}}
	if err := rememberErased(in.tx, entries); err != nil {
		return err
	}
	if _, err := in.tx.Exec("DELETE FROM notice WHERE letter_id = ?", e.ID[:]); err != nil {
		return err
	}
	return announceErased(in.tx, thread, nil, false, entries)
}

// stayErased keeps an erased letter from coming back. done is true when e was one.
func (in *ingest) stayErased(e *Incoming) (done bool, err error) {
	var commitment []byte
	err = in.tx.QueryRow("SELECT commitment FROM erased WHERE letter_id = ?", e.ID[:]).Scan(&commitment)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if string(commitment) != string(e.Commitment[:]) {
		if err := raise(in.tx, Finding{Kind: AlarmTwice, Args: map[string]int64{"index": e.Index, "first": -1}, Evidence: []string{e.ID.String()}}, in.now); err != nil {
			return true, err
		}
		return true, in.eraseArrived(e, 0)
	}
	var asked bool // our own request waits for its notice, or is on its way
	if err := in.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM outbox WHERE kind IN ('notice', 'delete'))").Scan(&asked); err != nil || asked {
		return true, err
	}
	return true, enqueueDelete(in.tx, 0, []gone{{e.ID[:], e.Commitment[:]}}, 0)
}

// erasedElsewhere follows another desk's erasure.
func (in *ingest) erasedElsewhere(n Notice) error {
	in.anyErased = true
	threads := map[int64]bool{}
	for _, m := range n.Mailboxes {
		p, err := in.threadOf(m)
		if err != nil {
			return err
		}
		if id, err := wire.ParseMailboxID(m); err == nil && p.thread == 0 { // never heard of, but for its wraps
			if err := unwrap(in.tx, 0, []wire.MailboxID{id}); err != nil {
				return err
			}
			if err := in.forgetCase(id); err != nil {
				return err
			}
		}
		office, err := isOffice(in.tx, p.thread)
		if err != nil {
			return err
		}
		if p.thread != 0 && !office { // nobody may erase that
			threads[p.thread] = true
		}
	}
	var entries []gone
	for i, s := range n.Letters {
		id, err := wire.ParseLetterID(s)
		if err != nil {
			return err
		}
		entries = append(entries, gone{id[:], n.Commitments[i]})
		var thread int64 // of an unopened letter, or of a thread joined otherwise here
		err = in.tx.QueryRow("SELECT thread FROM letter WHERE letter_id = ?", id[:]).Scan(&thread)
		if err == nil {
			threads[thread] = true
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	for thread := range threads {
		if err := eraseThread(in.tx, thread, n.ByPerson, false, nil, in.now); err != nil {
			return err
		}
		in.changed[thread] = true
		if err := erasedBy(in.tx, thread, n.By); err != nil {
			return err
		}
	}
	if err := rememberErased(in.tx, entries); err != nil {
		return err
	}
	// Idempotent, and finishes the work of a desk that died between its notice and its request.
	return enqueueDelete(in.tx, 0, entries, 0)
}
