package seal

import "math/bits"

// Bounds of the padded plaintext, bytes.
const (
	minPadded = 4 << 10
	maxPadded = 2 << 20
)

// PaddedLen returns the padding class that n bytes of plaintext go into: powers of two from 4 KiB to 64 KiB,
// quarter octaves above, at most 2 MiB. It returns 0 when n is over the largest class.
func PaddedLen(n int) int {
	switch {
	case n <= minPadded:
		return minPadded
	case n > maxPadded:
		return 0
	}
	octave := 1 << (bits.Len(uint(n-1)) - 1) // largest power of two below n
	if octave < 64<<10 {
		return 2 * octave
	}
	step := octave / 4
	return (n + step - 1) / step * step
}

// isSealedClass reports whether a letter of total bytes can come from a padding class.
func isSealedClass(total int) bool {
	payload := total - HeaderLen - nonceLen
	chunks := (payload + chunkSize + chunkExtra - 1) / (chunkSize + chunkExtra)
	n := payload - chunks*chunkExtra
	return n >= minPadded && PaddedLen(n) == n && SealedLen(n) == total
}
