package casedb

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"panah/core/seal"
	"panah/core/wire"
)

// wrapEntries bounds what one wrap holds: docs/formats-keys.md, section 7.
const wrapEntries = 1000

// ErrBehind says that the desk has to read the log again before it can say what stands in wraps: it was brought up from a version that kept no file keys.
var ErrBehind = errors.New("the desk has not read the log to its end since it was updated")

// A KeyedEntry is an entry of the log with what opens it.
type KeyedEntry struct {
	ID  wire.LetterID
	Key seal.FileKey
}

// A Wrap is what opens entries of one open thread. It prints as "[wrap]".
type Wrap struct {
	Name      [16]byte
	Thread    int64            // on this desk; 0 in a wrap that came from the gate
	Lock      bool             // of a locked case: only who may read it
	Mailboxes []wire.MailboxID // of the thread, that of its first letter first
	Entries   []KeyedEntry
}

// String hides the keys.
func (Wrap) String() string { return "[wrap]" }

// GoString hides the keys.
func (Wrap) GoString() string { return "[wrap]" }

// entriesToWrap lists entries of thread ?1 sealed to epochs before ?2 that stand in no wrap of ?2, in the log's order: the order in which every desk wraps
// them. Copies and notices that none of our desks wrote are left out: who opens them by a wrap has no desk key of their epoch to tell them by.
const entriesToWrap = `SELECT letter_id, file_key FROM (
	SELECT letter_id, file_key, idx, epoch FROM letter WHERE thread = ?1 AND file_key IS NOT NULL
	UNION ALL SELECT copy_id, file_key, copy_idx, epoch FROM reply WHERE thread = ?1 AND file_key IS NOT NULL AND tag = 'ok'
	UNION ALL SELECT letter_id, file_key, idx, epoch FROM notice WHERE thread = ?1 AND thread > 0 AND file_key IS NOT NULL AND genuine) AS e
	WHERE e.epoch < ?2 AND NOT EXISTS (SELECT 1 FROM wrapped w WHERE w.epoch = ?2 AND w.letter_id = e.letter_id) ORDER BY idx`

// locksToWrap lists the notices of thread ?1 that say who may read it: of a locked case nothing else stands in a wrap for everybody.
const locksToWrap = `SELECT letter_id, file_key FROM notice n WHERE thread = ?1 AND thread > 0 AND file_key IS NOT NULL AND genuine AND lock AND epoch < ?2
	AND NOT EXISTS (SELECT 1 FROM wrapped w WHERE w.epoch = ?2 AND w.letter_id = n.letter_id) ORDER BY idx`

// threadsToWrap lists the threads after ?1 that have something to wrap for ?2; of locked ones also those that have nothing.
const threadsToWrap = `SELECT id FROM thread t WHERE id > ?1 AND state IN ('open', 'locked') AND (
	EXISTS (SELECT 1 FROM letter l WHERE l.thread = t.id AND l.file_key IS NOT NULL AND l.epoch < ?2
		AND NOT EXISTS (SELECT 1 FROM wrapped w WHERE w.epoch = ?2 AND w.letter_id = l.letter_id))
	OR EXISTS (SELECT 1 FROM reply r WHERE r.thread = t.id AND r.file_key IS NOT NULL AND r.tag = 'ok' AND r.epoch < ?2
		AND NOT EXISTS (SELECT 1 FROM wrapped w WHERE w.epoch = ?2 AND w.letter_id = r.copy_id))
	OR EXISTS (SELECT 1 FROM notice n WHERE n.thread = t.id AND n.thread > 0 AND n.file_key IS NOT NULL AND n.genuine AND n.epoch < ?2
		AND NOT EXISTS (SELECT 1 FROM wrapped w WHERE w.epoch = ?2 AND w.letter_id = n.letter_id))) ORDER BY id LIMIT ?3`

// ToWrap returns wraps that are missing in an epoch, without names, of the threads that follow the thread after: at most limit threads are looked at. last is
// the thread to go on after; 0 when there is no further one. What a thread has beyond one wrap comes with the next round. The error wraps ErrBehind.
func (d *DB) ToWrap(ctx context.Context, epoch int, after int64, limit int) (wraps []Wrap, last int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		if err := caughtUp(tx); err != nil {
			return err
		}
		threads, err := indices(tx, threadsToWrap, after, epoch, limit)
		if err != nil {
			return err
		}
		if len(threads) == limit {
			last = threads[limit-1]
		}
		for _, thread := range threads {
			w, err := toWrap(tx, thread, epoch)
			if err != nil {
				return err
			}
			if len(w.Entries) > 0 {
				wraps = append(wraps, w)
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("looking for what no wrap holds: %w", err)
	}
	return wraps, last, nil
}

// caughtUp reports ErrBehind between an update from version 1 and the next whole round.
func caughtUp(tx *sql.Tx) error {
	var behind bool
	err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM letter WHERE problem = '' AND file_key IS NULL) AND NOT EXISTS (SELECT 1 FROM meta WHERE k = 'verified_size')").Scan(&behind)
	if err == nil && behind {
		err = ErrBehind
	}
	return err
}

func toWrap(tx *sql.Tx, thread int64, epoch int) (Wrap, error) {
	w := Wrap{Thread: thread}
	if err := tx.QueryRow("SELECT locked > 0 FROM thread WHERE id = ?", thread).Scan(&w.Lock); err != nil {
		return w, err
	}
	query := entriesToWrap
	if w.Lock {
		query = locksToWrap
	}
	var err error
	if w.Entries, err = keyedEntries(tx, query+" LIMIT ?3", thread, epoch, wrapEntries); err != nil || len(w.Entries) == 0 {
		return w, err
	}
	w.Mailboxes, err = mailboxesOf(tx, thread)
	return w, err
}

func keyedEntries(tx *sql.Tx, query string, args ...any) ([]KeyedEntry, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []KeyedEntry
	for rows.Next() {
		var id, key []byte
		if err := rows.Scan(&id, &key); err != nil {
			return nil, err
		}
		if len(id) == len(wire.LetterID{}) && len(key) == len(seal.FileKey{}) {
			out = append(out, KeyedEntry{wire.LetterID(id), seal.FileKey(key)})
		}
	}
	return out, rows.Err()
}

// PlanWraps gives wraps their names and remembers them before they go to the gate, so that an erasure from now on deletes them there. name is asked for the
// thread's first mailbox and 0, 1, 2 … until it names a wrap that is not there yet: what another desk put there is never replaced.
func (d *DB) PlanWraps(ctx context.Context, epoch int, wraps []Wrap, name func(first wire.MailboxID, number uint32) [16]byte) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for i := range wraps {
			w := &wraps[i]
			for number := uint32(0); ; number++ {
				w.Name = name(w.Mailboxes[0], number)
				var taken bool
				if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM wrap WHERE mailbox = ? AND name = ?)", w.Mailboxes[0][:], w.Name[:]).Scan(&taken); err != nil {
					return fmt.Errorf("naming a wrap: %w", err)
				}
				if !taken {
					break
				}
			}
			if err := rememberWrap(tx, epoch, *w); err != nil {
				return err
			}
		}
		return nil
	})
}

func rememberWrap(tx *sql.Tx, epoch int, w Wrap) error {
	for _, m := range w.Mailboxes {
		if _, err := tx.Exec("INSERT INTO wrap (mailbox, name, epoch) VALUES (?,?,?) ON CONFLICT DO NOTHING", m[:], w.Name[:], epoch); err != nil {
			return fmt.Errorf("remembering a wrap: %w", err)
		}
	}
	return nil
}

// PutWraps records that the gate has taken wraps. Those of threads that were erased or locked meanwhile are queued for deletion.
func (d *DB) PutWraps(ctx context.Context, epoch int, wraps []Wrap) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for _, w := range wraps {
			var open bool
			if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM thread WHERE id = ? AND state <> 'erased' AND (locked = 0 OR ?))", w.Thread, w.Lock).Scan(&open); err != nil {
				return fmt.Errorf("recording a wrap: %w", err)
			}
			if !open {
				if err := enqueueUnwrap(tx, w.Thread, epoch, w.Name[:]); err != nil {
					return err
				}
				continue
			}
			for _, e := range w.Entries {
				if _, err := tx.Exec("INSERT INTO wrapped (epoch, letter_id) VALUES (?,?) ON CONFLICT DO NOTHING", epoch, e.ID[:]); err != nil {
					return fmt.Errorf("recording a wrap: %w", err)
				}
			}
		}
		return nil
	})
}

// RereadWraps forgets which entries stand in wraps of an epoch, before all of them are read from the gate.
func (d *DB) RereadWraps(ctx context.Context, epoch int) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM wrapped WHERE epoch = ?", epoch); err != nil {
			return fmt.Errorf("reading wraps anew: %w", err)
		}
		return nil
	})
}

// SawWraps records wraps that came from the gate and whose desk tag was checked. Keys of entries that this desk has not opened are kept until it has read the
// log: news says that there are some.
func (d *DB) SawWraps(ctx context.Context, epoch int, wraps []Wrap) (news bool, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		for _, w := range wraps {
			closed, err := closedThread(tx, w)
			if err != nil {
				return err
			}
			if closed { // erased or locked here, and the gate kept it, or a desk that had not heard made it
				if err := enqueueUnwrap(tx, 0, epoch, w.Name[:]); err != nil {
					return err
				}
				continue
			}
			if err := rememberWrap(tx, epoch, w); err != nil {
				return err
			}
			for _, e := range w.Entries {
				fresh, err := sawKey(tx, epoch, e)
				if err != nil {
					return fmt.Errorf("recording a wrap: %w", err)
				}
				news = news || fresh
			}
		}
		return nil
	})
	return news, err
}

// closedThread reports whether a wrap holds what must not be there: keys of an erased thread, or keys of a locked case other than the notices that say who may read it.
func closedThread(tx *sql.Tx, w Wrap) (closed bool, err error) {
	var locked bool
	for _, m := range w.Mailboxes {
		var erased, here bool
		err := tx.QueryRow(`SELECT coalesce(max(t.state = 'erased'), 0), coalesce(max(t.locked > 0), 0) OR EXISTS (SELECT 1 FROM locked_mailbox WHERE mailbox = ?1)
			FROM mailbox m JOIN thread t ON t.id = m.thread WHERE m.id = ?1`, m[:]).Scan(&erased, &here)
		if err != nil || erased {
			return erased, err
		}
		locked = locked || here
	}
	for _, e := range w.Entries {
		var lock bool
		if !locked {
			return false, nil
		}
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM notice WHERE letter_id = ? AND lock)", e.ID[:]).Scan(&lock); err != nil || !lock {
			return true, err
		}
	}
	return false, nil
}

func sawKey(tx *sql.Tx, epoch int, e KeyedEntry) (fresh bool, err error) {
	if _, err := tx.Exec("INSERT INTO wrapped (epoch, letter_id) VALUES (?,?) ON CONFLICT DO NOTHING", epoch, e.ID[:]); err != nil {
		return false, err
	}
	return addWrappedKey(tx, e)
}

// addWrappedKey keeps a key of an entry that this desk has not opened.
func addWrappedKey(tx *sql.Tx, e KeyedEntry) (fresh bool, err error) {
	res, err := tx.Exec(`INSERT INTO wrapped_key (letter_id, key, round) SELECT ?1, ?2, coalesce((SELECT v FROM meta WHERE k = 'round'), 0) WHERE NOT EXISTS (SELECT 1 FROM letter WHERE letter_id = ?1 AND problem <> 'key')
		AND NOT EXISTS (SELECT 1 FROM reply WHERE copy_id = ?1) AND NOT EXISTS (SELECT 1 FROM notice WHERE letter_id = ?1)
		AND NOT EXISTS (SELECT 1 FROM erased WHERE letter_id = ?1) ON CONFLICT DO NOTHING`, e.ID[:], e.Key[:])
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// WrappedKey returns what opens an entry according to a wrap.
func (d *DB) WrappedKey(ctx context.Context, id wire.LetterID) (key seal.FileKey, ok bool, err error) {
	var b []byte
	err = d.sql.QueryRowContext(ctx, "SELECT key FROM wrapped_key WHERE letter_id = ?", id[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return key, false, nil
	}
	if err != nil {
		return key, false, fmt.Errorf("looking for a key in the wraps: %w", err)
	}
	return key, copy(key[:], b) == len(key), nil
}

// DropWraps forgets the wraps of epochs before one, which the gate has deleted.
func (d *DB) DropWraps(ctx context.Context, before int) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{"DELETE FROM wrapped WHERE epoch < ?", "DELETE FROM wrap WHERE epoch < ?", "DELETE FROM outbox WHERE kind = 'unwrap' AND epoch < ?"} {
			if _, err := tx.Exec(q, before); err != nil {
				return fmt.Errorf("forgetting old wraps: %w", err)
			}
		}
		return nil
	})
}

// unwrap queues the deletion of every wrap of these mailboxes at the gate.
func unwrap(tx *sql.Tx, thread int64, mailboxes []wire.MailboxID) error {
	found := map[string]int{} // name to epoch: a wrap is remembered once for each mailbox of its thread
	for _, m := range mailboxes {
		if err := takeWraps(tx, m, found); err != nil {
			return fmt.Errorf("deleting wraps: %w", err)
		}
	}
	byEpoch := map[int][]byte{}
	for name, epoch := range found {
		byEpoch[epoch] = append(byEpoch[epoch], name...)
	}
	for epoch, names := range byEpoch {
		if err := enqueueUnwrap(tx, thread, epoch, names); err != nil {
			return err
		}
	}
	return nil
}

func takeWraps(tx *sql.Tx, m wire.MailboxID, found map[string]int) error {
	rows, err := tx.Query("DELETE FROM wrap WHERE mailbox = ? RETURNING epoch, name", m[:])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var epoch int
		var name []byte
		if err := rows.Scan(&epoch, &name); err != nil {
			return err
		}
		found[string(name)] = epoch
	}
	return rows.Err()
}

// enqueueUnwrap queues a deletion. names are 16 bytes each.
func enqueueUnwrap(tx *sql.Tx, thread int64, epoch int, names []byte) error {
	body := binary.BigEndian.AppendUint32(nil, uint32(epoch))
	return enqueue(tx, outRow{kind: OutUnwrap, thread: thread, body: append(body, names...), epoch: epoch})
}

// Unwraps reads the body of an item of kind OutUnwrap.
func Unwraps(body []byte) (epoch int, names [][16]byte, err error) {
	if len(body) < 4 || (len(body)-4)%16 != 0 {
		return 0, nil, errors.New("reading what to unwrap: malformed item")
	}
	epoch = int(binary.BigEndian.Uint32(body))
	for b := body[4:]; len(b) > 0; b = b[16:] {
		names = append(names, [16]byte(b))
	}
	return epoch, names, nil
}
