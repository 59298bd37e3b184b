// Package testkit makes what tests of several rooms need: an organisation with real keys, and real sealed letters. It is imported by tests
// and benches only.
package testkit

import (
	"crypto/ed25519"
	"fmt"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
)

// An Organisation is made up, with one keeper and one desk.
type Organisation struct {
	Signed   []byte // founding roster
	Roster   roster.Roster
	Identity *age.HybridIdentity // the epoch key
	Device   ed25519.PrivateKey
	Keeper   note.Signer // of the one keeper
}

// NewOrganisation makes one.
func NewOrganisation(tb testing.TB) Organisation {
	tb.Helper()
	o, err := MakeOrganisation()
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// MakeOrganisation makes one where there is no test.
func MakeOrganisation() (Organisation, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return Organisation{}, fmt.Errorf("making an epoch key: %w", err)
	}
	pub, device, err := ed25519.GenerateKey(nil)
	if err != nil {
		return Organisation{}, fmt.Errorf("making a device key: %w", err)
	}
	skey, vkey, err := note.GenerateKey(nil, "keeper-one")
	if err != nil {
		return Organisation{}, fmt.Errorf("making a keeper key: %w", err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return Organisation{}, fmt.Errorf("reading a keeper key: %w", err)
	}
	r := roster.Roster{
		Org: roster.OrgID([]string{vkey}), Name: "Made-up Legal Aid", Serial: 1, Epoch: 1, Recipient: id.Recipient(), Threshold: 1,
		Keepers: []string{vkey}, Devices: []roster.DeviceHash{roster.HashDevice(pub)},
	}
	signed, err := roster.Sign(r, signer)
	return Organisation{Signed: signed, Roster: r, Identity: id, Device: device, Keeper: signer}, err
}

// Seal makes a sealed letter with a text; texts of up to about 3,900 bytes give the smallest class.
func (o Organisation) Seal(text string) ([]byte, error) {
	// n > 0 and a tag of zeros: a letter that follows, whose MAC only a desk would check.
	return seal.Seal(seal.Letter{
		Kind: seal.KindLetter, Org: o.Roster.Org, Epoch: 1, Sealed: seal.SealedBrowser, N: 1, Tag: make([]byte, 32), At: time.Now().UTC().Truncate(time.Minute),
		Box: o.Identity.Recipient().String(), Mailbox: wire.MailboxID{1}, Parts: []seal.Part{{Type: seal.TypeText, Data: []byte(text)}},
	}, o.Roster.Recipient)
}

// Letters seals n different letters of the smallest class.
func (o Organisation) Letters(tb testing.TB, n int) [][]byte {
	tb.Helper()
	out := make([][]byte, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i], errs[i] = o.Seal(fmt.Sprintf("letter %d", i)) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return out
}
