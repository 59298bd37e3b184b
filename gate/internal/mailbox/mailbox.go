// Package mailbox keeps sealed replies for people who prove that they hold a receipt code.
//
// It stores HMACs only: without the pepper, which lies outside the database, nobody can tell whether a mailbox exists. An unknown
// mailbox and a wrong auth get one answer after the same work. It never learns who a mailbox belongs to, and refuses
// to list mailboxes.
package mailbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"panah/core/wire"
	"panah/gate/internal/store"
)

// KeepDays is how long a mailbox lives without use.
const KeepDays = 90

// A Store keeps mailboxes.
type Store interface {
	OpenBox(ctx context.Context, b store.Box) (created bool, err error)
	Box(ctx context.Context, id store.BoxID) (store.Box, error) // store.ErrNoMailbox
	Replies(ctx context.Context, id store.BoxID) ([][]byte, error)
	PutReply(ctx context.Context, id store.BoxID, sealed []byte) (created bool, err error)
	DropBox(ctx context.Context, id store.BoxID) error
}

// A Sweeper forgets mailboxes last used before a day (days since 1970).
type Sweeper interface {
	SweepBoxes(ctx context.Context, day int64) (int, error)
}

// A Pepper is the secret that turns mailbox ids into what is stored. It prints as "[pepper]".
type Pepper [32]byte

// String hides the pepper.
func (Pepper) String() string { return "[pepper]" }

// GoString hides the pepper.
func (Pepper) GoString() string { return "[pepper]" }

// Mailboxes are all mailboxes of a gate.
type Mailboxes struct {
	store  Store
	pepper Pepper
	now    func() time.Time
}

// New returns the mailboxes kept in s.
func New(s Store, pepper Pepper, now func() time.Time) *Mailboxes { return &Mailboxes{s, pepper, now} }

// Box is what is stored for key today: seq opens it in the commit of a letter.
func (m *Mailboxes) Box(key wire.MailboxKey) store.Box {
	return store.Box{ID: m.id(key.ID), Auth: m.mac("auth", key.Auth[:]), Day: day(m.now())}
}

// Open opens a mailbox for a desk that gives somebody a new code; created is false when it was there.
func (m *Mailboxes) Open(ctx context.Context, key wire.MailboxKey) (created bool, err error) {
	return m.store.OpenBox(ctx, m.Box(key))
}

// Replies returns the sealed replies, oldest first, and keeps the mailbox alive. The error is store.ErrNoMailbox when there is
// none or key is not its key.
func (m *Mailboxes) Replies(ctx context.Context, key wire.MailboxKey) ([][]byte, error) {
	b, err := m.check(ctx, key)
	if err != nil {
		return nil, err
	}
	replies, err := m.store.Replies(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	if today := day(m.now()); b.Day < today {
		b.Day = today
		// Without room the person still reads; the mailbox lives 90 days from an earlier day.
		if _, err := m.store.OpenBox(ctx, b); err != nil && !errors.Is(err, store.ErrFull) {
			return nil, err
		}
	}
	return replies, nil
}

// Erase destroys the mailbox of key and its replies. The error is store.ErrNoMailbox as for Replies.
func (m *Mailboxes) Erase(ctx context.Context, key wire.MailboxKey) error {
	b, err := m.check(ctx, key)
	if err != nil {
		return err
	}
	return m.store.DropBox(ctx, b.ID)
}

// Put puts a desk's sealed reply into a mailbox; created is false when it was there.
func (m *Mailboxes) Put(ctx context.Context, id wire.MailboxID, sealed []byte) (created bool, err error) {
	return m.store.PutReply(ctx, m.id(id), sealed)
}

// Drop destroys a mailbox for a desk: its code is lost, or in wrong hands.
func (m *Mailboxes) Drop(ctx context.Context, id wire.MailboxID) error {
	return m.store.DropBox(ctx, m.id(id))
}

// Sweep destroys the mailboxes unused for KeepDays and returns how many.
func (m *Mailboxes) Sweep(ctx context.Context, s Sweeper) (int, error) {
	n, err := s.SweepBoxes(ctx, day(m.now())-KeepDays)
	if err != nil {
		return 0, fmt.Errorf("sweeping mailboxes: %w", err)
	}
	return n, nil
}

// check finds the mailbox of key. Both ways to fail compute two HMACs, look once, and compare once.
func (m *Mailboxes) check(ctx context.Context, key wire.MailboxKey) (store.Box, error) {
	want := m.Box(key)
	have, err := m.store.Box(ctx, want.ID)
	if err != nil && !errors.Is(err, store.ErrNoMailbox) {
		return store.Box{}, err
	}
	// An unknown mailbox leaves have.Auth zero, which no HMAC equals.
	if !hmac.Equal(have.Auth[:], want.Auth[:]) {
		return store.Box{}, store.ErrNoMailbox
	}
	return have, nil
}

func (m *Mailboxes) id(id wire.MailboxID) store.BoxID { return m.mac("id", id[:]) }

// mac separates ids from auths, so that one can never stand for the other.
func (m *Mailboxes) mac(domain string, b []byte) [32]byte {
	h := hmac.New(sha256.New, m.pepper[:])
	h.Write([]byte("panah.mailbox/v1 " + domain + "\n"))
	h.Write(b)
	return [32]byte(h.Sum(nil))
}

func day(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }
