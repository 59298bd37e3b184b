package seal

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"math/big"
)

// curve is a short Weierstrass curve y² = x³ + ax + b over a prime field. Seals are signed on brainpool curves, which Go
// has not; verifying touches nothing secret, so plain big integers serve. One verification takes some milliseconds.
type curve struct {
	name       string
	oid        asn1.ObjectIdentifier
	p, a, b, n *big.Int
	gx, gy     *big.Int
}

// point is affine; x nil is the point at infinity.
type point struct{ x, y *big.Int }

// curves are those of RFC 5639 (brainpool, r1) and FIPS 186-5 that BSI TR-03116-2 and Doc 9303-13 name for seals.
func curves() []*curve {
	return []*curve{
		newCurve("brainpoolP224r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 5},
			"d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
			"68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
			"2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
			"0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
			"58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
			"d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f"),
		newCurve("brainpoolP256r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 7},
			"a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
			"7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
			"26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
			"8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
			"547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
			"a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7"),
		newCurve("brainpoolP384r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 11},
			"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
			"7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
			"04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
			"1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
			"8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
			"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565"),
		newCurve("brainpoolP512r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 13},
			"aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
			"7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
			"3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
			"81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
			"7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
			"aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069"),
		newCurve("P-224", asn1.ObjectIdentifier{1, 3, 132, 0, 33},
			"ffffffffffffffffffffffffffffffff000000000000000000000001",
			"fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
			"b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
			"b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
			"bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
			"ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d"),
		newCurve("P-256", asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7},
			"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
			"ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
			"5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
			"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
			"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
			"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
		newCurve("P-384", asn1.ObjectIdentifier{1, 3, 132, 0, 34},
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
			"b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
			"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
			"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
			"ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
	}
}

func newCurve(name string, oid asn1.ObjectIdentifier, p, a, b, gx, gy, n string) *curve {
	number := func(s string) *big.Int { v, _ := new(big.Int).SetString(s, 16); return v }
	return &curve{name, oid, number(p), number(a), number(b), number(n), number(gx), number(gy)}
}

// hash is the one whose length fits the curve (BSI TR-03116-2; Doc 9303-13 section 2.4).
func (c *curve) hash(b []byte) []byte {
	switch bits := c.n.BitLen(); {
	case bits <= 224:
		h := sha256.Sum224(b)
		return h[:]
	case bits <= 256:
		h := sha256.Sum256(b)
		return h[:]
	case bits <= 384:
		h := sha512.Sum384(b)
		return h[:]
	}
	h := sha512.Sum512(b)
	return h[:]
}

// holds tells whether the point lies on the curve; infinity does not.
func (c *curve) holds(q point) bool {
	if q.x == nil || q.x.Sign() < 0 || q.y.Sign() < 0 || q.x.Cmp(c.p) >= 0 || q.y.Cmp(c.p) >= 0 {
		return false
	}
	left := new(big.Int).Mul(q.y, q.y)
	right := new(big.Int).Mul(q.x, q.x)
	right.Add(right, c.a).Mul(right, q.x).Add(right, c.b)
	return left.Sub(left, right).Mod(left, c.p).Sign() == 0
}

func (c *curve) add(q, r point) point {
	if q.x == nil {
		return r
	}
	if r.x == nil {
		return q
	}
	slope, below := new(big.Int), new(big.Int)
	if q.x.Cmp(r.x) == 0 {
		if below.Add(q.y, r.y).Mod(below, c.p).Sign() == 0 {
			return point{}
		}
		slope.Mul(q.x, q.x).Mul(slope, big.NewInt(3)).Add(slope, c.a)
		below.Lsh(q.y, 1)
	} else {
		slope.Sub(r.y, q.y)
		below.Sub(r.x, q.x)
	}
	below.Mod(below, c.p)
	slope.Mul(slope, below.ModInverse(below, c.p)).Mod(slope, c.p)
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, q.x).Sub(x, r.x).Mod(x, c.p)
	y := new(big.Int).Sub(q.x, x)
	y.Mul(y, slope).Sub(y, q.y).Mod(y, c.p)
	return point{x, y}
}

func (c *curve) times(k *big.Int, q point) (sum point) {
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = c.add(sum, sum)
		if k.Bit(i) == 1 {
			sum = c.add(sum, q)
		}
	}
	return sum
}

// verify checks a signature r|s over message with the public key q (FIPS 186-5 section 6.4.2).
func (c *curve) verify(q point, message, signature []byte) bool {
	half := len(signature) / 2
	r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
	if len(signature)%2 != 0 || r.Sign() == 0 || s.Sign() == 0 || r.Cmp(c.n) >= 0 || s.Cmp(c.n) >= 0 {
		return false
	}
	e := new(big.Int).SetBytes(c.hash(message)) // never longer than the order
	w := new(big.Int).ModInverse(s, c.n)
	u1 := new(big.Int).Mul(e, w)
	u2 := new(big.Int).Mul(r, w)
	x := c.add(c.times(u1.Mod(u1, c.n), point{c.gx, c.gy}), c.times(u2.Mod(u2, c.n), q))
	return x.x != nil && new(big.Int).Mod(x.x, c.n).Cmp(r) == 0
}
