package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
)

// An Incoming is one entry of the log whose consistency was checked, opened as far as this desk can.
type Incoming struct {
	Index      int64
	Commitment ledger.Commitment
	Present    bool // false: the gate holds nothing for this entry any more
	ID         wire.LetterID
	Hour       time.Time
	Problem    string // not empty: it could not be opened; Sealed holds it
	Sealed     []byte
	Letter     seal.Letter
	DeskOK     bool // reply-copies and notices: one of our desks wrote it
	Epoch      int  // whose key opened it; 0 when none did
	FileKey    seal.FileKey
	Wrapped    bool   // opened by a key from a wrap
	Case       CaseID // the locked case whose key opened it; zero: none
	Locked     bool   // Case: it came inside a letter of the kind locked
	Before     bool   // not opened, or empty, and from before this desk's time: to be counted, never an alarm

	// What the list shows, computed beside the opening because many cores do that.
	Beginning string
	Intake    seal.Intake
	IntakeRaw string // JSON
	Urgency   Urgency
}

// Applied says what a batch changed.
type Applied struct {
	Threads []int64 // to be read again
}

// Apply stores a batch of entries and the edge after them in one transaction. After a crash either all of it is there or nothing,
// and a batch that comes again changes nothing. A batch that does not continue what is stored is refused: the error wraps ErrStartedOver.
func (d *DB) Apply(ctx context.Context, batch []Incoming, edge ledger.Edge, now time.Time) (Applied, error) {
	var applied Applied
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		if len(batch) > 0 {
			if err := stillAt(tx, batch[0].Index); err != nil {
				return err
			}
		}
		in, err := newIngest(ctx, tx, now)
		if err != nil {
			return err
		}
		defer in.close()
		if err := listEntries(tx, batch); err != nil {
			return err
		}
		for i := range batch {
			if err := in.entry(&batch[i]); err != nil {
				return fmt.Errorf("storing log entry %d: %w", batch[i].Index, err)
			}
		}
		if err := in.raiseUnopened(); err != nil {
			return err
		}
		if err := in.announceOurs(); err != nil {
			return err
		}
		if err := in.fold(); err != nil {
			return err
		}
		for id := range in.changed {
			applied.Threads = append(applied.Threads, id)
		}
		return setEdge(tx, "size", "edge", edge)
	})
	return applied, err
}

// An ingest is one transaction of Apply. It prepares its statements once: a first sync runs them many thousand times.
type ingest struct {
	tx          *sql.Tx
	now         time.Time
	round       int64
	anyErased   bool // the table erased is not empty, or became so
	anyUnopened bool
	nextThread  int64
	changed     map[int64]bool

	anyWrapped bool // there are keys from wraps that were not used yet
	firstSync  bool // this desk has never caught up yet
	anyStub    bool // there are locked cases
	anyLocked  bool // the same, or became so
	me         Device
	ours       map[CaseID][]string // letters to be announced
	folds      map[int64]bool      // threads whose row has to be made anew
	office     wire.MailboxID      // that of the organisation's own stream
	officeOrg  string              // whose office is
	signed     int64               // place of the first signed notice; notAsked

	addLetter, addThread, addMailbox, addPart, findMailbox, bumpThread *sql.Stmt
}

func newIngest(ctx context.Context, tx *sql.Tx, now time.Time) (*ingest, error) {
	in := &ingest{tx: tx, now: now, changed: map[int64]bool{}, folds: map[int64]bool{}, signed: notAsked}
	err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT v FROM meta WHERE k = 'round'), 0), EXISTS (SELECT 1 FROM erased),
		coalesce((SELECT max(id) FROM thread), 0) + 1, EXISTS (SELECT 1 FROM wrapped_key), EXISTS (SELECT 1 FROM locked),
		NOT EXISTS (SELECT 1 FROM meta WHERE k = 'synced')`).
		Scan(&in.round, &in.anyErased, &in.nextThread, &in.anyWrapped, &in.anyStub, &in.firstSync)
	if err != nil {
		return nil, fmt.Errorf("beginning a batch: %w", err)
	}
	in.anyLocked = in.anyStub
	if in.me, err = device(tx); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		into  **sql.Stmt
		query string
	}{
		{&in.addLetter, `INSERT INTO letter (thread, kind, letter_id, idx, commitment, hour, at, sealed, epoch, tag, n, text, intake, problem, old_code, seen, raw, file_key)
			VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,?,?) ON CONFLICT (letter_id) DO NOTHING`},
		{&in.addThread, `INSERT INTO thread (id, state, urgency, first, last, unread, waiting, beginning, situations, lang, who, district, sealed, letters)
			VALUES (?,?,?,?,?,1,?,?,?,?,?,?,?,1)`},
		{&in.addMailbox, `INSERT INTO mailbox (id, thread, box, mac, live) VALUES (?,?,?,?,1)`},
		{&in.addPart, `INSERT INTO part (thread, letter, reply, type, data) VALUES (?,?,?,?,?)`},
		{&in.findMailbox, `SELECT m.rowid, m.thread, m.mac, m.live, t.state FROM mailbox m JOIN thread t ON t.id = m.thread WHERE m.id = ?`},
		{&in.bumpThread, `UPDATE thread SET last = max(last, ?2), unread = unread + 1, letters = letters + 1, waiting = 1, beginning = ?3,
			sealed = CASE WHEN ?4 = 'door' THEN 'door' ELSE sealed END WHERE id = ?1`},
	} {
		if *s.into, err = tx.PrepareContext(ctx, s.query); err != nil {
			in.close()
			return nil, fmt.Errorf("beginning a batch: %w", err)
		}
	}
	return in, nil
}

func (in *ingest) close() {
	for _, s := range []*sql.Stmt{in.addLetter, in.addThread, in.addMailbox, in.addPart, in.findMailbox, in.bumpThread} {
		if s != nil {
			s.Close()
		}
	}
}

// entry stores one entry.
func (in *ingest) entry(e *Incoming) error {
	if !e.Present {
		return in.absent(e)
	}
	if in.anyErased {
		if done, err := in.stayErased(e); done || err != nil {
			return err
		}
	}
	if in.anyWrapped && e.Problem == "" {
		if _, err := in.tx.Exec("DELETE FROM wrapped_key WHERE letter_id = ?", e.ID[:]); err != nil {
			return err
		}
	}
	if e.Problem != "" {
		return in.unopened(e)
	}
	switch e.Letter.Kind {
	case seal.KindLetter, seal.KindErase:
		return in.fromPerson(e)
	case seal.KindReplyCopy:
		return in.replyCopy(e)
	case seal.KindNotice:
		return in.notice(e)
	case seal.KindLocked: // of a case that this desk may not read
		if !e.DeskOK {
			return raise(in.tx, Finding{Kind: AlarmNotice, Evidence: []string{e.ID.String()}}, in.now)
		}
		// Perhaps our own: what was said here before the case was locked for others.
		if _, err := in.tx.Exec("DELETE FROM outbox WHERE sealed_id = ? AND kind = 'notice'", e.ID[:]); err != nil {
			return err
		}
		return in.closedTo(e)
	}
	e.Problem = ProblemDamaged
	return in.unopened(e)
}

// absent notes an empty entry unless a notice of erasure has explained it.
func (in *ingest) absent(e *Incoming) error {
	if e.Before {
		known, err := in.known(e)
		if err != nil || !known {
			return errors.Join(err, in.before(e, nil))
		}
	}
	_, err := in.tx.Exec(`INSERT INTO absent (idx, commitment, round) SELECT ?1, ?2, ?3
		WHERE NOT EXISTS (SELECT 1 FROM erased WHERE commitment = ?2) ON CONFLICT DO NOTHING`, e.Index, e.Commitment[:], in.round)
	return err
}

// known reports whether an entry's letter is on this desk: then somebody must have told it of the erasure. A desk that syncs for the first time knows none.
func (in *ingest) known(e *Incoming) (known bool, err error) {
	if in.firstSync {
		return false, nil
	}
	err = in.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM letter WHERE commitment = ?1) OR EXISTS (SELECT 1 FROM reply WHERE commitment = ?1)
		OR EXISTS (SELECT 1 FROM notice WHERE commitment = ?1)`, e.Commitment[:]).Scan(&known)
	return known, err
}

// unopened keeps what this desk cannot open: shown, never dropped, in a thread of its own.
func (in *ingest) unopened(e *Incoming) error {
	if e.Before && e.Problem == ProblemKey {
		return in.before(e, e.ID[:])
	}
	if in.anyLocked && e.Problem == ProblemKey {
		var b []byte
		err := in.tx.QueryRow("SELECT case_id FROM ours WHERE letter_id = ?", e.ID[:]).Scan(&b)
		if err == nil {
			return in.closedLetter(e, CaseID(b))
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	e.Letter = seal.Letter{Kind: seal.KindLetter, At: e.Hour}
	e.Urgency = UrgencyDays
	stored, err := in.newThread(e, StateSealed, TagUnknown, e.Sealed)
	in.anyUnopened = in.anyUnopened || stored
	return err
}

// before counts an entry from before this desk's time that nothing opens: its case was closed before the desk came in, and its key is gone. Only its
// place and name are kept, should a wrap name it after all.
func (in *ingest) before(e *Incoming, id []byte) error {
	_, err := in.tx.Exec(`INSERT INTO before (idx, letter_id, commitment) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM erased WHERE commitment = ?3)
		ON CONFLICT DO UPDATE SET letter_id = excluded.letter_id`, e.Index, id, e.Commitment[:])
	return err
}

// epochOf is the epoch that an entry counts as sealed to: the one whose key opened it.
func epochOf(e *Incoming) int {
	if e.Epoch > 0 {
		return e.Epoch
	}
	return e.Letter.Epoch
}

// fileKeyOf is an entry's file key as the database keeps it; nil for none.
func fileKeyOf(e *Incoming) any {
	if e.FileKey == (seal.FileKey{}) {
		return nil
	}
	return e.FileKey[:]
}

// raiseUnopened raises the alarm once for a batch: anybody can send thousands of letters that nobody can open.
func (in *ingest) raiseUnopened() error {
	if !in.anyUnopened {
		return nil
	}
	var count int64
	since := in.now.Add(time.Hour)
	if in.anyStub { // it may be a specialist's
		since = in.now.Add(-graceUnopened)
	}
	if err := in.tx.QueryRow("SELECT count(*) FROM thread WHERE state = 'sealed' AND last <= ?", since.Unix()).Scan(&count); err != nil || count == 0 {
		return err
	}
	return raise(in.tx, Finding{Kind: AlarmUnopened, Args: map[string]int64{"count": count}}, in.now)
}

// place is where a mailbox id leads.
type place struct {
	row, thread int64
	mac         *seal.ThreadKey
	live        bool
	state       State
}

func (in *ingest) places(id wire.MailboxID) ([]place, error) {
	rows, err := in.findMailbox.Query(id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []place
	for rows.Next() {
		var p place
		var mac []byte
		var state string
		if err := rows.Scan(&p.row, &p.thread, &mac, &p.live, &state); err != nil {
			return nil, err
		}
		if len(mac) == len(seal.ThreadKey{}) {
			p.mac = (*seal.ThreadKey)(mac)
		}
		p.state = State(state)
		out = append(out, p)
	}
	return out, rows.Err()
}

// fromPerson stores a letter, or carries out an erasure.
func (in *ingest) fromPerson(e *Incoming) error {
	if e.Letter.Mailbox == in.officeBox(e.Letter.Org) {
		// Anybody can compute that name; no person's conversation has it.
		e.Letter.Mailbox, e.Letter.MAC, e.Letter.Box = wire.MailboxID{}, nil, ""
		_, err := in.newThread(e, StateOpen, TagUnknown, nil)
		return err
	}
	places, err := in.places(e.Letter.Mailbox)
	if err != nil {
		return err
	}
	for _, p := range places {
		if p.state == StateErased {
			return in.eraseArrived(e, p.thread)
		}
	}
	id, named, locked, err := in.caseFor(e.Letter.Mailbox)
	if err != nil {
		return err
	}
	if locked && !named {
		return in.closedLetter(e, id)
	}
	if err := in.announce(e); err != nil {
		return err
	}
	if err := in.fromOpenPerson(e, places); err != nil || !locked || len(places) > 0 {
		return err
	}
	places, err = in.places(e.Letter.Mailbox)
	if err != nil || len(places) == 0 {
		return err
	}
	return newLocker(in.tx, in.me).attach(places[0].thread, id, true)
}

// fromOpenPerson is fromPerson for a thread that this desk may read.
func (in *ingest) fromOpenPerson(e *Incoming, places []place) error {
	if e.Letter.MAC != nil {
		return in.first(e, places)
	}
	if len(places) == 0 {
		return in.orphan(e)
	}
	for _, p := range places {
		if p.mac == nil { // other letters of a thread we have not heard of
			return in.append(e, p, TagUnknown, true)
		}
		if p.mac.Check(e.Letter) != nil {
			continue
		}
		if e.Letter.Kind == seal.KindErase && p.live {
			return in.eraseByPerson(e, p.thread)
		}
		return in.append(e, p, TagOK, false)
	}
	return in.forged(e, places[0])
}

// first stores a letter that brings its thread's key.
func (in *ingest) first(e *Incoming, places []place) error {
	for _, p := range places {
		if p.mac != nil && *p.mac == *e.Letter.MAC { // sent twice by the same hand
			return in.append(e, p, TagFirst, false)
		}
	}
	for _, p := range places {
		if begun, err := in.begunHere(p); err != nil || begun {
			return errors.Join(err, in.fillIn(e, p))
		}
	}
	stored, err := in.newThread(e, StateOpen, TagFirst, nil)
	if err != nil || !stored {
		return err
	}
	thread, claimed := in.nextThread-1, int64(0)
	for _, p := range places {
		if p.mac != nil {
			claimed = p.thread
			continue
		}
		if err := in.adopt(p, thread); err != nil { // later letters of this thread that could be opened before its first
			return err
		}
	}
	if claimed == 0 {
		return nil
	}
	// The gate knows mailbox ids: it may have written one of the two.
	return raise(in.tx, Finding{Kind: AlarmClaimed, Args: map[string]int64{"thread": thread, "other": claimed}}, in.now)
}

// orphan stores a letter of a thread that this desk has not heard of: its notice of re-issue may come later.
func (in *ingest) orphan(e *Incoming) error {
	raw, err := seal.Pack(e.Letter)
	if err != nil {
		return err
	}
	_, err = in.newThread(e, StateOpen, TagUnknown, raw)
	return err
}

// forged stores a letter whose tag is wrong where it claims to belong; it changes neither order nor beginning of the thread.
func (in *ingest) forged(e *Incoming, p place) error {
	stored, err := in.letter(e, p.thread, TagForged, false, nil)
	if err != nil || !stored {
		return err
	}
	if _, err := in.tx.Exec("UPDATE thread SET forged = 1, unread = unread + 1, letters = letters + 1 WHERE id = ?", p.thread); err != nil {
		return err
	}
	return raise(in.tx, Finding{Kind: AlarmForged, Args: map[string]int64{"thread": p.thread}, Evidence: []string{e.ID.String()}}, in.now)
}

// append stores a further letter of a thread.
func (in *ingest) append(e *Incoming, p place, tag Tag, keepRaw bool) error {
	var raw []byte
	if keepRaw {
		var err error
		if raw, err = seal.Pack(e.Letter); err != nil {
			return err
		}
	}
	stored, err := in.letter(e, p.thread, tag, !p.live, raw)
	if err != nil || !stored {
		return err
	}
	_, err = in.bumpThread.Exec(p.thread, e.Hour.Unix(), e.Beginning, e.Letter.Sealed)
	return err
}
