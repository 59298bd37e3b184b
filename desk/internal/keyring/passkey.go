package keyring

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"panah/core/seal"
)

// Bounds of passkeys.json.
const (
	MaxPasskeys     = 8
	maxPasskeyName  = 60 // bytes
	maxCredentialID = 1023
	maxPublicKey    = 2 << 10
	maxPasskeysFile = 256 << 10
)

var (
	// ErrPasskey says that the passkey is not one of this desk, or that what it derived does not open the keyring.
	ErrPasskey = errors.New("this passkey does not open this desk")
	// ErrPasskeys says that the desk has as many passkeys as it takes.
	ErrPasskeys = errors.New("this desk has eight passkeys already; remove one first")
)

// A Passkey is a WebAuthn credential that can unlock the desk. Nothing in it is secret, and everything but what is sealed can be read by whoever has the folder.
type Passkey struct {
	ID    []byte    // credential id, as the authenticator gave it
	Key   []byte    // public key, PKIX DER
	Salt  []byte    // 32 bytes: the input of its PRF
	Name  string    // what people call it; readable in the folder without any key
	Added time.Time // to the second
	Staff string    // whose, 16 hex digits; "" the founder's, and what Passkeys says of all: the folder does not tell
}

// passkeyJSON is a Passkey in passkeys.json.
type passkeyJSON struct {
	ID     []byte `json:"id"`
	Key    []byte `json:"key"`
	Salt   []byte `json:"salt"`
	Name   string `json:"name"`
	Added  int64  `json:"added"`
	Sealed []byte `json:"sealed"` // age file: the master identity
}

type passkeysJSON struct {
	V        int           `json:"v"`
	Passkeys []passkeyJSON `json:"passkeys"`
}

// Passkeys lists the passkeys of the desk in dir; it needs no key. None is an empty list. The error wraps ErrDamaged or tells what the disk said.
func Passkeys(dir string) ([]Passkey, error) {
	file, err := readPasskeys(dir)
	if err != nil {
		return nil, err
	}
	list := []Passkey{}
	for _, p := range file.Passkeys {
		list = append(list, Passkey{ID: p.ID, Key: p.Key, Salt: p.Salt, Name: p.Name, Added: time.Unix(p.Added, 0).UTC()})
	}
	return list, nil
}

func readPasskeys(dir string) (passkeysJSON, error) {
	b, err := readFile(dir, PasskeysFile)
	if errors.Is(err, os.ErrNotExist) {
		return passkeysJSON{V: 1}, nil
	}
	if err != nil {
		return passkeysJSON{}, err
	}
	return decodePasskeys(b)
}

func decodePasskeys(b []byte) (passkeysJSON, error) {
	bad := fmt.Errorf("%w: %s", ErrDamaged, PasskeysFile)
	var file passkeysJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if len(b) > maxPasskeysFile || d.Decode(&file) != nil || d.More() || file.V != 1 || len(file.Passkeys) > MaxPasskeys {
		return passkeysJSON{}, bad
	}
	for _, p := range file.Passkeys {
		if len(p.ID) == 0 || len(p.ID) > maxCredentialID || len(p.Key) > maxPublicKey || len(p.Salt) != 32 || !goodPasskeyName(p.Name) {
			return passkeysJSON{}, bad
		}
	}
	return file, nil
}

// GoodName reports whether Name is one line of 1 to 60 bytes.
func (p Passkey) GoodName() bool { return goodPasskeyName(p.Name) }

func goodPasskeyName(s string) bool {
	return s != "" && len(s) <= maxPasskeyName && utf8.ValidString(s) && strings.TrimSpace(s) == s && !strings.ContainsAny(s, "\r\n\t\x00")
}

// passkeyIdentity derives the identity that an authenticator's PRF output stands for.
func passkeyIdentity(secret []byte) (*seal.BoxIdentity, error) {
	if len(secret) != 32 {
		return nil, fmt.Errorf("reading what the passkey derived: %w", ErrPasskey)
	}
	seed, err := hkdf.Key(sha256.New, secret, nil, "panah/passkey/v1", 32)
	if err != nil {
		return nil, fmt.Errorf("reading what the passkey derived: %w", err)
	}
	defer clear(seed)
	id, err := seal.BoxFromSeed([32]byte(seed))
	if err != nil {
		return nil, fmt.Errorf("reading what the passkey derived: %w", err)
	}
	return id, nil
}

// AddPasskey lets a passkey open this keyring. secret is the 32-byte output of its PRF for p.Salt; the caller has verified that p.Key belongs to p.ID. A
// passkey with the same id is replaced. The error wraps ErrPasskeys when there is no room.
func (k *Keyring) AddPasskey(p Passkey, secret []byte) error {
	id, err := passkeyIdentity(secret)
	if err != nil {
		return err
	}
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.master == nil || k.dir == "" {
		return fmt.Errorf("adding a passkey: %w", ErrForgotten)
	}
	if err := k.hold(); err != nil {
		return fmt.Errorf("adding a passkey: %w", err)
	}
	file, err := readPasskeys(k.dir)
	if err != nil {
		return err
	}
	file.Passkeys = slices.DeleteFunc(file.Passkeys, func(have passkeyJSON) bool { return bytes.Equal(have.ID, p.ID) })
	if len(file.Passkeys) >= MaxPasskeys {
		return ErrPasskeys
	}
	sealed, err := sealMasters([]age.Recipient{id.Recipient()}, k.master)
	if err != nil {
		return err
	}
	file.Passkeys = append(file.Passkeys, passkeyJSON{p.ID, p.Key, p.Salt, p.Name, p.Added.Unix(), sealed})
	// The keyring itself remembers whom it may be sealed to: whoever can write to the folder cannot slip in a recipient.
	err = k.update(func(s *State) error {
		if s.passkeys == nil {
			s.passkeys = map[string]string{}
		}
		s.passkeys[credentialText(p.ID)] = id.Recipient().String()
		s.own(credentialText(p.ID), p.Staff)
		return nil
	})
	if err != nil {
		return err
	}
	return writePasskeys(k.dir, file)
}

func credentialText(id []byte) string { return base64.StdEncoding.EncodeToString(id) }

// own says whose a passkey is; the founder's needs no word.
func (s *State) own(credential, staff string) {
	delete(s.owners, credential)
	if staff == "" || staff == s.founder {
		return
	}
	if s.owners == nil {
		s.owners = map[string]string{}
	}
	s.owners[credential] = staff
}

// OwnerOf is the person whose passkey it is; "" for a founder who did not say who they are.
func (k *Keyring) OwnerOf(credential []byte) string {
	return read(k, func(s *State) string {
		if staff := s.owners[credentialText(credential)]; staff != "" {
			return staff
		}
		return s.founder
	})
}

func writePasskeys(dir string, file passkeysJSON) error {
	b, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return errors.New("saving the passkeys: they do not encode")
	}
	if _, err := decodePasskeys(b); err != nil {
		return errors.New("saving the passkeys: one of them is out of bounds")
	}
	return replace(dir, PasskeysFile, b)
}

// sealPasskeys seals the master identities to every passkey that the keyring knows, and drops what it does not know. It wants k.saving.
func (k *Keyring) sealPasskeys(masters ...*age.HybridIdentity) error {
	file, err := readPasskeys(k.dir)
	if err != nil {
		return err
	}
	if len(file.Passkeys) == 0 {
		return nil
	}
	known := read(k, func(s *State) State { return s.clone() }).passkeys
	kept := passkeysJSON{V: 1, Passkeys: []passkeyJSON{}}
	for _, p := range file.Passkeys {
		to, err := age.ParseHybridRecipient(known[credentialText(p.ID)])
		if err != nil {
			continue
		}
		if p.Sealed, err = sealMasters([]age.Recipient{to}, masters...); err != nil {
			return err
		}
		kept.Passkeys = append(kept.Passkeys, p)
	}
	return writePasskeys(k.dir, kept)
}

// RemovePasskey is RemovePasskeyOf for the founder.
func (k *Keyring) RemovePasskey(id []byte, passphrase string) error {
	return k.RemovePasskeyOf("", id, passphrase)
}

// RemovePasskeyOf takes a person's passkey out and makes a new master key, so that the passkey with an older copy of the folder opens no key file that is written from
// now on. It therefore needs the passphrase. The error wraps ErrPassphrase, or ErrPasskey when there is none with that id.
func (k *Keyring) RemovePasskeyOf(staff string, id []byte, passphrase string) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.ready("removing a passkey"); err != nil {
		return err
	}
	d, err := k.doorOf(staff, passphrase)
	if err != nil {
		return err
	}
	file, err := readPasskeys(k.dir)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(file.Passkeys, func(p passkeyJSON) bool { return bytes.Equal(p.ID, id) }) || k.OwnerOf(id) != d.staff {
		return fmt.Errorf("removing a passkey: %w", ErrPasskey)
	}
	// What the keyring does not know, sealPasskeys leaves out.
	remove := func(s *State) error {
		delete(s.passkeys, credentialText(id))
		delete(s.owners, credentialText(id))
		s.adopt(d)
		return nil
	}
	if d.id == nil {
		return k.renewMaster(passphrase, d.logN, remove)
	}
	return k.renew(remove)
}

// OpenWithSecret opens the keyring in dir with what a passkey's PRF gave for its salt, 32 bytes. The error wraps ErrPasskey or ErrDamaged.
func OpenWithSecret(dir string, credential, secret []byte) (*Keyring, error) {
	masters, err := mastersOf(dir, credential, secret)
	if err != nil {
		return nil, err
	}
	sealed, err := readFile(dir, FileName)
	if err != nil {
		return nil, err
	}
	k, err := openWith(dir, sealed, masters)
	if err != nil {
		return nil, err
	}
	if !k.knows(credential) {
		k.Forget()
		return nil, ErrPasskey
	}
	return k, k.finishByPasskey(masters)
}

// finishByPasskey finishes what renew began. Without seats only the passphrase can.
func (k *Keyring) finishByPasskey(masters []*age.HybridIdentity) error {
	if !k.seated(k.Founder()) || len(masters) < 2 && !k.isDue() {
		return nil
	}
	k.saving.Lock()
	defer k.saving.Unlock()
	if err := k.ready("finishing a change of the keys"); err != nil {
		return err
	}
	return k.renew(func(*State) error { return nil })
}

// CheckPasskey says whether a passkey opens this keyring. The error wraps ErrPasskey or ErrDamaged.
func (k *Keyring) CheckPasskey(credential, secret []byte) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	if k.master == nil {
		return fmt.Errorf("checking a passkey: %w", ErrForgotten)
	}
	if !k.knows(credential) {
		return ErrPasskey
	}
	_, err := mastersOf(k.dir, credential, secret)
	return err
}

// knows reports whether the keyring lists the passkey.
func (k *Keyring) knows(credential []byte) bool {
	return read(k, func(s *State) bool { return s.passkeys[credentialText(credential)] != "" })
}

// mastersOf opens what is sealed to a passkey.
func mastersOf(dir string, credential, secret []byte) ([]*age.HybridIdentity, error) {
	file, err := readPasskeys(dir)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(file.Passkeys, func(p passkeyJSON) bool { return bytes.Equal(p.ID, credential) })
	if i < 0 {
		return nil, ErrPasskey
	}
	id, err := passkeyIdentity(secret)
	if err != nil {
		return nil, err
	}
	plain, err := openAge(file.Passkeys[i].Sealed, id)
	if errors.Is(err, ErrPassphrase) {
		return nil, ErrPasskey
	}
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return parseIdentityFile(plain)
}
