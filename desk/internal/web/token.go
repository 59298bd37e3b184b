package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
)

// A Token is the secret in the launch URL: whoever holds it may ask for the passphrase. It lives as long as the
// process, is written nowhere, and prints as "[launch token]".
type Token struct{ secret string }

// NewToken draws a token of 256 bits.
func NewToken() Token { return Token{newSecret()} }

// String hides the token.
func (Token) String() string { return "[launch token]" }

// GoString hides the token.
func (t Token) GoString() string { return t.String() }

// MarshalText refuses: a token leaves only in a URL made by LaunchURL.
func (Token) MarshalText() ([]byte, error) {
	return nil, errors.New("a launch token is not written down")
}

func (t Token) matches(given string) bool {
	want, got := sha256.Sum256([]byte(t.secret)), sha256.Sum256([]byte(given))
	return t.secret != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// LaunchURL is the address that the program prints, for its own terminal only:
// "http://127.0.0.1:4410/launch?token=…". addr is the bound host:port.
func LaunchURL(addr string, t Token) string {
	return "http://" + addr + "/launch?token=" + t.secret
}

// newSecret returns 256 random bits in 43 characters. crypto/rand never fails.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
