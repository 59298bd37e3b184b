package casedb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Finding is an alarm about to be raised. Two findings of one kind with the same arguments are one alarm.
type Finding struct {
	Kind     AlarmKind
	Args     map[string]int64
	Evidence []string
}

// maxEvidence bounds what one alarm keeps: enough for two checkpoints of 4 KiB and more.
const maxEvidence = 16 << 10

// Raise records a finding, or that it was found again.
func (d *DB) Raise(ctx context.Context, f Finding, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return raise(tx, f, now) })
}

func raise(tx *sql.Tx, f Finding, now time.Time) error {
	args, err := json.Marshal(f.Args)
	if err != nil {
		return fmt.Errorf("raising an alarm: %w", err)
	}
	key := f.key()
	evidence := strings.Join(f.Evidence, "\x00")
	evidence = evidence[:min(len(evidence), maxEvidence)]
	_, err = tx.Exec(`INSERT INTO alarm (kind, key, args, evidence, first, last, count) VALUES (?,?,?,?,?,?,1)
		ON CONFLICT (kind, key) WHERE resolved = 0 DO UPDATE SET last = excluded.last, args = excluded.args, count = count + 1`,
		string(f.Kind), key, string(args), evidence, now.Unix(), now.Unix())
	if err != nil {
		return fmt.Errorf("raising an alarm: %w", err)
	}
	return nil
}

// key tells findings apart. What the gate could vary at will must not make a new alarm of every answer.
func (f Finding) key() string {
	switch f.Kind {
	case AlarmReply: // anybody can seal a copy to the organisation and number it at will
		return fmt.Sprintf("thread=%d ", f.Args["thread"])
	case AlarmPromise:
		return fmt.Sprintf("promise=%d ", f.Args["promise"])
	case AlarmWatched:
		return fmt.Sprintf("watched=%d ", f.Args["watched"])
	case AlarmReceipt, AlarmTest, AlarmSilent, AlarmWitness:
		return ""
	case AlarmClaimed:
		return fmt.Sprintf("other=%d ", f.Args["other"])
	case AlarmEntry, AlarmTwice, AlarmUnopened, AlarmClock, AlarmDevice, AlarmRoster, AlarmSignature, AlarmRollback, AlarmGap, AlarmRoot, AlarmFork, AlarmNotice, AlarmUnsigned, AlarmEvent, AlarmWrap, AlarmWithheld, AlarmProof,
		AlarmRosterBack, AlarmRosterFork, AlarmGrant, AlarmCard, AlarmCardBack, AlarmRecovery, AlarmDuty, AlarmBook, AlarmBookGate:
		return ""
	}
	names := make([]string, 0, len(f.Args))
	for name := range f.Args {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s=%d ", name, f.Args[name])
	}
	return b.String()
}

// Alarms returns the standing alarms, newest first; with all also the resolved ones, at most 500.
func (d *DB) Alarms(ctx context.Context, all bool) ([]Alarm, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT id, kind, args, evidence, first, last, count, resolved, note FROM alarm
		WHERE resolved = 0 OR ? ORDER BY resolved = 0 DESC, last DESC, id DESC LIMIT 500`, all)
	if err != nil {
		return nil, fmt.Errorf("reading alarms: %w", err)
	}
	defer rows.Close()
	var alarms []Alarm
	for rows.Next() {
		var a Alarm
		var kind, args, evidence string
		var first, last, resolved int64
		if err := rows.Scan(&a.ID, &kind, &args, &evidence, &first, &last, &a.Count, &resolved, &a.Note); err != nil {
			return nil, fmt.Errorf("reading alarms: %w", err)
		}
		if err := json.Unmarshal([]byte(args), &a.Args); err != nil {
			return nil, fmt.Errorf("reading alarms: %w", err)
		}
		a.Kind, a.First, a.Last, a.Resolved = AlarmKind(kind), fromUnix(first), fromUnix(last), fromUnix(resolved)
		if evidence != "" {
			a.Evidence = strings.Split(evidence, "\x00")
		}
		alarms = append(alarms, a)
	}
	return alarms, rows.Err()
}

// Resolve closes an alarm with the note of a person. When it is one that stops the sync, the desk starts over from the
// gate's log as it is now: it re-reads and re-checks all of it, and keeps what it has.
func (d *DB) Resolve(ctx context.Context, id int64, note string, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		var kind string
		err := tx.QueryRow(`UPDATE alarm SET resolved = ?, note = ? WHERE id = ? AND resolved = 0 RETURNING kind`, now.Unix(), note, id).Scan(&kind)
		if err == sql.ErrNoRows {
			return fmt.Errorf("resolving an alarm: %w", ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("resolving an alarm: %w", err)
		}
		// A letter that was changed is worth another look too: the gate may have mended it.
		if k := AlarmKind(kind); !k.Stops() && k != AlarmEntry {
			return nil
		}
		return startOver(tx)
	})
}

// settleAlarm closes an alarm that turned out to be a matter of order.
func settleAlarm(tx *sql.Tx, f Finding, now time.Time) error {
	_, err := tx.Exec(`UPDATE alarm SET resolved = ? WHERE kind = ? AND key = ? AND resolved = 0`, now.Unix(), string(f.Kind), f.key())
	if err != nil {
		return fmt.Errorf("settling an alarm: %w", err)
	}
	return nil
}

func fromUnix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func toUnix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
