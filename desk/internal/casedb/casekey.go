package casedb

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"

	"panah/core/seal"
	"panah/core/wire"
)

// enqueueCaseKeys queues keys for each of whom; the zero device stands for the custodians.
func enqueueCaseKeys(tx *sql.Tx, thread int64, whom []Device, keys []CaseKey) error {
	for _, to := range whom {
		for _, k := range keys {
			body, err := k.Encode()
			if err != nil {
				return err
			}
			if err := enqueue(tx, outRow{kind: OutCaseKey, thread: thread, body: append(slices.Clone(to[:]), body...)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// caseJSON is a CaseKey in a key wrap.
type caseJSON struct {
	Case      string       `json:"case"`
	Identity  string       `json:"identity"`
	Letters   []letterJSON `json:"letters"`
	Mailboxes []string     `json:"mailboxes"`
}

type letterJSON struct {
	ID  string `json:"id"`
	Key []byte `json:"key"`
}

// Encode writes what a key wrap holds.
func (k CaseKey) Encode() ([]byte, error) {
	c := caseJSON{Case: k.Case.String(), Identity: k.Identity, Letters: []letterJSON{}, Mailboxes: []string{}}
	for _, e := range k.Entries {
		c.Letters = append(c.Letters, letterJSON{e.ID.String(), e.Key[:]})
	}
	for _, m := range k.Mailboxes {
		c.Mailboxes = append(c.Mailboxes, m.Reveal())
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, errors.New("writing a case's key: it does not encode")
	}
	return b, nil
}

// ParseCaseKey reads what Encode wrote. The error quotes nothing.
func ParseCaseKey(b []byte) (k CaseKey, err error) {
	bad := errors.New("reading a case's key: malformed")
	var c caseJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(&c) != nil || len(c.Letters) > wrapEntries || len(c.Mailboxes) > wrapEntries || len(c.Mailboxes) == 0 {
		return CaseKey{}, bad
	}
	if k.Case, err = ParseCaseID(c.Case); err != nil {
		return CaseKey{}, bad
	}
	if _, err := age.ParseHybridIdentity(c.Identity); err != nil {
		return CaseKey{}, bad
	}
	k.Identity = c.Identity
	for _, l := range c.Letters {
		id, err := wire.ParseLetterID(l.ID)
		if err != nil || len(l.Key) != len(seal.FileKey{}) {
			return CaseKey{}, bad
		}
		k.Entries = append(k.Entries, KeyedEntry{id, seal.FileKey(l.Key)})
	}
	for _, s := range c.Mailboxes {
		m, err := wire.ParseMailboxID(s)
		if err != nil {
			return CaseKey{}, bad
		}
		k.Mailboxes = append(k.Mailboxes, m)
	}
	return k, nil
}

func addCaseKey(tx *sql.Tx, id CaseID, recipient, identity string) error {
	_, err := tx.Exec("INSERT INTO case_key (case_id, recipient, identity) VALUES (?,?,?) ON CONFLICT DO NOTHING", id[:], recipient, identity)
	if err != nil {
		return fmt.Errorf("keeping a case's key: %w", err)
	}
	return nil
}

// caseEntries lists every keyed entry of thread ?1.
const caseEntries = `SELECT letter_id, file_key FROM (
	SELECT letter_id, file_key, idx FROM letter WHERE thread = ?1 AND file_key IS NOT NULL
	UNION ALL SELECT copy_id, file_key, copy_idx FROM reply WHERE thread = ?1 AND file_key IS NOT NULL AND tag = 'ok'
	UNION ALL SELECT letter_id, file_key, idx FROM notice WHERE thread = ?1 AND thread > 0 AND file_key IS NOT NULL AND genuine) ORDER BY idx`

// caseKeys makes what those who are named get: each key of the case, the entries with the first.
func caseKeys(tx *sql.Tx, thread int64, id CaseID, mailboxes []wire.MailboxID) ([]CaseKey, error) {
	entries, err := keyedEntries(tx, caseEntries, thread)
	if err != nil {
		return nil, fmt.Errorf("reading a case's keys: %w", err)
	}
	rows, err := tx.Query("SELECT identity FROM case_key WHERE case_id = ? ORDER BY recipient", id[:])
	if err != nil {
		return nil, fmt.Errorf("reading a case's keys: %w", err)
	}
	defer rows.Close()
	var out []CaseKey
	for rows.Next() {
		k := CaseKey{Case: id, Mailboxes: mailboxes}
		if err := rows.Scan(&k.Identity); err != nil {
			return nil, fmt.Errorf("reading a case's keys: %w", err)
		}
		for first := true; first || len(entries) > 0; first = false {
			some := entries[:min(len(entries), wrapEntries)]
			entries = entries[len(some):]
			k.Entries = some
			out = append(out, k)
		}
	}
	return out, rows.Err()
}

// CaseWrapped records that the keys of a locked case lie at the gate for an epoch, under these names.
func (d *DB) CaseWrapped(ctx context.Context, c CaseID, mailboxes []wire.MailboxID, epoch int, names [][16]byte, done bool) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for _, name := range names {
			if err := rememberWrap(tx, epoch, Wrap{Name: name, Mailboxes: mailboxes}); err != nil {
				return err
			}
		}
		if !done {
			return nil
		}
		if _, err := tx.Exec("UPDATE locked SET wrapped_epoch = ? WHERE case_id = ?", epoch, c[:]); err != nil {
			return fmt.Errorf("recording a case's wraps: %w", err)
		}
		return nil
	})
}

// CaseIdentities returns the keys of locked cases that are here, by case: "AGE-SECRET-KEY-PQ-1…".
func (d *DB) CaseIdentities(ctx context.Context) (map[CaseID][]string, error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT case_id, identity FROM case_key ORDER BY case_id, recipient")
	if err != nil {
		return nil, fmt.Errorf("reading the keys of locked cases: %w", err)
	}
	defer rows.Close()
	out := map[CaseID][]string{}
	for rows.Next() {
		var id []byte
		var identity string
		if err := rows.Scan(&id, &identity); err != nil {
			return nil, fmt.Errorf("reading the keys of locked cases: %w", err)
		}
		out[CaseID(id)] = append(out[CaseID(id)], identity)
	}
	return out, rows.Err()
}

// TakeCase keeps a key that came in a wrap for this desk, or (custodian) for the custodians, in whose name it recovers. recipient is that of the key. Keys of entries that are not readable here are used by the next round.
func (d *DB) TakeCase(ctx context.Context, k CaseKey, recipient string, custodian bool) (news bool, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		var erased bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM locked WHERE case_id = ? AND idx = ?)", k.Case[:], erasedPlace).Scan(&erased); err != nil {
			return fmt.Errorf("keeping a case's key: %w", err)
		}
		for _, m := range k.Mailboxes {
			if err := tx.QueryRow("SELECT ?2 OR EXISTS (SELECT 1 FROM mailbox m JOIN thread t ON t.id = m.thread WHERE m.id = ?1 AND t.state = 'erased')", m[:], erased).Scan(&erased); err != nil {
				return fmt.Errorf("keeping a case's key: %w", err)
			}
		}
		if erased {
			return nil
		}
		res, err := tx.Exec("INSERT INTO case_key (case_id, recipient, identity, custodian) VALUES (?,?,?,?) ON CONFLICT DO NOTHING", k.Case[:], recipient, k.Identity, custodian)
		if err != nil {
			return fmt.Errorf("keeping a case's key: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fmt.Errorf("keeping a case's key: %w", err)
		}
		news = n > 0
		for _, e := range k.Entries {
			fresh, err := addWrappedKey(tx, e)
			if err != nil {
				return fmt.Errorf("keeping a case's key: %w", err)
			}
			news = news || fresh
		}
		return nil
	})
	return news, err
}
