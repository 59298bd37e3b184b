package command

import (
	"fmt"

	"panah/core/script"
)

// nearest says which of the known words was probably meant: "; did you mean X?", or nothing.
func nearest(word string, known []string) string {
	best, bestDistance := "", 3 // two slips at most
	for _, k := range known {
		if d := script.Apart([]byte(word), []byte(k)); d < bestDistance && d < len(k) {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}
