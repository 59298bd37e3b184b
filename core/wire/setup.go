package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// HeaderSetup carries the proof of both sides of POST /v1/setup.
const HeaderSetup = "Panah-Setup"

// setupAlphabet is the base32 alphabet of Douglas Crockford, lower case: it can be read out over a telephone.
const setupAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// setupDigits is the length of a setup code: 24 × 5 = 120 bits, so it cannot be guessed and needs no stretching.
const setupDigits = 24

// A SetupKey is what gate and desk derive from a setup code. The code itself is never sent and never stored. It prints
// as "[setup key]".
type SetupKey [32]byte

// String hides the key.
func (SetupKey) String() string { return "[setup key]" }

// GoString hides the key.
func (SetupKey) GoString() string { return "[setup key]" }

// NewSetupCode draws a setup code, in groups of four. Whoever holds it can give a new gate its organisation, once.
func NewSetupCode() string {
	var raw [setupDigits]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(setupAlphabet[r&31])
	}
	return b.String()
}

// ParseSetupCode derives the key from a code as typed: spaces, hyphens and case do not matter.
func ParseSetupCode(code string) (SetupKey, error) {
	digits := strings.NewReplacer(" ", "", "-", "", "\n", "").Replace(strings.ToLower(code))
	if len(digits) != setupDigits || strings.Trim(digits, setupAlphabet) != "" {
		return SetupKey{}, errors.New("a setup code has 24 letters and digits, without i, l, o and u")
	}
	return sha256.Sum256([]byte("panah.setup/v1\n" + digits)), nil
}

// RosterProof is the Panah-Setup header of the request: whoever sends the roster knows the code.
func (k SetupKey) RosterProof(roster []byte) string { return k.mac("roster\n", roster) }

// GateProof is the Panah-Setup header of the answer: the gate that printed the code has this verifier key. A proxy in
// between cannot put its own in.
func (k SetupKey) GateProof(vkey string) string { return k.mac("gate\n", []byte(vkey)) }

// SameProof compares two proofs in constant time.
func SameProof(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

func (k SetupKey) mac(domain string, body []byte) string {
	m := hmac.New(sha256.New, k[:])
	m.Write([]byte("panah.setup/v1 " + domain))
	m.Write(body)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}
