// Package post empties the outbox: it seals replies, copies and notices, sends them, and marks what the gate has.
//
// It seals a letter once and keeps the sealed bytes before the first try, so that a desk killed between sending and marking sends
// the same letter again, which the gate knows. It gives up on nothing but a reply whose mailbox is gone.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
	"panah/desk/internal/seen"
	"panah/desk/internal/wraps"
)

// Config is what Push works with. The caller owns all of it.
type Config struct {
	DB   *casedb.DB
	Line *line.Line
	Keys *keyring.Keyring
	Now  func() time.Time
}

// Push sends everything that may go out, in order, and returns how many items went. It stops at the first error of the connection, which it
// returns as desk/internal/line does; an item that the gate refuses holds up its own thread only.
func Push(ctx context.Context, c Config) (sent int, err error) {
	blocked := map[int64]bool{} // threads with an item that the gate refused
	var refused error
	for after := int64(0); ; {
		o, ok, err := c.DB.NextOut(ctx, after)
		if err != nil || !ok {
			return sent, errors.Join(refused, err)
		}
		after = o.ID
		if blocked[o.Thread] {
			continue // what follows in its thread counts on it
		}
		renewed, err := c.caseOf(ctx, o)
		if err != nil {
			return sent, errors.Join(refused, err)
		}
		if renewed {
			after-- // the same item again, with the case's new key in it
			continue
		}
		err = c.push(ctx, o)
		var no *wire.Error
		switch {
		case errors.Is(err, casedb.ErrMoved):
			after = o.ID - 1 // gone, or there is more in it now
			continue
		case err == nil:
			err = c.DB.Delivered(ctx, o)
		case o.Kind == casedb.OutReply && (errors.Is(err, line.ErrNoMailbox) || errors.Is(err, errNoBox)):
			err = c.DB.Refused(ctx, o, c.Now())
		case errors.Is(err, errUnsendable) || errors.Is(err, line.ErrReceipt) || errors.As(err, &no) && !errors.Is(err, line.ErrOffline) && !errors.Is(err, line.ErrDevice) && !errors.Is(err, line.ErrClock):
			// This very item cannot be sealed, or the gate will not have it. It is tried again later; other people's answers do not wait for it.
			blocked[o.Thread] = true
			refused = errors.Join(refused, fmt.Errorf("sending an item of kind %s: %w", o.Kind, err))
			continue
		}
		if err != nil {
			return sent, errors.Join(refused, err)
		}
		sent++
	}
}

// errNoBox says that the person's letter named no mailbox that can be sealed to.
var errNoBox = errors.New("the letter names no mailbox that a reply can be sealed to")

// errUnsendable says that an item cannot be sealed.
var errUnsendable = errors.New("it cannot be sealed")

func (c Config) push(ctx context.Context, o casedb.Out) error {
	var id wire.MailboxID
	switch o.Kind {
	case casedb.OutReply, casedb.OutCopy, casedb.OutNotice:
		sealed, err := c.sealed(ctx, o)
		if err != nil {
			return err
		}
		if o.Kind == casedb.OutReply {
			return c.Line.Reply(ctx, o.Mailbox, sealed)
		}
		return c.letterOut(ctx, sealed)
	case casedb.OutOpen:
		var key wire.MailboxKey
		if len(o.Body) != len(key.ID)+len(key.Auth) {
			return errors.New("opening a mailbox: malformed item")
		}
		copy(key.Auth[:], o.Body[copy(key.ID[:], o.Body):])
		return c.Line.OpenMailbox(ctx, key)
	case casedb.OutKill:
		copy(id[:], o.Body)
		return c.Line.KillMailbox(ctx, id)
	case casedb.OutDelete:
		return c.Line.Delete(ctx, o.Body)
	case casedb.OutUnwrap:
		return c.unwrap(ctx, o.Body)
	case casedb.OutCaseKey:
		return c.caseKey(ctx, o.Body)
	}
	return fmt.Errorf("an outgoing item of unknown kind %q", o.Kind)
}

// caseOf makes sure that an answer in a locked case names no key that somebody who left still has. renewed says that the item has to be read again.
func (c Config) caseOf(ctx context.Context, o casedb.Out) (renewed bool, err error) {
	if o.Kind != casedb.OutReply || o.CaseTo == "" || o.Sealed != nil {
		return false, nil
	}
	return c.wrapper().BeforeAnswer(ctx, o.Thread)
}

func (c Config) wrapper() *wraps.Wrapper {
	return wraps.New(wraps.Config{DB: c.DB, Gate: c.Line, Keys: c.Keys, Now: c.Now})
}

// letterOut puts a letter for the other desks into the log, and keeps the gate's promise, so that somebody asks whether it was kept.
func (c Config) letterOut(ctx context.Context, sealed []byte) error {
	gate, err := c.Keys.GateVerifier()
	if err != nil {
		return err
	}
	receipt, err := c.Line.Letter(ctx, sealed, line.Issuer{Gate: gate, Org: c.Keys.Org})
	var bad *line.FalseReceipt
	if errors.As(err, &bad) {
		f := casedb.Finding{Kind: casedb.AlarmReceipt, Evidence: []string{bad.Why, wire.IDOf(sealed).String(), bad.Answer}}
		return errors.Join(err, c.DB.Raise(ctx, f, c.Now()))
	}
	if err != nil {
		return err
	}
	return c.DB.KeepPromise(ctx, receipt.Promise, receipt.Signed, casedb.OriginOwn)
}

// caseKey leaves a locked case's key for one who is named. Nobody to seal it to yet is no reason to wait: the next epoch's wraps are for whoever there is then.
func (c Config) caseKey(ctx context.Context, body []byte) error {
	err := c.wrapper().SendCaseKey(ctx, body)
	if errors.Is(err, wraps.ErrCard) && [32]byte(body) == [32]byte{} {
		return nil
	}
	if errors.Is(err, wraps.ErrCard) || errors.Is(err, wraps.ErrKey) {
		return fmt.Errorf("%w: %w", errUnsendable, err)
	}
	return err
}

// unwrap deletes wraps of an erased thread at the gate.
func (c Config) unwrap(ctx context.Context, body []byte) error {
	epoch, names, err := casedb.Unwraps(body)
	if err != nil {
		return err
	}
	for len(names) > 0 {
		var wraps []wire.Wrap
		for _, n := range names[:min(len(names), wire.MaxWraps)] {
			wraps = append(wraps, wire.Wrap{Name: n})
		}
		if err := c.Line.PutWraps(ctx, epoch, wraps); err != nil {
			return fmt.Errorf("deleting wraps: %w", err)
		}
		names = names[len(wraps):]
	}
	return nil
}

// ErrNoKey says that the epoch in force is one that this desk has not been given the key of yet: what it writes to the other desks waits, because a desk that was
// removed could read the old one.
var ErrNoKey = errors.New("this desk waits for the key of the new epoch")

// sealed returns the bytes to send: those of an earlier try, or new ones, stored first. What was sealed to an epoch that has ended since is sealed anew: it has
// not been sent, as far as this desk knows, and a desk that comes in later has no key of that epoch. Should the gate have it after all, the log holds it twice.
func (c Config) sealed(ctx context.Context, o casedb.Out) ([]byte, error) {
	if o.Sealed != nil && (o.Kind == casedb.OutReply || o.Epoch >= c.Keys.Epoch()) {
		return o.Sealed, nil
	}
	l, to, err := c.letter(ctx, o)
	if err != nil {
		return nil, err
	}
	sealed, err := seal.Seal(l, to)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsendable, err)
	}
	return sealed, c.DB.SealedOut(ctx, o, sealed, l.Epoch)
}

// letter writes the letter of an item and says whom it is sealed to.
func (c Config) letter(ctx context.Context, o casedb.Out) (seal.Letter, *age.HybridRecipient, error) {
	epoch := c.Keys.Epoch()
	l := seal.Letter{Kind: seal.KindReply, Org: c.Keys.Org, Sealed: seal.SealedDesk, N: o.N, At: o.At, To: o.CaseTo, Parts: o.Parts}
	l.Tag = o.MAC.Tag(l)
	if o.Kind == casedb.OutReply {
		to, err := age.ParseHybridRecipient(o.Box)
		if err != nil {
			return l, nil, errNoBox // age's error quotes the recipient
		}
		return l, to, nil
	}
	l.Epoch = epoch
	if o.Kind == casedb.OutCopy {
		l.Kind, l.Mailbox = seal.KindReplyCopy, o.Mailbox
	} else {
		body, err := c.signed(o.Body)
		if err != nil {
			return l, nil, err
		}
		l = seal.Letter{
			Kind: seal.KindNotice, Org: c.Keys.Org, Epoch: epoch, Sealed: seal.SealedDesk, At: c.Now(),
			Parts: []seal.Part{{Type: seal.TypeOctets, Data: body}},
		}
	}
	key, ok := c.Keys.DeskKey(epoch)
	if !ok {
		return l, nil, fmt.Errorf("sealing for the other desks: %w", ErrNoKey)
	}
	saw, err := c.saw(ctx)
	if err != nil {
		return l, nil, err
	}
	if o.CaseTo != "" && (o.Kind == casedb.OutCopy || !casedb.PlainNotice(o.Body)) {
		if l, err = enclose(l, key, o.CaseTo, c.Now()); err != nil {
			return l, nil, err
		}
	}
	l.Seen = saw.String()
	l.DeskTag = key.Tag(l)
	return l, c.Keys.Recipient(epoch), nil
}

// signed puts this desk's signature on a notice that the others are to obey.
func (c Config) signed(body []byte) ([]byte, error) {
	signed, err := casedb.SignNotice(body, c.Keys.Org, c.Keys.Device())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsendable, err)
	}
	return signed, nil
}

// enclose puts a copy or notice of a locked case into a letter that every desk opens and only specialists read: docs/formats-keys.md, section 8.
func enclose(l seal.Letter, key seal.DeskKey, recipient string, now time.Time) (seal.Letter, error) {
	to, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		return l, fmt.Errorf("%w: the case has no recipient", errUnsendable)
	}
	l.DeskTag = key.Tag(l)
	plain, err := seal.Pack(l)
	if err != nil {
		return l, fmt.Errorf("%w: %w", errUnsendable, err)
	}
	defer clear(plain)
	var part bytes.Buffer
	w, err := age.Encrypt(&part, to)
	if err != nil {
		return l, fmt.Errorf("sealing to a locked case: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return l, fmt.Errorf("sealing to a locked case: %w", err)
	}
	if err := w.Close(); err != nil {
		return l, fmt.Errorf("sealing to a locked case: %w", err)
	}
	return seal.Letter{
		Kind: seal.KindLocked, Org: l.Org, Epoch: l.Epoch, Sealed: seal.SealedDesk, At: now,
		Parts: []seal.Part{{Type: seal.TypeOctets, Data: part.Bytes()}},
	}, nil
}

// saw is what the other desks are told of what this one was shown.
func (c Config) saw(ctx context.Context) (seen.Seen, error) {
	cursor, err := c.DB.Cursor(ctx)
	if err != nil {
		return seen.Seen{}, err
	}
	s := seen.Seen{Serial: c.Keys.Newest().Serial, Roster: roster.Hash(c.Keys.Roster())}
	if cursor.Verified.Size() > 0 {
		s.Tree, err = cursor.Verified.Tree()
	}
	return s, err
}
