package recovery

import (
	"fmt"
	"strings"
	"unicode"

	"filippo.io/age"
)

const (
	sheetPrefix = "AGE-SECRET-KEY-PQ-1"
	// sheetLen is the length of a secret: prefix, 32 bytes in groups of five bits, six characters of checksum (BIP 173).
	sheetLen = len(sheetPrefix) + 52 + 6
	maxTyped = 4 << 10
)

// bech32Chars is the alphabet of BIP 173, upper case as sheets have it.
const bech32Chars = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

// Groups writes a sheet's secret as the sheet shows it: in groups of four behind the prefix, which is a group of its own.
func Groups(s Sheet) []string {
	secret := s.Reveal()
	out := []string{sheetPrefix}
	for rest := secret[len(sheetPrefix):]; rest != ""; {
		n := min(4, len(rest))
		out, rest = append(out, rest[:n]), rest[n:]
	}
	return out
}

// ParseSheet reads a secret as it was typed or scanned: any case, spaces, line breaks and hyphens anywhere, comment lines before it as in an age
// identity file. The error wraps ErrSheet, says what is wrong and where to look, and quotes nothing.
func ParseSheet(typed string) (*age.HybridIdentity, error) {
	if len(typed) > maxTyped {
		return nil, fmt.Errorf("%w: it is much too long; type only the line of groups that begins with AGE-SECRET-KEY", ErrSheet)
	}
	secret := clean(typed)
	want := strings.ReplaceAll(sheetPrefix, "-", "")
	body, ok := strings.CutPrefix(secret, want)
	switch {
	case secret == "":
		return nil, fmt.Errorf("%w: nothing was typed", ErrSheet)
	case !ok:
		return nil, fmt.Errorf("%w: it begins with %s; look for that line on the sheet", ErrSheet, sheetPrefix)
	}
	for i := range len(body) {
		if !strings.Contains(bech32Chars, body[i:i+1]) {
			return nil, fmt.Errorf("%w: in group %d there is a character that no sheet has (sheets have no B, I, O or 1)", ErrSheet, i/4+1)
		}
	}
	switch n := sheetLen - len(sheetPrefix); {
	case len(body) < n:
		return nil, fmt.Errorf("%w: %d characters are missing at the end or between; if the sheet is torn, use another custodian's", ErrSheet, n-len(body))
	case len(body) > n:
		return nil, fmt.Errorf("%w: there are %d characters too many", ErrSheet, len(body)-n)
	}
	id, err := age.ParseHybridIdentity(sheetPrefix + body)
	if err != nil {
		return nil, fmt.Errorf("%w: its check characters do not fit, so at least one character is wrong; compare group by group, or scan the square", ErrSheet)
	}
	return id, nil
}

// clean drops comment lines and whatever people put between characters.
func clean(typed string) string {
	var b strings.Builder
	for line := range strings.Lines(typed) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, r := range line {
			if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				b.WriteRune(unicode.ToUpper(r))
			} else if !unicode.IsSpace(r) && r != '-' && r > unicode.MaxASCII && !unicode.Is(unicode.Cf, r) {
				b.WriteByte('?') // a letter of another script is a mistake, not a space
			}
		}
	}
	return b.String()
}
