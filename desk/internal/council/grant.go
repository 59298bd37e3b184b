package council

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// openGrant opens the gate's grant with whichever of the device's keys does, and says which.
func (c *Council) openGrant(s *keyring.State, v view) (g roster.Grant, generation int, err error) {
	err = roster.ErrGrant
	for n, id := range s.DeviceIdentities {
		if v.news.Grant == nil {
			break
		}
		g, err = roster.OpenGrant(v.news.Grant, id, v.now, v.before)
		if err == nil && g.To == c.me {
			return g, n, nil
		}
	}
	return roster.Grant{}, 0, errors.Join(err, roster.ErrGrant)
}

// apply puts what a grant says into the state. The identity of its epoch was checked against the roster; the one before is believed only where there is none.
func (c *Council) apply(s *keyring.State, m *memory, g roster.Grant) error {
	for n, id := range g.Epochs {
		if n == g.Epoch {
			s.AddEpoch(n, id, g.Began)
		} else if s.Epochs[n] == nil && n == g.Epoch-1 {
			s.Epochs[n] = id // when it began is not told
		}
	}
	s.Members, s.Custodians = g.Members, g.Custodians
	if g.Gate.URL != "" && (s.Gate.Key == "" || s.Gate.Key == g.Gate.Key && s.Gate.Origin == g.Gate.Origin) {
		s.Gate = g.Gate // it may move; its log goes on
	}
	m.Granted = g.Serial
	me, ok := memberOf(g.Members, c.me)
	if !ok {
		return nil
	}
	s.Role = me.Role
	return c.takeOffice(s, me)
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

// heldCard finds a grant that was sealed to an old key although the gate had the newer card for long enough: before the roster that this one follows, or for longer
// than any keeper's desk takes between looking at the cards and sealing.
func (c *Council) heldCard(s *keyring.State, m *memory, v view, generation int) []casedb.Finding {
	if generation >= s.Generation || m.CardSerial == 0 || v.now.Serial <= m.CardSerial {
		return nil
	}
	if v.now.Serial < m.CardSerial+2 && c.c.Now().Sub(m.CardAt) < clockSlack {
		return nil
	}
	return []casedb.Finding{{
		Kind: casedb.AlarmCard, Args: map[string]int64{"serial": int64(v.now.Serial)},
		Evidence: []string{string(s.Cards[c.me]), string(v.signed)},
	}}
}

// publish gives the gate this device's newest card, also again when the gate seems to have lost it.
func (c *Council) publish(ctx context.Context, v view) error {
	s, _, err := c.look()
	if err != nil {
		return err
	}
	newest := 0
	for n := range s.DeviceIdentities {
		newest = max(newest, n)
	}
	theirs := 0
	for _, carded := range v.news.Cards {
		if card, err := roster.OpenCard(carded.Card, s.Org, carded.Device); err == nil && roster.HashDevice(carded.Device) == c.me {
			theirs = card.Generation
		}
	}
	switch {
	case theirs > newest: // this key file is an old copy of itself: go on above what the gate has
		if err := c.skip(theirs); err != nil {
			return err
		}
		newest = theirs + 1
	case theirs == newest && s.Generation == newest:
		return nil
	}
	return c.putCard(ctx, v, newest)
}

func (c *Council) putCard(ctx context.Context, v view, generation int) error {
	id := c.c.Keys.DeviceIdentity(generation)
	if id == nil {
		return errors.New("publishing the device's card: its key is gone")
	}
	card, err := roster.SignCard(c.c.Keys.Org, generation, id.Recipient(), c.c.Keys.Device())
	if err != nil {
		return fmt.Errorf("publishing the device's card: %w", err)
	}
	err = c.c.Line.PutCard(ctx, card)
	if errors.Is(err, line.ErrRoster) {
		return nil // it has a newer one, which the next round sees
	}
	if err != nil {
		return fmt.Errorf("publishing the device's card: %w", err)
	}
	return c.update(func(s *keyring.State, m *memory) error {
		if s.Generation < generation {
			m.CardSerial, m.CardAt = v.now.Serial, c.c.Now()
		}
		s.Generation = generation
		s.SetCard(c.me, card)
		return nil
	})
}

// shedTime is how long after the gate took a new card no keeper's desk seals to the one before any more: each looks at the cards just before it seals.
const shedTime = time.Hour

// shed destroys a device key that several grants were sealed to, as when the desk was away, without waiting for a grant to the next key: with it, whoever steals the desk could
// open the older of them too, if a gate kept it, and so an epoch that this desk has destroyed the key of.
func (c *Council) shed(v view) error {
	s, m, err := c.look()
	if err != nil || !m.Shed || s.Generation <= m.Opened || m.Granted != v.now.Serial || c.c.Now().Sub(m.CardAt) < shedTime || len(proposals(v)) > 0 {
		return err // a proposal may hold a grant to the old key
	}
	return c.update(func(s *keyring.State, m *memory) error {
		for n := range s.DeviceIdentities {
			if n < s.Generation {
				delete(s.DeviceIdentities, n)
			}
		}
		m.Shed = false
		return nil
	})
}

// skip makes a device key above a generation that the gate has and this key file does not.
func (c *Council) skip(theirs int) error {
	return c.update(func(s *keyring.State, _ *memory) error {
		newest := 0
		for n := range s.DeviceIdentities {
			newest = max(newest, n)
		}
		for n := range s.DeviceIdentities {
			if n < newest {
				delete(s.DeviceIdentities, n)
			}
		}
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return fmt.Errorf("renewing the device's key: %w", err)
		}
		s.DeviceIdentities[theirs+1] = id
		return nil
	})
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
