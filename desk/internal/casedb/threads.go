package casedb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"panah/core/ledger"
	"panah/core/wire"
)

const summaryColumns = `t.id, t.state, t.urgency, t.first, t.last, t.unread, t.waiting, t.beginning, t.situations, t.lang, t.who, t.district, t.sealed,
	t.letters, t.forged, t.by_person, t.locked > 0, (SELECT count(*) FROM reply r WHERE r.thread = t.id AND r.delivered = 0)`

// scanner is *sql.Row or *sql.Rows.
type scanner interface{ Scan(...any) error }

func scanSummary(row scanner, more ...any) (Summary, error) {
	var s Summary
	var state, situations string
	var urgency, first, last int64
	err := row.Scan(append([]any{
		&s.ID, &state, &urgency, &first, &last, &s.Unread, &s.Waiting, &s.Beginning, &situations, &s.Lang, &s.Who, &s.District, &s.Sealed,
		&s.Count, &s.Forged, &s.ByPerson, &s.Locked, &s.Queued,
	}, more...)...)
	s.State, s.Urgency, s.First, s.Last, s.Situations = State(state), Urgency(urgency), fromUnix(first), fromUnix(last), strings.Fields(situations)
	return s, err
}

// Threads lists threads as f says. Without f.All: open ones, unopened ones, and erasures that a person asked for and
// nobody here has looked at yet.
func (d *DB) Threads(ctx context.Context, f Filter) ([]Summary, error) {
	query := "SELECT " + summaryColumns + " FROM thread t WHERE true"
	var args []any
	if f.All {
		query += " AND t.stage <> 'office'" // the organisation's own stream is nobody's conversation
	} else {
		query += " AND t.listed"
	}
	if f.Waiting {
		// The person's last word may also be a wish to erase everything, or a letter that stands apart because its tag is wrong.
		query += " AND (t.waiting OR t.state = 'erased' OR t.unread > 0 AND t.state = 'open')"
	}
	if f.Urgency != 0 {
		query += " AND t.urgency = ?"
		args = append(args, int64(f.Urgency))
	}
	switch f.Order {
	case OrderUrgent:
		query += " ORDER BY t.urgency, t.waiting DESC, t.last, t.id"
	default:
		query += " ORDER BY t.last DESC, t.id DESC"
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	rows, err := d.sql.QueryContext(ctx, query+" LIMIT ? OFFSET ?", append(args, min(limit, 500), max(0, f.Offset))...)
	if err != nil {
		return nil, fmt.Errorf("listing threads: %w", err)
	}
	defer rows.Close()
	var out []Summary
	for rows.Next() {
		s, err := scanSummary(rows)
		if err != nil {
			return nil, fmt.Errorf("listing threads: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Thread returns one thread, and counts its letters as seen. The error wraps ErrNotFound.
func (d *DB) Thread(ctx context.Context, id int64) (Thread, error) {
	var t Thread
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		var erasedAt int64
		var queued bool
		var gone int
		var by []byte
		var err error
		t.Summary, err = scanSummary(tx.QueryRow("SELECT "+summaryColumns+`, t.joined_to, t.erased_at, t.reissued,
			EXISTS (SELECT 1 FROM outbox o WHERE o.thread = t.id), t.gone_epoch, t.erased_by FROM thread t WHERE t.id = ?`, id), &t.JoinedTo, &erasedAt, &t.Reissued, &queued, &gone, &by)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if t.State == StateErased {
			t.ErasedAt, t.ErasePart, t.ErasedBy = fromUnix(erasedAt), EraseDone, deskName(by)
			if queued {
				t.ErasePart = EraseQueued
			}
			if t.GoneBy, t.Gone, err = goneBy(tx, gone); err != nil {
				return err
			}
		}
		if t.Locked {
			if err := lockedOf(tx, &t); err != nil {
				return err
			}
		}
		if t.Letters, err = lettersOf(tx, id); err != nil {
			return err
		}
		if len(t.Letters) > 0 {
			t.Intake = t.Letters[0].Intake
		}
		if t.Replies, err = repliesOf(tx, id); err != nil {
			return err
		}
		if t.Joined, err = indices(tx, joinedTo, id); err != nil {
			return err
		}
		return markSeen(tx, t.Summary)
	})
	if err != nil {
		return Thread{}, fmt.Errorf("reading a thread: %w", err)
	}
	return t, nil
}

// markSeen counts what was shown as read; an erasure that was looked at leaves the list. It writes only when there is something to.
func markSeen(tx *sql.Tx, s Summary) error {
	if s.Unread > 0 {
		if _, err := tx.Exec("UPDATE letter SET seen = 1 WHERE thread = ?", s.ID); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE thread SET unread = 0 WHERE id = ?", s.ID); err != nil {
			return err
		}
	}
	if s.State == StateErased {
		if _, err := tx.Exec("UPDATE thread SET listed = 0 WHERE id = ?", s.ID); err != nil {
			return err
		}
	}
	return nil
}

func lettersOf(tx *sql.Tx, thread int64) ([]Letter, error) {
	parts, err := partsOf(tx, "letter", thread)
	if err != nil {
		return nil, err
	}
	var verified int64
	if err := tx.QueryRow("SELECT coalesce((SELECT v FROM meta WHERE k = 'verified_size'), 0)").Scan(&verified); err != nil {
		return nil, err
	}
	rows, err := tx.Query(`SELECT id, kind, letter_id, idx, hour, at, sealed, epoch, tag, n, text, intake, problem, old_code, NOT seen
		FROM letter WHERE thread = ? ORDER BY hour, idx, id`, thread)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Letter
	for rows.Next() {
		var l Letter
		var id []byte
		var hour, at, n int64
		var tag, intake string
		if err := rows.Scan(&l.ID, &l.Kind, &id, &l.Index, &hour, &at, &l.Sealed, &l.Epoch, &tag, &n, &l.Text, &intake, &l.Problem, &l.OldCode, &l.New); err != nil {
			return nil, err
		}
		l.LetterID, l.Received, l.At, l.Tag, l.N = hex.EncodeToString(id), fromUnix(hour), fromUnix(at), Tag(tag), uint32(n)
		l.Intake, l.Parts, l.Proof = parseIntake(intake), parts[l.ID], ProofLogged
		switch {
		case l.Problem == ProblemChanged:
			l.Proof = ProofMismatch
		case l.Index < 0 || l.Index >= verified:
			l.Proof = ProofPending
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

func repliesOf(tx *sql.Tx, thread int64) ([]Reply, error) {
	parts, err := partsOf(tx, "reply", thread)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query("SELECT id, n, at, delivered, copy_idx >= 0, here, tag, clash, text FROM reply WHERE thread = ? ORDER BY at / 60, n, id", thread)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Reply
	for rows.Next() {
		var r Reply
		var n, at int64
		var delivered int
		var logged bool
		var tag string
		if err := rows.Scan(&r.ID, &n, &at, &delivered, &logged, &r.Here, &tag, &r.Clash, &r.Text); err != nil {
			return nil, err
		}
		r.N, r.At, r.Tag, r.Parts = uint32(n), fromUnix(at), Tag(tag), parts[r.ID]
		switch {
		case delivered == 0:
			r.Delivery = ReplyQueued
		case delivered == 2:
			r.Delivery = ReplyRefused
		case logged:
			r.Delivery = ReplyShared
		default:
			r.Delivery = ReplyMailbox
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// partsOf groups a thread's parts by the row of column ("letter" or "reply") that they belong to.
func partsOf(tx *sql.Tx, column string, thread int64) (map[int64][]PartInfo, error) {
	rows, err := tx.Query("SELECT id, "+column+", type, length(data) FROM part WHERE thread = ? AND "+column+" IS NOT NULL ORDER BY id", thread)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	parts := map[int64][]PartInfo{}
	for rows.Next() {
		var p PartInfo
		var owner int64
		if err := rows.Scan(&p.ID, &owner, &p.Type, &p.Len); err != nil {
			return nil, err
		}
		parts[owner] = append(parts[owner], p)
	}
	return parts, rows.Err()
}

// Part returns a part with its bytes. The error wraps ErrNotFound.
func (d *DB) Part(ctx context.Context, id int64) (Part, error) {
	var p Part
	err := d.sql.QueryRowContext(ctx, "SELECT id, type, length(data), thread, data, reply IS NOT NULL FROM part WHERE id = ?", id).
		Scan(&p.ID, &p.Type, &p.Len, &p.Thread, &p.Data, &p.Ours)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Part{}, fmt.Errorf("reading a part: %w", err)
	}
	return p, nil
}

// joinedTo lists the threads that were joined into one: its index holds no others.
const joinedTo = "SELECT id FROM thread WHERE joined_to = ? AND joined_to <> 0 ORDER BY id"

// Counts is what the head of every page shows.
type Counts struct{ Queued, Alarms, Unread int }

// Counts counts.
func (d *DB) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		unread := "SELECT n FROM unread" // kept by triggers: every page says it, and a sum over all cases takes a second
		if ready, err := isQueueReady(tx); err != nil {
			return err
		} else if !ready {
			unread = "SELECT coalesce(sum(unread), 0) FROM thread WHERE listed"
		}
		return tx.QueryRow("SELECT (SELECT count(*) FROM outbox WHERE sent = 0), (SELECT count(*) FROM alarm WHERE resolved = 0), ("+unread+")").Scan(&c.Queued, &c.Alarms, &c.Unread)
	})
	if err != nil {
		return Counts{}, fmt.Errorf("counting: %w", err)
	}
	return c, nil
}

// ThreadOfCommitment finds the thread of the letter that a log entry stands for; 0 when this desk has none. logged is whether the log has the
// entry at all, be its letter erased or not.
func (d *DB) ThreadOfCommitment(ctx context.Context, c ledger.Commitment) (thread int64, logged bool, err error) {
	if logged, err = d.isLogged(ctx, c); err != nil || !logged {
		return 0, false, err
	}
	err = d.sql.QueryRowContext(ctx, "SELECT thread FROM letter WHERE commitment = ?1 UNION ALL SELECT thread FROM reply WHERE commitment = ?1 LIMIT 1", c[:]).Scan(&thread)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, fmt.Errorf("looking for a log entry: %w", err)
	}
	return thread, true, nil
}

// HasLetter reports whether a letter is on this desk, for tests and tools.
func (d *DB) HasLetter(ctx context.Context, id wire.LetterID) (bool, error) {
	var has bool
	if err := d.sql.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM letter WHERE letter_id = ?)", id[:]).Scan(&has); err != nil {
		return false, fmt.Errorf("looking for a letter: %w", err)
	}
	return has, nil
}
