package casedb

import (
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"panah/core/roster"
	"panah/core/wire"
)

// What a desk does when it reads of locked cases in the log: docs/formats-keys.md, section 8.

func newCaseID() (c CaseID) {
	rand.Read(c[:])
	return c
}

// A locker applies locks within a transaction.
type locker struct {
	tx *sql.Tx
	me Device
}

func newLocker(tx *sql.Tx, me Device) locker { return locker{tx, me} }

// applyLock makes a lock the state of its case, unless a newer one is. at is the notice's place in the log; thread the case on this desk when it is known.
func (l locker) applyLock(id CaseID, n Notice, mailboxes []wire.MailboxID, at, thread int64) error {
	var known int64
	err := l.tx.QueryRow("SELECT idx FROM locked WHERE case_id = ?", id[:]).Scan(&known)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("locking a case: %w", err)
	}
	if err == nil && known > at {
		return nil
	}
	if n.Specialists == nil {
		n.Specialists = []string{}
	}
	specialists, err := json.Marshal(n.Specialists)
	if err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	_, err = l.tx.Exec(`INSERT INTO locked (case_id, thread, recipient, specialists, idx) VALUES (?,?,?,?,?) ON CONFLICT (case_id) DO UPDATE SET
		recipient = excluded.recipient, specialists = excluded.specialists, idx = excluded.idx, wrapped_epoch = 0, by = NULL`, id[:], thread, n.Recipient, string(specialists), at)
	if err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	for _, m := range mailboxes {
		if _, err := l.tx.Exec("INSERT INTO locked_mailbox (mailbox, case_id) VALUES (?,?) ON CONFLICT (mailbox) DO UPDATE SET case_id = excluded.case_id", m[:], id[:]); err != nil {
			return fmt.Errorf("locking a case: %w", err)
		}
	}
	named, err := l.reads(id, n.Specialists)
	if err != nil {
		return err
	}
	if !named {
		if _, err := l.tx.Exec("DELETE FROM case_key WHERE case_id = ?", id[:]); err != nil {
			return fmt.Errorf("locking a case: %w", err)
		}
	}
	if thread == 0 {
		return nil
	}
	return l.attach(thread, id, named)
}

func (l locker) named(specialists []string) bool {
	if l.me == (Device{}) {
		return false
	}
	me := base64.StdEncoding.EncodeToString(l.me[:])
	for _, s := range specialists {
		if s == me {
			return true
		}
	}
	return false
}

// reads reports whether this desk may read a case: it is named, or got the key from the custodians.
func (l locker) reads(id CaseID, specialists []string) (may bool, err error) {
	if l.named(specialists) {
		return true, nil
	}
	if err := l.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM case_key WHERE case_id = ? AND custodian)", id[:]).Scan(&may); err != nil {
		return false, fmt.Errorf("looking for a case's key: %w", err)
	}
	return may, nil
}

// attach makes a thread the one of a locked case: kept when this desk is named, destroyed otherwise. Its wraps, which everybody opens, go.
func (l locker) attach(thread int64, id CaseID, named bool) error {
	mailboxes, err := mailboxesOf(l.tx, thread)
	if err != nil {
		return err
	}
	if err := forgetWrapped(l.tx, thread); err != nil {
		return err
	}
	if err := unwrap(l.tx, thread, mailboxes); err != nil {
		return err
	}
	for _, q := range []string{
		"DELETE FROM locked WHERE thread = ?1 AND case_id <> ?2", // two desks locked it at once: the later notice counts
		"UPDATE locked SET thread = ?1 WHERE case_id = ?2",
	} {
		if _, err := l.tx.Exec(q, thread, id[:]); err != nil {
			return fmt.Errorf("locking a case: %w", err)
		}
	}
	if !named {
		return l.stub(thread)
	}
	var stub bool
	if err := l.tx.QueryRow("SELECT locked = 2 FROM thread WHERE id = ?", thread).Scan(&stub); err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	if !stub {
		if _, err := l.tx.Exec("UPDATE thread SET locked = 1 WHERE id = ?", thread); err != nil {
			return fmt.Errorf("locking a case: %w", err)
		}
		return project(l.tx, thread)
	}
	// This desk was not named before and is now: what it destroyed comes back from the log, in a thread of its own.
	for _, q := range []string{
		"DELETE FROM mailbox WHERE thread = ?1", "DELETE FROM thread WHERE id = ?1", "UPDATE locked SET thread = 0 WHERE thread = ?1",
		"UPDATE notice SET thread = 0 WHERE thread = ?1 AND lock = 0", "UPDATE outbox SET thread = 0 WHERE thread = ?1",
	} {
		if _, err := l.tx.Exec(q, thread); err != nil {
			return fmt.Errorf("opening a locked case: %w", err)
		}
	}
	return nil
}

// forgetWrapped drops the marks that a thread's entries stand in wraps.
func forgetWrapped(tx *sql.Tx, thread int64) error {
	_, err := tx.Exec(`DELETE FROM wrapped WHERE letter_id IN (SELECT letter_id FROM letter WHERE thread = ?1 UNION ALL SELECT copy_id FROM reply WHERE thread = ?1 AND copy_id IS NOT NULL
		UNION ALL SELECT letter_id FROM notice WHERE thread = ?1)`, thread)
	if err != nil {
		return fmt.Errorf("locking a case: %w", err)
	}
	return nil
}

// stub destroys this desk's readable copy of a case. What stays: its mailboxes, and the places of its entries in the log, for the day this desk is named.
func (l locker) stub(thread int64) error {
	if err := forgetEvents(l.tx, thread); err != nil {
		return err
	}
	for _, q := range []string{
		`INSERT INTO before (idx, letter_id, commitment, locked) SELECT idx, letter_id, commitment, 1 FROM letter WHERE thread = ?1 AND idx >= 0
			UNION ALL SELECT copy_idx, copy_id, commitment, 1 FROM reply WHERE thread = ?1 AND copy_idx >= 0
			UNION ALL SELECT idx, letter_id, commitment, 1 FROM notice WHERE thread = ?1 AND idx >= 0 AND genuine AND lock = 0 ON CONFLICT DO NOTHING`,
		"DELETE FROM part WHERE thread = ?1", "DELETE FROM letter WHERE thread = ?1", "DELETE FROM reply WHERE thread = ?1",
		// What people here said and nobody has heard yet goes to those who are named, sealed to them.
		"DELETE FROM outbox WHERE thread = ?1 AND kind <> 'unwrap' AND NOT (kind = 'notice' AND sent = 0 AND CAST(substr(body, 1, length('" + eventsPrefix + "')) AS TEXT) = '" + eventsPrefix + "')",
		"UPDATE outbox SET sealed = NULL, sealed_id = NULL WHERE thread = ?1 AND kind = 'notice'",
		"DELETE FROM notice WHERE thread = ?1 AND lock = 0",
		"UPDATE mailbox SET box = '', mac = NULL WHERE thread = ?1",
		`UPDATE thread SET state = 'locked', locked = 2, listed = 0, urgency = 3, unread = 0, waiting = 0, beginning = '', situations = '', lang = '', who = '',
			district = '', sealed = '', letters = 0, forged = 0, reissued = 0, reissued_here = 0 WHERE id = ?1`,
	} {
		if _, err := l.tx.Exec(q, thread); err != nil {
			return fmt.Errorf("locking a case: %w", err)
		}
	}
	return nil
}

// lock follows a notice of another desk about who may read a case.
func (in *ingest) lock(e *Incoming, n Notice) error {
	in.anyLocked = true
	id, err := ParseCaseID(n.Case)
	if err != nil {
		return err
	}
	var mailboxes []wire.MailboxID
	var thread int64
	for _, s := range n.Mailboxes {
		m, err := wire.ParseMailboxID(s)
		if err != nil {
			return err
		}
		mailboxes = append(mailboxes, m)
		p, err := in.threadOf(s)
		if err != nil {
			return err
		}
		if p.state == StateErased {
			return in.eraseArrived(e, p.thread)
		}
		if p.thread != 0 {
			thread = p.thread
		}
	}
	if thread != 0 {
		in.changed[thread] = true
	}
	if err := in.lockNotice(e, thread); err != nil {
		return err
	}
	if err := newLocker(in.tx, in.me).applyLock(id, n, mailboxes, e.Index, thread); err != nil {
		return err
	}
	if n.By != nil {
		by := roster.HashDevice(n.By)
		if _, err := in.tx.Exec("UPDATE locked SET by = ? WHERE case_id = ? AND idx = ?", by[:], id[:], e.Index); err != nil {
			return fmt.Errorf("recording who locked: %w", err)
		}
	}
	return in.refreshStubs()
}

// lockNotice marks a notice as one that every desk may read, also of a case that it may not.
func (in *ingest) lockNotice(e *Incoming, thread int64) error {
	_, err := in.tx.Exec("UPDATE notice SET lock = 1, thread = ? WHERE letter_id = ?", thread, e.ID[:])
	return err
}

// ownLock learns that a lock of our own has its place in the log.
func (in *ingest) ownLock(e *Incoming, n Notice) error {
	id, err := ParseCaseID(n.Case)
	if err != nil {
		return err
	}
	var thread int64
	err = in.tx.QueryRow("UPDATE locked SET idx = ? WHERE case_id = ? AND idx = ? RETURNING thread", e.Index, id[:], pendingPlace).Scan(&thread)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return in.lockNotice(e, thread)
}

// forgetCase destroys the key of an erased case of which this desk has no thread, and remembers that it was erased: no later notice or wrap brings it back.
func (in *ingest) forgetCase(mailbox wire.MailboxID) error {
	var id []byte
	err := in.tx.QueryRow("SELECT case_id FROM locked_mailbox WHERE mailbox = ?", mailbox[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("forgetting a locked case: %w", err)
	}
	for _, q := range []string{
		"DELETE FROM case_key WHERE case_id = ?1", "DELETE FROM ours WHERE case_id = ?1",
		"UPDATE locked SET recipient = '', specialists = '[]', idx = ?2 WHERE case_id = ?1",
	} {
		if err := execNumbered(in.tx, q, id, erasedPlace); err != nil {
			return fmt.Errorf("forgetting a locked case: %w", err)
		}
	}
	return nil
}

func (in *ingest) refreshStubs() error {
	return in.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM locked)").Scan(&in.anyStub)
}

// caseFor finds the locked case of a mailbox that leads to no thread here. ok is false when it is none of a locked case.
func (in *ingest) caseFor(m wire.MailboxID) (id CaseID, named, ok bool, err error) {
	if !in.anyLocked {
		return id, false, false, nil
	}
	var b []byte
	var specialists string
	err = in.tx.QueryRow("SELECT l.case_id, l.specialists FROM locked_mailbox m JOIN locked l ON l.case_id = m.case_id WHERE m.mailbox = ?", m[:]).Scan(&b, &specialists)
	if errors.Is(err, sql.ErrNoRows) {
		return id, false, false, nil
	}
	if err != nil {
		return id, false, false, err
	}
	var list []string
	if err := json.Unmarshal([]byte(specialists), &list); err != nil {
		return id, false, false, err
	}
	named, err = newLocker(in.tx, in.me).reads(CaseID(b), list)
	return CaseID(b), named, true, err
}

// closedTo keeps an entry of a locked case that this desk may not read: only that it came, and where it is in the log.
func (in *ingest) closedTo(e *Incoming) error {
	if _, err := in.tx.Exec("INSERT INTO before (idx, letter_id, commitment, locked) VALUES (?,?,?,1) ON CONFLICT DO UPDATE SET locked = 1", e.Index, e.ID[:], e.Commitment[:]); err != nil {
		return fmt.Errorf("noting a letter of a locked case: %w", err)
	}
	return nil
}

// closedLetter is closedTo for a person's letter: that it came is shown.
func (in *ingest) closedLetter(e *Incoming, id CaseID) error {
	if _, err := in.tx.Exec("UPDATE locked SET came = came + 1, last = max(last, ?) WHERE case_id = ?", e.Hour.Unix(), id[:]); err != nil {
		return fmt.Errorf("noting a letter of a locked case: %w", err)
	}
	return in.closedTo(e)
}

// announce remembers to tell the other desks that a letter sealed to a case's own key is one of ours, unless one has.
func (in *ingest) announce(e *Incoming) error {
	if e.Case == (CaseID{}) || e.Locked {
		return nil
	}
	res, err := in.tx.Exec("INSERT INTO ours (letter_id, case_id) VALUES (?,?) ON CONFLICT DO NOTHING", e.ID[:], e.Case[:])
	if err != nil {
		return fmt.Errorf("remembering a letter of a locked case: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if in.ours == nil {
		in.ours = map[CaseID][]string{}
	}
	in.ours[e.Case] = append(in.ours[e.Case], e.ID.String())
	return nil
}

// announceOurs queues the notices.
func (in *ingest) announceOurs() error {
	for id, letters := range in.ours {
		for len(letters) > 0 {
			some := letters[:min(len(letters), entriesPerNotice)]
			letters = letters[len(some):]
			var thread int64
			if err := in.tx.QueryRow("SELECT coalesce((SELECT thread FROM locked WHERE case_id = ?), 0)", id[:]).Scan(&thread); err != nil {
				return err
			}
			if _, err := enqueueNotice(in.tx, thread, Notice{Do: doOurs, Case: id.String(), Letters: some}); err != nil {
				return err
			}
		}
	}
	return nil
}

// theirs follows a specialist's notice that letters are of a locked case: on this desk they are not unopened any more.
func (in *ingest) theirs(n Notice) error {
	id, err := ParseCaseID(n.Case)
	if err != nil {
		return err
	}
	for _, s := range n.Letters {
		letter, err := wire.ParseLetterID(s)
		if err != nil {
			return err
		}
		if _, err := in.tx.Exec("INSERT INTO ours (letter_id, case_id) VALUES (?,?) ON CONFLICT DO NOTHING", letter[:], id[:]); err != nil {
			return err
		}
		if err := in.unopenedOfCase(letter, id); err != nil {
			return err
		}
	}
	return in.settleUnopened()
}

func (in *ingest) unopenedOfCase(letter wire.LetterID, id CaseID) error {
	var e Incoming
	var commitment []byte
	var hour int64
	err := in.tx.QueryRow("SELECT idx, commitment, hour FROM letter WHERE letter_id = ? AND problem = 'key'", letter[:]).Scan(&e.Index, &commitment, &hour)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	e.ID, e.Hour = letter, fromUnix(hour)
	copy(e.Commitment[:], commitment)
	if err := in.forgetUnopened(letter); err != nil {
		return err
	}
	return in.closedLetter(&e, id)
}

// closedNotice is closedTo for a notice that was stored already.
func (in *ingest) closedNotice(e *Incoming) error {
	if _, err := in.tx.Exec("DELETE FROM notice WHERE letter_id = ?", e.ID[:]); err != nil {
		return err
	}
	return in.closedTo(e)
}
