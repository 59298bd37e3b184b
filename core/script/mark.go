package script

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Range is a part of a text, in bytes: from From up to To.
type Range struct{ From, To int }

// Find shows where in a text, as it was written, the words of a query stand: in order, not overlapping, at most limit. A word of the text counts when its
// folded form is one of words, or begins with one of four letters or more (an ending is attached to it).
func Find(text string, words []string, limit int) []Range {
	var out []Range
	for from, to := range spans(text) {
		if len(out) >= limit {
			break
		}
		w := fold(text[from:to])
		if w == "" {
			continue
		}
		whole := strings.ReplaceAll(w, string(joiner), "")
		if matches(whole, words) || strings.ContainsRune(w, joiner) && slices.ContainsFunc(strings.Split(w, string(joiner)), func(p string) bool { return matches(p, words) }) {
			out = append(out, Range{from, to})
		}
	}
	return out
}

func matches(w string, words []string) bool {
	return slices.ContainsFunc(words, func(q string) bool {
		return w == q || utf8.RuneCountInString(q) >= 4 && strings.HasPrefix(w, q)
	})
}

// spans are the words of a text as they stand: letters, digits, marks, and what is dropped between them.
func spans(s string) func(func(int, int) bool) {
	return func(yield func(int, int) bool) {
		from := -1
		for i, r := range s {
			in := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || from >= 0 && (dropped(r) || r == '\u200C')
			switch {
			case in && from < 0:
				from = i
			case !in && from >= 0:
				if !yield(from, i) {
					return
				}
				from = -1
			}
		}
		if from >= 0 {
			yield(from, len(s))
		}
	}
}

// Cut is the part of a text around its first Range, at most about width characters, cut between words, with the ranges moved along. before and after say whether
// something was left off.
func Cut(text string, found []Range, width int) (part string, moved []Range, cutBefore, cutAfter bool) {
	start := 0
	if len(found) > 0 {
		start = back(text, found[0].From, width/3)
	}
	end := forth(text, start, width)
	for _, r := range found {
		if r.From >= start && r.To <= end {
			moved = append(moved, Range{r.From - start, r.To - start})
		}
	}
	return text[start:end], moved, start > 0, end < len(text)
}

// back goes n characters towards the beginning, and then to the end of the gap between two words.
func back(s string, at, n int) int {
	i := at
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	if i == 0 {
		return 0
	}
	if gap := strings.IndexFunc(s[i:at], unicode.IsSpace); gap >= 0 {
		rest := s[i+gap:]
		return i + gap + len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	}
	return i
}

// forth goes n characters towards the end, and back to the last gap.
func forth(s string, at, n int) int {
	i := at
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	if i == len(s) {
		return i
	}
	if gap := strings.LastIndexFunc(s[at:i], unicode.IsSpace); gap > 0 {
		return at + gap
	}
	return i
}
