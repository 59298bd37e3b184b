package wraps

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// ageIntro begins a key wrap's part; an ordinary wrap's begins with a brace.
const ageIntro = "age-encryption.org/v1\n"

// maxCaseKey bounds what a key wrap holds, opened.
const maxCaseKey = 512 << 10

// ErrCard says that this desk has no card yet of the desk that a key is for, or that there are no custodians.
var ErrCard = errors.New("nobody to seal the case's key to yet")

// SendCaseKey puts a locked case's key at the gate for one desk, or for the custodians (zero): body is that of an item casedb.OutCaseKey.
func (w *Wrapper) SendCaseKey(ctx context.Context, body []byte) error {
	if len(body) < len(casedb.Device{}) {
		return errors.New("sending a case's key: malformed item")
	}
	k, err := w.keys(w.c.Keys.Epoch())
	if err != nil {
		return err
	}
	inner := body[len(casedb.Device{}):]
	c, err := casedb.ParseCaseKey(inner)
	if err != nil {
		return err
	}
	return w.sendCaseKey(ctx, k, casedb.Device(body), c, false)
}

func (w *Wrapper) sendCaseKey(ctx context.Context, k keys, whom casedb.Device, c casedb.CaseKey, done bool) error {
	to, err := w.recipientOf(whom)
	if err != nil {
		return err
	}
	inner, err := c.Encode()
	if err != nil {
		return err
	}
	defer clear(inner)
	var part bytes.Buffer
	to1, err := age.Encrypt(&part, to)
	if err != nil {
		return fmt.Errorf("sealing a case's key: %w", err)
	}
	if _, err := to1.Write(inner); err != nil {
		return fmt.Errorf("sealing a case's key: %w", err)
	}
	if err := to1.Close(); err != nil {
		return fmt.Errorf("sealing a case's key: %w", err)
	}
	sealed, err := w.sealPart(k, part.Bytes())
	if err != nil {
		return err
	}
	one := wire.Wrap{Sealed: sealed}
	rand.Read(one.Name[:])
	// First, so that an erasure deletes it.
	if err := w.c.DB.CaseWrapped(ctx, c.Case, c.Mailboxes, k.epoch, [][16]byte{one.Name}, false); err != nil {
		return err
	}
	if err := w.c.Gate.PutWraps(ctx, k.epoch, []wire.Wrap{one}); err != nil {
		return fmt.Errorf("sending a case's key: %w", err)
	}
	return w.c.DB.CaseWrapped(ctx, c.Case, c.Mailboxes, k.epoch, nil, done)
}

// recipientOf is the newest encryption key of a desk, as its card says, or the custodians' (zero).
func (w *Wrapper) recipientOf(whom casedb.Device) (*age.HybridRecipient, error) {
	s := w.c.Keys.State()
	if whom == (casedb.Device{}) {
		to, err := age.ParseHybridRecipient(s.Custodians.Identity)
		if err != nil {
			return nil, fmt.Errorf("sealing a case's key to the custodians: %w", ErrCard)
		}
		return to, nil
	}
	for _, m := range s.Members {
		if m.Hash() != whom {
			continue
		}
		card, err := roster.OpenCard(s.Cards[whom], s.Org, m.Device)
		if err != nil {
			break
		}
		return card.Recipient, nil
	}
	return nil, fmt.Errorf("sealing a case's key to a desk: %w", ErrCard)
}

// caseKeys renews, in an epoch, the wraps of the keys of locked cases that this desk has: devices have other keys than when they were wrapped, and the
// custodians' copy goes with its epoch.
func (w *Wrapper) caseKeys(ctx context.Context, k keys) error {
	cases, err := w.c.DB.LockedCases(ctx, k.epoch)
	if err != nil {
		return err
	}
	me := w.me()
	for _, c := range cases {
		whom := append([]casedb.Device{{}}, c.Specialists...)
		for i, d := range whom {
			if d == me {
				continue
			}
			for j, key := range c.Keys {
				last := i == len(whom)-1 && j == len(c.Keys)-1
				if err := w.sendCaseKey(ctx, k, d, key, last); err != nil && !errors.Is(err, ErrCard) {
					return err
				}
			}
		}
		if err := w.c.DB.CaseWrapped(ctx, c.Case, nil, k.epoch, nil, true); err != nil {
			return err
		}
	}
	return nil
}

func (w *Wrapper) me() casedb.Device { return roster.HashDevice(pub(w.c.Keys.Device())) }

// takeCaseKey reads a key wrap with each of ids, of which the first is this desk's own and the others are the custodians'. ok is false when it is for somebody else.
func (w *Wrapper) takeCaseKey(ctx context.Context, l seal.Letter, sealed wire.Wrap, epoch int, ids []age.Identity) (news bool, err error) {
	for i, id := range ids {
		r, err := age.Decrypt(bytes.NewReader(l.Parts[0].Data), id)
		if err != nil {
			continue
		}
		inner, err := io.ReadAll(io.LimitReader(r, maxCaseKey))
		if err != nil {
			return false, errBody
		}
		defer clear(inner)
		c, err := casedb.ParseCaseKey(inner)
		if err != nil {
			return false, err
		}
		identity, err := age.ParseHybridIdentity(c.Identity)
		if err != nil {
			return false, errBody
		}
		if err := w.c.DB.CaseWrapped(ctx, c.Case, c.Mailboxes, epoch, [][16]byte{sealed.Name}, false); err != nil {
			return false, err
		}
		return w.c.DB.TakeCase(ctx, c, identity.Recipient().String(), i > 0)
	}
	return false, nil
}

func pub(device ed25519.PrivateKey) ed25519.PublicKey {
	p, _ := device.Public().(ed25519.PublicKey)
	return p
}
