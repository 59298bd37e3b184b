package casedb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"panah/core/event"
	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// Taken counts what a desk learnt from what was carried to it.
type Taken struct {
	Letters, Replies, Events, Erased int // new here
	Known                            int // was here already
	Closed                           int // not taken: erased here, or locked
	Doubtful                         int // not taken: events or erasures that no desk of the organisation signed
}

// noPlace is the index of what no log has brought yet.
const noPlace = -1

// TakeCarried stores pieces that another desk carried here, all of them or none. What is here already changes nothing. When the log brings the same letters, replies and events later they
// are the same rows. org is the organisation's fingerprint.
func (d *DB) TakeCarried(ctx context.Context, org string, pieces []Carried, urgency func(situations []string) Urgency, now time.Time) (taken Taken, err error) {
	err = d.inTx(ctx, func(tx *sql.Tx) error {
		taken = Taken{}
		in, err := newIngest(ctx, tx, now)
		if err != nil {
			return err
		}
		defer in.close()
		c := &carrier{in, org, urgency, &taken}
		for i := range pieces {
			if err := c.take(&pieces[i]); err != nil {
				return err
			}
		}
		return in.fold()
	})
	if err != nil {
		return Taken{}, fmt.Errorf("taking what was carried: %w", err)
	}
	return taken, nil
}

// A carrier is one transaction of TakeCarried.
type carrier struct {
	*ingest
	org     string
	urgency func([]string) Urgency
	taken   *Taken
}

func (c *carrier) take(p *Carried) error {
	switch p.What {
	case CarriedLetter:
		return c.letter(p)
	case CarriedReply:
		return c.reply(p)
	case CarriedEvents:
		return c.events(p)
	case CarriedErase:
		return c.erase(p)
	}
	return errors.New("a piece of an unknown kind")
}

// shut reports whether nothing may come in for a mailbox: its case is erased here, or locked. A locked case gets its letters by the log, where its specialists hold the proof.
func (c *carrier) shut(box wire.MailboxID) (bool, error) {
	places, err := c.places(box)
	if err != nil {
		return false, err
	}
	for _, p := range places {
		var locked bool
		if err := c.tx.QueryRow("SELECT locked > 0 FROM thread WHERE id = ?", p.thread).Scan(&locked); err != nil {
			return false, err
		}
		if locked || p.state == StateErased || p.state == StateLocked {
			return true, nil
		}
	}
	_, _, locked, err := c.caseFor(box)
	return locked, err
}

// incoming is a piece as the log would bring it.
func (c *carrier) incoming(p *Carried) *Incoming {
	e := &Incoming{Index: noPlace, Commitment: p.Commitment, Present: true, ID: p.ID, Hour: p.Hour, Letter: p.Letter, DeskOK: true, Epoch: p.Letter.Epoch, Urgency: UrgencyDays}
	e.Letter.Org = c.org
	if p.First {
		e.Letter.MAC = &p.Key
	} else {
		e.Letter.Tag = p.Key.Tag(e.Letter)
	}
	e.Describe()
	if c.urgency != nil && len(e.Intake.Situations) > 0 {
		e.Urgency = c.urgency(e.Intake.Situations)
	}
	return e
}

func (c *carrier) letter(p *Carried) error {
	if p.Letter.Kind != seal.KindLetter || p.Letter.Mailbox == c.officeBox(c.org) {
		return errors.New("a piece that is no letter")
	}
	closed, err := c.shut(p.Letter.Mailbox)
	if err != nil {
		return err
	}
	var known, gone bool
	err = c.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM letter WHERE letter_id = ?1), EXISTS (SELECT 1 FROM erased WHERE letter_id = ?1 OR commitment = ?2)", p.ID[:], p.Commitment[:]).Scan(&known, &gone)
	switch {
	case err != nil:
		return fmt.Errorf("looking for a letter: %w", err)
	case closed || gone:
		c.taken.Closed++
		return nil
	case known:
		c.taken.Known++
		return nil
	}
	c.taken.Letters++
	return c.fromPerson(c.incoming(p))
}

func (c *carrier) reply(p *Carried) error {
	if p.Letter.Kind != seal.KindReplyCopy {
		return errors.New("a piece that is no reply")
	}
	closed, err := c.shut(p.Letter.Mailbox)
	if err != nil {
		return err
	}
	places, err := c.places(p.Letter.Mailbox)
	if err != nil {
		return err
	}
	if closed || len(places) == 0 || places[0].mac == nil {
		c.taken.Closed++
		return nil
	}
	e := c.incoming(p)
	var known bool
	err = c.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM reply WHERE copy_id = ?1 OR thread = ?2 AND tag = 'ok' AND at / 60 = ?3 / 60 AND text = ?4)`,
		p.ID[:], places[0].thread, toUnix(p.Letter.At), p.Letter.Text()).Scan(&known)
	if err != nil {
		return fmt.Errorf("looking for a reply: %w", err)
	}
	if known {
		c.taken.Known++
		return nil
	}
	c.taken.Replies++
	if p.ID == (wire.LetterID{}) {
		e.ID = standIn(e)
	}
	if err := c.otherDesk(e, places[0]); err != nil || p.ID == e.ID {
		return err
	}
	if _, err := c.tx.Exec("UPDATE reply SET copy_id = NULL, commitment = NULL WHERE copy_id = ?", e.ID[:]); err != nil {
		return fmt.Errorf("adding a reply: %w", err)
	}
	return nil
}

// standIn names a reply that the log does not know, while its row is written.
func standIn(e *Incoming) wire.LetterID {
	return sha256.Sum256([]byte("panah.carry/v1\n" + e.Letter.Mailbox.Reveal() + "\n" + strconv.FormatInt(toUnix(e.Letter.At), 10) + "\n" + e.Letter.Text()))
}

// carried finds a reply that was carried here before the log brought it, and gives it its place. The desk that wrote it may have sealed it anew since.
func (in *ingest) carried(e *Incoming, thread int64) (found bool, err error) {
	var id int64
	err = in.tx.QueryRow("SELECT id FROM reply WHERE thread = ? AND copy_idx = -1 AND NOT here AND tag = 'ok' AND at / 60 = ? / 60 AND text = ? ORDER BY id LIMIT 1",
		thread, toUnix(e.Letter.At), e.Letter.Text()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		_, err = in.tx.Exec("UPDATE reply SET copy_id = ?, copy_idx = ?, commitment = ?, file_key = ?, epoch = ? WHERE id = ?", e.ID[:], e.Index, e.Commitment[:], fileKeyOf(e), epochOf(e), id)
	}
	if err != nil {
		return false, fmt.Errorf("looking for a reply that was carried here: %w", err)
	}
	in.changed[thread] = true
	return true, nil
}

func (c *carrier) events(p *Carried) error {
	n, err := ParseNotice(p.Notice)
	if err != nil || n.Do != doEvents {
		return errors.New("a piece that holds no events")
	}
	box, err := wire.ParseMailboxID(n.Mailboxes[0])
	if err != nil {
		return err
	}
	closed, err := c.shut(box)
	if err != nil {
		return err
	}
	if closed {
		c.taken.Closed += len(n.Events)
		return nil
	}
	var thread int64
	for _, text := range n.Events {
		e, err := event.Open([]byte(text))
		if err != nil || e.Org != c.org || boxOfCase(e.Event) != box {
			c.taken.Doubtful++
			continue
		}
		if thread == 0 {
			if thread, err = c.threadFor(&Incoming{Index: noPlace, Letter: seal.Letter{Org: c.org}}, box); err != nil {
				return err
			}
		}
		known, err := knownDevice(c.tx, roster.HashDevice(e.Device))
		if err != nil {
			return err
		}
		added, err := addEvent(c.tx, thread, e, nil, known)
		if err != nil {
			return err
		}
		if !added {
			c.taken.Known++
			continue
		}
		c.taken.Events++
		c.folds[thread] = true
	}
	return nil
}

// erase follows an erasure that a desk of the organisation signed, as one in the log would be followed, and asks the gate for nothing: the desk that erased does.
func (c *carrier) erase(p *Carried) error {
	n, err := ParseNotice(p.Notice)
	if err != nil || n.Do != doErase || len(n.Letters) > 0 {
		return errors.New("a piece that is no erasure")
	}
	by := roster.HashDevice(n.By)
	var role string
	err = c.tx.QueryRow("SELECT role FROM device WHERE hash = ?", by[:]).Scan(&role)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("looking up a desk: %w", err)
	}
	if err != nil || n.Sig == nil || role == string(roster.RoleReader) || !n.signedBy(c.org, p.Notice) {
		c.taken.Doubtful++
		return nil
	}
	fresh := 0
	for _, m := range n.Mailboxes {
		at, err := c.threadOf(m)
		if err != nil {
			return err
		}
		if at.thread != 0 && at.state != StateErased {
			fresh = 1
		}
	}
	if fresh == 0 {
		c.taken.Known++
		return nil
	}
	c.taken.Erased++
	return c.erasedElsewhere(n)
}
