package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"panah/core/ledger"
	"panah/core/wire"
)

// A Test is a letter that this desk sent through the public door to see whether it arrives. It prints as "[test letter]".
type Test struct {
	ID       int64
	Letter   wire.LetterID
	Sealed   []byte          // nil once the gate has it
	Mailbox  wire.MailboxKey // thrown away with the test
	Began    time.Time       // when it was made
	Accepted time.Time       // when the gate took it; zero: not yet
	Due      time.Time       // when it must be in the log
	Promise  string          // signed by the gate
	Arrived  time.Time       // when it was read from the log; zero: not yet
	Lost     time.Time       // when the alarm was raised; zero: not
}

// String hides the mailbox.
func (Test) String() string { return "[test letter]" }

// GoString hides the mailbox.
func (Test) GoString() string { return "[test letter]" }

// ErrTestOpen says that a test letter is under way already.
var ErrTestOpen = errors.New("a test letter is under way already; wait until it has arrived")

// NewTest keeps a test letter before it is sent, so that a desk killed in between sends the same one. key is its throw-away mailbox. The error wraps ErrTestOpen when
// another is under way.
func (d *DB) NewTest(ctx context.Context, sealed []byte, key wire.MailboxKey, now time.Time) error {
	id := wire.IDOf(sealed)
	return d.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`INSERT INTO test (letter_id, sealed, mailbox, began) SELECT ?, ?, ?, ? WHERE NOT EXISTS
			(SELECT 1 FROM test WHERE arrived = 0 AND lost = 0)`, id[:], sealed, append(key.ID[:], key.Auth[:]...), now.Unix())
		if err == nil {
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				return errors.Join(ErrTestOpen, err)
			}
		}
		if err != nil {
			return fmt.Errorf("keeping a test letter: %w", err)
		}
		return nil
	})
}

const testColumns = "id, letter_id, sealed, mailbox, began, accepted, due, signed, arrived, lost"

// OpenTests returns the tests that still need something: to be sent, to arrive, or their mailbox to be erased; at most 100.
func (d *DB) OpenTests(ctx context.Context) ([]Test, error) {
	return d.tests(ctx, "SELECT "+testColumns+" FROM test WHERE mailbox IS NOT NULL OR arrived = 0 AND lost = 0 ORDER BY id LIMIT 100")
}

// LastTest returns the newest test; ok is false when there was none.
func (d *DB) LastTest(ctx context.Context) (t Test, ok bool, err error) {
	all, err := d.tests(ctx, "SELECT "+testColumns+" FROM test ORDER BY id DESC LIMIT 1")
	if err != nil || len(all) == 0 {
		return Test{}, false, err
	}
	return all[0], true, nil
}

func (d *DB) tests(ctx context.Context, query string) ([]Test, error) {
	rows, err := d.sql.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("reading test letters: %w", err)
	}
	defer rows.Close()
	var out []Test
	for rows.Next() {
		var t Test
		var id, mailbox []byte
		var began, accepted, due, arrived, lost int64
		if err := rows.Scan(&t.ID, &id, &t.Sealed, &mailbox, &began, &accepted, &due, &t.Promise, &arrived, &lost); err != nil {
			return nil, fmt.Errorf("reading test letters: %w", err)
		}
		copy(t.Letter[:], id)
		copy(t.Mailbox.Auth[:], mailbox[copy(t.Mailbox.ID[:], mailbox):])
		t.Began, t.Accepted, t.Due, t.Arrived, t.Lost = fromUnix(began), fromUnix(accepted), fromUnix(due), fromUnix(arrived), fromUnix(lost)
		out = append(out, t)
	}
	return out, rows.Err()
}

// TestAccepted records the gate's promise for a test letter. It must be in the log by due.
func (d *DB) TestAccepted(ctx context.Context, id int64, p ledger.Promise, signed string, due, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE test SET sealed = NULL, accepted = ?, due = ?, commitment = ?, signed = ? WHERE id = ?", now.Unix(), due.Unix(), p.Commitment[:], signed, id)
		if err != nil {
			return fmt.Errorf("recording a test letter: %w", err)
		}
		return keepPromise(tx, p, signed, OriginTest)
	})
}

// TestLost raises the alarm for a test letter that did not arrive, or that the gate would not take. said is what the gate said, for people who look into it.
func (d *DB) TestLost(ctx context.Context, t Test, said string, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec("UPDATE test SET sealed = NULL, lost = ? WHERE id = ? AND lost = 0 AND arrived = 0", now.Unix(), t.ID)
		if err != nil {
			return fmt.Errorf("recording a lost test letter: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		f := Finding{Kind: AlarmTest, Args: map[string]int64{"minutes": int64(now.Sub(t.Began) / time.Minute), "sent": t.Began.Unix()}}
		f.Evidence = []string{"sent " + t.Began.UTC().Format(time.RFC3339) + ", letter " + t.Letter.String(), said}
		if t.Promise != "" {
			f.Evidence = append(f.Evidence, t.Promise)
		}
		return raise(tx, f, now)
	})
}

// DropTest forgets a test that was never sent: intake was closed, or the letter can no longer be right.
func (d *DB) DropTest(ctx context.Context, id int64) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM test WHERE id = ?", id); err != nil {
			return fmt.Errorf("dropping a test letter: %w", err)
		}
		return nil
	})
}

// TestClean records that a test's mailbox is erased at the gate, and forgets tests of long ago: the newest 50 stay for people to see.
func (d *DB) TestClean(ctx context.Context, id int64) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{"UPDATE test SET mailbox = NULL WHERE id = ?1", "DELETE FROM test WHERE id <= ?1 - 50 AND mailbox IS NULL AND (arrived > 0 OR lost > 0)"} {
			if _, err := tx.Exec(q, id); err != nil {
				return fmt.Errorf("closing a test letter: %w", err)
			}
		}
		return nil
	})
}

// testArrived treats a test letter in the log. That of this desk is destroyed at the gate, as an erasure is: the other desks find the reason in a notice.
func (in *ingest) testArrived(e *Incoming) error {
	res, err := in.tx.Exec("UPDATE test SET arrived = ? WHERE letter_id = ? AND arrived = 0", in.now.Unix(), e.ID[:])
	if err != nil {
		return fmt.Errorf("recording a test letter: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return in.eraseArrived(e, 0)
}

// TestEvery returns how often test letters go out, and when the next one does; or is what the setting is while nobody has made one. An every of 0 is never.
func (d *DB) TestEvery(ctx context.Context, or time.Duration) (every time.Duration, next time.Time, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		seconds, at := int64(or/time.Second), int64(0)
		if err := errors.Join(watchNumber(tx, "test_every", &seconds), watchNumber(tx, "test_next", &at)); err != nil {
			return err
		}
		every, next = time.Duration(seconds)*time.Second, fromUnix(at)
		return nil
	})
	return every, next, err
}

// SetTestEvery sets how often test letters go out; 0: never. The time of the next one is drawn anew.
func (d *DB) SetTestEvery(ctx context.Context, every time.Duration) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		return errors.Join(setWatch(tx, "test_every", int64(every/time.Second)), setWatch(tx, "test_next", 0))
	})
}

// SetNextTest keeps when the next test letter goes out.
func (d *DB) SetNextTest(ctx context.Context, at time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return setWatch(tx, "test_next", at.Unix()) })
}
