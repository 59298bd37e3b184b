package roster

import (
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// Words are the numbers of the eight words that stand for a fingerprint on a poster: docs/formats-keys.md, section 1. Each
// takes a tenth of a second and 32 MiB to compute, so that 64 bits are enough: a look-alike costs 2^64 of that.
func Words(org string) ([8]byte, error) {
	b, err := scrypt.Key([]byte(org), []byte("panah.words/v1"), 1<<15, 8, 1, 8)
	if err != nil {
		return [8]byte{}, fmt.Errorf("computing the words of a fingerprint: %w", err)
	}
	return [8]byte(b), nil
}
