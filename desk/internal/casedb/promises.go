package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"panah/core/ledger"
	"panah/core/wire"
)

// watchSchema is what the checks of gates remember, in tables of their own. Nothing here names a person: a promise is a commitment and a date. It is run at
// every opening and changes nothing where the tables are.
const watchSchema = `
-- Every entry of the log, in its order, so that the question whether the log has a commitment has one answer for all kinds, erased ones too.
-- Appended to only: an index over random bytes would cost each batch of a first sync far more than the rare question costs.
CREATE TABLE IF NOT EXISTS logged (idx INTEGER PRIMARY KEY, commitment BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS promise (
	id INTEGER PRIMARY KEY,
	commitment BLOB NOT NULL UNIQUE,
	deadline INTEGER NOT NULL,
	origin TEXT NOT NULL,
	signed TEXT NOT NULL,              -- by the gate: the proof
	broken INTEGER NOT NULL DEFAULT 0  -- when the alarm was raised
);
CREATE INDEX IF NOT EXISTS promise_deadline ON promise (deadline) WHERE broken = 0;

CREATE TABLE IF NOT EXISTS test (
	id INTEGER PRIMARY KEY,
	letter_id BLOB NOT NULL UNIQUE,
	sealed BLOB,                       -- until the gate has it
	mailbox BLOB,                      -- id and auth, until it is erased
	began INTEGER NOT NULL,
	accepted INTEGER NOT NULL DEFAULT 0,
	due INTEGER NOT NULL DEFAULT 0,    -- when it must be in the log
	commitment BLOB,
	signed TEXT NOT NULL DEFAULT '',   -- the promise
	arrived INTEGER NOT NULL DEFAULT 0,
	lost INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS witness (key TEXT PRIMARY KEY, label TEXT NOT NULL, added INTEGER NOT NULL, seen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watched (
	id INTEGER PRIMARY KEY,
	url TEXT NOT NULL,
	key TEXT NOT NULL UNIQUE,
	size INTEGER NOT NULL DEFAULT 0,   -- of the tree that was cosigned last
	root BLOB,
	cosigned TEXT NOT NULL DEFAULT '', -- that checkpoint
	told INTEGER NOT NULL DEFAULT 0,   -- when the gate took the cosignature
	asked INTEGER NOT NULL DEFAULT 0,
	problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS watch (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
`

// openWatch makes the tables. A database that followed the log before it had them gets the entries that it knows.
func openWatch(tx *sql.Tx) error {
	if _, err := tx.Exec(watchSchema); err != nil {
		return fmt.Errorf("making the tables of what is watched: %w", err)
	}
	_, err := tx.Exec(`INSERT INTO logged (idx, commitment) SELECT idx, commitment FROM
		(SELECT idx, commitment FROM letter UNION ALL SELECT copy_idx, commitment FROM reply UNION ALL SELECT idx, commitment FROM notice UNION ALL SELECT idx, commitment FROM absent
		UNION ALL SELECT idx, commitment FROM before)
		WHERE idx >= 0 AND commitment IS NOT NULL AND NOT EXISTS (SELECT 1 FROM logged) ON CONFLICT DO NOTHING`)
	if err != nil {
		return fmt.Errorf("listing the entries of the log: %w", err)
	}
	return nil
}

// listRows is how many entries one statement lists: with one each, the list would cost a first sync a tenth of its time at the database.
const listRows = 200

// listEntries notes the entries of a batch.
func listEntries(tx *sql.Tx, batch []Incoming) error {
	var full *sql.Stmt // ends with the transaction
	for len(batch) > 0 {
		some := batch[:min(len(batch), listRows)]
		batch = batch[len(some):]
		query := "INSERT INTO logged (idx, commitment) VALUES " + strings.Repeat("(?,?),", len(some)-1) + "(?,?) ON CONFLICT DO UPDATE SET commitment = excluded.commitment"
		args := make([]any, 0, 2*len(some))
		for i := range some {
			args = append(args, some[i].Index, some[i].Commitment[:])
		}
		var err error
		if len(some) == listRows && full == nil {
			full, err = tx.Prepare(query)
		}
		switch {
		case err != nil:
		case len(some) == listRows:
			_, err = full.Exec(args...)
		default:
			_, err = tx.Exec(query, args...)
		}
		if err != nil {
			return fmt.Errorf("listing entries of the log: %w", err)
		}
	}
	return nil
}

// unlog forgets entries whose places in the log are forgotten.
func unlog(tx *sql.Tx, from int64) error {
	if _, err := tx.Exec("DELETE FROM logged WHERE idx >= ?", from); err != nil {
		return fmt.Errorf("forgetting places in the log: %w", err)
	}
	var audited int64
	if err := watchNumber(tx, "audited", &audited); err != nil || audited <= from {
		return err
	}
	return setWatch(tx, "audited", from)
}

// Kinds of alarms about gates: ours, and those that this desk is a witness of. The comment names what Args holds.
const (
	AlarmPromise AlarmKind = "promise-broken"   // the log does not have what the gate promised in writing; promise, count, hours
	AlarmReceipt AlarmKind = "receipt-false"    // the gate took a letter of this desk and its receipt proves nothing
	AlarmTest    AlarmKind = "test-letter-lost" // a test letter through the public door did not arrive; minutes, sent
	AlarmWitness AlarmKind = "witness-fork"     // our gate showed a witness another log than us; size
	AlarmWatched AlarmKind = "watched-fork"     // a partner's gate showed this desk two logs that cannot both be true; watched, had, has
	AlarmSilent  AlarmKind = "witness-silent"   // witnesses have not been heard of for a week; count, days
)

// Origin says where a promise comes from.
type Origin string

// The origins of promises.
const (
	OriginOwn    Origin = "own"    // a copy of a reply or a notice of this desk
	OriginPerson Origin = "person" // somebody brought it
	OriginTest   Origin = "test"   // a test letter of this desk
)

// Times of an audit. A request that a gate answers shows that its clock is within wire.RequestWindow of ours, but it signs no time: what it signs are deadlines, a day and up
// to an hour after it signed, and the hours of receipt in the log. A log in which nothing happens gets a day more.
const (
	promiseAhead = 25 * time.Hour
	quietLog     = 24 * time.Hour
)

// KeepPromise remembers a promise until the log has kept it. signed is its text, checked by the caller. The same promise again changes nothing.
func (d *DB) KeepPromise(ctx context.Context, p ledger.Promise, signed string, origin Origin) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return keepPromise(tx, p, signed, origin) })
}

func keepPromise(tx *sql.Tx, p ledger.Promise, signed string, origin Origin) error {
	if err := sawTime(tx, p.Deadline.Add(-promiseAhead)); err != nil {
		return err
	}
	size, err := verifiedSize(tx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO promise (commitment, deadline, origin, signed) SELECT ?1, ?2, ?3, ?4
		WHERE NOT EXISTS (SELECT 1 FROM logged WHERE commitment = ?1 AND idx < ?5) ON CONFLICT DO NOTHING`,
		p.Commitment[:], p.Deadline.Unix(), string(origin), signed, size)
	if err != nil {
		return fmt.Errorf("keeping a promise: %w", err)
	}
	return nil
}

func verifiedSize(tx *sql.Tx) (size int64, err error) {
	if err := tx.QueryRow("SELECT coalesce((SELECT v FROM meta WHERE k = 'verified_size'), 0)").Scan(&size); err != nil {
		return 0, fmt.Errorf("reading the log cursor: %w", err)
	}
	return size, nil
}

// sawTime remembers that the gate has signed something at t or later.
func sawTime(tx *sql.Tx, t time.Time) error {
	var had int64
	if err := watchNumber(tx, "gate_time", &had); err != nil || had >= t.Unix() {
		return err
	}
	return setWatch(tx, "gate_time", t.Unix())
}

// Audited says what an audit found.
type Audited struct {
	Broken  int  // promises that it raised the alarm for
	Waiting bool // a deadline has passed, but no sync has ended since: sync, and audit again
}

// Audit compares the promises with the verified log. A promise is broken when its deadline has passed by our clock and by what the gate signed, a sync has ended since, and
// the log does not have it. All that come to light together are one alarm, with the promises themselves as evidence.
func (d *DB) Audit(ctx context.Context, now time.Time) (a Audited, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		if err := settleKept(tx); err != nil {
			return err
		}
		var gateTime, synced int64
		if err := tx.QueryRow(`SELECT max(coalesce((SELECT v FROM watch WHERE k = 'gate_time'), 0), coalesce((SELECT max(last) FROM thread WHERE listed), 0)),
			coalesce((SELECT v FROM meta WHERE k = 'synced'), 0)`).Scan(&gateTime, &synced); err != nil {
			return fmt.Errorf("reading the times of an audit: %w", err)
		}
		due := now.Add(-2 * wire.RequestWindow)
		rows, err := duePromises(tx, min(due.Unix(), max(gateTime, due.Add(-quietLog).Unix())))
		if err != nil || len(rows) == 0 {
			return err
		}
		var broken []duePromise
		for _, p := range rows {
			if synced < p.deadline+int64(2*wire.RequestWindow/time.Second) {
				a.Waiting = true
				continue
			}
			broken = append(broken, p)
		}
		a.Broken = len(broken)
		return breakPromises(tx, broken, now)
	})
	if err != nil {
		return Audited{}, fmt.Errorf("checking promises: %w", err)
	}
	return a, nil
}

// settleKept forgets promises that the log has kept. It looks at entries that were verified since it last looked, and at no others.
func settleKept(tx *sql.Tx) error {
	size, err := verifiedSize(tx)
	if err != nil {
		return err
	}
	var audited int64
	if err := watchNumber(tx, "audited", &audited); err != nil || audited >= size {
		return err
	}
	_, err = tx.Exec(`DELETE FROM promise WHERE id IN
		(SELECT p.id FROM logged l CROSS JOIN promise p ON p.commitment = l.commitment WHERE l.idx >= ? AND l.idx < ?)`, audited, size)
	if err != nil {
		return fmt.Errorf("settling promises: %w", err)
	}
	return setWatch(tx, "audited", size)
}

type duePromise struct {
	id, deadline int64
	signed       string
}

func duePromises(tx *sql.Tx, before int64) ([]duePromise, error) {
	rows, err := tx.Query("SELECT id, deadline, signed FROM promise WHERE broken = 0 AND deadline <= ? ORDER BY deadline LIMIT 1000", before)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []duePromise
	for rows.Next() {
		var p duePromise
		if err := rows.Scan(&p.id, &p.deadline, &p.signed); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// breakPromises raises one alarm for all. What fits of the promises is evidence, behind the newest checkpoint; they all stay in the table.
func breakPromises(tx *sql.Tx, broken []duePromise, now time.Time) error {
	if len(broken) == 0 {
		return nil
	}
	var checkpoint []byte
	if err := tx.QueryRow("SELECT v FROM meta WHERE k = 'checkpoint'").Scan(&checkpoint); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	hours := int64(now.Sub(time.Unix(broken[0].deadline, 0))/time.Hour) + 1 // begun ones count
	f := Finding{
		Kind:     AlarmPromise,
		Args:     map[string]int64{"promise": broken[0].id, "count": int64(len(broken)), "hours": hours},
		Evidence: []string{string(checkpoint)},
	}
	for _, p := range broken {
		f.Evidence = append(f.Evidence, p.signed)
		if _, err := tx.Exec("UPDATE promise SET broken = ? WHERE id = ?", now.Unix(), p.id); err != nil {
			return err
		}
	}
	return raise(tx, f, now)
}

// PromiseCounts says how many promises wait for their deadline, and how many were broken.
func (d *DB) PromiseCounts(ctx context.Context) (open, broken int, err error) {
	err = d.sql.QueryRowContext(ctx, "SELECT count(*) FILTER (WHERE broken = 0), count(*) FILTER (WHERE broken > 0) FROM promise").Scan(&open, &broken)
	if err != nil {
		return 0, 0, fmt.Errorf("counting promises: %w", err)
	}
	return open, broken, nil
}

// isLogged reports whether the log has an entry with this commitment: a letter, a copy, a notice, erased or not. Letters that were erased before this desk kept such a
// list are known by their notices.
func (d *DB) isLogged(ctx context.Context, c ledger.Commitment) (bool, error) {
	var has bool
	err := d.sql.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM erased WHERE commitment = ?1) OR EXISTS (SELECT 1 FROM logged WHERE commitment = ?1)", c[:]).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("looking for a log entry: %w", err)
	}
	return has, nil
}

// watchNumber reads a number of the table watch; into keeps its value when there is none.
func watchNumber(tx *sql.Tx, k string, into *int64) error {
	err := tx.QueryRow("SELECT v FROM watch WHERE k = ?", k).Scan(into)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading %s: %w", strconv.Quote(k), err)
	}
	return nil
}

func setWatch(tx *sql.Tx, k string, v any) error {
	if _, err := tx.Exec("INSERT INTO watch (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", k, v); err != nil {
		return fmt.Errorf("storing %s: %w", strconv.Quote(k), err)
	}
	return nil
}
