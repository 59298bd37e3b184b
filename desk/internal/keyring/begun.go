package keyring

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// BegunFile holds the keys of a desk that is being made, by joining or by recovery, sealed with the passphrase: whoever breaks off goes on with
// the same keys, which others may have been told of already. It is gone when the keyring is there.
const BegunFile = "begun.age"

// begun is the JSON inside BegunFile.
type begun struct {
	V        int             `json:"v"`
	Device   []byte          `json:"device"` // seed
	Identity string          `json:"identity"`
	Step     json.RawMessage `json:"step"`
}

// Begin keeps the keys of k, which New made and which has no folder yet, with step, the caller's own note of how far it came. It makes the folder, and
// replaces an earlier note. logN as in Create.
func (k *Keyring) Begin(dir, passphrase string, logN int, step json.RawMessage) error {
	first := k.DeviceIdentity(1)
	if first == nil {
		return errors.New("beginning a desk: its keys are not new")
	}
	plain, err := json.Marshal(begun{1, k.device.Seed(), first.String(), step})
	if err != nil {
		return errors.New("beginning a desk: its note does not encode")
	}
	defer clear(plain)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the desk's folder: %w", err)
	}
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("beginning a desk: %w", err)
	}
	if logN == 0 {
		logN = DefaultLogN
	}
	if logN < minLogN || logN > maxLogN {
		return errors.New("beginning a desk: the passphrase's cost is out of bounds")
	}
	to.SetWorkFactor(logN)
	sealed, err := sealAge(plain, to)
	if err != nil {
		return err
	}
	return replace(dir, BegunFile, sealed)
}

// HasBegun reports whether a desk was begun in dir and not finished.
func HasBegun(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, BegunFile))
	return err == nil
}

// Resume opens what Begin kept: a keyring without a folder, with the keys as they were, and the note. The error wraps ErrPassphrase or ErrDamaged.
func Resume(dir, passphrase string) (*Keyring, json.RawMessage, error) {
	sealed, err := readFile(dir, BegunFile)
	if err != nil {
		return nil, nil, err
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, nil, ErrPassphrase
	}
	id.SetMaxWorkFactor(maxLogN)
	plain, err := openAge(sealed, id)
	if err != nil {
		return nil, nil, err
	}
	defer clear(plain)
	var b begun
	if json.Unmarshal(plain, &b) != nil || b.V != 1 || len(b.Device) != ed25519.SeedSize {
		return nil, nil, ErrDamaged
	}
	first, err := age.ParseHybridIdentity(b.Identity)
	if err != nil {
		return nil, nil, ErrDamaged
	}
	master, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, nil, fmt.Errorf("making the key of the key file: %w", err)
	}
	k := &Keyring{device: ed25519.NewKeyFromSeed(b.Device), master: master}
	k.state.DeviceIdentities = map[int]*age.HybridIdentity{1: first}
	rand.Read(k.database[:])
	return k, b.Step, nil
}

// Finish destroys what Begin kept.
func Finish(dir string) error { return destroy(filepath.Join(dir, BegunFile)) }
