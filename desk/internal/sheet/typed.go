package sheet

import (
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"

	"panah/core/recovery"
)

// dataLength is how many characters follow keyPrefix: 32 bytes and the checksum, in Bech32.
const dataLength = 58

// MaxTyped bounds what is read as one sheet, bytes: a key file with comments, or what somebody typed.
const MaxTyped = 4 << 10

// Read reads the key of a sheet as recovery.ParseSheet does, also without its prefix. The error wraps recovery.ErrSheet, never holds a
// character of the key, and says which groups to look at again when the checksum lets one know.
func Read(typed string) (*age.HybridIdentity, error) {
	id, err := recovery.ParseSheet(typed)
	if err == nil || !errors.Is(err, recovery.ErrSheet) || len(typed) > MaxTyped {
		return id, err
	}
	data, whole := dataOf(typed)
	if !whole { // nobody types the prefix gladly
		if id, again := recovery.ParseSheet(keyPrefix + data); again == nil {
			return id, nil
		}
	}
	if where := whereToLook(data); where != "" {
		return nil, fmt.Errorf("%w: %s", recovery.ErrSheet, where)
	}
	return nil, err
}

// dataOf returns what was typed after the prefix, in lower case, without spaces, hyphens and comments; whole is false when the prefix is not there.
func dataOf(typed string) (data string, whole bool) {
	var b strings.Builder
	for line := range strings.Lines(typed) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(squeeze(line))
		}
	}
	return strings.CutPrefix(b.String(), squeeze(keyPrefix))
}

// squeeze lowers letters and drops everything that is neither letter nor digit.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// whereToLook says what is wrong with the characters after the prefix, when there are one too few, one too many, or one or two wrong ones, and
// that can be said for sure; "" otherwise.
func whereToLook(data string) string {
	if strings.Trim(data, bech32Alphabet) != "" {
		return ""
	}
	switch len(data) - dataLength {
	case 0:
		if groups := wrongGroups(data); groups != nil {
			return "its check characters do not fit; look again at " + inWords(groups)
		}
	case -1:
		if groups := holeGroups(data); groups != nil {
			return "one character is missing; look again at " + inWords(groups)
		}
	case 1:
		if groups := extraGroups(data); groups != nil {
			return "one character is too many; look again at " + inWords(groups)
		}
	}
	return ""
}

// inWords names one or two groups.
func inWords(groups []int) string {
	if len(groups) == 1 {
		return fmt.Sprintf("group %d", groups[0])
	}
	return fmt.Sprintf("groups %d and %d", groups[0], groups[1])
}
