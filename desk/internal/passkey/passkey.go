// Package passkey checks what a browser's WebAuthn says about a passkey (Web Authentication Level 3): that it was made, or used, now, for this
// desk's pages, by a person whom the authenticator verified.
//
// It takes ES256 and EdDSA keys and asks for no attestation: which make of authenticator somebody has is nobody's business here. What opens the desk's keys
// is not the signature but what the authenticator's PRF derives (desk/internal/keyring); the signature keeps a captured derivation from being played again
// through the pages. docs/adr/passkeys.md has the reasons for checking this ourselves.
package passkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// RPID is the relying party: the one name that browsers allow for pages on this computer. It has no port, so other pages on localhost may ask for
// the same passkeys; the person and the authenticator would have to agree.
const RPID = "localhost"

// Bounds of what a browser sends, bytes.
const (
	MaxClientData = 4 << 10
	MaxAuthData   = 4 << 10
	maxID         = 1023
	maxSignature  = 256
)

// Flags of authenticator data (section 6.1).
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2
	flagAttested = 1 << 6
	headLen      = 32 + 1 + 4
)

// ErrRefused says that what the browser sent does not prove a passkey of this desk. Errors wrap it and say what is wrong.
var ErrRefused = errors.New("the passkey's answer does not fit this desk")

func refused(what string) error { return fmt.Errorf("%w: %s", ErrRefused, what) }

// An Asked is what this desk asked the browser for.
type Asked struct {
	Challenge []byte // random, used once
	Origin    string // of the page: "http://localhost:8401"
}

// A Credential is a passkey as the authenticator made it.
type Credential struct {
	ID  []byte // at most 1,023 bytes
	Key []byte // public key, PKIX DER: P-256 or Ed25519
}

// Made checks the answer to navigator.credentials.create: clientData is clientDataJSON, authData is getAuthenticatorData().
func Made(a Asked, clientData, authData []byte) (Credential, error) {
	if err := a.checkClientData(clientData, "webauthn.create"); err != nil {
		return Credential{}, err
	}
	if err := checkHead(authData); err != nil {
		return Credential{}, err
	}
	return attested(authData)
}

// Used checks the answer to navigator.credentials.get against the public key (PKIX DER) of the credential.
func Used(a Asked, clientData, authData, signature, key []byte) error {
	if err := a.checkClientData(clientData, "webauthn.get"); err != nil {
		return err
	}
	if err := checkHead(authData); err != nil {
		return err
	}
	if len(signature) == 0 || len(signature) > maxSignature {
		return refused("no signature")
	}
	hash := sha256.Sum256(clientData)
	signed := append(bytes.Clone(authData), hash[:]...)
	pub, err := x509.ParsePKIXPublicKey(key)
	if err != nil {
		return refused("the stored key is damaged")
	}
	good := false
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(signed)
		good = ecdsa.VerifyASN1(pub, digest[:], signature)
	case ed25519.PublicKey:
		good = ed25519.Verify(pub, signed, signature)
	}
	if !good {
		return refused("the signature is wrong")
	}
	return nil
}

// checkClientData compares what the browser says it was asked, and by which page (section 5.8.1).
func (a Asked) checkClientData(raw []byte, kind string) error {
	var c struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}
	if len(raw) > MaxClientData || json.Unmarshal(raw, &c) != nil { // browsers may add members
		return refused("its client data cannot be read")
	}
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(c.Challenge)
	switch {
	case c.Type != kind:
		return refused("it answers another question")
	case err != nil || len(a.Challenge) < 16 || subtle.ConstantTimeCompare(challenge, a.Challenge) != 1:
		return refused("it answers an older question")
	case a.Origin == "" || c.Origin != a.Origin || c.CrossOrigin:
		return refused("another page asked for it")
	}
	return nil
}

// checkHead wants this relying party, and a person who was there and was verified.
func checkHead(authData []byte) error {
	if len(authData) < headLen || len(authData) > MaxAuthData {
		return refused("its authenticator data cannot be read")
	}
	rp := sha256.Sum256([]byte(RPID))
	if !bytes.Equal(authData[:32], rp[:]) {
		return refused("it is for another site")
	}
	if flags := authData[32]; flags&flagPresent == 0 || flags&flagVerified == 0 {
		return refused("the authenticator did not verify a person")
	}
	return nil
}

// attested reads the new credential: AAGUID (16), length of id (2), id, COSE key (section 6.5.1).
func attested(authData []byte) (Credential, error) {
	rest := authData[headLen:]
	if authData[32]&flagAttested == 0 || len(rest) < 18 {
		return Credential{}, refused("it holds no new passkey")
	}
	n := int(binary.BigEndian.Uint16(rest[16:18]))
	rest = rest[18:]
	if n == 0 || n > maxID || len(rest) < n {
		return Credential{}, refused("the passkey's id is cut")
	}
	pub, err := coseKey(rest[n:])
	if err != nil {
		return Credential{}, err
	}
	key, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return Credential{}, refused("the passkey's key is malformed")
	}
	return Credential{ID: bytes.Clone(rest[:n]), Key: key}, nil
}

// Heads of the two COSE keys that we ask for. CTAP 2 wants canonical CBOR, and one order of the members, so that each kind of key has
// exactly one form: no CBOR reader is needed.
var (
	es256Head = []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20} // kty EC2, alg -7, crv P-256, x
	es256Mid  = []byte{0x22, 0x58, 0x20}                                           // y
	eddsaHead = []byte{0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20} // kty OKP, alg -8, crv Ed25519, x
)

func coseKey(b []byte) (any, error) {
	if x, ok := bytes.CutPrefix(b, eddsaHead); ok && len(x) >= 32 {
		return ed25519.PublicKey(x[:32]), nil
	}
	x, ok := bytes.CutPrefix(b, es256Head)
	if !ok || len(x) < 32+len(es256Mid)+32 || !bytes.Equal(x[32:32+len(es256Mid)], es256Mid) {
		return nil, refused("its key is of a kind that the desk does not take")
	}
	point := append([]byte{4}, x[:32]...)
	point = append(point, x[32+len(es256Mid):][:32]...)
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, refused("its key is not a point of the curve")
	}
	return pub, nil
}
