// Package seal reads the visible digital seal of ICAO Doc 9303-13: the square code on visas, arrival attestations,
// residence permits and emergency travel documents, whose content is signed. It says what the seal holds and whether its
// signature fits a certificate that the organisation itself loaded.
//
// It refuses to say that a paper is real or forged. A seal whose signature fits can be copied onto another paper; one that
// cannot be checked is not a bad one.
package seal

import (
	"errors"
	"fmt"
	"time"
)

// MaxLen is the most bytes a seal may have: more than the largest Data Matrix or QR code carries.
const MaxLen = 4096

// ErrNotSeal is returned for bytes that do not begin as a seal does: it is some other code.
var ErrNotSeal = errors.New("seal: this is no visible digital seal")

// FormError is returned for bytes that begin as a seal and are not put together as one: cut off, misread or of a version
// that is not known.
type FormError struct {
	At   int    // offset of the byte, from 0
	What string // what was expected there
}

func (e *FormError) Error() string { return fmt.Sprintf("seal: byte %d: %s", e.At, e.What) }

// Seal is what a code holds. It may name a person and a number: show it, do not keep it.
type Seal struct {
	Version    int       // 3 or 4, as Doc 9303-13 counts
	Country    string    // who issued the document: "D", "UTO"
	Signer     string    // country and name of the signer: "DETS"
	Reference  string    // the signer's certificate: its serial number in hexadecimal
	Issued     time.Time // day of issue; zero when the seal gives none
	Signed     time.Time // day of the signature
	Definition byte      // document feature definition reference
	Category   byte      // document type category
	Kind       Kind      // "" for a definition that is not known here
	Features   []Feature // in the order of the seal
	Signature  []byte    // r and s, half the bytes each

	signed []byte // header and features, as they were signed
}

// Kind is a document whose features are known here.
type Kind string

// The kinds: Doc 9303-13 (visa, emergency travel document) and BSI TR-03137 part 1 (the others).
const (
	Visa               Kind = "visa"
	EmergencyTravel    Kind = "emergency-travel-document"
	ArrivalAttestation Kind = "arrival-attestation"
	ResidencePermit    Kind = "residence-permit"
	SupplementarySheet Kind = "supplementary-sheet"
)

// Feature is one datum of a seal.
type Feature struct {
	Tag  byte
	Name string // "mrz", "passport_number"…; "" for one that is not known here: show Raw in hexadecimal
	Text string // "" when Name is
	Raw  []byte
}

// Parse reads the bytes of a seal. It returns ErrNotSeal or a *FormError.
func Parse(b []byte) (Seal, error) {
	if len(b) == 0 || b[0] != 0xDC {
		return Seal{}, ErrNotSeal
	}
	if len(b) > MaxLen {
		return Seal{}, &FormError{MaxLen, "a seal is shorter than this"}
	}
	if len(b) < 2 {
		return Seal{}, &FormError{1, "the version is missing"}
	}
	switch b[1] {
	case 2:
		return parse(b, 3)
	case 3:
		s, err := parse(b, 4)
		if err == nil {
			return s, nil
		}
		// German arrival attestations of the first years say 3 and have a reference of five characters all the same.
		if old, oldErr := parse(b, 3); oldErr == nil {
			return old, nil
		}
		return Seal{}, err
	}
	return Seal{}, &FormError{1, fmt.Sprintf("version byte %#02x; 2 and 3 are known", b[1])}
}

// cursor walks over the bytes; after a failure it only returns zero values.
type cursor struct {
	b   []byte
	at  int
	err error
}

func (c *cursor) take(n int, what string) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || len(c.b)-c.at < n {
		c.err = &FormError{c.at, what + " is cut off"}
		return nil
	}
	c.at += n
	return c.b[c.at-n : c.at]
}

func (c *cursor) fail(what string) {
	if c.err == nil {
		c.err = &FormError{c.at, what}
	}
}

func parse(b []byte, version int) (Seal, error) {
	c := &cursor{b: b, at: 2}
	s := Seal{Version: version}
	s.Country = trim(c.c40(2, "the issuing country"))
	c.signer(&s)
	s.Issued, s.Signed = c.date("the day of issue"), c.date("the day of the signature")
	if ref := c.take(2, "the kind of document"); ref != nil {
		s.Definition, s.Category = ref[0], ref[1]
		s.Kind = kindOf(ref[0], ref[1])
	}
	for c.err == nil && s.Signature == nil {
		if c.at == len(b) {
			c.fail("the signature is missing")
			break
		}
		before := c.at
		tag, value := c.message()
		if tag != 0xFF {
			s.Features = append(s.Features, s.feature(tag, value))
			continue
		}
		s.Signature, s.signed = value, b[:before]
		if len(value) == 0 || len(value)%2 != 0 {
			c.fail("a signature has two halves")
		}
	}
	if c.err == nil && c.at != len(b) {
		c.fail("there are bytes after the signature")
	}
	if c.err != nil {
		return Seal{}, c.err
	}
	return s, nil
}

// signer reads signer and certificate reference: nine characters in version 3, a length of its own in version 4.
func (c *cursor) signer(s *Seal) {
	if s.Version == 3 {
		text := c.c40(6, "signer and certificate")
		if len(text) >= 4 {
			s.Signer, s.Reference = text[:4], text[4:]
		}
		return
	}
	text := c.c40(4, "the signer")
	if c.err != nil || len(text) != 6 {
		c.fail("a signer has four characters and a length")
		return
	}
	n, ok := hexByte(text[4:])
	if !ok {
		c.fail("the length of the certificate reference is no number")
		return
	}
	s.Signer = text[:4]
	s.Reference = c.c40((n+2)/3*2, "the certificate reference")
	if c.err == nil && len(s.Reference) < n {
		c.fail("the certificate reference is shorter than its length")
		return
	}
	if c.err == nil {
		s.Reference = s.Reference[:n]
	}
}

func hexByte(s string) (int, bool) {
	n := 0
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			n = n<<4 + int(r-'0')
		case 'A' <= r && r <= 'F':
			n = n<<4 + int(r-'A') + 10
		default:
			return 0, false
		}
	}
	return n, true
}

// date reads three bytes, the number MMDDYYYY (Doc 9303-13 section 2.3.2). Zero bytes are no date.
func (c *cursor) date(what string) time.Time {
	b := c.take(3, what)
	if b == nil {
		return time.Time{}
	}
	n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	if n == 0 {
		return time.Time{}
	}
	month, day, year := n/1000000, n/10000%100, n%10000
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month || year < 1900 {
		c.at -= 3
		c.fail(what + " is no date")
		return time.Time{}
	}
	return t
}

// message reads tag, length and value. Lengths over 127 may be written as DER writes them (0x81, 0x82).
func (c *cursor) message() (tag byte, value []byte) {
	head := c.take(2, "a feature")
	if head == nil {
		return 0, nil
	}
	n := int(head[1])
	switch head[1] {
	case 0x81:
		if b := c.take(1, "the length of a feature"); b != nil {
			n = int(b[0])
		}
	case 0x82:
		if b := c.take(2, "the length of a feature"); b != nil {
			n = int(b[0])<<8 | int(b[1])
		}
	}
	return head[0], c.take(n, "a feature")
}
