package seal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"testing"
	"time"
)

// TestCurves: every generator lies on its curve and has the order that is written; the curves of FIPS 186-5 are Go's own.
func TestCurves(t *testing.T) {
	stock := map[string]elliptic.Curve{"P-224": elliptic.P224(), "P-256": elliptic.P256(), "P-384": elliptic.P384()}
	for _, c := range curves() {
		g := point{c.gx, c.gy}
		if !c.holds(g) || c.times(c.n, g).x != nil || !c.n.ProbablyPrime(20) || !c.p.ProbablyPrime(20) {
			t.Errorf("%s is not what it says", c.name)
		}
		if s := stock[c.name]; s != nil {
			p := s.Params()
			if p.P.Cmp(c.p) != 0 || p.B.Cmp(c.b) != 0 || p.N.Cmp(c.n) != 0 || p.Gx.Cmp(c.gx) != 0 || p.Gy.Cmp(c.gy) != 0 {
				t.Errorf("%s differs from crypto/elliptic", c.name)
			}
		}
	}
}

// TestAgainstStock: our verification and crypto/ecdsa agree on signatures that fit and on ones that do not.
func TestAgainstStock(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := chosen(t, "P-256")
	q := point{key.X, key.Y}
	for i := range 20 {
		message := []byte{byte(i), 1, 2, 3}
		digest := sha256.Sum256(message)
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		if !c.verify(q, message, sig) {
			t.Fatal("a signature of crypto/ecdsa does not fit")
		}
		sig[i] ^= 1
		if c.verify(q, message, sig) {
			t.Fatal("a changed signature fits")
		}
	}
}

func chosen(t testing.TB, name string) *curve {
	for _, c := range curves() {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("no curve %s", name)
	return nil
}

// TestPublishedSignatures holds header, bytes that are signed, hash and curve to published signatures, without any
// certificate: annexes F, G and H of TR-03137 name one signer and one certificate (DETS, serial 32, brainpoolP224r1). The
// public keys under which the signature of F fits are computed from it (SEC 1 section 4.1.6); one of them must make G and H
// fit, which no other hash, curve or range of bytes could do. Annexes C and D likewise share DETS 27 on brainpoolP256r1.
func TestPublishedSignatures(t *testing.T) {
	seals := map[string]*Seal{}
	for _, v := range readSeals(t) {
		s, err := Parse(v.raw(t))
		if err != nil {
			t.Fatal(err)
		}
		seals[v.Name] = &s
	}
	for _, group := range []struct {
		curve string
		names []string
	}{
		{"brainpoolP224r1", []string{"visa sticker, annex F", "address sticker, annex G", "residence sticker, annex H"}},
		{"brainpoolP256r1", []string{"arrival attestation, annex C", "social insurance card, annex D", "residence permit, annex E"}},
	} {
		c := chosen(t, group.curve)
		first := seals[group.names[0]]
		fits := 0
		for _, key := range recovered(c, first) {
			cert := Certificate{Signer: first.Signer, From: first.Signed, Until: first.Signed.AddDate(1, 0, 0), curve: c, key: key}
			cert.Serial = trimZeros(first.Reference)
			all := true
			for _, name := range group.names {
				all = all && seals[name].Check([]Certificate{cert}).State == SignedBy
			}
			if !all {
				continue
			}
			fits++
			t.Logf("%s: the key of %s%s is %x", group.curve, cert.Signer, cert.Serial, key.x)
			changed := *first
			changed.signed = append([]byte(nil), first.signed...)
			changed.signed[20] ^= 1
			if got := changed.Check([]Certificate{cert}); got.State != DoesNotFit {
				t.Errorf("a changed seal: %+v", got)
			}
			cert.Serial = "33"
			if got := first.Check([]Certificate{cert}); got.State != NoCertificate {
				t.Errorf("another serial: %+v", got)
			}
		}
		if fits != 1 {
			t.Errorf("%s: %d keys make every signature of the group fit", group.curve, fits)
		}
	}
}

func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}

// recovered are the public keys under which the signature of s fits.
func recovered(c *curve, s *Seal) (keys []point) {
	half := len(s.Signature) / 2
	r, ss := new(big.Int).SetBytes(s.Signature[:half]), new(big.Int).SetBytes(s.Signature[half:])
	e := new(big.Int).SetBytes(c.hash(s.signed))
	inverse := new(big.Int).ModInverse(r, c.n)
	for x := new(big.Int).Set(r); x.Cmp(c.p) < 0; x.Add(x, c.n) {
		square := new(big.Int).Mul(x, x)
		square.Add(square, c.a).Mul(square, x).Add(square, c.b).Mod(square, c.p)
		y := new(big.Int).ModSqrt(square, c.p)
		if y == nil {
			continue
		}
		for _, y := range []*big.Int{y, new(big.Int).Sub(c.p, y)} {
			sr := c.times(ss, point{new(big.Int).Set(x), y})
			eg := c.times(e, point{c.gx, c.gy})
			eg.y = new(big.Int).Sub(c.p, eg.y)
			keys = append(keys, c.times(inverse, c.add(sr, eg)))
		}
	}
	return keys
}

// TestCertificates reads what Go issues, DER and PEM, with a named curve and with the parameters written out, and refuses the
// rest in words.
func TestCertificates(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(0x5b), Subject: pkix.Name{Country: []string{"UT"}, CommonName: "TS"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), explicit(t, der, chosen(t, "P-256"))} {
		c, err := ParseCertificate(b)
		if err != nil {
			t.Fatal(err)
		}
		if c.Signer != "UTTS" || c.Serial != "5B" || c.Curve != "P-256" || c.key.x.Cmp(key.X) != 0 || !c.Until.Equal(template.NotAfter) || len(c.Fingerprint) != 64 {
			t.Errorf("%+v", c)
		}
	}
	other := chosen(t, "P-256")
	other.b = new(big.Int).Add(other.b, big.NewInt(1)) // a curve of one's own: CVE-2020-0601
	for name, b := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "a key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}),
		"cut": der[:len(der)-1], "more": append(append([]byte(nil), der...), 0), "large": make([]byte, MaxCertificate+1),
		"own curve": explicit(t, der, other),
	} {
		if _, err := ParseCertificate(b); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// explicit writes the curve of a certificate out.
func explicit(t *testing.T, der []byte, c *curve) []byte {
	t.Helper()
	var cert certificateASN
	if _, err := asn1.Unmarshal(der, &cert); err != nil {
		t.Fatal(err)
	}
	var e explicitASN
	e.Version, e.Field.ID, e.Field.Prime, e.Order, e.Cofactor = 1, asn1.ObjectIdentifier{1, 2, 840, 10045, 1, 1}, c.p, c.n, big.NewInt(1)
	e.Curve.A, e.Curve.B = c.a.Bytes(), c.b.FillBytes(make([]byte, 32))
	e.Base = append([]byte{4}, append(c.gx.FillBytes(make([]byte, 32)), c.gy.FillBytes(make([]byte, 32))...)...)
	b, err := asn1.Marshal(struct {
		Version  int
		Field    any
		Curve    struct{ A, B []byte }
		Base     []byte
		Order    *big.Int
		Cofactor *big.Int
	}{1, e.Field, struct{ A, B []byte }{e.Curve.A, e.Curve.B}, e.Base, e.Order, e.Cofactor})
	if err != nil {
		t.Fatal(err)
	}
	cert.TBS.PublicKey.Algorithm.Parameters = asn1.RawValue{FullBytes: b}
	out, err := asn1.Marshal(cert)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzParseCertificate(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Add([]byte{0x30, 0x82, 0x01, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCertificate(b)
		if err == nil && (c.curve == nil || !c.curve.holds(c.key)) {
			t.Fatalf("a certificate without a key: %+v", c)
		}
		if err != nil && !errors.Is(err, ErrCertificate) {
			t.Fatalf("an error no caller can tell: %v", err)
		}
	})
}
