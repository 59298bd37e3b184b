package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
)

// RequestWindow is how far a desk's clock and the gate's may be apart. Requests are idempotent, so a replay
// within it does nothing new.
const RequestWindow = 5 * time.Minute

// ErrDevice says that a request is not signed by the device it names, or was signed too long ago.
var ErrDevice = errors.New("the request is not signed by a desk of this organisation")

// ErrClock is the part of ErrDevice that a person can mend: the two clocks differ by more than RequestWindow.
var ErrClock = errors.New("the desk's clock and the gate's clock are more than five minutes apart")

// Signed are the values of the three headers of a desk's request.
type Signed struct{ Device, Date, Signature string }

// signedText is what a device signs: docs/formats.md, section 4.
func signedText(method, target, date string, body []byte, origin string) []byte {
	sum := sha256.Sum256(body)
	return []byte("panah.request/v1\n" + method + "\n" + target + "\n" + date + "\n" + hex.EncodeToString(sum[:]) + "\n" + origin + "\n")
}

// SignRequest signs a request to the gate named origin; target is path and query as sent.
func SignRequest(key ed25519.PrivateKey, method, target string, body []byte, origin string, now time.Time) Signed {
	date := strconv.FormatInt(now.Unix(), 10)
	return Signed{
		Device:    base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)),
		Date:      date,
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(key, signedText(method, target, date, body, origin))),
	}
}

// CheckRequest returns the public key that signed a request. Whether that device belongs to the organisation is
// the caller's question. The error wraps ErrDevice or ErrClock.
func CheckRequest(s Signed, method, target string, body []byte, origin string, now time.Time) (ed25519.PublicKey, error) {
	pub, err := base64.StdEncoding.Strict().DecodeString(s.Device)
	if err != nil || len(pub) != ed25519.PublicKeySize {
		return nil, ErrDevice
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(s.Signature)
	if err != nil || len(sig) != ed25519.SignatureSize {
		return nil, ErrDevice
	}
	sec, err := strconv.ParseInt(s.Date, 10, 64)
	if err != nil {
		return nil, ErrDevice
	}
	if d := now.Sub(time.Unix(sec, 0)); d > RequestWindow || d < -RequestWindow {
		return nil, ErrClock
	}
	if !ed25519.Verify(pub, signedText(method, target, s.Date, body, origin), sig) {
		return nil, ErrDevice
	}
	return pub, nil
}
