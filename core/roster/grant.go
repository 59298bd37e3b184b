package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
)

// maxGrant bounds a grant, bytes, sealed and opened.
const maxGrant = 512 << 10

var (
	// ErrGrant says that the bytes are not a grant that this device may believe.
	ErrGrant = errors.New("not a grant that a keeper of this organisation gave to this desk")
	// ErrGrantKey says that the grant is sealed to another key than the one at hand.
	ErrGrantKey = errors.New("the grant is sealed to another key")
)

// A Grant gives one device the keys of an epoch: docs/formats-keys.md, section 3. It prints as "[grant]".
type Grant struct {
	Org        string
	To         DeviceHash
	Serial     int
	Text       [32]byte // TextHash of the roster it belongs to
	Epoch      int
	Began      time.Time                   // of the epoch, by the keeper's clock; seconds
	Epochs     map[int]*age.HybridIdentity // Epoch, and the one before when there was one
	Members    []Member                    // sorted by device
	Custodians Custodians
	Gate       Gate
	Checkpoint string // signed, "" for none
}

// String hides the grant.
func (Grant) String() string { return "[grant]" }

// GoString hides the grant.
func (Grant) GoString() string { return "[grant]" }

// SealGrant signs and seals g.
func SealGrant(g Grant, by note.Signer, to *age.HybridRecipient) ([]byte, error) {
	line, err := g.json()
	if err != nil {
		return nil, fmt.Errorf("writing a grant: %w", err)
	}
	defer clear(line)
	signed, err := note.Sign(&note.Note{Text: "panah.grant/v1\n" + string(line) + "\n"}, by)
	if err != nil {
		return nil, fmt.Errorf("signing a grant: %w", err)
	}
	defer clear(signed)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, fmt.Errorf("sealing a grant: %w", err)
	}
	if _, err := w.Write(signed); err != nil {
		return nil, fmt.Errorf("sealing a grant: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing a grant: %w", err)
	}
	if out.Len() > maxGrant {
		return nil, errors.New("sealing a grant: the organisation has too many desks for one")
	}
	return out.Bytes(), nil
}

// OpenGrant opens a grant and checks that it belongs to the roster of, which the caller has verified: signed by a keeper of it or of the one before
// (nil: there is none), with its serial and text, and with the identity of its recipient. That To is this device is checked by the caller. The error wraps ErrGrantKey when id does not open
// it, ErrGrant otherwise.
func OpenGrant(sealed []byte, id age.Identity, of Roster, before *Roster) (Grant, error) {
	if len(sealed) > maxGrant {
		return Grant{}, fmt.Errorf("%w: too large", ErrGrant)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) {
			return Grant{}, ErrGrantKey
		}
		return Grant{}, fmt.Errorf("%w: cut or changed", ErrGrant)
	}
	signed, err := io.ReadAll(io.LimitReader(r, maxGrant))
	if err != nil {
		return Grant{}, fmt.Errorf("%w: cut or changed", ErrGrant)
	}
	defer clear(signed)
	signers := of
	if before != nil {
		// Most keepers stay; note takes a verifier that stands twice for two.
		signers.Keepers = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(of.Keepers), before.Keepers...))))
	}
	if _, err := countSigned(signed, signers); err != nil {
		return Grant{}, fmt.Errorf("%w: %w", ErrGrant, err)
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	line, ok := strings.CutPrefix(text, "panah.grant/v1\n")
	if !ok || strings.Contains(line, "\n") {
		return Grant{}, fmt.Errorf("%w: malformed", ErrGrant)
	}
	g, err := parseGrant([]byte(line))
	if err != nil {
		return Grant{}, fmt.Errorf("%w: %w", ErrGrant, err)
	}
	if g.Org != of.Org || g.Serial != of.Serial || g.Text != of.TextHash() || g.Epoch != of.Epoch {
		return Grant{}, fmt.Errorf("%w: it belongs to another roster", ErrGrant)
	}
	if g.Epochs[g.Epoch].Recipient().String() != of.Recipient.String() {
		return Grant{}, fmt.Errorf("%w: its key is not the roster's", ErrGrant)
	}
	return g, nil
}
