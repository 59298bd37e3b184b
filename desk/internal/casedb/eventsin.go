package casedb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"panah/core/event"
	"panah/core/roster"
	"panah/core/wire"
)

// officeBox is the mailbox that the organisation's own stream goes by.
func (in *ingest) officeBox(org string) wire.MailboxID {
	if in.officeOrg != org {
		in.office, in.officeOrg = officeMailbox(org), org
	}
	return in.office
}

// ofOffice reports whether a notice would lock, join or move the organisation's own stream.
func (in *ingest) ofOffice(e *Incoming, n Notice) bool {
	box := in.officeBox(e.Letter.Org).Reveal()
	switch n.Do {
	case doReissue, doJoin:
		return n.Old == box || n.Mailbox == box
	case doLock, doRemove:
		return slices.Contains(n.Mailboxes, box)
	}
	return false
}

// events takes what another desk says happened in a case, or learns that events of our own have reached the log.
func (in *ingest) events(e *Incoming, n Notice) error {
	box, err := wire.ParseMailboxID(n.Mailboxes[0])
	if err != nil {
		return err
	}
	thread, err := in.threadFor(e, box)
	if err != nil || thread == 0 {
		return err
	}
	if err := in.noticeOf(e, thread); err != nil {
		return err
	}
	in.folds[thread] = true
	for _, text := range n.Events {
		ev, err := event.Open([]byte(text))
		if err != nil || ev.Org != e.Letter.Org || boxOfCase(ev.Event) != box {
			if err := in.badEvent(e); err != nil {
				return err
			}
			continue
		}
		known, err := knownDevice(in.tx, roster.HashDevice(ev.Device))
		if err != nil {
			return err
		}
		if _, err := addEvent(in.tx, thread, ev, e.ID[:], known); err != nil {
			return err
		}
	}
	return nil
}

// badEvent tells people of an event that no desk of the organisation signed for that case, though one of them sent it on.
func (in *ingest) badEvent(e *Incoming) error {
	return raise(in.tx, Finding{Kind: AlarmEvent, Evidence: []string{e.ID.String()}}, in.now)
}

// threadFor finds the thread of a case that events are of, and makes it when there is none. It is 0 when the events do not stay: the case is erased, or not for this desk.
func (in *ingest) threadFor(e *Incoming, box wire.MailboxID) (thread int64, err error) {
	if box == in.officeBox(e.Letter.Org) {
		thread, err = officeThread(in.tx, e.Letter.Org)
		in.nextThread = max(in.nextThread, thread+1)
		return thread, err
	}
	places, err := in.places(box)
	if err != nil {
		return 0, err
	}
	for _, p := range places {
		switch p.state {
		case StateErased:
			return 0, in.eraseArrived(e, p.thread)
		case StateLocked:
			return 0, in.closedNotice(e)
		}
	}
	if len(places) > 0 {
		return places[0].thread, nil
	}
	id, named, locked, err := in.caseFor(box)
	if err != nil {
		return 0, err
	}
	if locked && !named {
		return 0, in.closedNotice(e)
	}
	if thread, err = begin(in.tx, event.Case(box)); err != nil {
		return 0, err
	}
	in.nextThread = thread + 1
	if locked {
		return thread, newLocker(in.tx, in.me).attach(thread, id, true)
	}
	return thread, nil
}

// fold makes the rows anew of the cases that something happened in.
func (in *ingest) fold() error {
	for thread := range in.folds {
		var open bool
		err := in.tx.QueryRow("SELECT state = 'open' FROM thread WHERE id = ?", thread).Scan(&open)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !open {
			continue
		}
		if err != nil {
			return fmt.Errorf("looking at a case: %w", err)
		}
		in.changed[thread] = true
		if err := project(in.tx, thread); err != nil {
			return err
		}
	}
	clear(in.folds)
	return nil
}

// begunHere reports whether a place is a case that desks have spoken of and no letter has begun.
func (in *ingest) begunHere(p place) (begun bool, err error) {
	if p.mac != nil || p.state != StateOpen {
		return false, nil
	}
	if err := in.tx.QueryRow("SELECT letters = 0 AND stage <> 'office' FROM thread WHERE id = ?", p.thread).Scan(&begun); err != nil {
		return false, fmt.Errorf("looking at a case: %w", err)
	}
	return begun, nil
}

// moveEvents gives what desks said of one thread to another.
func moveEvents(tx *sql.Tx, from, into int64) error {
	if err := forgetBeside(tx, from); err != nil {
		return err
	}
	for _, q := range []string{
		"UPDATE event SET thread = ?2 WHERE thread = ?1", "UPDATE OR REPLACE look SET thread = ?2 WHERE thread = ?1",
		"UPDATE notice SET thread = ?2 WHERE thread = ?1", "UPDATE outbox SET thread = ?2 WHERE thread = ?1",
		"UPDATE thread SET home = ?2 WHERE home = ?1", "UPDATE thread SET home = 0, linked_to = NULL WHERE id = ?1",
	} {
		if err := execNumbered(tx, q, from, into); err != nil {
			return fmt.Errorf("moving what happened: %w", err)
		}
	}
	return nil
}

// fillIn gives a thread that other desks have spoken of its first letter.
func (in *ingest) fillIn(e *Incoming, p place) error {
	stored, err := in.letter(e, p.thread, TagFirst, false, nil)
	if err != nil || !stored {
		return err
	}
	in.folds[p.thread] = true
	if _, err := in.tx.Exec("UPDATE mailbox SET box = ?, mac = ? WHERE rowid = ?", e.Letter.Box, e.Letter.MAC[:], p.row); err != nil {
		return fmt.Errorf("adding a mailbox: %w", err)
	}
	_, err = in.tx.Exec(`UPDATE thread SET urgency = ?2, first = ?3, last = max(last, ?3), unread = unread + 1, waiting = 1, beginning = ?4, situations = ?5, lang = ?6, who = ?7,
		district = ?8, sealed = ?9, letters = letters + 1 WHERE id = ?1`, p.thread, int64(e.Urgency), e.Hour.Unix(), e.Beginning, e.situations(), e.Intake.Lang,
		e.Intake.Who, e.Intake.District, e.sealedBy())
	if err != nil {
		return fmt.Errorf("adding the first letter of a case: %w", err)
	}
	return nil
}

// KnowDevices records which desks are or were the organisation's, as the chain of rosters up to serial says. Events of theirs that were kept and not believed count from now on.
func (d *DB) KnowDevices(ctx context.Context, serial int, devices []Device) error {
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		added := false
		for _, dev := range devices {
			res, err := tx.Exec("INSERT INTO device (hash) VALUES (?) ON CONFLICT DO NOTHING", dev[:])
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			added = added || n > 0
		}
		if err := setMeta(tx, "devices", serial); err != nil || !added {
			return err
		}
		return believe(tx)
	})
	if err != nil {
		return fmt.Errorf("keeping the organisation's desks: %w", err)
	}
	return nil
}

// Roles records what the keepers call each desk: a reader's desk orders nothing.
func (d *DB) Roles(ctx context.Context, roles map[Device]string) error {
	err := d.inTx(ctx, func(tx *sql.Tx) error {
		for dev, role := range roles {
			if _, err := tx.Exec("UPDATE device SET role = ?2 WHERE hash = ?1 AND role <> ?2", dev[:], role); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping the roles of desks: %w", err)
	}
	return nil
}

// believe lets events count whose desks have become known.
func believe(tx *sql.Tx) error {
	threads, err := indices(tx, "SELECT DISTINCT e.thread FROM event e JOIN device d ON d.hash = e.device WHERE e.known < 1")
	if err != nil || len(threads) == 0 {
		return err
	}
	if _, err := tx.Exec("UPDATE event SET known = 1 WHERE known < 1 AND device IN (SELECT hash FROM device)"); err != nil {
		return err
	}
	for _, thread := range threads {
		if err := project(tx, thread); err != nil {
			return err
		}
	}
	return nil
}

// tellUnknown raises the alarm about events of desks that were in no roster a whole round after they came.
func tellUnknown(tx *sql.Tx, now time.Time) error {
	var notice []byte
	err := tx.QueryRow("SELECT coalesce(notice, x'') FROM event WHERE known = -1 LIMIT 1").Scan(&notice)
	if err == nil {
		err = raise(tx, Finding{Kind: AlarmEvent, Evidence: []string{hex.EncodeToString(notice)}}, now)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("looking for events of unknown desks: %w", err)
	}
	if _, err := tx.Exec("UPDATE event SET known = known - 1 WHERE known IN (0, -1)"); err != nil {
		return fmt.Errorf("looking for events of unknown desks: %w", err)
	}
	return nil
}

// DevicesKnown is the serial up to which the chain of rosters was read for KnowDevices; 0 for none of it.
func (d *DB) DevicesKnown(ctx context.Context) (serial int, err error) {
	if err := d.sql.QueryRowContext(ctx, "SELECT coalesce((SELECT v FROM meta WHERE k = 'devices'), 0)").Scan(&serial); err != nil {
		return 0, fmt.Errorf("reading the organisation's desks: %w", err)
	}
	return serial, nil
}

// Strangers reports whether one of some desks is in no roster that this desk has read.
func (d *DB) Strangers(ctx context.Context, desks []Device) (any bool, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		for _, dev := range desks {
			known, err := knownDevice(tx, dev)
			if err != nil {
				return err
			}
			any = any || !known
		}
		return nil
	})
	return any, err
}

func knownDevice(tx *sql.Tx, dev Device) (known bool, err error) {
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM device WHERE hash = ?)", dev[:]).Scan(&known); err != nil {
		return false, fmt.Errorf("looking up a desk: %w", err)
	}
	return known, nil
}
