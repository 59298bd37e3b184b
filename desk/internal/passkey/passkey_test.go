package passkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
)

const origin = "http://localhost:8401"

// An authenticator makes answers as real ones do.
type authenticator struct {
	signer crypto.Signer
	cose   []byte
	id     []byte
	flags  byte
	rp     string
}

func newES256(t testing.TB) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose := append(bytes.Clone(es256Head), point[1:33]...)
	cose = append(append(cose, es256Mid...), point[33:]...)
	return &authenticator{key, cose, []byte("credential"), flagPresent | flagVerified, RPID}
}

func newEdDSA(t testing.TB) *authenticator {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{key, append(bytes.Clone(eddsaHead), pub...), []byte("credential"), flagPresent | flagVerified, RPID}
}

func (a *authenticator) head(more byte) []byte {
	rp := sha256.Sum256([]byte(a.rp))
	return append(append(rp[:], a.flags|more), 0, 0, 0, 0)
}

func (a *authenticator) made() []byte {
	b := append(a.head(flagAttested), make([]byte, 16)...)
	b = append(b, 0, byte(len(a.id)))
	return append(append(b, a.id...), a.cose...)
}

func (a *authenticator) sign(t testing.TB, authData, clientData []byte) []byte {
	t.Helper()
	hash := sha256.Sum256(clientData)
	signed := append(bytes.Clone(authData), hash[:]...)
	opts := crypto.Hash(0)
	if _, ok := a.signer.(*ecdsa.PrivateKey); ok {
		digest := sha256.Sum256(signed)
		signed, opts = digest[:], crypto.SHA256
	}
	sig, err := a.signer.Sign(rand.Reader, signed, opts)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func clientData(t testing.TB, kind string, challenge []byte, origin string, cross bool) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"type": kind, "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": origin, "crossOrigin": cross, "other_keys_can_be_added_here": "x",
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newAsked() Asked {
	a := Asked{Challenge: make([]byte, 32), Origin: origin}
	rand.Read(a.Challenge)
	return a
}

func TestAPasskeyIsMadeAndUsed(t *testing.T) {
	for name, a := range map[string]*authenticator{"ES256": newES256(t), "EdDSA": newEdDSA(t)} {
		asked := newAsked()
		c, err := Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), a.made())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(c.ID, a.id) {
			t.Errorf("%s: id %x", name, c.ID)
		}
		asked = newAsked()
		client, auth := clientData(t, "webauthn.get", asked.Challenge, origin, false), a.head(0)
		if err := Used(asked, client, auth, a.sign(t, auth, client), c.Key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatDoesNotProveAPasskeyIsRefused(t *testing.T) {
	good, other := newES256(t), newES256(t)
	asked := newAsked()
	c, err := Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), good.made())
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		by           *authenticator
		kind, origin string
		challenge    []byte
		cross        bool
	}
	right := answer{good, "webauthn.get", origin, asked.Challenge, false}
	with := func(change func(*answer)) answer { a := right; change(&a); return a }
	unverified, absent, elsewhere := *good, *good, *good
	unverified.flags, absent.flags, elsewhere.rp = flagPresent, flagVerified, "example.org"
	for what, a := range map[string]answer{
		"another authenticator": with(func(a *answer) { a.by = other }),
		"nobody verified":       with(func(a *answer) { a.by = &unverified }),
		"nobody there":          with(func(a *answer) { a.by = &absent }),
		"another site":          with(func(a *answer) { a.by = &elsewhere }),
		"another page's port":   with(func(a *answer) { a.origin = "http://localhost:3000" }),
		"an IP literal":         with(func(a *answer) { a.origin = "http://127.0.0.1:8401" }),
		"in a frame":            with(func(a *answer) { a.cross = true }),
		"an old challenge":      with(func(a *answer) { a.challenge = make([]byte, 32) }),
		"no challenge":          with(func(a *answer) { a.challenge = nil }),
		"the other question":    with(func(a *answer) { a.kind = "webauthn.create" }),
	} {
		client, auth := clientData(t, a.kind, a.challenge, a.origin, a.cross), a.by.head(0)
		if err := Used(asked, client, auth, a.by.sign(t, auth, client), c.Key); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", what, err)
		}
	}
	client, auth := clientData(t, right.kind, right.challenge, right.origin, false), good.head(0)
	sig := good.sign(t, auth, client)
	if err := Used(asked, client, auth, sig, c.Key); err != nil {
		t.Fatalf("the right answer: %v", err)
	}
	changed := bytes.Clone(auth)
	changed[36]++ // the counter
	for what, err := range map[string]error{
		"changed data":  Used(asked, client, changed, sig, c.Key),
		"no signature":  Used(asked, client, auth, nil, c.Key),
		"no key":        Used(asked, client, auth, sig, nil),
		"never asked":   Used(Asked{Origin: origin}, clientData(t, "webauthn.get", nil, origin, false), auth, sig, c.Key),
		"cut":           Used(asked, client, auth[:30], sig, c.Key),
		"not attested":  second(Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), good.head(0))),
		"a cut id":      second(Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), good.made()[:60])),
		"a cut key":     second(Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), good.made()[:90])),
		"another curve": second(Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), bytes.Replace(good.made(), es256Head, []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x02, 0x21, 0x58, 0x20}, 1))),
		"off the curve": second(Made(asked, clientData(t, "webauthn.create", asked.Challenge, origin, false), append(good.made()[:len(good.made())-32], make([]byte, 32)...))),
	} {
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", what, err)
		}
	}
}

func second(_ Credential, err error) error { return err }

func FuzzMade(f *testing.F) {
	a := newES256(f)
	asked := Asked{Challenge: make([]byte, 32), Origin: origin}
	f.Add(clientData(f, "webauthn.create", asked.Challenge, origin, false), a.made())
	f.Add(clientData(f, "webauthn.create", asked.Challenge, origin, false), newEdDSA(f).made())
	f.Add([]byte(`{}`), a.head(flagAttested))
	f.Fuzz(func(t *testing.T, client, auth []byte) {
		c, err := Made(asked, client, auth)
		if err != nil {
			return
		}
		if len(c.ID) == 0 || len(c.ID) > maxID || len(c.Key) == 0 {
			t.Fatal("took a passkey without an id or a key")
		}
	})
}
