package casedb

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
)

// Values of Notice.Do.
const (
	doReissue = "reissue"
	doJoin    = "join"
	doErase   = "erase"
	doRemove  = "remove" // some letters and notices of a thread go, the thread stays
	doLock    = "lock"
	doOurs    = "ours"
	doEvents  = "events"
	doTest    = "test"

	// Letters for recoveries to open (desk/internal/custody): nothing is to be done.
	doRehearsal = "rehearsal"
	doProof     = "proof"
)

// A Notice is what one desk tells the organisation's others through the log: docs/formats.md, section 2.
type Notice struct {
	Do          string   `json:"do"`
	Old         string   `json:"old,omitempty"`
	Mailbox     string   `json:"mailbox,omitempty"`
	Box         string   `json:"box,omitempty"`
	MAC         []byte   `json:"mac,omitempty"`
	Mailboxes   []string `json:"mailboxes,omitempty"`
	ByPerson    bool     `json:"by_person,omitempty"`
	Letters     []string `json:"letters,omitempty"`
	Commitments [][]byte `json:"commitments,omitempty"`
	Case        string   `json:"case,omitempty"`
	Specialists []string `json:"specialists,omitempty"`
	Recipient   string   `json:"recipient,omitempty"`
	Events      []string `json:"events,omitempty"`
	By          []byte   `json:"by,omitempty"`  // of notices that order something: the desk's public key
	Sig         []byte   `json:"sig,omitempty"` // noticesign.go
}

// ParseNotice reads the body of a notice. The error says that it is malformed, or of a newer version.
func ParseNotice(b []byte) (Notice, error) {
	var n Notice
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return Notice{}, errors.New("reading a notice: malformed")
	}
	bad := errors.New("reading a notice: not one this version knows")
	ids := n.Mailboxes
	if (n.Do == doEvents) != (len(n.Events) > 0) || n.checkSigned(b) != nil {
		return Notice{}, bad
	}
	switch n.Do {
	case doReissue:
		if len(n.MAC) != len(seal.ThreadKey{}) || n.Box == "" {
			return Notice{}, bad
		}
		ids = []string{n.Old, n.Mailbox}
	case doJoin:
		ids = []string{n.Old, n.Mailbox}
	case doTest, doRehearsal, doProof:
	case doEvents:
		if len(b) > maxEventsBody || len(n.Events) > maxEvents || len(ids) != 1 {
			return Notice{}, bad
		}
	case doErase, doRemove:
		if len(n.Letters) != len(n.Commitments) || n.Do == doRemove && (len(n.Letters) == 0 || len(n.Mailboxes) == 0) {
			return Notice{}, bad
		}
	case doLock, doOurs:
		if n.checkLocked() != nil {
			return Notice{}, bad
		}
	default:
		return Notice{}, bad
	}
	for _, id := range ids {
		if _, err := wire.ParseMailboxID(id); err != nil {
			return Notice{}, bad
		}
	}
	for i := range n.Letters {
		if _, err := wire.ParseLetterID(n.Letters[i]); err != nil || (n.Do == doErase || n.Do == doRemove) && len(n.Commitments[i]) != len(ledger.Commitment{}) {
			return Notice{}, bad
		}
	}
	return n, nil
}

// maxSpecialists bounds who is named for one case.
const maxSpecialists = 64

// checkLocked checks what is in notices about locked cases only.
func (n Notice) checkLocked() error {
	bad := errors.New("malformed")
	if _, err := ParseCaseID(n.Case); err != nil || len(n.Commitments) > 0 {
		return bad
	}
	if n.Do == doOurs {
		return nil
	}
	if _, err := age.ParseHybridRecipient(n.Recipient); err != nil || len(n.Mailboxes) == 0 || len(n.Specialists) == 0 || len(n.Specialists) > maxSpecialists || len(n.Letters) > 0 {
		return bad
	}
	for _, s := range n.Specialists {
		if b, err := base64.StdEncoding.Strict().DecodeString(s); err != nil || len(b) != len(Device{}) {
			return bad
		}
	}
	return nil
}

// PlainNotice reports whether a notice about a locked case is for every desk: who may read it, which letters are its, and that it was erased.
func PlainNotice(body []byte) bool {
	n, err := ParseNotice(body)
	return err == nil && (n.Do == doLock || n.Do == doOurs || n.Do == doErase || n.Do == doRemove)
}

// notice carries out what another desk says, or learns that a notice of our own has reached the log.
func (in *ingest) notice(e *Incoming) error {
	res, err := in.tx.Exec("INSERT INTO notice (letter_id, idx, commitment, thread, genuine, file_key, epoch) VALUES (?,?,?,0,?,?,?) ON CONFLICT DO NOTHING",
		e.ID[:], e.Index, e.Commitment[:], e.DeskOK, fileKeyOf(e), epochOf(e))
	if err != nil {
		return fmt.Errorf("adding a notice: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return fmt.Errorf("adding a notice: %w", err)
		}
		return errors.Join(in.again(noticeRow, e), in.signedAgain(e))
	}
	if !e.DeskOK {
		return raise(in.tx, Finding{Kind: AlarmNotice, Evidence: []string{e.ID.String()}}, in.now)
	}
	var item, thread int64
	err = in.tx.QueryRow("DELETE FROM outbox WHERE sealed_id = ? AND kind = ? RETURNING id, thread", e.ID[:], OutNotice).Scan(&item, &thread)
	switch {
	case err == nil:
		return in.sent(e, item, thread)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	n, err := ParseNotice(e.body())
	if err != nil {
		e.Problem = ProblemDamaged // of a newer version: shown, not dropped
		return in.unopened(e)
	}
	if in.ofOffice(e, n) { // no desk of ours does that
		return raise(in.tx, Finding{Kind: AlarmNotice, Evidence: []string{e.ID.String()}}, in.now)
	}
	switch verdict, err := in.judge(e, n); {
	case err != nil || verdict == again:
		return err
	case verdict == refuse:
		return raise(in.tx, Finding{Kind: AlarmUnsigned, Evidence: []string{e.ID.String(), hex.EncodeToString(n.By)}}, in.now)
	}
	switch n.Do {
	case doReissue:
		return in.reissued(e, n)
	case doJoin:
		return in.joined(e, n)
	case doLock:
		return in.lock(e, n)
	case doOurs:
		return in.theirs(n)
	case doEvents:
		return in.events(e, n)
	case doRemove:
		return in.removedElsewhere(e, n)
	case doTest, doRehearsal, doProof:
		return in.testArrived(e)
	}
	return in.erasedElsewhere(n)
}

// sent takes note that a notice of this desk, which waited as an item of the outbox, is in the log: what waited for it may go out.
func (in *ingest) sent(e *Incoming, item, thread int64) error {
	if _, err := in.tx.Exec("UPDATE outbox SET waits = 0 WHERE waits = ?", item); err != nil {
		return err
	}
	in.changed[thread] = true
	own, err := ParseNotice(e.body())
	if err == nil && own.Sig != nil {
		if _, err := in.once(e, own, in.me); err != nil {
			return err
		}
	}
	switch {
	case err == nil && own.Do == doLock:
		return in.ownLock(e, own)
	case err == nil && own.Do == doEvents:
		return in.events(e, own)
	}
	return in.noticeOf(e, thread)
}

// body is the one part of a notice.
func (e *Incoming) body() []byte {
	if len(e.Letter.Parts) != 1 {
		return nil
	}
	return e.Letter.Parts[0].Data
}

// noticeOf remembers which thread a notice is about, so that an erasure of the thread takes the notice along.
func (in *ingest) noticeOf(e *Incoming, thread int64) error {
	in.changed[thread] = true
	_, err := in.tx.Exec("UPDATE notice SET thread = ? WHERE letter_id = ?", thread, e.ID[:])
	return err
}

// threadOf finds the thread of a mailbox written as text; 0 when there is none.
func (in *ingest) threadOf(mailbox string) (place, error) {
	id, err := wire.ParseMailboxID(mailbox)
	if err != nil {
		return place{}, err
	}
	places, err := in.places(id)
	if err != nil || len(places) == 0 {
		return place{}, err
	}
	return places[0], nil
}

// reissued follows another desk's new code.
func (in *ingest) reissued(e *Incoming, n Notice) error {
	old, err := in.threadOf(n.Old)
	if err != nil || old.thread == 0 {
		return err
	}
	if old.state == StateErased {
		return in.eraseArrived(e, old.thread)
	}
	if old.state == StateLocked {
		return in.closedNotice(e)
	}
	id, err := wire.ParseMailboxID(n.Mailbox)
	if err != nil {
		return err
	}
	waiting, err := in.places(id) // letters that came before this notice
	if err != nil {
		return err
	}
	if err := turnTo(in.tx, old.thread, id, n.Box, n.MAC); err != nil {
		return err
	}
	if err := in.noticeOf(e, old.thread); err != nil {
		return err
	}
	for _, p := range waiting {
		if p.mac == nil && p.thread != old.thread {
			if err := in.adopt(p, old.thread); err != nil {
				return err
			}
		}
	}
	return nil
}

// turnTo makes (id, box, mac) the live mailbox of a thread; replies that have not gone out go there.
func turnTo(tx *sql.Tx, thread int64, id wire.MailboxID, box string, mac []byte) error {
	if _, err := tx.Exec("UPDATE mailbox SET live = 0 WHERE thread = ?", thread); err != nil {
		return fmt.Errorf("turning to a new mailbox: %w", err)
	}
	var row int64
	if err := tx.QueryRow("INSERT INTO mailbox (id, thread, box, mac, live) VALUES (?,?,?,?,1) RETURNING rowid", id[:], thread, box, mac).Scan(&row); err != nil {
		return fmt.Errorf("turning to a new mailbox: %w", err)
	}
	for _, q := range []string{
		"UPDATE reply SET mailbox = ?1 WHERE thread = ?2 AND tag = 'ok'",
		"UPDATE thread SET reissued = reissued + 1, reissued_here = 0 WHERE id = ?2",
	} {
		if _, err := tx.Exec(q, row, thread); err != nil {
			return fmt.Errorf("turning to a new mailbox: %w", err)
		}
	}
	return requeue(tx, thread)
}

// adopt moves the letters of an unknown thread to where they now turn out to belong, by storing them anew, and what desks said of it.
func (in *ingest) adopt(p place, into int64) error {
	rows, err := in.tx.Query("SELECT letter_id, idx, commitment, hour, raw, coalesce(file_key, zeroblob(16)), epoch FROM letter WHERE thread = ? AND raw IS NOT NULL ORDER BY idx", p.thread)
	if err != nil {
		return err
	}
	defer rows.Close()
	var letters []Incoming
	for rows.Next() {
		var id, commitment, raw, key []byte
		var hour int64
		e := Incoming{Present: true}
		if err := rows.Scan(&id, &e.Index, &commitment, &hour, &raw, &key, &e.Epoch); err != nil {
			return err
		}
		if e.Letter, err = seal.Unpack(raw); err != nil {
			return err
		}
		e.ID, e.Commitment, e.Hour = wire.LetterID(id), ledger.Commitment(commitment), time.Unix(hour, 0).UTC()
		copy(e.FileKey[:], key)
		e.Describe()
		letters = append(letters, e)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := moveEvents(in.tx, p.thread, into); err != nil {
		return err
	}
	in.folds[into] = true
	for _, q := range []string{"DELETE FROM part WHERE thread = ?", "DELETE FROM letter WHERE thread = ?", "DELETE FROM mailbox WHERE thread = ?", "DELETE FROM thread WHERE id = ?"} {
		if _, err := in.tx.Exec(q, p.thread); err != nil {
			return err
		}
	}
	for i := range letters {
		if err := in.fromPerson(&letters[i]); err != nil {
			return err
		}
	}
	return nil
}

// joined follows another desk's decision that two threads are one person's.
func (in *ingest) joined(e *Incoming, n Notice) error {
	old, err := in.threadOf(n.Old)
	if err != nil || old.thread == 0 {
		return err
	}
	next, err := in.threadOf(n.Mailbox)
	if err != nil || next.thread == 0 || next.thread == old.thread {
		return err
	}
	if old.state == StateErased || next.state == StateErased {
		return in.eraseArrived(e, old.thread)
	}
	if old.state == StateLocked || next.state == StateLocked {
		return in.closedNotice(e)
	}
	if err := joinThreads(in.tx, next.thread, old.thread); err != nil {
		return err
	}
	in.changed[old.thread] = true
	return in.noticeOf(e, next.thread)
}
