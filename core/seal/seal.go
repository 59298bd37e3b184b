// Package seal packs letters, seals them to one hybrid recipient and opens them again.
//
// A letter is an age v1 file (C2SP age) whose plaintext is PNH1, header, parts, padding: docs/formats.md, section 2.
// The package refuses every other shape: more than one recipient, a recipient that is not the post-quantum
// hybrid, lengths that are not a padding class. Letters, keys and identities do not print.
package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

var (
	// ErrShape says that the bytes are not a letter: not one age file with exactly one hybrid recipient, or of a
	// length that no padding class gives.
	ErrShape = errors.New("not a sealed letter")
	// ErrNotForUs says that the letter is sealed to another key.
	ErrNotForUs = errors.New("the letter is sealed to another key")
	// ErrBroken says that the letter was changed after sealing, or that its inside is malformed.
	ErrBroken = errors.New("the letter is damaged")
)

// Lengths of the text header of an age file with one mlkem768x25519 stanza; they are constant because the
// encapsulated key has 1,120 bytes and the wrapped file key 32.
const (
	ageIntro   = "age-encryption.org/v1\n-> mlkem768x25519 "
	encLen     = 1494 // base64 of 1,120 bytes, no padding
	bodyLen    = 43   // base64 of 32 bytes, no padding
	HeaderLen  = len(ageIntro) + encLen + 1 + bodyLen + 1 + len("--- ") + bodyLen + 1
	nonceLen   = 16
	chunkSize  = 64 << 10 // STREAM chunk (C2SP age, "Payload")
	chunkExtra = 16
)

// SealedLen returns the length of a letter whose padded plaintext has n bytes.
func SealedLen(n int) int {
	chunks := max(1, (n+chunkSize-1)/chunkSize)
	return HeaderLen + nonceLen + n + chunks*chunkExtra
}

// CheckShape reports whether sealed looks like a letter, without any key: all that a gate can and does check.
// The error wraps ErrShape and says what is wrong.
func CheckShape(sealed []byte) error {
	if len(sealed) < SealedLen(minPadded) {
		return fmt.Errorf("%w: too short", ErrShape)
	}
	rest, ok := bytes.CutPrefix(sealed[:HeaderLen], []byte(ageIntro))
	if !ok {
		return fmt.Errorf("%w: not an age file to one hybrid recipient", ErrShape)
	}
	for _, line := range []struct {
		length int
		before string
	}{{encLen, ""}, {bodyLen, ""}, {bodyLen, "--- "}} {
		if rest, ok = bytes.CutPrefix(rest, []byte(line.before)); !ok || len(rest) <= line.length || rest[line.length] != '\n' {
			return fmt.Errorf("%w: more than one recipient, or a malformed one", ErrShape)
		}
		var buf [1120]byte
		if _, err := base64.RawStdEncoding.Strict().Decode(buf[:], rest[:line.length]); err != nil {
			return fmt.Errorf("%w: header is not base64", ErrShape)
		}
		rest = rest[line.length+1:]
	}
	if !isSealedClass(len(sealed)) {
		return fmt.Errorf("%w: not padded to a class", ErrShape)
	}
	return nil
}

// Seal packs the letter and seals it to one recipient. The random source is the system's, as age takes no other.
func Seal(l Letter, to *age.HybridRecipient) ([]byte, error) {
	plain, err := Pack(l)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	out := bytes.NewBuffer(make([]byte, 0, SealedLen(len(plain))))
	w, err := age.Encrypt(out, to)
	if err != nil {
		return nil, fmt.Errorf("sealing a letter: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("sealing a letter: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing a letter: %w", err)
	}
	return out.Bytes(), nil
}

// Open checks the shape of sealed, opens it with id and unpacks it. The error wraps ErrShape, ErrNotForUs or
// ErrBroken.
func Open(sealed []byte, id age.Identity) (Letter, error) {
	if err := CheckShape(sealed); err != nil {
		return Letter{}, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) || errors.Is(err, age.ErrIncorrectIdentity) {
			return Letter{}, ErrNotForUs
		}
		return Letter{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	plain := make([]byte, 0, len(sealed)-HeaderLen)
	buf := bytes.NewBuffer(plain)
	if _, err := io.Copy(buf, r); err != nil {
		return Letter{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	return Unpack(buf.Bytes())
}

// A BoxIdentity opens the replies of one mailbox. It prints as "[box identity]".
type BoxIdentity struct{ id *age.HybridIdentity }

// BoxFromSeed makes the identity whose 32-byte secret is seed.
func BoxFromSeed(seed [32]byte) (*BoxIdentity, error) {
	// age offers no constructor from bytes; the text form is its stable interface.
	id, err := age.ParseHybridIdentity(strings.ToUpper(bech32Encode("age-secret-key-pq-", seed[:])))
	if err != nil {
		return nil, fmt.Errorf("making a mailbox identity: %w", err)
	}
	return &BoxIdentity{id}, nil
}

// Recipient is the public side.
func (b *BoxIdentity) Recipient() *age.HybridRecipient { return b.id.Recipient() }

// Unwrap makes *BoxIdentity an age.Identity.
func (b *BoxIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) { return b.id.Unwrap(stanzas) }

// Reveal returns the AGE-SECRET-KEY-PQ-1… form.
func (b *BoxIdentity) Reveal() string { return b.id.String() }

// String hides the identity.
func (b *BoxIdentity) String() string { return "[box identity]" }

// GoString hides the identity.
func (b *BoxIdentity) GoString() string { return "[box identity]" }
