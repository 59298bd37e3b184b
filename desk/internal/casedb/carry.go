package casedb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"panah/core/event"
	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
)

// What is carried from desk to desk by hand: docs/formats-events.md, section 6.
const (
	CarriedEvents = "events"
	CarriedErase  = "erase"
	CarriedLetter = "letter" // of a person
	CarriedReply  = "reply"  // the organisation's copy of a reply
)

// A Carried thing is one piece of what a desk knows. It prints as "[carried]".
type Carried struct {
	What string

	Notice []byte // events, erase: the body of a notice

	// Letters and replies: the letter without its tag, with its thread's key; what the log calls it, and when it came.
	Letter     seal.Letter
	First      bool // it is the one that brings its thread's key
	Key        seal.ThreadKey
	ID         wire.LetterID // zero: a reply that has not been sealed for the log yet
	Commitment ledger.Commitment
	Hour       time.Time
}

// String hides the content.
func (Carried) String() string { return "[carried]" }

// GoString hides the content.
func (Carried) GoString() string { return "[carried]" }

// Left counts what is not carried: locked cases, which only their specialists may have, and conversations that nothing names for another desk (letters that could not be opened, or whose
// first letter has not come).
type Left struct{ Locked, Unnamed int }

// Carry tells give, piece by piece, what this desk knows that another desk of the organisation may lack: the office's stream and every open case, and which cases were erased.
func (d *DB) Carry(ctx context.Context, give func(Carried) error) (left Left, err error) {
	threads, left, err := d.carriedThreads(ctx)
	if err != nil {
		return left, fmt.Errorf("looking for what to carry: %w", err)
	}
	for _, id := range threads {
		var items []Carried
		err := d.inTx(ctx, func(tx *sql.Tx) error {
			items, err = carriedOf(tx, id)
			return err
		})
		if errors.Is(err, ErrNotFound) {
			left.Unnamed++
			continue
		}
		if err != nil {
			return left, fmt.Errorf("reading what to carry: %w", err)
		}
		for _, c := range items {
			if err := give(c); err != nil {
				return left, err
			}
		}
	}
	return left, nil
}

// carriedThreads lists the threads to carry: erased ones last, so that what another desk still has of them goes after everything else was read.
func (d *DB) carriedThreads(ctx context.Context) (threads []int64, left Left, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRow("SELECT count(*) FILTER (WHERE locked > 0 OR state = ?), count(*) FILTER (WHERE state = 'sealed') FROM thread", StateLocked).Scan(&left.Locked, &left.Unnamed)
		if err != nil {
			return err
		}
		threads, err = indices(tx, "SELECT id FROM thread WHERE state IN ('open', 'erased') AND locked = 0 ORDER BY state = 'erased', id")
		return err
	})
	return threads, left, err
}

// carriedOf is one thread in pieces. The error wraps ErrNotFound when other desks have no name for it.
func carriedOf(tx *sql.Tx, thread int64) ([]Carried, error) {
	var state string
	if err := tx.QueryRow("SELECT state FROM thread WHERE id = ?", thread).Scan(&state); err != nil {
		return nil, err
	}
	if State(state) == StateErased {
		return carriedErasure(tx, thread)
	}
	box, key, err := threadMailbox(tx, thread)
	if err != nil {
		return nil, err
	}
	var out []Carried
	if key != nil {
		if out, err = carriedLetters(tx, thread, box, *key); err != nil {
			return nil, err
		}
		replies, err := carriedReplies(tx, thread, box.Mailbox, *key)
		if err != nil {
			return nil, err
		}
		out = append(out, replies...)
	}
	events, err := carriedEvents(tx, thread)
	if err == nil && len(out)+len(events) == 0 {
		err = ErrNotFound
	}
	return append(out, events...), err
}

// threadMailbox is the oldest mailbox of a thread that has a key: what other desks know it by.
func threadMailbox(tx *sql.Tx, thread int64) (l seal.Letter, key *seal.ThreadKey, err error) {
	var id, mac []byte
	err = tx.QueryRow("SELECT id, box, mac FROM mailbox WHERE thread = ? AND mac IS NOT NULL ORDER BY joined, rowid LIMIT 1", thread).Scan(&id, &l.Box, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil, nil
	}
	if err != nil || len(mac) != len(seal.ThreadKey{}) || len(id) != len(l.Mailbox) {
		return l, nil, fmt.Errorf("reading a mailbox: %w", err)
	}
	return seal.Letter{Box: l.Box, Mailbox: wire.MailboxID(id)}, (*seal.ThreadKey)(mac), nil
}

// carriedLetters are the letters of a thread whose tags were good. Forged ones are the gate's to bring.
func carriedLetters(tx *sql.Tx, thread int64, box seal.Letter, key seal.ThreadKey) (out []Carried, err error) {
	parts, err := partData(tx, "letter", thread)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(`SELECT id, letter_id, commitment, hour, at, sealed, epoch, tag, n, text, intake FROM letter
		WHERE thread = ? AND kind = ? AND tag IN ('first', 'ok') AND problem = '' ORDER BY tag <> 'first', hour, idx, id`, thread, seal.KindLetter)
	if err != nil {
		return nil, fmt.Errorf("reading letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		c := Carried{What: CarriedLetter, Letter: box, Key: key}
		var row, hour, at int64
		var id, commitment []byte
		var tag, text, intake string
		l := &c.Letter
		if err := rows.Scan(&row, &id, &commitment, &hour, &at, &l.Sealed, &l.Epoch, &tag, &l.N, &text, &intake); err != nil {
			return nil, fmt.Errorf("reading letters: %w", err)
		}
		copy(c.ID[:], id)
		copy(c.Commitment[:], commitment)
		l.Kind, l.At, c.Hour, c.First = seal.KindLetter, fromUnix(at), fromUnix(hour), Tag(tag) == TagFirst
		if intake != "" {
			l.Parts = append(l.Parts, seal.Part{Type: seal.TypeIntake, Data: []byte(intake)})
		}
		if text != "" {
			l.Parts = append(l.Parts, seal.Part{Type: seal.TypeText, Data: []byte(text)})
		}
		l.Parts = append(l.Parts, parts[row]...)
		out = append(out, c)
	}
	return out, rows.Err()
}

// carriedReplies are the replies of a thread, also those that have not gone out.
func carriedReplies(tx *sql.Tx, thread int64, mailbox wire.MailboxID, key seal.ThreadKey) (out []Carried, err error) {
	parts, err := partData(tx, "reply", thread)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query("SELECT id, n, at, text, epoch, copy_id, commitment FROM reply WHERE thread = ? AND tag = 'ok' ORDER BY n, id", thread)
	if err != nil {
		return nil, fmt.Errorf("reading replies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		c := Carried{What: CarriedReply, Letter: seal.Letter{Kind: seal.KindReplyCopy, Sealed: seal.SealedDesk, Mailbox: mailbox}, Key: key}
		var row, at int64
		var id, commitment []byte
		var text string
		if err := rows.Scan(&row, &c.Letter.N, &at, &text, &c.Letter.Epoch, &id, &commitment); err != nil {
			return nil, fmt.Errorf("reading replies: %w", err)
		}
		copy(c.ID[:], id)
		copy(c.Commitment[:], commitment)
		c.Letter.At, c.Hour = fromUnix(at), fromUnix(at).Truncate(time.Hour)
		if text != "" {
			c.Letter.Parts = append(c.Letter.Parts, seal.Part{Type: seal.TypeText, Data: []byte(text)})
		}
		c.Letter.Parts = append(c.Letter.Parts, parts[row]...)
		out = append(out, c)
	}
	return out, rows.Err()
}

// partData groups a thread's parts with their bytes by the row of column ("letter" or "reply").
func partData(tx *sql.Tx, column string, thread int64) (map[int64][]seal.Part, error) {
	rows, err := tx.Query("SELECT "+column+", type, data FROM part WHERE thread = ? AND "+column+" IS NOT NULL ORDER BY id", thread)
	if err != nil {
		return nil, fmt.Errorf("reading parts: %w", err)
	}
	defer rows.Close()
	parts := map[int64][]seal.Part{}
	for rows.Next() {
		var p seal.Part
		var owner int64
		if err := rows.Scan(&owner, &p.Type, &p.Data); err != nil {
			return nil, fmt.Errorf("reading parts: %w", err)
		}
		parts[owner] = append(parts[owner], p)
	}
	return parts, rows.Err()
}

// carriedEvents are notices with every event of a thread that has its signature still.
func carriedEvents(tx *sql.Tx, thread int64) (out []Carried, err error) {
	entries, err := tx.Query("SELECT note FROM event WHERE thread = ? ORDER BY id", thread)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	defer entries.Close()
	by := map[wire.MailboxID][]event.Signed{} // a joined thread's events keep the name they were signed under
	var boxes []wire.MailboxID
	for entries.Next() {
		var note []byte
		if err := entries.Scan(&note); err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		e, err := event.Open(note)
		if err != nil { // its signature was dropped when retention passed: it proves nothing to another desk
			continue
		}
		box := boxOfCase(e.Event)
		if by[box] == nil {
			boxes = append(boxes, box)
		}
		by[box] = append(by[box], e)
	}
	if err := entries.Err(); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	for _, box := range boxes {
		for rest := by[box]; len(rest) > 0; {
			n := Notice{Do: doEvents, Mailboxes: []string{box.Reveal()}}
			if n, rest, err = fillNotice(n, 0, rest); err != nil {
				return nil, err
			}
			body, err := json.Marshal(n)
			if err != nil {
				return nil, fmt.Errorf("writing a notice: %w", err)
			}
			out = append(out, Carried{What: CarriedEvents, Notice: body})
		}
	}
	return out, nil
}

// carriedErasure says by which mailboxes an erased thread was known. Which entries of the log were its the log's own notice says: the gate is asked to empty them then, not before.
func carriedErasure(tx *sql.Tx, thread int64) ([]Carried, error) {
	boxes, err := mailboxesOf(tx, thread)
	if err != nil || len(boxes) == 0 {
		return nil, errors.Join(err, ErrNotFound)
	}
	n := Notice{Do: doErase}
	for _, b := range boxes {
		n.Mailboxes = append(n.Mailboxes, b.Reveal())
	}
	body, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("writing a notice: %w", err)
	}
	return []Carried{{What: CarriedErase, Notice: body}}, nil
}
