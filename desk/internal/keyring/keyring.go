// Package keyring holds a desk's secrets: keeper and device keys, epoch identities, the key of the database, what the desk knows of the
// organisation's other desks, and where the gate is. On disk they are an age file sealed to a key of the desk's own, which a passphrase or a
// passkey opens: docs/formats-keys.md, section 11.
//
// It refuses to write anything readable, to overwrite a keyring with a new one, and to print a secret.
package keyring

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

// A Gate is where the organisation's gate is and what its checkpoints are signed with.
type Gate = roster.Gate

// A Keyring is a desk's secrets, opened. It is safe for concurrent use, and prints as "[keyring]". One that New or Found made lives in memory
// only until Create gives it a folder; from then on every change is on the disk when the method that made it returns.
type Keyring struct {
	Org      string // fingerprint; does not change once the keyring is in a folder, nor does Founding
	Founding []byte // roster 1, signed

	saving sync.Mutex // held by whoever changes; before mu
	dir    string     // "": in memory only; guarded by saving, as is what follows
	master *age.HybridIdentity
	saved  [sha256.Size]byte // of keyring.age as this keyring last read or wrote it; zero: never
	lock   *os.File          // of the folder; nil until the first change

	mu       sync.RWMutex
	state    State
	newest   roster.Roster // state.Roster, parsed
	device   ed25519.PrivateKey
	database [32]byte
	gone     bool // Forget was called
}

// New makes the keys of a desk that belongs to no organisation yet: device, its first encryption key (generation 1), database. The caller
// fills in the rest with Update, then calls Create.
func New() (*Keyring, error) {
	_, device, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the device's key: %w", err)
	}
	first, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making the device's encryption key: %w", err)
	}
	master, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making the key of the key file: %w", err)
	}
	k := &Keyring{device: device, master: master}
	k.state.DeviceIdentities = map[int]*age.HybridIdentity{1: first}
	rand.Read(k.database[:])
	return k, nil
}

// Found makes the keys of a new organisation with one keeper and one device, and its founding roster. name is shown to
// people: one line, at most 120 bytes.
func Found(name string) (*Keyring, error) {
	k, err := New()
	if err != nil {
		return nil, err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "keeper")
	if err != nil {
		return nil, fmt.Errorf("making the keeper's key: %w", err)
	}
	epoch, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making the key of the first epoch: %w", err)
	}
	pub := k.device.Public().(ed25519.PublicKey)
	r := roster.Roster{
		Org: roster.OrgID([]string{vkey}), Name: name, Serial: 1, Epoch: 1, Recipient: epoch.Recipient(), Threshold: 1,
		Keepers: []string{vkey}, Devices: []roster.DeviceHash{roster.HashDevice(pub)},
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("making the keeper's key: %w", err)
	}
	signed, err := roster.Sign(r, signer)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC().Truncate(time.Second)
	err = k.Update(func(s *State) error {
		s.Name, s.Org, s.Founding, s.Roster, s.Keeper, s.Role = name, r.Org, signed, signed, skey, roster.RoleKeeper
		s.Members = []roster.Member{{Device: pub, Name: firstDesk, Role: roster.RoleKeeper, Keeper: vkey, Generation: 1, Since: now}}
		s.AddEpoch(1, epoch, now)
		return nil
	})
	return k, err
}

// firstDesk is what a founding desk is called until somebody gives it a name.
const firstDesk = "1"

// Device is the key that signs this desk's requests and cards. It never changes.
func (k *Keyring) Device() ed25519.PrivateKey { return k.device }

// Database is the key of the database file.
func (k *Keyring) Database() [32]byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.database
}

// Name is the organisation's, as people read it.
func (k *Keyring) Name() string { return read(k, func(s *State) string { return s.Name }) }

// Roster is the newest roster that this desk verified in the chain, signed.
func (k *Keyring) Roster() []byte { return read(k, func(s *State) []byte { return s.Roster }) }

// Gate is where the gate is; zero until the desk is connected.
func (k *Keyring) Gate() Gate { return read(k, func(s *State) Gate { return s.Gate }) }

// Role is what this desk may do.
func (k *Keyring) Role() roster.Role { return read(k, func(s *State) roster.Role { return s.Role }) }

// Removed reports whether the chain says that this desk is out: it is being wiped.
func (k *Keyring) Removed() bool { return read(k, func(s *State) bool { return s.Removed }) }

// JoinedAt is the size of the log when this desk came in; what is before it, other desks tell.
func (k *Keyring) JoinedAt() int64 { return read(k, func(s *State) int64 { return s.JoinedAt }) }

// Newest is the parsed form of Roster.
func (k *Keyring) Newest() roster.Roster {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.newest
}

// KeeperSigner signs rosters and grants; ok is false on a desk that is no keeper's.
func (k *Keyring) KeeperSigner() (s note.Signer, ok bool) {
	s, err := note.NewSigner(read(k, func(s *State) string { return s.Keeper }))
	return s, err == nil
}

// GateVerifier checks what the gate signs.
func (k *Keyring) GateVerifier() (note.Verifier, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.state.verifier()
}

func (s *State) verifier() (note.Verifier, error) {
	v, err := note.NewVerifier(s.Gate.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the gate's key: %w", err)
	}
	if v.Name() != s.Gate.Origin {
		return nil, errors.New("reading the gate's key: it names another gate")
	}
	return v, nil
}

// Forget drops the secrets and waits for a change that is being saved. Go may have copied them; the process should not live long after.
func (k *Keyring) Forget() {
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone, k.master = true, nil
	k.release()
	clear(k.device)
	clear(k.state.Epochs)
	clear(k.state.DeviceIdentities)
	clear(k.state.Plan)
	clear(k.state.Rehearsal)
	k.database, k.state = [32]byte{}, State{}
}

// String hides the keyring.
func (*Keyring) String() string { return "[keyring]" }

// GoString hides the keyring.
func (*Keyring) GoString() string { return "[keyring]" }

// MarshalJSON refuses: secrets leave a keyring only through Save.
func (*Keyring) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a keyring is not written to JSON")
}
