package door

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"filippo.io/age"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/core/wire"
)

// A Desk is whom letters are sealed to, from the organisation's roster.
type Desk struct {
	Org       string               // 20-character fingerprint
	Epoch     int                  // number of the epoch key
	Recipient *age.HybridRecipient // the epoch key
}

// Sealed is a letter on its way into the log. It prints as "(sealed letter)".
type Sealed struct {
	Letter []byte          // sealed bytes
	Code   receipt.Code    // of the mailbox; new after SealFirst: show it once, then forget it
	Key    wire.MailboxKey // opens the mailbox, or keeps it alive, in the commit of the letter
}

// String hides the code and the key.
func (Sealed) String() string { return "(sealed letter)" }

// GoString hides the code and the key.
func (Sealed) GoString() string { return "(sealed letter)" }

// MarshalText hides it from encoders and log handlers.
func (Sealed) MarshalText() ([]byte, error) { return []byte("(sealed letter)"), nil }

// SealFirst seals the first letter of a conversation under a new receipt code. It takes about a tenth of a second and
// 32 MiB for the code, one at a time. Errors wrap ErrEmpty, ErrStoryTooLong, ErrNotUTF8, ErrFieldTooLong or
// ErrTooLarge; those of ctx come when the sender went away while waiting. now is written into the letter to the minute.
func (d *Door) SealFirst(ctx context.Context, draft *Draft, desk Desk, now time.Time) (Sealed, error) {
	if err := draft.check(); err != nil {
		return Sealed{}, err
	}
	code, err := receipt.New(d.random)
	if err != nil {
		return Sealed{}, err
	}
	return d.sealDraft(ctx, draft, code, desk, func(l *seal.Letter, k *receipt.Keys) (*age.HybridRecipient, error) {
		l.MAC, l.At = &k.MAC, now
		return nil, nil
	})
}

// SealLater seals a further letter into the conversation of code. A code whose mailbox is gone (erased, replaced, never
// there) is refused before anything is sealed: the letter would open a new mailbox that nobody answers to. It is sealed to whom the newest
// answer in the mailbox says, or else to desk. Errors as of SealFirst, or one that wraps ErrNoMailbox.
func (d *Door) SealLater(ctx context.Context, draft *Draft, code receipt.Code, desk Desk, now time.Time) (Sealed, error) {
	if err := draft.check(); err != nil {
		return Sealed{}, err
	}
	return d.sealDraft(ctx, draft, code, desk, func(l *seal.Letter, k *receipt.Keys) (*age.HybridRecipient, error) {
		l.N, l.At = seal.LaterNumber(now), now
		l.Tag = k.MAC.Tag(*l)
		return d.writeTo(ctx, *k, desk.Org)
	})
}

// SealErase seals the wish to stop and erase everything. When that letter is durable, the caller calls Erase with its key. Only who
// has a mailbox may ask: the error wraps ErrNoMailbox otherwise.
func (d *Door) SealErase(ctx context.Context, code receipt.Code, desk Desk, now time.Time) (Sealed, error) {
	l := seal.Letter{Kind: seal.KindErase, N: seal.LaterNumber(now), At: now}
	return d.seal(ctx, l, code, desk, func(l *seal.Letter, k *receipt.Keys) (*age.HybridRecipient, error) {
		l.Tag = k.MAC.Tag(*l)
		return d.writeTo(ctx, *k, desk.Org)
	})
}

// writeTo is whom the newest authentic answer in a mailbox asks to write to: the key of a locked case, docs/formats-keys.md, section 8. nil is the
// organisation. The error wraps ErrNoMailbox when there is no such mailbox.
func (d *Door) writeTo(ctx context.Context, keys receipt.Keys, org string) (*age.HybridRecipient, error) {
	sealed, err := d.mailboxes.Replies(ctx, keys.Mailbox)
	if err != nil {
		return nil, fmt.Errorf("looking for a mailbox: %w", err)
	}
	newest, to := uint32(0), ""
	for _, s := range sealed[max(0, len(sealed)-maxReplies):] {
		if err := d.sealings.enter(ctx); err != nil {
			return nil, err
		}
		l, err := openAuthentic(s, keys, org)
		d.sealings.leave()
		if err == nil && l.N > newest {
			newest, to = l.N, l.To
		}
		wipeParts(l)
	}
	if to == "" {
		return nil, nil
	}
	r, err := age.ParseHybridRecipient(to)
	if err != nil {
		return nil, fmt.Errorf("reading whom to write to: %w", err)
	}
	return r, nil
}

// A position gives a letter its place in the thread and says whom it goes to, nil being the organisation; or it says why it has no place.
type position func(*seal.Letter, *receipt.Keys) (*age.HybridRecipient, error)

// sealDraft makes a letter of the draft.
func (d *Door) sealDraft(ctx context.Context, draft *Draft, code receipt.Code, desk Desk, sign position) (Sealed, error) {
	parts, err := draft.parts()
	if err != nil {
		return Sealed{}, err
	}
	defer clear(parts[0].Data)
	return d.seal(ctx, seal.Letter{Kind: seal.KindLetter, Parts: parts}, code, desk, sign)
}

func (d *Door) seal(ctx context.Context, l seal.Letter, code receipt.Code, desk Desk, sign position) (Sealed, error) {
	keys, err := d.derive(ctx, code, desk.Org)
	if err != nil {
		return Sealed{}, err
	}
	defer clear(keys.MAC[:])
	l.Org, l.Epoch, l.Sealed = desk.Org, desk.Epoch, seal.SealedDoor
	l.Box, l.Mailbox = keys.Recipient().String(), keys.Mailbox.ID
	recipient := desk.Recipient
	to, err := sign(&l, &keys)
	if err != nil {
		return Sealed{}, err
	}
	if to != nil {
		recipient, l.Epoch = to, 0
	}
	if err := d.sealings.enter(ctx); err != nil {
		return Sealed{}, err
	}
	defer d.sealings.leave()
	letter, err := seal.Seal(l, recipient)
	if errors.Is(err, seal.ErrTooLarge) {
		return Sealed{}, ErrTooLarge
	}
	if err != nil {
		return Sealed{}, fmt.Errorf("sealing at the door: %w", err)
	}
	return Sealed{Letter: letter, Code: code, Key: keys.Mailbox}, nil
}

// derive waits for its turn: each derivation takes 32 MiB, which scrypt offers no way to use again. They are collected
// before the next one begins: the collector alone lets two or three lie about, and 32 senders took 174 MiB instead
// of 92 (measured; a collection takes a few milliseconds, a derivation a tenth of a second).
func (d *Door) derive(ctx context.Context, code receipt.Code, org string) (receipt.Keys, error) {
	if err := d.derivations.enter(ctx); err != nil {
		return receipt.Keys{}, err
	}
	defer d.derivations.leave()
	keys, err := receipt.Derive(code, org)
	runtime.GC()
	return keys, err
}
