package testkit

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
)

// A Council is a made-up organisation with keepers that sign and desks that may leave. Its chain grows with Accept.
type Council struct {
	Chain      [][]byte // signed rosters, founding first
	Roster     roster.Roster
	Keepers    []note.Signer
	Desks      []ed25519.PrivateKey
	Identities []*age.HybridIdentity // of the epochs, from 1
}

// NewCouncil founds an organisation of keepers, threshold of whom must sign, and desks. All keepers sign the founding roster.
func NewCouncil(tb testing.TB, keepers, threshold, desks int) *Council {
	tb.Helper()
	c := &Council{}
	r := roster.Roster{Name: "Made-up Legal Aid", Serial: 1, Epoch: 1, Recipient: c.NewEpoch(tb), Threshold: threshold}
	for range keepers {
		skey, vkey, err := note.GenerateKey(nil, "keeper")
		if err != nil {
			tb.Fatal(err)
		}
		signer, err := note.NewSigner(skey)
		if err != nil {
			tb.Fatal(err)
		}
		c.Keepers, r.Keepers = append(c.Keepers, signer), append(r.Keepers, vkey)
	}
	for range desks {
		r.Devices = append(r.Devices, roster.HashDevice(c.NewDesk(tb)))
	}
	r.Sort()
	r.Org = roster.OrgID(r.Keepers)
	c.Accept(c.Sign(tb, r, c.Keepers...), r)
	return c
}

// NewEpoch makes the identity of one epoch more.
func (c *Council) NewEpoch(tb testing.TB) *age.HybridRecipient {
	tb.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		tb.Fatal(err)
	}
	c.Identities = append(c.Identities, id)
	return id.Recipient()
}

// NewDesk makes a device, which is in no roster yet.
func (c *Council) NewDesk(tb testing.TB) ed25519.PublicKey {
	tb.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		tb.Fatal(err)
	}
	c.Desks = append(c.Desks, key)
	return pub
}

// Public is the public key of desk i.
func (c *Council) Public(i int) ed25519.PublicKey { return c.Desks[i].Public().(ed25519.PublicKey) }

// Signed is the roster in force.
func (c *Council) Signed() []byte { return c.Chain[len(c.Chain)-1] }

// Next drafts the roster that follows, as change leaves it.
func (c *Council) Next(change func(*roster.Roster)) roster.Roster {
	r := c.Roster.Next(c.Signed())
	change(&r)
	r.Sort()
	return r
}

// Without drafts the roster that follows, without desk i and with a new epoch.
func (c *Council) Without(tb testing.TB, i int) roster.Roster {
	tb.Helper()
	to := c.NewEpoch(tb)
	return c.Next(func(r *roster.Roster) {
		gone := roster.HashDevice(c.Public(i))
		r.Devices = slices.DeleteFunc(r.Devices, func(d roster.DeviceHash) bool { return d == gone })
		r.Epoch, r.Recipient = r.Epoch+1, to
	})
}

// Sign signs a roster.
func (c *Council) Sign(tb testing.TB, r roster.Roster, by ...note.Signer) []byte {
	tb.Helper()
	signed, err := roster.Sign(r, by...)
	if err != nil {
		tb.Fatal(fmt.Errorf("signing roster %d: %w", r.Serial, err))
	}
	return signed
}

// Accept makes a roster the one in force.
func (c *Council) Accept(signed []byte, r roster.Roster) {
	c.Chain, c.Roster = append(c.Chain, signed), r
}

// SealedFor is an age file to a recipient that nobody has the identity of: for tests of what keeps such files unread.
func SealedFor(tb testing.TB, text string) []byte {
	tb.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, id.Recipient())
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}
