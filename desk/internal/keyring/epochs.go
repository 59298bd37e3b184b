package keyring

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"time"

	"filippo.io/age"

	"panah/core/seal"
)

// Epoch is the number of the epoch in the newest verified roster, which letters are sealed to now. This desk may still wait for its key.
func (k *Keyring) Epoch() int { return k.Newest().Epoch }

// Epochs are the numbers of the epochs that this desk has the key of, ascending.
func (k *Keyring) Epochs() []int {
	return read(k, func(s *State) []int { return slices.Sorted(maps.Keys(s.Epochs)) })
}

// Began is when an epoch began; zero when this desk does not know.
func (k *Keyring) Began(epoch int) time.Time {
	return read(k, func(s *State) time.Time { return s.Began[epoch] })
}

// Identity opens what was sealed to an epoch; nil when this desk lacks its key. It prints its secret: keep it out of every message.
func (k *Keyring) Identity(epoch int) *age.HybridIdentity {
	return read(k, func(s *State) *age.HybridIdentity { return s.Epochs[epoch] })
}

// Recipient is what the organisation's desks open in an epoch: the newest roster's for its own epoch, also when this desk lacks the key; nil for
// another epoch whose key this desk lacks.
func (k *Keyring) Recipient(epoch int) *age.HybridRecipient {
	if r := k.Newest(); r.Epoch == epoch {
		return r.Recipient
	}
	if id := k.Identity(epoch); id != nil {
		return id.Recipient()
	}
	return nil
}

// Opener opens letters sealed to any epoch whose key the desk has when it is asked, newest first. After Forget it opens nothing.
func (k *Keyring) Opener() age.Identity {
	return opener{k, func(s *State) map[int]*age.HybridIdentity { return s.Epochs }}
}

// GrantOpener opens grants sealed to either of the device's encryption keys.
func (k *Keyring) GrantOpener() age.Identity {
	return opener{k, func(s *State) map[int]*age.HybridIdentity { return s.DeviceIdentities }}
}

// DeviceIdentity is the device's encryption key of one generation; nil when there is none. It prints its secret: keep it out of every message.
func (k *Keyring) DeviceIdentity(generation int) *age.HybridIdentity {
	return read(k, func(s *State) *age.HybridIdentity { return s.DeviceIdentities[generation] })
}

// Generations are the generations of device keys that are here, newest first.
func (k *Keyring) Generations() []int {
	return read(k, func(s *State) []int { return descending(s.DeviceIdentities) })
}

// opener tries identities in turn, those that the keyring has at that moment.
type opener struct {
	k  *Keyring
	of func(*State) map[int]*age.HybridIdentity
}

// Unwrap makes opener an age.Identity.
func (o opener) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	ids := read(o.k, func(s *State) (ids []*age.HybridIdentity) {
		m := o.of(s)
		for _, n := range descending(m) {
			ids = append(ids, m[n])
		}
		return ids
	})
	for _, id := range ids {
		key, err := id.Unwrap(stanzas)
		if !errors.Is(err, age.ErrIncorrectIdentity) {
			return key, err
		}
	}
	return nil, age.ErrIncorrectIdentity
}

func descending(m map[int]*age.HybridIdentity) []int {
	return slices.SortedFunc(maps.Keys(m), func(a, b int) int { return b - a })
}

// String hides the identities.
func (opener) String() string { return "[identities]" }

// GoString hides the identities.
func (opener) GoString() string { return "[identities]" }

// DeskKey authenticates what the organisation's desks tell each other through the log: only they can derive it, while
// the organisation's recipient is public and anybody can seal to it. ok is false when this desk lacks that epoch's key.
func (k *Keyring) DeskKey(epoch int) (key seal.DeskKey, ok bool) {
	id := k.Identity(epoch)
	if id == nil {
		return key, false
	}
	b, err := hkdf.Key(sha256.New, []byte(id.String()), nil, "panah/desk-key/v1", len(key))
	if err != nil {
		return key, false
	}
	return seal.DeskKey(b), true
}
