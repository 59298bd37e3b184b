package seal

import "strings"

// basic is the set of C40 that seals use (ISO/IEC 16022 table 2; BSI TR-03137 part 1 annex B): values 3 to 39.
const basic = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// decodeC40 gives the characters of b: three to each pair of bytes; a pair that begins with 254 ends C40, and its second
// byte is one character of ASCII plus one. It is false for bytes that are no C40 of the basic set.
func decodeC40(b []byte) (string, bool) {
	if len(b)%2 != 0 {
		return "", false
	}
	var out strings.Builder
	out.Grow(len(b) / 2 * 3)
	for i := 0; i < len(b); i += 2 {
		if b[i] == 254 {
			if c := b[i+1] - 1; c >= 0x80 || strings.IndexByte(basic, c) < 0 && c != '<' {
				return "", false
			}
			out.WriteByte(b[i+1] - 1)
			continue
		}
		n := int(b[i])<<8 + int(b[i+1]) - 1
		for _, v := range [...]int{n / 1600, n / 40 % 40, n % 40} {
			switch {
			case n < 0 || v >= 40 || v == 1 || v == 2:
				return "", false
			case v == 0: // padding
			default:
				out.WriteByte(basic[v-3])
			}
		}
	}
	return out.String(), true
}

func (c *cursor) c40(n int, what string) string {
	b := c.take(n, what)
	if b == nil {
		return ""
	}
	text, ok := decodeC40(b)
	if !ok {
		c.at -= n
		c.fail(what + " is not C40")
	}
	return text
}

// trim takes the spaces off the end, which stand for fillers.
func trim(s string) string { return strings.TrimRight(s, " <") }
