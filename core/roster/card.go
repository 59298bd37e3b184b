package roster

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
)

// deviceName is the key name that a device signs under.
const deviceName = "device"

const (
	maxCard       = 4 << 10
	maxGeneration = 1 << 30
)

// ErrCard says that the bytes are not a card that this device signed.
var ErrCard = errors.New("not a card of this device")

// A Card says which key a device wants its next grant sealed to: docs/formats-keys.md, section 2.
type Card struct {
	Org        string
	Device     ed25519.PublicKey
	Generation int // from 1
	Recipient  *age.HybridRecipient
}

func (c Card) text() string {
	return fmt.Sprintf("panah.card/v1\norg %s\ngeneration %d\nrecipient %s\n", c.Org, c.Generation, c.Recipient)
}

// SignCard writes the card of a device.
func SignCard(org string, generation int, to *age.HybridRecipient, device ed25519.PrivateKey) ([]byte, error) {
	pub, ok := device.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("signing a card: no key")
	}
	vkey, err := note.NewEd25519VerifierKey(deviceName, pub)
	if err != nil {
		return nil, fmt.Errorf("signing a card: %w", err)
	}
	// note takes its own text form of a signing key: the verifier's name and hash with algorithm 1 and the seed.
	parts := strings.SplitN(vkey, "+", 3)
	secret := base64.StdEncoding.EncodeToString(append([]byte{1}, device.Seed()...))
	signer, err := note.NewSigner("PRIVATE+KEY+" + parts[0] + "+" + parts[1] + "+" + secret)
	if err != nil {
		return nil, errors.New("signing a card: the key does not sign") // note's error might quote it
	}
	c := Card{Org: org, Device: pub, Generation: generation, Recipient: to}
	signed, err := note.Sign(&note.Note{Text: c.text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("signing a card: %w", err)
	}
	if _, err := OpenCard(signed, org, pub); err != nil {
		return nil, fmt.Errorf("signing a card: %w", err)
	}
	return signed, nil
}

// OpenCard reads the card of a device. The error wraps ErrCard.
func OpenCard(signed []byte, org string, device ed25519.PublicKey) (Card, error) {
	if len(signed) > maxCard || len(device) != ed25519.PublicKeySize {
		return Card{}, fmt.Errorf("%w: size", ErrCard)
	}
	vkey, err := note.NewEd25519VerifierKey(deviceName, device)
	if err != nil {
		return Card{}, fmt.Errorf("%w: %v", ErrCard, err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return Card{}, fmt.Errorf("%w: %v", ErrCard, err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Card{}, fmt.Errorf("%w: signature", ErrCard)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 5 || lines[0] != "panah.card/v1" {
		return Card{}, fmt.Errorf("%w: lines", ErrCard)
	}
	c := Card{Org: org, Device: device}
	c.Generation, err = strconv.Atoi(strings.TrimPrefix(lines[2], "generation "))
	if err != nil || c.Generation < 1 || c.Generation > maxGeneration {
		return Card{}, fmt.Errorf("%w: generation", ErrCard)
	}
	if c.Recipient, err = age.ParseHybridRecipient(strings.TrimPrefix(lines[3], "recipient ")); err != nil {
		return Card{}, fmt.Errorf("%w: recipient", ErrCard)
	}
	if c.text() != n.Text { // also: of this organisation
		return Card{}, fmt.Errorf("%w: of another organisation, or in another spelling", ErrCard)
	}
	return c, nil
}
