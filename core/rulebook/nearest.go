package rulebook

import (
	"fmt"

	"panah/core/script"
)

// meant says which of the known words was probably meant: "Did you mean `to`?", or nothing.
func meant(word string, known []string) string {
	best, least := "", min(4, len(word)/2+1) // one slip in a short word, three in a long one
	for _, k := range known {
		if apart := len(word) - len(k); apart >= least || -apart >= least {
			continue
		}
		if d := slips(word, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean `%s`?", best)
}

// slips counts what is to be changed to make one word of the other; words longer than 64 bytes are far from all.
func slips(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	return script.Apart([]byte(a), []byte(b))
}
