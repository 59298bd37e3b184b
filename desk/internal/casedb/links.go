package casedb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"panah/core/event"
)

// maxMatter bounds how many conversations are looked at when one is linked: one matter has a handful.
const maxMatter = 200

// caseHex reads a case's id as events write it.
func caseHex(s string) (id event.Case, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, false
	}
	copy(id[:], b)
	return id, id != event.Office
}

// LinkedTo lists the conversations that belong to the case of a thread, oldest first, without its own.
func (d *DB) LinkedTo(ctx context.Context, thread int64) (list []int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		list, err = indices(tx, "SELECT id FROM thread WHERE home = ? AND home <> 0 ORDER BY first, id", thread)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading linked conversations: %w", err)
	}
	return list, nil
}

// settleLinks gives every conversation of a matter its home: the thread that the links lead to. Every desk finds the same, whatever came first.
func settleLinks(tx *sql.Tx, thread int64) error {
	m, err := matterOf(tx, thread)
	if err != nil || len(m) == 1 && m[thread].to == 0 && m[thread].home == 0 {
		return err
	}
	for id, c := range m {
		home := m.home(id)
		if home == c.home {
			continue
		}
		if _, err := tx.Exec("UPDATE thread SET home = ?2, listed = (?2 = 0 AND state IN ('open', 'sealed')) WHERE id = ?1", id, home); err != nil {
			return fmt.Errorf("linking conversations: %w", err)
		}
	}
	return nil
}

// conversation is a thread with the one that its case is linked to; 0 for none.
type conversation struct {
	id       event.Case
	to, home int64
}

// A matter is all threads that links tie together.
type matter map[int64]conversation

// matterOf follows links from a thread both ways.
func matterOf(tx *sql.Tx, thread int64) (matter, error) {
	m := matter{}
	for next := []int64{thread}; len(next) > 0 && len(m) < maxMatter; next = next[1:] {
		if _, seen := m[next[0]]; seen {
			continue
		}
		c, err := conversationOf(tx, next[0])
		if err != nil {
			return nil, err
		}
		m[next[0]] = c
		back, err := indices(tx, `SELECT t.id FROM mailbox m JOIN thread t ON t.linked_to = m.id WHERE m.thread = ?1 AND t.linked_to IS NOT NULL
			UNION SELECT id FROM thread WHERE home = ?1 AND home <> 0`, next[0])
		if err != nil {
			return nil, err
		}
		next = append(next, back...)
		if c.to != 0 {
			next = append(next, c.to)
		}
	}
	return m, nil
}

func conversationOf(tx *sql.Tx, thread int64) (c conversation, err error) {
	var to []byte
	var state string
	if err := tx.QueryRow("SELECT home, linked_to, state FROM thread WHERE id = ?", thread).Scan(&c.home, &to, &state); err != nil {
		return c, fmt.Errorf("reading a link: %w", err)
	}
	if c.id, err = caseID(tx, thread); errors.Is(err, ErrNotFound) {
		return c, nil
	}
	if err != nil || len(to) != len(c.id) || State(state) != StateOpen {
		return c, err
	}
	if c.to, err = threadOfCase(tx, event.Case(to)); err != nil || c.to == 0 {
		return c, err
	}
	var open bool
	if err := tx.QueryRow("SELECT state = 'open' AND stage <> 'office' FROM thread WHERE id = ?", c.to).Scan(&open); err != nil {
		return c, fmt.Errorf("reading a link: %w", err)
	}
	if !open || c.to == thread {
		c.to = 0
	}
	return c, nil
}

// home follows the links of a thread to their end; 0 when it is its own home. In a ring the link of the smallest case counts for nothing.
func (m matter) home(thread int64) int64 {
	at, path := thread, []int64{thread}
	for {
		to := m[at].to
		if _, known := m[to]; to == 0 || !known {
			break
		}
		if ring := slices.Index(path, to); ring >= 0 {
			at = slices.MinFunc(path[ring:], func(a, b int64) int { return compareCases(m[a].id, m[b].id) })
			break
		}
		at = to
		path = append(path, to)
	}
	if at == thread {
		return 0
	}
	return at
}

func compareCases(a, b event.Case) int { return slices.Compare(a[:], b[:]) }
