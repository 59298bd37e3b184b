package office

import (
	"context"
	"errors"
	"os"
	"slices"

	"panah/desk/internal/keyring"
)

// A Passkey is a WebAuthn credential that unlocks this desk beside the passphrase. Nothing in it is secret.
type Passkey = keyring.Passkey

// MaxPasskeys is how many a desk takes.
const MaxPasskeys = keyring.MaxPasskeys

// What can go wrong with passkeys that a page has words for.
var (
	ErrPasskey  = keyring.ErrPasskey  // it does not open this desk
	ErrPasskeys = keyring.ErrPasskeys // there are as many as the desk takes
)

// Passkeys lists the passkeys of who acts, or all of the desk's when that is nobody; it works locked too. A folder without keys has none.
func (o *Office) Passkeys(ctx context.Context) ([]Passkey, error) {
	list, err := keyring.Passkeys(o.c.Data)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if me := ActorOf(ctx).Staff; me != "" && err == nil {
		err = o.in(func(r *room) error {
			list = slices.DeleteFunc(list, func(p Passkey) bool { return r.keys.OwnerOf(p.ID) != string(me) })
			return nil
		})
	}
	return list, err
}

// AddPasskey lets a passkey of who acts unlock this desk. secret is what its PRF gives for p.Salt, 32 bytes; the caller has verified that p.Key belongs to p.ID. The error wraps ErrLocked,
// ErrPassphrase, or ErrPasskeys.
func (o *Office) AddPasskey(ctx context.Context, p Passkey, secret []byte, passphrase string) error {
	p.Staff = string(ActorOf(ctx).Staff)
	return o.withKeys(func(k *keyring.Keyring) error {
		if err := k.CheckPassphraseOf(p.Staff, passphrase); err != nil {
			return err
		}
		return k.AddPasskey(p, secret)
	})
}

// RemovePasskey takes a passkey out and makes a new key for the key file, which needs the passphrase and takes some seconds. The error wraps ErrLocked, ErrPassphrase, or ErrPasskey when
// there is none with that id.
func (o *Office) RemovePasskey(ctx context.Context, id []byte, passphrase string) error {
	return o.withKeys(func(k *keyring.Keyring) error {
		return k.RemovePasskeyOf(string(ActorOf(ctx).Staff), id, passphrase)
	})
}

// withKeys runs f while nobody locks or unlocks: checking a passphrase takes a second and 256 MiB, one at a time.
func (o *Office) withKeys(f func(*keyring.Keyring) error) error {
	o.turn.Lock()
	defer o.turn.Unlock()
	r := o.now()
	if r == nil {
		return ErrLocked
	}
	return o.tellKeys(f(r.keys))
}

// UnlockPasskey is Unlock with what a passkey's PRF gave for its salt, 32 bytes. The error wraps ErrPasskey, ErrDamaged, ErrInUse, ErrGone, or tells what the disk said.
func (o *Office) UnlockPasskey(ctx context.Context, id, secret []byte) error {
	return o.unlockWith(ctx,
		func() (*keyring.Keyring, error) { return keyring.OpenWithSecret(o.c.Data, id, secret) },
		func(k *keyring.Keyring) error { return k.CheckPasskey(id, secret) })
}

// ChangePassphrase gives who acts another passphrase, the founder when that is nobody, at the usual cost; passkeys go on working. It takes some seconds. The error wraps ErrLocked, or ErrPassphrase when old is
// wrong. Whoever copied the folder earlier opens that copy with the old one.
func (o *Office) ChangePassphrase(ctx context.Context, old, next string) error {
	return o.ChangeOwnPassphrase(ctx, old, next)
}
