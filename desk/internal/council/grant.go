package council

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/desk/internal/keyring"
)

// openGrant opens the gate's grant with whichever of the device's keys does, and says which.
func (c *Council) openGrant(s *keyring.State, v view) (g roster.Grant, generation int, err error) {
	err = roster.ErrGrant
	for n, id := range s.DeviceIdentities {
		if v.news.Grant == nil {
			break
		}
		g, err = roster.OpenGrant(v.news.Grant, id, v.now, leaving(v))
		if err == nil && g.To == c.me {
			return g, n, nil
		}
	}
	return roster.Grant{}, 0, errors.Join(err, roster.ErrGrant)
}

// leaving is the roster before, with those keepers only who signed the newest one: a keeper who stepped down by it sealed its grants. One who did not sign it may have been put out of office by
// it, and knows the epoch's key still. nil when there is none.
func leaving(v view) *roster.Roster {
	if v.before == nil {
		return nil
	}
	by := v.before.KeptBy(v.signed)
	return &by
}

// apply puts what a grant says into the state. The identity of its epoch was checked against the roster; the one before is believed only where there is none.
func (c *Council) apply(s *keyring.State, m *memory, g roster.Grant, now roster.Roster) error {
	for n, id := range g.Epochs {
		if n == g.Epoch {
			s.AddEpoch(n, id, g.Began)
		} else if s.Epochs[n] == nil && n == g.Epoch-1 {
			s.Epochs[n] = id // when it began is not told
		}
	}
	s.Members = g.Members
	if custody := custodyOf(now); trusted(s.Custodians, g.Custodians, m.Custody, custody) {
		s.Custodians, m.Custody = g.Custodians, custody
	}
	if g.Gate.URL != "" && (s.Gate.Key == "" || s.Gate.Key == g.Gate.Key && s.Gate.Origin == g.Gate.Origin) {
		s.Gate = g.Gate // it may move; its log goes on
	}
	m.Granted, m.Known = g.Serial, g.Serial
	me, ok := memberOf(g.Members, c.me)
	if !ok {
		return nil
	}
	s.Role = me.Role
	return c.takeOffice(s, me)
}

// custodyOf names the recovery keepers of a roster: new sheets bring new ones.
func custodyOf(r roster.Roster) string {
	var out []string
	for _, k := range r.Keepers {
		if strings.HasPrefix(k, recoveryName+"+") {
			out = append(out, k)
		}
	}
	return strings.Join(out, " ")
}

// trusted reports whether a desk believes a grant's custodians. One keeper signs a grant, and each desk sees its own only: custodians change with the roster's recovery keepers, which
// as many keepers have signed as must. Otherwise a single keeper could have every later epoch, and locked cases, sealed to custodians of their own making.
func trusted(known, told roster.Custodians, before, now string) bool {
	same := known.Needed == told.Needed && known.Identity == told.Identity && slices.Equal(known.Recipients, told.Recipients)
	return same || before != now || known.Needed == 0 && now != ""
}

// takeOffice gives this desk its keeper's key, or takes it away. A desk that becomes a keeper's later signs with its device key, under the keeper's name: so
// nobody has to bring the keepers a new public key (docs/formats-keys.md, section 1).
func (c *Council) takeOffice(s *keyring.State, me roster.Member) error {
	if me.Keeper == "" {
		s.Keeper = ""
		return nil
	}
	if vkey, err := verifierOf(s.Keeper); err == nil && vkey == me.Keeper {
		return nil
	}
	skey, vkey, err := keeperKey(c.c.Keys.Device())
	if err != nil {
		return err
	}
	s.Keeper = ""
	if vkey == me.Keeper {
		s.Keeper = skey
	}
	return nil
}

// keeperName is what keepers' keys of desks are called.
const keeperName = "keeper"

// KeeperOf is the verifier key of a desk that becomes a keeper's.
func KeeperOf(device ed25519.PublicKey) (string, error) {
	vkey, err := note.NewEd25519VerifierKey(keeperName, device)
	if err != nil {
		return "", fmt.Errorf("naming a keeper's key: %w", err)
	}
	return vkey, nil
}

// keeperKey is a device's key as note writes signing keys: the verifier's name and hash, then algorithm 1 and the seed.
func keeperKey(device ed25519.PrivateKey) (skey, vkey string, err error) {
	pub, ok := device.Public().(ed25519.PublicKey)
	if !ok {
		return "", "", errors.New("naming a keeper's key: no device key")
	}
	if vkey, err = KeeperOf(pub); err != nil {
		return "", "", err
	}
	parts := strings.SplitN(vkey, "+", 3)
	skey = "PRIVATE+KEY+" + parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, device.Seed()...))
	return skey, vkey, nil
}

// verifierOf is the verifier key of a signing key, Ed25519.
func verifierOf(skey string) (string, error) {
	parts := strings.SplitN(skey, "+", 5)
	if len(parts) != 5 {
		return "", errors.New("not a signing key")
	}
	b, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(b) != 1+ed25519.SeedSize || b[0] != 1 {
		return "", errors.New("not a signing key")
	}
	pub, _ := ed25519.NewKeyFromSeed(b[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(parts[2], pub)
}

// renew destroys the device's keys before the one that the grant was sealed to, and makes the next one when there is none.
func renew(s *keyring.State, generation int) error {
	for n := range s.DeviceIdentities {
		if n < generation {
			delete(s.DeviceIdentities, n)
		}
	}
	if s.DeviceIdentities[generation+1] != nil {
		return nil
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("renewing the device's key: %w", err)
	}
	s.DeviceIdentities[generation+1] = id
	return nil
}

// complete makes the wraps of the newest epoch whole, then destroys the identities before the previous one.
func (c *Council) complete(ctx context.Context) error {
	s, m, err := c.look()
	if err != nil {
		return err
	}
	now := c.c.Keys.Newest()
	if s.Epochs[now.Epoch] == nil || m.Wrapped >= now.Epoch {
		return nil
	}
	if now.Epoch > 1 {
		if err := c.c.Wraps.WrapPass(ctx, now.Epoch); err != nil {
			return fmt.Errorf("wrapping the open cases for epoch %d: %w", now.Epoch, err)
		}
	}
	err = c.update(func(s *keyring.State, m *memory) error {
		s.DropEpochsBefore(now.Epoch - 1)
		m.Wrapped = now.Epoch
		return nil
	})
	if err != nil {
		return fmt.Errorf("destroying the keys of old epochs: %w", err)
	}
	c.c.Changed()
	return nil
}
