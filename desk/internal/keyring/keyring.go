// Package keyring holds a desk's secrets: keeper and device keys, epoch identities, the key of the database, and where
// the gate is. On disk they are one age file sealed with a passphrase.
//
// It refuses to write anything readable, to overwrite a keyring with a new one, and to print a secret.
package keyring

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/seal"
)

// A Gate is where the organisation's gate is and what its checkpoints are signed with.
type Gate struct {
	URL    string `json:"url"`    // "https://help.example.org"
	Origin string `json:"origin"` // name in checkpoints and signed requests
	Key    string `json:"key"`    // note verifier key
}

// A Keyring is a desk's secrets, opened. It prints as "[keyring]".
type Keyring struct {
	Name     string // of the organisation
	Org      string // fingerprint
	Founding []byte // roster 1, signed
	Roster   []byte // the newest roster that the chain proves, signed
	Gate     Gate   // zero until the desk is connected

	keeper   string // note signer key
	device   ed25519.PrivateKey
	epochs   map[int]*age.HybridIdentity
	database [32]byte
}

// Found makes the keys of a new organisation with one keeper and one device, and its founding roster. name is shown to
// people: one line, at most 120 bytes.
func Found(name string) (*Keyring, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, "keeper")
	if err != nil {
		return nil, fmt.Errorf("making the keeper's key: %w", err)
	}
	_, device, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the device's key: %w", err)
	}
	epoch, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making the key of the first epoch: %w", err)
	}
	k := &Keyring{Name: name, keeper: skey, device: device, epochs: map[int]*age.HybridIdentity{1: epoch}}
	rand.Read(k.database[:])
	r := roster.Roster{
		Org: roster.OrgID([]string{vkey}), Name: name, Serial: 1, Epoch: 1, Recipient: epoch.Recipient(), Threshold: 1,
		Keepers: []string{vkey}, Devices: []roster.DeviceHash{roster.HashDevice(device.Public().(ed25519.PublicKey))},
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("making the keeper's key: %w", err)
	}
	if k.Founding, err = roster.Sign(r, signer); err != nil {
		return nil, err
	}
	k.Org, k.Roster = r.Org, k.Founding
	return k, nil
}

// Device is the key that signs this desk's requests.
func (k *Keyring) Device() ed25519.PrivateKey { return k.device }

// Database is the key of the database file.
func (k *Keyring) Database() [32]byte { return k.database }

// GateVerifier checks what the gate signs.
func (k *Keyring) GateVerifier() (note.Verifier, error) {
	v, err := note.NewVerifier(k.Gate.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the gate's key: %w", err)
	}
	if v.Name() != k.Gate.Origin {
		return nil, errors.New("reading the gate's key: it names another gate")
	}
	return v, nil
}

// Epoch is the number of the newest epoch this desk has the key of.
func (k *Keyring) Epoch() int {
	newest := 0
	for n := range k.epochs {
		newest = max(newest, n)
	}
	return newest
}

// Recipient is what the organisation's other desks open: the recipient of the newest epoch.
func (k *Keyring) Recipient() *age.HybridRecipient { return k.epochs[k.Epoch()].Recipient() }

// Opener opens letters sealed to any epoch the desk has the key of, newest first. age keeps the expanded key inside
// the identity, so the Opener is meant to be made once.
func (k *Keyring) Opener() age.Identity {
	numbers := make([]int, 0, len(k.epochs))
	for n := range k.epochs {
		numbers = append(numbers, n)
	}
	slices.SortFunc(numbers, func(a, b int) int { return b - a })
	var o opener
	for _, n := range numbers {
		o = append(o, k.epochs[n])
	}
	return o
}

// opener tries identities in turn.
type opener []*age.HybridIdentity

// Unwrap makes opener an age.Identity.
func (o opener) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, id := range o {
		key, err := id.Unwrap(stanzas)
		if !errors.Is(err, age.ErrIncorrectIdentity) {
			return key, err
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// String hides the identities.
func (opener) String() string { return "[epoch identities]" }

// GoString hides the identities.
func (opener) GoString() string { return "[epoch identities]" }

// DeskKey authenticates what the organisation's desks tell each other through the log: only they can derive it, while
// the organisation's recipient is public and anybody can seal to it. ok is false when this desk lacks that epoch's key.
func (k *Keyring) DeskKey(epoch int) (key seal.DeskKey, ok bool) {
	id := k.epochs[epoch]
	if id == nil {
		return key, false
	}
	b, err := hkdf.Key(sha256.New, []byte(id.String()), nil, "panah/desk-key/v1", len(key))
	if err != nil {
		return key, false
	}
	return seal.DeskKey(b), true
}

// Forget drops the secrets. Go may have copied them; the process should not live long after.
func (k *Keyring) Forget() {
	clear(k.device)
	clear(k.epochs)
	k.database, k.keeper = [32]byte{}, ""
}

// String hides the keyring.
func (*Keyring) String() string { return "[keyring]" }

// GoString hides the keyring.
func (*Keyring) GoString() string { return "[keyring]" }

// MarshalJSON refuses: secrets leave a keyring only through Save.
func (*Keyring) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a keyring is not written to JSON")
}
