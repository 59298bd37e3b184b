package seal

import "strings"

// bech32Chars is the alphabet of BIP 173.
const bech32Chars = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32Encode writes data under the lower-case human-readable part hrp, as BIP 173 says but without its limit of 90
// characters, which age lifts too. age parses what it returns, checksum included.
func bech32Encode(hrp string, data []byte) string {
	values := make([]byte, 0, len(data)*8/5+7)
	var acc, bits uint
	for _, b := range data {
		acc, bits = acc<<8|uint(b), bits+8
		for bits >= 5 {
			bits -= 5
			values = append(values, byte(acc>>bits)&31)
		}
	}
	if bits > 0 {
		values = append(values, byte(acc<<(5-bits))&31)
	}
	var b strings.Builder
	b.WriteString(hrp + "1")
	for _, v := range append(values, bech32Checksum(hrp, values)...) {
		b.WriteByte(bech32Chars[v])
	}
	return b.String()
}

func bech32Checksum(hrp string, values []byte) []byte {
	expanded := make([]byte, 0, 2*len(hrp)+1+len(values)+6)
	for i := range len(hrp) {
		expanded = append(expanded, hrp[i]>>5)
	}
	expanded = append(expanded, 0)
	for i := range len(hrp) {
		expanded = append(expanded, hrp[i]&31)
	}
	expanded = append(append(expanded, values...), 0, 0, 0, 0, 0, 0)
	mod := bech32Polymod(expanded) ^ 1
	sum := make([]byte, 6)
	for i := range sum {
		sum[i] = byte(mod>>(5*(5-i))) & 31
	}
	return sum
}

func bech32Polymod(values []byte) uint32 {
	chk := uint32(1)
	for _, v := range values {
		top := chk >> 25
		chk = chk&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				chk ^= g
			}
		}
	}
	return chk
}
