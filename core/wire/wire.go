// Package wire holds the messages between browser, gate and desk: their types, codes and framing, version 1.
//
// It does no input or output of its own beyond readers and writers passed in, and refuses frames over their
// bounds before it allocates for them. Formats: docs/formats.md, section 4.
package wire

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// Names of the headers of the gate's HTTP interface.
const (
	HeaderMailbox   = "Panah-Mailbox"   // b64url, 16 bytes
	HeaderAuth      = "Panah-Auth"      // b64url, 32 bytes
	HeaderWork      = "Panah-Work"      // challenge "|" counter
	HeaderDevice    = "Panah-Device"    // base64, Ed25519 public key
	HeaderDate      = "Panah-Date"      // unix seconds
	HeaderSignature = "Panah-Signature" // base64, Ed25519
	HeaderGate      = "Panah-Gate"      // the gate's origin, which desks sign
)

// Media types of the streams.
const (
	TypeLetter  = "application/age"
	TypeReplies = "application/vnd.panah.replies"
	TypeSync    = "application/vnd.panah.sync"
)

// MaxLetter is the largest sealed letter in bytes: the sealed length of the largest padding class, 2 MiB.
// core/seal has a test that it agrees.
const MaxLetter = 2<<20 + 32*16 + 16 + 2048

// A LetterID names a letter: the SHA-256 of its sealed bytes.
type LetterID [sha256.Size]byte

// IDOf returns the id of sealed bytes.
func IDOf(sealed []byte) LetterID { return sha256.Sum256(sealed) }

// ParseLetterID reads 64 lower-case hex digits.
func ParseLetterID(s string) (LetterID, error) {
	var id LetterID
	if len(s) != 2*len(id) {
		return id, errors.New("a letter id has 64 hex digits")
	}
	b, err := hex.DecodeString(s)
	if err != nil || hex.EncodeToString(b) != s {
		return id, errors.New("a letter id has only lower-case hex digits")
	}
	copy(id[:], b)
	return id, nil
}

// String is the 64 hex digits.
func (id LetterID) String() string { return hex.EncodeToString(id[:]) }

// A MailboxID is what gate and desk call a mailbox. It tells nothing by itself, but it links letters: it prints
// as "[mailbox]".
type MailboxID [16]byte

// String hides the id.
func (MailboxID) String() string { return "[mailbox]" }

// GoString hides the id.
func (MailboxID) GoString() string { return "[mailbox]" }

// Reveal is the b64url form that headers and letter headers carry.
func (m MailboxID) Reveal() string { return base64.RawURLEncoding.EncodeToString(m[:]) }

// IsZero reports whether m names no mailbox.
func (m MailboxID) IsZero() bool { return m == MailboxID{} }

// ParseMailboxID reads b64url of 16 bytes.
func ParseMailboxID(s string) (MailboxID, error) {
	var m MailboxID
	err := decodeExactly(m[:], s, "mailbox id")
	return m, err
}

// A MailboxKey is a mailbox id with the secret that proves the right to read it. It prints as "[mailbox key]".
type MailboxKey struct {
	ID   MailboxID
	Auth [32]byte
}

// ParseMailboxKey reads the two header values.
func ParseMailboxKey(id, auth string) (MailboxKey, error) {
	var k MailboxKey
	if err := decodeExactly(k.ID[:], id, "mailbox id"); err != nil {
		return MailboxKey{}, err
	}
	if err := decodeExactly(k.Auth[:], auth, "mailbox auth"); err != nil {
		return MailboxKey{}, err
	}
	return k, nil
}

// RevealAuth is the b64url form of the secret, for the header.
func (k MailboxKey) RevealAuth() string { return base64.RawURLEncoding.EncodeToString(k.Auth[:]) }

// String hides the key.
func (MailboxKey) String() string { return "[mailbox key]" }

// GoString hides the key.
func (MailboxKey) GoString() string { return "[mailbox key]" }

// decodeExactly fills into from b64url; the error never quotes s.
func decodeExactly(into []byte, s, what string) error {
	if len(s) != base64.RawURLEncoding.EncodedLen(len(into)) {
		return fmt.Errorf("%s: wrong length", what)
	}
	if n, err := base64.RawURLEncoding.Strict().Decode(into, []byte(s)); err != nil || n != len(into) {
		return fmt.Errorf("%s: not base64url", what)
	}
	return nil
}

// Accepted is the gate's answer to a letter it has made durable.
type Accepted struct {
	ID         string `json:"id"`         // hex
	Commitment []byte `json:"commitment"` // 32 bytes
	Key        []byte `json:"key"`        // 32 bytes; with Record it opens the commitment
	Record     string `json:"record"`     // core/ledger
	Promise    string `json:"promise"`    // signed note, core/ledger
}

// Progress is the gate's answer to a piece, or to a question how much it holds.
type Progress struct {
	Have     int64 `json:"have"` // bytes held from the start
	Accepted bool  `json:"accepted,omitempty"`
}
