package sheet

import "strings"

// A Fault is what is wrong with a sheet as somebody typed it, for pages that say it in the reader's own language. It holds places and counts, never
// a character of the key.
type Fault struct {
	Kind string // "prefix", "strange", "short", "long", "group", "groups", "hole", "extra", "wrong"; empty: nothing is wrong
	N, M int    // groups, counted from 1; how many characters are missing ("short") or too many ("long")
}

// FaultOf says what hinders Read.
func FaultOf(typed string) Fault {
	if _, err := Read(typed); err == nil {
		return Fault{}
	}
	data, _ := dataOf(typed[:min(len(typed), MaxTyped)])
	if i := strings.IndexFunc(data, func(r rune) bool { return !strings.ContainsRune(bech32Alphabet, r) }); i >= 0 {
		if strings.HasPrefix(data, "age") {
			return Fault{Kind: "prefix"} // most of the prefix is there, and something in it is wrong
		}
		return Fault{Kind: "strange", N: i/groupLength + 1}
	}
	switch off := len(data) - dataLength; {
	case off == 0:
		return placed("group", "wrong", wrongGroups(data))
	case off == -1:
		return placed("hole", "short", holeGroups(data))
	case off == 1:
		return placed("extra", "long", extraGroups(data))
	case off < 0:
		return Fault{Kind: "short", N: -off}
	default:
		return Fault{Kind: "long", N: off}
	}
}

// placed is a fault of a kind at the groups that are known, or of another kind where none is.
func placed(kind, otherwise string, groups []int) Fault {
	switch len(groups) {
	case 0:
		return Fault{Kind: otherwise, N: 1}
	case 1:
		return Fault{Kind: kind, N: groups[0]}
	}
	return Fault{Kind: kind + "s", N: groups[0], M: groups[1]}
}
