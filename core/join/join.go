// Package join brings a new desk into an organisation: a code that is spoken aloud, messages that the gate relays, and six words that both
// sides compare. Formats: docs/formats-keys.md, section 6.
//
// The code keeps strangers out; the words catch a gate in the middle, even one that has guessed the code: a keeper commits to a number
// before the newcomer speaks and reveals it after, so nobody between them can choose messages by trying. The package sends nothing and keeps no time.
package join

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/scrypt"

	"panah/core/receipt"
	"panah/core/roster"
)

const (
	digits     = 9
	scryptN    = 1 << 15
	scryptR    = 8
	scryptP    = 1
	nonceLen   = 32
	MaxMessage = 8 << 10 // bytes of a message, its MAC included
)

var (
	// ErrCode says that what was typed is not a code; the wrapped error of core/receipt says why.
	ErrCode = errors.New("this is not a code for joining")
	// ErrMessage says that a message was not written by somebody who has the code, or changed on the way.
	ErrMessage = errors.New("the message does not come from somebody who has this code")
	// ErrReveal says that the keeper's number is not the one the keeper had committed to: somebody stands in the middle.
	ErrReveal = errors.New("somebody between the two desks changes what they say")
)

// A Code is spoken aloud by a keeper: eight random digits and a check digit. It prints as "[joining code]".
type Code struct{ digits string }

// NewCode draws a code from a cryptographic source.
func NewCode(random io.Reader) (Code, error) {
	d, err := receipt.DrawDigits(random, digits)
	if err != nil {
		return Code{}, fmt.Errorf("drawing a code: %w", err)
	}
	return Code{d}, nil
}

// Parse reads a code as people type it. The error wraps ErrCode and receipt.ErrCharacter, receipt.ErrLength or receipt.ErrCheck.
func Parse(typed string) (Code, error) {
	d, err := receipt.ReadDigits(typed, digits)
	if err != nil {
		return Code{}, fmt.Errorf("%w: %w", ErrCode, err)
	}
	return Code{d}, nil
}

// Reveal is the code in groups of three, "482 913 750".
func (c Code) Reveal() string {
	if c.digits == "" {
		return ""
	}
	return c.digits[:3] + " " + c.digits[3:6] + " " + c.digits[6:]
}

// String hides the code.
func (Code) String() string { return "[joining code]" }

// GoString hides the code.
func (Code) GoString() string { return "[joining code]" }

// A Room is where the two sides meet at the gate, and the key that their messages carry. It prints as "[room]".
type Room struct {
	ID  [16]byte
	mac [32]byte
}

// String hides the room.
func (Room) String() string { return "[room]" }

// GoString hides the room.
func (Room) GoString() string { return "[room]" }

// Derive computes the room of a code: a tenth of a second and 32 MiB.
func (c Code) Derive() (Room, error) {
	if c.digits == "" {
		return Room{}, ErrCode
	}
	k, err := scrypt.Key([]byte(c.digits), []byte("panah.join/v1"), scryptN, scryptR, scryptP, 48)
	if err != nil {
		return Room{}, fmt.Errorf("deriving a room: %w", err)
	}
	var r Room
	copy(r.mac[:], k[copy(r.ID[:], k):])
	return r, nil
}

// The two sides of a room, as messages name them.
const (
	Keeper   byte = 'k'
	Newcomer byte = 'n'
)

func (r Room) tag(from, n byte, body []byte) []byte {
	m := hmac.New(sha256.New, r.mac[:])
	m.Write([]byte("panah.join/v1\n"))
	m.Write([]byte{from, n})
	m.Write(body)
	return m.Sum(nil)
}

// Seal writes message n of a side.
func (r Room) Seal(from, n byte, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing a message: %w", err)
	}
	msg := append(r.tag(from, n, body), body...)
	if len(msg) > MaxMessage {
		return nil, errors.New("writing a message: it is too long")
	}
	return msg, nil
}

// Open reads message n of a side into v. The error wraps ErrMessage.
func (r Room) Open(from, n byte, msg []byte, v any) error {
	if len(msg) < sha256.Size || len(msg) > MaxMessage || !hmac.Equal(msg[:sha256.Size], r.tag(from, n, msg[sha256.Size:])) {
		return ErrMessage
	}
	d := json.NewDecoder(bytes.NewReader(msg[sha256.Size:]))
	d.DisallowUnknownFields()
	if d.Decode(v) != nil {
		return fmt.Errorf("%w: or from a newer version of the program", ErrMessage)
	}
	return nil
}

// An Offer is the keeper's message 0.
type Offer struct {
	V      int    `json:"v"`
	Org    string `json:"org"`
	Name   string `json:"name"`
	Device []byte `json:"device"` // public key of the keeper's desk
	Commit []byte `json:"commit"` // SHA-256 of the nonce
}

// A Hello is the newcomer's message 0.
type Hello struct {
	V      int    `json:"v"`
	Device []byte `json:"device"`
	Card   string `json:"card"` // generation 1
	Name   string `json:"name"` // what people call the desk
	Nonce  []byte `json:"nonce"`
}

// A Reveal is the keeper's message 1.
type Reveal struct {
	Nonce []byte `json:"nonce"`
}

// A Verdict is the keeper's message 2.
type Verdict struct {
	OK     bool         `json:"ok"`
	Serial int          `json:"serial,omitempty"` // of the roster that has the newcomer
	Role   roster.Role  `json:"role,omitempty"`
	Gate   *roster.Gate `json:"gate,omitempty"`
}

// Check refuses a hello that no desk of ours would send. It returns the newcomer's card.
func (h Hello) Check(org string) (roster.Card, error) {
	if h.V != 1 || len(h.Device) != ed25519.PublicKeySize || len(h.Nonce) != nonceLen {
		return roster.Card{}, fmt.Errorf("%w: or from a newer version of the program", ErrMessage)
	}
	card, err := roster.OpenCard([]byte(h.Card), org, h.Device)
	if err != nil || card.Generation != 1 {
		return roster.Card{}, fmt.Errorf("%w: its card is not one", ErrMessage)
	}
	return card, nil
}

// Check refuses an offer that no keeper of ours would make.
func (o Offer) Check() error {
	if o.V != 1 || len(o.Org) != 20 || len(o.Device) != ed25519.PublicKeySize || len(o.Commit) != sha256.Size {
		return fmt.Errorf("%w: or from a newer version of the program", ErrMessage)
	}
	return nil
}

// Commit is what an offer says of the keeper's nonce.
func Commit(nonce []byte) []byte {
	sum := sha256.Sum256(nonce)
	return sum[:]
}

// Check compares the keeper's nonce with what the offer committed to. The error is ErrReveal.
func (r Reveal) Check(o Offer) error {
	if len(r.Nonce) != nonceLen || subtle.ConstantTimeCompare(Commit(r.Nonce), o.Commit) != 1 {
		return ErrReveal
	}
	return nil
}

// Words are the numbers of the six words that both sides show. offer and hello are the messages as they were sent.
func Words(room [16]byte, offer, hello, nonce []byte) [6]byte {
	h := sha256.New()
	h.Write([]byte("panah.join/v1 words\n"))
	h.Write(room[:])
	for _, m := range [][]byte{offer, hello} {
		sum := sha256.Sum256(m)
		h.Write(sum[:])
	}
	h.Write(nonce)
	return [6]byte(h.Sum(nil)[:6])
}
