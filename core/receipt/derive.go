package receipt

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"filippo.io/age"
	"golang.org/x/crypto/scrypt"

	"panah/core/seal"
	"panah/core/wire"
)

// Cost of the derivation (RFC 7914): 32 MiB and about a tenth of a second on a laptop. It stands between a
// gate that kept a mailbox id and the 63 bits of a code; changing it orphans every code handed out.
const (
	scryptN = 1 << 15
	scryptR = 8
	scryptP = 1
)

// Keys are what a code derives for one organisation. They print as "[mailbox keys]".
type Keys struct {
	Mailbox wire.MailboxKey   // what the gate knows the mailbox by
	MAC     seal.ThreadKey    // authenticates letters and replies of the thread
	Box     *seal.BoxIdentity // opens replies
}

// Derive computes the keys of c at the organisation orgID (its 20-character fingerprint, without spaces). It takes
// 32 MiB of memory for its duration: a server must bound how many run at once.
func Derive(c Code, orgID string) (Keys, error) {
	if c.IsZero() {
		return Keys{}, errors.New("deriving mailbox keys: no code")
	}
	k, err := scrypt.Key([]byte(c.digits), []byte("panah.receipt.v1|"+orgID), scryptN, scryptR, scryptP, 32)
	if err != nil {
		return Keys{}, fmt.Errorf("deriving mailbox keys: %w", err)
	}
	var keys Keys
	var seed [32]byte
	for _, out := range []struct {
		label string
		into  []byte
	}{
		{"panah/mailbox-id/v1", keys.Mailbox.ID[:]},
		{"panah/mailbox-auth/v1", keys.Mailbox.Auth[:]},
		{"panah/thread-mac/v1", keys.MAC[:]},
		{"panah/mailbox-identity/v1", seed[:]},
	} {
		b, err := hkdf.Expand(sha256.New, k, out.label, len(out.into))
		if err != nil {
			return Keys{}, fmt.Errorf("deriving mailbox keys: %w", err)
		}
		copy(out.into, b)
	}
	keys.Box, err = seal.BoxFromSeed(seed)
	return keys, err
}

// Recipient is the mailbox recipient that the first letter carries.
func (k Keys) Recipient() *age.HybridRecipient { return k.Box.Recipient() }

// String hides the keys.
func (k Keys) String() string { return "[mailbox keys]" }

// GoString hides the keys.
func (k Keys) GoString() string { return k.String() }
