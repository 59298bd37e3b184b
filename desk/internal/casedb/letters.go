package casedb

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"panah/core/seal"
)

// newThread stores e as the first letter of a new thread. stored is false when the letter is already here.
func (in *ingest) newThread(e *Incoming, state State, tag Tag, raw []byte) (stored bool, err error) {
	id := in.nextThread
	// The letter first: its unique id finds a letter that is here already, without another query for each of 20,000.
	if stored, err = in.letter(e, id, tag, false, raw); err != nil || !stored {
		return false, err
	}
	in.nextThread++
	waiting := state == StateOpen
	_, err = in.addThread.Exec(id, string(state), int64(e.Urgency), e.Hour.Unix(), e.Hour.Unix(), waiting, e.Beginning,
		e.situations(), e.Intake.Lang, e.Intake.Who, e.Intake.District, e.sealedBy())
	if err != nil {
		return false, fmt.Errorf("adding a thread: %w", err)
	}
	if e.Letter.Mailbox.IsZero() {
		return true, nil
	}
	var mac []byte
	if e.Letter.MAC != nil {
		mac = e.Letter.MAC[:]
	}
	if _, err := in.addMailbox.Exec(e.Letter.Mailbox[:], id, e.Letter.Box, mac); err != nil {
		return false, fmt.Errorf("adding a mailbox: %w", err)
	}
	return true, nil
}

func (e *Incoming) situations() string { return strings.Join(e.Intake.Situations, " ") }

// sealedBy is what the list says of where a letter was sealed.
func (e *Incoming) sealedBy() string {
	if e.Letter.Sealed == "" {
		return seal.SealedBrowser
	}
	return e.Letter.Sealed
}

// letter stores e and its parts. stored is false when a letter of that id is here already: then it is the same entry read again,
// or the gate has logged one letter twice.
func (in *ingest) letter(e *Incoming, thread int64, tag Tag, oldCode bool, raw []byte) (stored bool, err error) {
	l := &e.Letter
	res, err := in.addLetter.Exec(thread, l.Kind, e.ID[:], e.Index, e.Commitment[:], e.Hour.Unix(), toUnix(l.At), l.Sealed, epochOf(e),
		string(tag), int64(l.N), l.Text(), e.IntakeRaw, e.Problem, oldCode, raw, fileKeyOf(e))
	if err != nil {
		return false, fmt.Errorf("adding a letter: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return false, fmt.Errorf("adding a letter: %w", err)
		}
		return false, in.again(letterRow, e)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return false, fmt.Errorf("adding a letter: %w", err)
	}
	in.changed[thread] = true
	return true, in.parts(l.Parts, thread, id, nil)
}

// parts stores voice, photos and files; text and answers are columns of the letter.
func (in *ingest) parts(parts []seal.Part, thread int64, letter, reply any) error {
	for _, p := range parts {
		if p.Type == seal.TypeText || p.Type == seal.TypeIntake {
			continue
		}
		if _, err := in.addPart.Exec(thread, letter, reply, p.Type, p.Data); err != nil {
			return fmt.Errorf("adding a part: %w", err)
		}
	}
	return nil
}

// A row says how a table names an entry of the log.
type row struct{ table, id, idx string }

var (
	letterRow = row{"letter", "letter_id", "idx"}
	copyRow   = row{"reply", "copy_id", "copy_idx"}
	noticeRow = row{"notice", "letter_id", "idx"}
)

// again handles an entry whose letter is in a table already. It gets its file key when it has none: a copy of our own was sealed here, and version 1 kept no keys. Its place is taken over when it has none; another place means that the gate
// logged one letter twice, which it promises not to do: a retry gets the first receipt.
func (in *ingest) again(r row, e *Incoming) error {
	var at int64
	var keyed bool
	err := in.tx.QueryRow("SELECT "+r.idx+", file_key IS NOT NULL FROM "+r.table+" WHERE "+r.id+" = ?", e.ID[:]).Scan(&at, &keyed)
	if err != nil {
		return fmt.Errorf("finding a letter again: %w", err)
	}
	if key := fileKeyOf(e); !keyed && key != nil {
		if _, err := in.tx.Exec("UPDATE "+r.table+" SET file_key = ?, epoch = ? WHERE "+r.id+" = ?", key, epochOf(e), e.ID[:]); err != nil {
			return fmt.Errorf("keeping a file key: %w", err)
		}
	}
	switch {
	case at == e.Index:
		return nil
	case at == -1:
		_, err := in.tx.Exec("UPDATE "+r.table+" SET "+r.idx+" = ?, commitment = ? WHERE "+r.id+" = ?", e.Index, e.Commitment[:], e.ID[:])
		return err
	}
	return raise(in.tx, Finding{Kind: AlarmTwice, Args: map[string]int64{"index": e.Index, "first": at}, Evidence: []string{e.ID.String()}}, in.now)
}

// replyCopy stores what another desk answered, or learns that a copy of our own has reached the log.
func (in *ingest) replyCopy(e *Incoming) error {
	var ours, thread int64
	err := in.tx.QueryRow("SELECT id, thread FROM reply WHERE copy_id = ?", e.ID[:]).Scan(&ours, &thread)
	if err == nil {
		in.changed[thread] = true
		return in.again(copyRow, e)
	}
	if !errors.Is(err, sql.ErrNoRows) {
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
		if p.state == StateLocked {
			return in.closedTo(e)
		}
		if e.DeskOK && p.mac != nil && p.mac.Check(e.Letter) == nil {
			if found, err := in.carried(e, p.thread); err != nil || found {
				return err
			}
			return in.otherDesk(e, p)
		}
	}
	return in.forgedCopy(e, places)
}

// otherDesk folds a reply of another desk into its thread.
func (in *ingest) otherDesk(e *Incoming, p place) error {
	row, n := p.row, e.Letter.N
	if !p.live { // written before the other desk heard of the new mailbox
		if err := in.tx.QueryRow("SELECT rowid FROM mailbox WHERE thread = ? AND live = 1", p.thread).Scan(&row); errors.Is(err, sql.ErrNoRows) {
			row = p.row
		} else if err != nil {
			return err
		}
	}
	if row != p.row { // its number was given in the dead mailbox; a taken one moves behind the others
		if err := in.tx.QueryRow(`SELECT CASE WHEN EXISTS (SELECT 1 FROM reply WHERE mailbox = ?1 AND n = ?2 AND tag = 'ok')
			THEN (SELECT max(n) + 1 FROM reply WHERE mailbox = ?1 AND tag = 'ok') ELSE ?2 END`, row, int64(n)).Scan(&n); err != nil {
			return err
		}
		e.Letter.N = n
	}
	var clash bool
	if err := in.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM reply WHERE mailbox = ? AND n = ? AND tag = 'ok')", row, int64(n)).Scan(&clash); err != nil {
		return err
	}
	id, err := in.reply(e, p.thread, row, TagOK, clash)
	if err != nil {
		return err
	}
	if row != p.row {
		if err := in.forward(p.thread, id); err != nil {
			return err
		}
	}
	if _, err := in.tx.Exec("UPDATE thread SET waiting = last > ?, last = max(last, ?) WHERE id = ?", e.Hour.Unix(), e.Hour.Unix(), p.thread); err != nil {
		return err
	}
	if clash {
		if _, err := in.tx.Exec("UPDATE reply SET clash = 1 WHERE mailbox = ? AND n = ? AND tag = 'ok'", row, n); err != nil {
			return err
		}
		return raise(in.tx, Finding{Kind: AlarmReplyClash, Args: map[string]int64{"thread": p.thread, "n": int64(n)}}, in.now)
	}
	return in.gaps(p.thread, row, n)
}

// reply stores a reply that came by the log.
func (in *ingest) reply(e *Incoming, thread, mailbox int64, tag Tag, clash bool) (int64, error) {
	res, err := in.tx.Exec(`INSERT INTO reply (thread, mailbox, n, at, here, tag, clash, delivered, text, copy_id, copy_idx, commitment, file_key, epoch)
		VALUES (?,?,?,?,0,?,?,1,?,?,?,?,?,?)`, thread, mailbox, int64(e.Letter.N), toUnix(e.Letter.At), string(tag), clash, e.Letter.Text(),
		e.ID[:], e.Index, e.Commitment[:], fileKeyOf(e), epochOf(e))
	if err != nil {
		return 0, fmt.Errorf("adding a reply: %w", err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("adding a reply: %w", err)
	}
	in.changed[thread] = true
	return id, in.parts(e.Letter.Parts, thread, nil, id)
}

// forward puts a reply that went to a dead mailbox into the live one, at the desk that made the new code.
func (in *ingest) forward(thread, reply int64) error {
	var here bool
	if err := in.tx.QueryRow("SELECT reissued_here FROM thread WHERE id = ?", thread).Scan(&here); err != nil || !here {
		return err
	}
	if _, err := in.tx.Exec("UPDATE reply SET delivered = 0 WHERE id = ?", reply); err != nil {
		return err
	}
	return enqueue(in.tx, outRow{kind: OutReply, thread: thread, reply: reply})
}

// gaps raises and settles alarms about missing numbers: what the log holds in order must arrive in order.
func (in *ingest) gaps(thread, mailbox int64, n uint32) error {
	f := Finding{Kind: AlarmReplyGap, Args: map[string]int64{"thread": thread, "n": int64(n)}}
	if err := settleAlarm(in.tx, f, in.now); err != nil || n <= 1 {
		return err
	}
	var before bool
	if err := in.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM reply WHERE mailbox = ? AND n = ?)", mailbox, n-1).Scan(&before); err != nil || before {
		return err
	}
	f.Args["n"] = int64(n) - 1
	return raise(in.tx, f, in.now)
}

// forgedCopy shows a copy that none of our desks wrote, in the thread it names when there is one.
func (in *ingest) forgedCopy(e *Incoming, places []place) error {
	args := map[string]int64{"thread": 0, "n": int64(e.Letter.N)}
	if len(places) > 0 {
		p := places[0]
		args["thread"] = p.thread
		if _, err := in.reply(e, p.thread, p.row, TagForged, false); err != nil {
			return err
		}
		if _, err := in.tx.Exec("UPDATE thread SET forged = 1 WHERE id = ?", p.thread); err != nil {
			return err
		}
	}
	return raise(in.tx, Finding{Kind: AlarmReply, Args: args, Evidence: []string{e.ID.String()}}, in.now)
}
