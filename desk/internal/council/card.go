package council

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"

	"panah/core/roster"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
	"panah/desk/internal/line"
)

// takeCards keeps the newest card of each device, and finds what was newer before. changed says whether there is a newer one.
func takeCards(s *keyring.State, mem *memory, v view) (findings []casedb.Finding, changed bool) {
	served := map[roster.DeviceHash]bool{}
	for _, carded := range v.news.Cards {
		hash := roster.HashDevice(carded.Device)
		card, err := roster.OpenCard(carded.Card, s.Org, carded.Device)
		if err != nil || !slices.Contains(v.now.Devices, hash) {
			continue // nobody signed it; whom the gate says it is of does not matter
		}
		served[hash] = true
		known, ok := openKnown(s, hash, carded.Device)
		switch {
		case !ok || card.Generation > known.Generation:
			s.SetCard(hash, carded.Card)
			changed = true
		case card.Generation < known.Generation || card.Recipient.String() != known.Recipient.String():
			findings = append(findings, cardBack(known.Generation, card.Generation, s.Cards[hash], carded.Card))
		}
	}
	for hash, signed := range s.Cards {
		if !slices.Contains(v.now.Devices, hash) {
			if mem.Plan == nil || !mem.Plan.names(hash) { // a newcomer's, that is about to come in
				delete(s.Cards, hash)
				changed = true
			}
			continue
		}
		// The first card of a newcomer came through the room where it joined, perhaps before the gate had it.
		if m, ok := memberOf(s.Members, hash); ok && !served[hash] {
			if known, ok := openKnown(s, hash, m.Device); ok && known.Generation > 1 {
				findings = append(findings, cardBack(known.Generation, 0, signed))
			}
		}
	}
	return findings, changed
}

func cardBack(had, has int, evidence ...[]byte) casedb.Finding {
	f := casedb.Finding{Kind: casedb.AlarmCardBack, Args: map[string]int64{"had": int64(had), "has": int64(has)}}
	for _, e := range evidence {
		f.Evidence = append(f.Evidence, string(e))
	}
	return f
}

// openKnown opens the newest card that this desk has of a device.
func openKnown(s *keyring.State, hash roster.DeviceHash, device ed25519.PublicKey) (roster.Card, bool) {
	signed := s.Cards[hash]
	if signed == nil {
		return roster.Card{}, false
	}
	card, err := roster.OpenCard(signed, s.Org, device)
	return card, err == nil
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
