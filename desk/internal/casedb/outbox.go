package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"panah/core/seal"
	"panah/core/wire"
)

// OutKind says what an item of the outbox is.
type OutKind string

// What goes out.
const (
	OutReply  OutKind = "reply"  // a reply into a mailbox
	OutCopy   OutKind = "copy"   // the same for the organisation's other desks
	OutNotice OutKind = "notice" // Body: a Notice
	OutOpen   OutKind = "open"   // Body: 16 bytes mailbox id, 32 bytes auth
	OutKill   OutKind = "kill"   // Body: 16 bytes mailbox id
	OutDelete OutKind = "delete" // Body: ids of letters, a line each
	OutUnwrap OutKind = "unwrap" // Body: for Unwraps

	OutCaseKey OutKind = "casekey" // Body: 32 bytes of the device it is for (zero: the custodians), then a CaseKey
)

// An Out is one item of the outbox. It prints as "[outgoing]".
type Out struct {
	ID     int64
	Kind   OutKind
	Thread int64
	Body   []byte
	Sealed []byte // made by an earlier try: send exactly these bytes
	Epoch  int    // that Sealed was sealed to; 0 for replies, and before version 2

	CaseTo string // age1pq1… of the locked case it is part of; "": of none

	// Replies and copies: where they go and what they say.
	Box     string // age1pq1… of the mailbox; "" when the person left none
	Mailbox wire.MailboxID
	MAC     seal.ThreadKey
	N       uint32
	At      time.Time
	Parts   []seal.Part
}

// String hides the content.
func (Out) String() string { return "[outgoing]" }

// GoString hides the content.
func (Out) GoString() string { return "[outgoing]" }

type outRow struct {
	kind          OutKind
	thread, reply int64
	body          []byte
	waits         int64
	epoch         int
}

func enqueue(tx *sql.Tx, r outRow) error {
	_, err := enqueueID(tx, r)
	return err
}

func enqueueID(tx *sql.Tx, r outRow) (id int64, err error) {
	err = tx.QueryRow("INSERT INTO outbox (kind, thread, reply, body, waits, epoch) VALUES (?,?,?,?,?,?) RETURNING id",
		string(r.kind), r.thread, r.reply, r.body, r.waits, r.epoch).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("queueing: %w", err)
	}
	return id, nil
}

// NextOut returns the first item after id that may go out, in the order they were queued. ok is false when there is none.
func (d *DB) NextOut(ctx context.Context, after int64) (o Out, ok bool, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		var kind string
		var reply int64
		err := tx.QueryRow("SELECT id, kind, thread, reply, body, sealed, epoch FROM outbox WHERE id > ? AND waits = 0 AND sent = 0 ORDER BY id LIMIT 1", after).
			Scan(&o.ID, &kind, &o.Thread, &reply, &o.Body, &o.Sealed, &o.Epoch)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		o.Kind, ok = OutKind(kind), true
		if err := tx.QueryRow("SELECT coalesce((SELECT l.recipient FROM locked l JOIN thread t ON t.id = l.thread WHERE t.id = ? AND t.locked > 0), '')", o.Thread).Scan(&o.CaseTo); err != nil {
			return err
		}
		if reply == 0 {
			return nil
		}
		return loadReply(tx, reply, &o)
	})
	if err != nil {
		return Out{}, false, fmt.Errorf("reading the outbox: %w", err)
	}
	return o, ok, nil
}

// loadReply fills in what a reply says and where it goes now: the live mailbox, should the code have been made anew.
func loadReply(tx *sql.Tx, reply int64, o *Out) error {
	var id, mac []byte
	var at, n int64
	var text string
	err := tx.QueryRow("SELECT m.id, m.box, m.mac, r.n, r.at, r.text FROM reply r JOIN mailbox m ON m.rowid = r.mailbox WHERE r.id = ?", reply).
		Scan(&id, &o.Box, &mac, &n, &at, &text)
	if err != nil {
		return err
	}
	copy(o.Mailbox[:], id)
	copy(o.MAC[:], mac)
	o.N, o.At = uint32(n), fromUnix(at)
	if text != "" {
		o.Parts = append(o.Parts, seal.Part{Type: seal.TypeText, Data: []byte(text)})
	}
	rows, err := tx.Query("SELECT type, data FROM part WHERE reply = ? ORDER BY id", reply)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p seal.Part
		if err := rows.Scan(&p.Type, &p.Data); err != nil {
			return err
		}
		o.Parts = append(o.Parts, p)
	}
	return rows.Err()
}

// ErrMoved says that an item of the outbox is not as it was: its thread was erased, joined or got a new mailbox meanwhile, or an event joined it.
var ErrMoved = errors.New("the outgoing item was withdrawn or queued anew")

// SealedOut keeps what an item was sealed to, before it is sent the first time: after a crash the same bytes go again and
// the gate answers that it has them. epoch is the one they are sealed to, 0 for replies. The error wraps ErrMoved when the item must not go out any more.
func (d *DB) SealedOut(ctx context.Context, o Out, sealed []byte, epoch int) error {
	id := wire.IDOf(sealed)
	return d.inTx(ctx, func(tx *sql.Tx) error {
		// An event may have joined a notice while it was being sealed.
		res, err := tx.Exec("UPDATE outbox SET sealed = ?, sealed_id = ?, epoch = ? WHERE id = ? AND coalesce(body, x'') = coalesce(?, x'')", sealed, id[:], epoch, o.ID, o.Body)
		if err != nil {
			return fmt.Errorf("keeping a sealed letter: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrMoved, err)
		}
		if o.Kind != OutCopy {
			return nil
		}
		_, err = tx.Exec("UPDATE reply SET copy_id = ? WHERE id = (SELECT reply FROM outbox WHERE id = ?)", id[:], o.ID)
		if err != nil {
			return fmt.Errorf("keeping a sealed letter: %w", err)
		}
		return nil
	})
}

// Delivered marks an item as done at the gate. A notice stays until it comes back in the log, because erasures wait for that.
func (d *DB) Delivered(ctx context.Context, o Out) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		q := "DELETE FROM outbox WHERE id = ?"
		switch o.Kind {
		case OutNotice:
			q = "UPDATE outbox SET sent = 1 WHERE id = ?"
		case OutReply:
			if _, err := tx.Exec("UPDATE reply SET delivered = 1 WHERE id = (SELECT reply FROM outbox WHERE id = ?)", o.ID); err != nil {
				return fmt.Errorf("marking a reply: %w", err)
			}
		}
		if _, err := tx.Exec(q, o.ID); err != nil {
			return fmt.Errorf("marking what went out: %w", err)
		}
		return nil
	})
}

// Refused marks a reply whose mailbox is gone, and raises the alarm.
func (d *DB) Refused(ctx context.Context, o Out, now time.Time) error {
	return d.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE reply SET delivered = 2 WHERE id = (SELECT reply FROM outbox WHERE id = ?)", o.ID); err != nil {
			return fmt.Errorf("marking a refused reply: %w", err)
		}
		res, err := tx.Exec("DELETE FROM outbox WHERE id = ?", o.ID)
		if err != nil {
			return fmt.Errorf("marking a refused reply: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 { // it goes to another mailbox now
			return err
		}
		return raise(tx, Finding{Kind: AlarmRefused, Args: map[string]int64{"thread": o.Thread, "n": int64(o.N)}}, now)
	})
}

// Outgoing counts what is not done yet, also notices that are on their way into the log.
func (d *DB) Outgoing(ctx context.Context) (n int, err error) {
	if err := d.sql.QueryRowContext(ctx, "SELECT count(*) FROM outbox").Scan(&n); err != nil {
		return 0, fmt.Errorf("counting what goes out: %w", err)
	}
	return n, nil
}
