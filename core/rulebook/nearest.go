package rulebook

import "fmt"

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

// slips counts insertions, deletions and replacements between two words (Levenshtein); words longer than 64 bytes are far from all.
func slips(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
