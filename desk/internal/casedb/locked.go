package casedb

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"panah/core/wire"
)

// StateLocked is the state of a locked case on the desks of everybody who is not named for it: nothing readable is left there.
const StateLocked State = "locked"

// pendingPlace is the place of a lock whose notice is still on its way into the log: newer than all that is there.
const pendingPlace = int64(1) << 62

// erasedPlace is the place of a lock that no notice takes: the case was erased before this desk had read any of it.
const erasedPlace = pendingPlace + 1

// A CaseID names a locked case. It is random.
type CaseID [16]byte

// String is the case as notices write it.
func (c CaseID) String() string { return base64.RawURLEncoding.EncodeToString(c[:]) }

// ParseCaseID reads what String wrote.
func ParseCaseID(s string) (c CaseID, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(c) {
		return CaseID{}, errors.New("reading a notice: not a case")
	}
	return CaseID(b), nil
}

// A Device is the hash of a desk's public key, as in the roster.
type Device = [32]byte

// A CaseKey is a locked case's key on its way to one who is named for it, with what opens the case's entries: docs/formats-keys.md, section 8. It prints as "[case key]".
type CaseKey struct {
	Case      CaseID
	Identity  string // AGE-SECRET-KEY-PQ-1…
	Mailboxes []wire.MailboxID
	Entries   []KeyedEntry // at most 1,000: a longer case takes several
}

// String hides the key.
func (CaseKey) String() string { return "[case key]" }

// GoString hides the key.
func (CaseKey) GoString() string { return "[case key]" }

// A LockedCase is a locked case that this desk is named for. It prints as "[locked case]".
type LockedCase struct {
	Thread      int64
	Case        CaseID
	Recipient   string // age1pq1… that later letters are sealed to
	Specialists []Device
	Keys        []CaseKey // to be wrapped for each of the others: every key that the case has had, and for each as many as its entries take
}

// String hides the keys.
func (LockedCase) String() string { return "[locked case]" }

// GoString hides the keys.
func (LockedCase) GoString() string { return "[locked case]" }

// A Lock is a decision about who may read a case.
type Lock struct {
	Thread      int64
	Specialists []Device // all of them, at least one
	Recipient   string   // age1pq1… of Identity
	Identity    string   // the case's new key; "" to go on with the one it has
	Me          Device
}

// Iam tells the database whose it is: which locked cases it may keep readable.
func (d *DB) Iam(ctx context.Context, me Device) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return setMeta(tx, "device", me[:]) })
}

// LockCase locks a case, or changes who may read a locked one. The other desks are told; its wraps for everybody are deleted; the key goes to those who are
// named and to the custodians. On a desk that is not named itself nothing readable is left when LockCase returns. Errors wrap ErrNotFound or ErrState: only a desk that reads the case may lock it, and
// one that is not named only when all its answers have gone out.
func (d *DB) LockCase(ctx context.Context, l Lock) error {
	return d.inTx(ctx, func(tx *sql.Tx) error { return lockCase(tx, l) })
}

func lockCase(tx *sql.Tx, l Lock) error {
	if err := caseOpen(tx, l.Thread); err != nil {
		return err
	}
	if office, err := isOffice(tx, l.Thread); err != nil || office {
		return errors.Join(ErrState, err)
	}
	c, known, err := caseOf(tx, l.Thread)
	if err != nil {
		return err
	}
	named := slices.Contains(l.Specialists, l.Me)
	if len(l.Specialists) == 0 || !known && l.Identity == "" || known && c.held == 0 {
		return ErrState
	}
	if !known {
		c.id = newCaseID()
	}
	if _, err := tx.Exec("UPDATE case_key SET custodian = 0 WHERE case_id = ?", c.id[:]); err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	if l.Identity != "" {
		c.recipient = l.Recipient
		if err := addCaseKey(tx, c.id, l.Recipient, l.Identity); err != nil {
			return err
		}
	}
	mailboxes, err := mailboxesOf(tx, l.Thread)
	if err != nil {
		return err
	}
	keys, err := caseKeys(tx, l.Thread, c.id, mailboxes)
	if err != nil {
		return err
	}
	if !named {
		if err := noAnswersLeft(tx, l.Thread); err != nil {
			return err
		}
	}
	n := Notice{Do: doLock, Case: c.id.String(), Recipient: c.recipient}
	for _, m := range mailboxes {
		n.Mailboxes = append(n.Mailboxes, m.Reveal())
	}
	for _, s := range l.Specialists {
		n.Specialists = append(n.Specialists, base64.StdEncoding.EncodeToString(s[:]))
	}
	if err := newLocker(tx, l.Me).applyLock(c.id, n, mailboxes, pendingPlace, l.Thread); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE locked SET by = ? WHERE case_id = ?", l.Me[:], c.id[:]); err != nil {
		return fmt.Errorf("recording who locked: %w", err)
	}
	thread := l.Thread
	if _, err := enqueueNotice(tx, thread, n); err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(l.Specialists), func(s Device) bool { return s == l.Me })
	return enqueueCaseKeys(tx, thread, append(others, Device{}), keys)
}

// noAnswersLeft reports ErrState while answers wait to go out: a desk that destroys its copy cannot send them any more.
func noAnswersLeft(tx *sql.Tx, thread int64) error {
	var waits bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM outbox WHERE thread = ?)", thread).Scan(&waits); err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	if waits {
		return fmt.Errorf("%w: an answer has not gone out yet", ErrState)
	}
	return nil
}

// lockState is a row of locked.
type lockState struct {
	id        CaseID
	recipient string
	held      int // keys of it that are here
}

func caseOf(tx *sql.Tx, thread int64) (c lockState, known bool, err error) {
	var id []byte
	err = tx.QueryRow("SELECT case_id, recipient, (SELECT count(*) FROM case_key k WHERE k.case_id = l.case_id) FROM locked l WHERE thread = ?", thread).
		Scan(&id, &c.recipient, &c.held)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("looking for a locked case: %w", err)
	}
	c.id = CaseID(id)
	return c, true, nil
}

// LockedCases lists the locked cases that this desk has the key of, with keys for others unless those were wrapped in that epoch already.
func (d *DB) LockedCases(ctx context.Context, epoch int) (list []LockedCase, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		threads, err := indices(tx, `SELECT l.thread FROM locked l JOIN thread t ON t.id = l.thread WHERE t.locked = 1 AND l.wrapped_epoch < ?
			AND EXISTS (SELECT 1 FROM case_key k WHERE k.case_id = l.case_id) ORDER BY l.thread`, epoch)
		if err != nil {
			return err
		}
		for _, thread := range threads {
			c := LockedCase{Thread: thread}
			var specialists string
			var id []byte
			if err := tx.QueryRow("SELECT case_id, recipient, specialists FROM locked WHERE thread = ?", thread).Scan(&id, &c.Recipient, &specialists); err != nil {
				return err
			}
			c.Case, c.Specialists = CaseID(id), parseSpecialists(specialists)
			mailboxes, err := mailboxesOf(tx, thread)
			if err != nil {
				return err
			}
			if c.Keys, err = caseKeys(tx, thread, c.Case, mailboxes); err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing locked cases: %w", err)
	}
	return list, nil
}

// WantsCaseKey reports whether this desk is named for a locked case whose newest key it has not got, and the place in the log from which on there may be letters of such
// cases that it passed over for want of the key.
func (d *DB) WantsCaseKey(ctx context.Context) (wants bool, since int64, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		me, err := device(tx)
		if err != nil {
			return err
		}
		return tx.QueryRow(`SELECT count(*) > 0, coalesce(min(idx), 0) FROM locked l WHERE instr(specialists, ?) > 0
			AND NOT EXISTS (SELECT 1 FROM case_key k WHERE k.case_id = l.case_id AND k.recipient = l.recipient)`, base64.StdEncoding.EncodeToString(me[:])).Scan(&wants, &since)
	})
	if err != nil {
		return false, 0, fmt.Errorf("looking for keys of locked cases: %w", err)
	}
	return wants, since, nil
}

// SpecialistsLeft lists locked cases that this desk has the key of and whose named desks are not all among members any more; each with those that are still
// there. This desk itself counts as there once nobody else does: a case must not stay without anybody.
func (d *DB) SpecialistsLeft(ctx context.Context, members map[Device]bool, me Device) (list []Lock, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.Query(`SELECT l.thread, l.specialists FROM locked l JOIN thread t ON t.id = l.thread WHERE t.state = 'open' AND t.locked = 1
			AND EXISTS (SELECT 1 FROM case_key k WHERE k.case_id = l.case_id AND k.recipient = l.recipient)`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l Lock
			var specialists string
			if err := rows.Scan(&l.Thread, &specialists); err != nil {
				return err
			}
			all := parseSpecialists(specialists)
			for _, s := range all {
				if members[s] {
					l.Specialists = append(l.Specialists, s)
				}
			}
			alone := len(l.Specialists) == 0 && len(all) == 1 && all[0] == me
			if len(l.Specialists) < len(all) && !alone {
				list = append(list, l)
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("looking for specialists who left: %w", err)
	}
	return list, nil
}

// SpecialistsOf returns who is named for a locked case. The error wraps ErrNotFound when the thread is not locked.
func (d *DB) SpecialistsOf(ctx context.Context, thread int64) (list []Device, err error) {
	var specialists string
	err = d.sql.QueryRowContext(ctx, "SELECT specialists FROM locked WHERE thread = ?", thread).Scan(&specialists)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a case's specialists: %w", err)
	}
	return parseSpecialists(specialists), nil
}

func parseSpecialists(s string) []Device {
	var list [][]byte
	if json.Unmarshal([]byte(s), &list) != nil {
		return nil
	}
	var out []Device
	for _, b := range list {
		if len(b) == len(Device{}) {
			out = append(out, Device(b))
		}
	}
	return out
}

func device(tx *sql.Tx) (me Device, err error) {
	var b []byte
	err = tx.QueryRow("SELECT v FROM meta WHERE k = 'device'").Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return me, nil
	}
	if err != nil {
		return me, fmt.Errorf("looking up whose this database is: %w", err)
	}
	copy(me[:], b)
	return me, nil
}

// graceUnopened is how long a letter that nothing opens may be a specialist's before people hear of it, on a desk that knows of locked cases.
const graceUnopened = 3 * 24 * time.Hour

// relock tells the other desks that a locked case has one more mailbox, before any letter can come to it. A thread that is not locked needs nothing.
func relock(tx *sql.Tx, thread int64, more wire.MailboxID) error {
	c, known, err := caseOf(tx, thread)
	if err != nil || !known {
		return err
	}
	me, err := device(tx)
	if err != nil {
		return err
	}
	var specialists string
	if err := tx.QueryRow("SELECT specialists FROM locked WHERE thread = ?", thread).Scan(&specialists); err != nil {
		return fmt.Errorf("locking a mailbox: %w", err)
	}
	mailboxes, err := mailboxesOf(tx, thread)
	if err != nil {
		return err
	}
	mailboxes = append(mailboxes, more)
	n := Notice{Do: doLock, Case: c.id.String(), Recipient: c.recipient}
	for _, m := range mailboxes {
		n.Mailboxes = append(n.Mailboxes, m.Reveal())
	}
	for _, s := range parseSpecialists(specialists) {
		n.Specialists = append(n.Specialists, base64.StdEncoding.EncodeToString(s[:]))
	}
	if err := newLocker(tx, me).applyLock(c.id, n, mailboxes, pendingPlace, thread); err != nil {
		return err
	}
	_, err = enqueueNotice(tx, thread, n)
	return err
}

// lockedOf fills in what is shown of a locked case.
func lockedOf(tx *sql.Tx, t *Thread) error {
	var specialists string
	var last int64
	var by []byte
	err := tx.QueryRow("SELECT specialists, came, last, by FROM locked WHERE thread = ?", t.ID).Scan(&specialists, &t.Came, &last, &by)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a locked case: %w", err)
	}
	t.LastCame, t.LockedBy = fromUnix(last), deskName(by)
	for _, s := range parseSpecialists(specialists) {
		t.Specialists = append(t.Specialists, hex.EncodeToString(s[:8]))
	}
	return nil
}

// deskName is how the office names a desk: hex of the first eight bytes of its hash; "" for none.
func deskName(hash []byte) string {
	if len(hash) < 8 {
		return ""
	}
	return hex.EncodeToString(hash[:8])
}
