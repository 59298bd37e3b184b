package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

// contentsV1 is the JSON of the first format: one age file, sealed with the passphrase itself.
type contentsV1 struct {
	V        int            `json:"v"`
	Name     string         `json:"name"`
	Org      string         `json:"org"`
	Keeper   string         `json:"keeper,omitempty"`
	Device   []byte         `json:"device"`
	Epochs   map[int]string `json:"epochs"`
	Database []byte         `json:"database"`
	Founding []byte         `json:"founding"`
	Roster   []byte         `json:"roster"`
	Gate     Gate           `json:"gate"`
}

// isV1 tells by the file's first stanza: version 2 is sealed to a key.
func isV1(sealed []byte) bool {
	return bytes.HasPrefix(sealed, []byte("age-encryption.org/v1\n-> scrypt "))
}

// decodeV1 reads the contents of a version 1 file as a keyring with a master key and a device encryption key that are new.
func decodeV1(plain []byte) (*Keyring, error) {
	var c contentsV1
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil || c.V != 1 || len(c.Device) != ed25519.SeedSize || len(c.Database) != 32 {
		return nil, ErrDamaged
	}
	k, err := New()
	if err != nil {
		return nil, err
	}
	k.device, k.database = ed25519.NewKeyFromSeed(c.Device), [32]byte(c.Database)
	clear(c.Device)
	clear(c.Database)
	epochs, err := parseIdentities(c.Epochs)
	if err != nil {
		return nil, ErrDamaged
	}
	err = k.Update(func(s *State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Gate, s.Keeper = c.Name, c.Org, c.Founding, c.Roster, c.Gate, c.Keeper
		for n, id := range epochs {
			s.AddEpoch(n, id, time.Time{})
		}
		s.Began = nil // version 1 did not know
		return s.addSelfV1(k.device.Public().(ed25519.PublicKey))
	})
	if err != nil {
		return nil, ErrDamaged
	}
	return k, nil
}

// addSelfV1 fills in what version 1 left open: organisations had one desk, the founder's.
func (s *State) addSelfV1(device ed25519.PublicKey) error {
	m := roster.Member{Device: device, Name: firstDesk, Role: roster.RoleCaseworker, Generation: 1}
	founding, err := roster.OpenFounding(s.Founding)
	if err != nil {
		return err
	}
	if signer, err := note.NewSigner(s.Keeper); err == nil {
		i := slices.IndexFunc(founding.Keepers, func(vkey string) bool {
			v, err := note.NewVerifier(vkey)
			return err == nil && v.Name() == signer.Name() && v.KeyHash() == signer.KeyHash()
		})
		if i >= 0 {
			m.Role, m.Keeper = roster.RoleKeeper, founding.Keepers[i]
		}
	}
	s.Role, s.Members = m.Role, []roster.Member{m}
	return nil
}

// upgrade opens a version 1 file and replaces it. Dying half way leaves the version 1 file, which is upgraded the next time.
func upgrade(dir string, sealed []byte, passphrase string) (*Keyring, error) {
	plain, logN, err := openScrypt(sealed, passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	k, err := decodeV1(plain)
	if err != nil {
		return nil, err
	}
	k.dir, k.saved = dir, sha256.Sum256(sealed)
	if err := k.settle(dir, passphrase, logN); err != nil {
		return nil, err
	}
	return k, nil
}

// openScrypt opens an age file that a passphrase seals, and tells its cost. The error wraps ErrPassphrase or ErrDamaged.
func openScrypt(sealed []byte, passphrase string) (plain []byte, logN int, err error) {
	if passphrase == "" {
		return nil, 0, ErrPassphrase
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, 0, ErrPassphrase
	}
	id.SetMaxWorkFactor(maxLogN)
	plain, err = openAge(sealed, id)
	if err != nil {
		return nil, 0, err
	}
	return plain, costOf(sealed), nil
}
