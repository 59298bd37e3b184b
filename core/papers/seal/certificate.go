package seal

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// MaxCertificate is the most bytes a certificate may have.
const MaxCertificate = 16 << 10

// Certificate is a signer's certificate that the organisation loaded. Its own issuer is not checked: whoever loads it
// vouches for where it came from.
type Certificate struct {
	Subject     string    // "C=DE, CN=TS": for people
	Signer      string    // country and common name, as a seal names its signer: "DETS"
	Serial      string    // in hexadecimal, capitals, without leading zeros
	From, Until time.Time // validity
	Curve       string    // "brainpoolP256r1"…
	Fingerprint string    // SHA-256 of the DER, 64 hexadecimal digits
	DER         []byte

	curve *curve
	key   point
}

// ErrCertificate is wrapped by every error of ParseCertificate.
var ErrCertificate = errors.New("seal: this is no certificate that can check a seal")

// the parts of X.509 (RFC 5280 section 4.1) that are read; crypto/x509 refuses keys on brainpool curves.
type (
	certificateASN struct {
		TBS       tbsASN
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	tbsASN struct {
		Version    int `asn1:"optional,explicit,default:0,tag:0"`
		Serial     *big.Int
		Algorithm  asn1.RawValue
		Issuer     asn1.RawValue
		Validity   validityASN
		Subject    pkix.RDNSequence
		PublicKey  keyASN
		IssuerID   asn1.BitString `asn1:"optional,tag:1"`
		SubjectID  asn1.BitString `asn1:"optional,tag:2"`
		Extensions asn1.RawValue  `asn1:"optional,explicit,tag:3"`
	}
	validityASN struct{ From, Until time.Time }
	keyASN      struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	// explicitASN are parameters written out (RFC 3279 section 2.3.5): only those of a known curve are taken.
	explicitASN struct {
		Version int
		Field   struct {
			ID    asn1.ObjectIdentifier
			Prime *big.Int
		}
		Curve struct {
			A, B []byte
			Seed asn1.BitString `asn1:"optional"`
		}
		Base     []byte
		Order    *big.Int
		Cofactor *big.Int `asn1:"optional"`
	}
)

var ecPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

// ParseCertificate reads one X.509 certificate, DER or PEM, with a key on a curve that seals use.
func ParseCertificate(b []byte) (Certificate, error) {
	if len(b) > MaxCertificate {
		return Certificate{}, fmt.Errorf("%w: larger than %d bytes", ErrCertificate, MaxCertificate)
	}
	if block, _ := pem.Decode(b); block != nil {
		if block.Type != "CERTIFICATE" {
			return Certificate{}, fmt.Errorf("%w: the PEM holds a %q, not a certificate", ErrCertificate, block.Type)
		}
		b = block.Bytes
	}
	var c certificateASN
	if rest, err := asn1.Unmarshal(b, &c); err != nil || len(rest) > 0 {
		return Certificate{}, fmt.Errorf("%w: not X.509", ErrCertificate)
	}
	if c.TBS.Serial.Sign() < 0 {
		return Certificate{}, fmt.Errorf("%w: its serial number is negative", ErrCertificate)
	}
	out := Certificate{
		Serial: strings.ToUpper(c.TBS.Serial.Text(16)), From: c.TBS.Validity.From.UTC(), Until: c.TBS.Validity.Until.UTC(),
		Fingerprint: fmt.Sprintf("%x", sha256.Sum256(b)), DER: b,
	}
	var name pkix.Name
	name.FillFromRDNSequence(&c.TBS.Subject)
	out.Signer = strings.ToUpper(strings.Join(name.Country, "") + name.CommonName)
	out.Subject = name.String()
	if len(out.Signer) < 4 || len(out.Signer) > 64 {
		return Certificate{}, fmt.Errorf("%w: its subject does not name a signer by country and common name", ErrCertificate)
	}
	return out, out.setKey(&c.TBS.PublicKey)
}

func (c *Certificate) setKey(k *keyASN) error {
	if !k.Algorithm.ID.Equal(ecPublicKey) {
		return fmt.Errorf("%w: its key is not of an elliptic curve", ErrCertificate)
	}
	c.curve = chooseCurve(k.Algorithm.Parameters)
	if c.curve == nil {
		return fmt.Errorf("%w: its key is on a curve that seals do not use", ErrCertificate)
	}
	c.Curve = c.curve.name
	raw, size := k.Key.Bytes, (c.curve.p.BitLen()+7)/8
	if len(raw) != 1+2*size || raw[0] != 4 {
		return fmt.Errorf("%w: its key is not an uncompressed point", ErrCertificate)
	}
	c.key = point{new(big.Int).SetBytes(raw[1 : 1+size]), new(big.Int).SetBytes(raw[1+size:])}
	if !c.curve.holds(c.key) {
		return fmt.Errorf("%w: its key is not on its curve", ErrCertificate)
	}
	return nil
}

// chooseCurve finds the curve that the parameters name, or write out to the last number.
func chooseCurve(parameters asn1.RawValue) *curve {
	var oid asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(parameters.FullBytes, &oid); err == nil {
		for _, c := range curves() {
			if c.oid.Equal(oid) {
				return c
			}
		}
		return nil
	}
	var e explicitASN
	if _, err := asn1.Unmarshal(parameters.FullBytes, &e); err != nil || e.Field.Prime == nil || e.Order == nil {
		return nil
	}
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	for _, c := range curves() {
		size := (c.p.BitLen() + 7) / 8
		if e.Field.Prime.Cmp(c.p) == 0 && e.Order.Cmp(c.n) == 0 && number(e.Curve.A).Cmp(c.a) == 0 && number(e.Curve.B).Cmp(c.b) == 0 &&
			len(e.Base) == 1+2*size && e.Base[0] == 4 && number(e.Base[1:1+size]).Cmp(c.gx) == 0 && number(e.Base[1+size:]).Cmp(c.gy) == 0 {
			return c
		}
	}
	return nil
}

// State is what the check of a seal's signature came to.
type State string

// The states. None of them says that a paper is real or forged.
const (
	SignedBy      State = "signed-by"      // the signature fits the loaded certificate of that signer
	NoCertificate State = "no-certificate" // the certificate that the seal names was not loaded: it cannot be checked
	DoesNotFit    State = "does-not-fit"   // the loaded certificate of that name does not fit: misread, another key, or changed
)

// Checked is the answer about a signature.
type Checked struct {
	State       State
	Certificate *Certificate // the one that was used; nil with NoCertificate
	Outside     bool         // signed on a day on which the certificate was not valid
}

// Check looks for the certificate that the seal names, by signer and serial number, and verifies the signature with it.
func (s *Seal) Check(loaded []Certificate) Checked {
	out := Checked{State: NoCertificate}
	serial := strings.TrimLeft(strings.ToUpper(s.Reference), "0")
	for i := range loaded {
		c := &loaded[i]
		if c.curve == nil || c.Signer != s.Signer || strings.TrimLeft(c.Serial, "0") != serial {
			continue
		}
		out.Certificate, out.State = c, DoesNotFit
		out.Outside = s.Signed.Before(c.From.Truncate(24*time.Hour)) || s.Signed.After(c.Until)
		if c.curve.verify(c.key, s.signed, s.Signature) {
			out.State = SignedBy
			return out
		}
	}
	return out
}
