package wire

import (
	"context"
	"crypto/sha256"
	"math/bits"
	"strconv"
)

// WorkZeros counts the leading zero bits of SHA-256(challenge "|" id "|" counter): what a proof of work is measured by (docs/formats.md,
// section 4).
func WorkZeros(challenge string, id LetterID, counter string) int {
	return leadingZeros(sha256.Sum256([]byte(challenge + "|" + id.String() + "|" + counter)))
}

// SolveWork finds a counter that gives at least zeros leading zero bits, and returns the value of HeaderWork. It takes about
// 2^zeros hashes, so the caller bounds zeros; the only error is that of ctx.
func SolveWork(ctx context.Context, challenge string, id LetterID, zeros int) (string, error) {
	prefix := []byte(challenge + "|" + id.String() + "|")
	buf := make([]byte, 0, len(prefix)+20)
	for c := uint64(0); ; c++ {
		if c&0xfff == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		buf = strconv.AppendUint(append(buf[:0], prefix...), c, 10)
		if leadingZeros(sha256.Sum256(buf)) >= zeros {
			return challenge + "|" + strconv.FormatUint(c, 10), nil
		}
	}
}

func leadingZeros(sum [sha256.Size]byte) int {
	n := 0
	for _, b := range sum {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n
}
