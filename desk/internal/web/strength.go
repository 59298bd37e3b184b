package web

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Guesses that a passphrase must withstand, as powers of two. Each guess costs whoever has the key file about a second of one processor and
// 256 MiB, which is worth 18 more.
const (
	bitsFair   = 40
	bitsStrong = 60
	bitsWord   = 11 // a plain word, drawn from about 2,000
	minLetters = 12 // what the key file itself asks for
)

// strength judges a passphrase roughly: "strong", "fair", or "" for one that is not taken. It counts what it can see, and cannot know that
// the words are a line of a song.
func strength(passphrase string) string {
	if utf8.RuneCountInString(passphrase) < minLetters {
		return ""
	}
	switch bits := guesses(passphrase); {
	case bits >= bitsStrong:
		return "strong"
	case bits >= bitsFair:
		return "fair"
	}
	return ""
}

// guesses estimates the passphrase as words, when it looks like words, and as characters otherwise.
func guesses(passphrase string) int {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(passphrase), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if utf8.RuneCountInString(w) >= 3 {
			words[w] = true
		}
	}
	if len(words) >= 3 {
		return len(words) * bitsWord
	}
	distinct := map[rune]bool{}
	var kinds [4]bool // digits, small letters, capital letters, others
	for _, r := range passphrase {
		distinct[r] = true
		switch {
		case unicode.IsDigit(r):
			kinds[0] = true
		case unicode.IsUpper(r):
			kinds[2] = true
		case unicode.IsLetter(r):
			kinds[1] = true
		default:
			kinds[3] = true
		}
	}
	// What one character is worth: people choose names and dates, so characters of one kind are worth little.
	each := 1
	for _, used := range kinds {
		if used {
			each++
		}
	}
	return min(utf8.RuneCountInString(passphrase), 2*len(distinct)) * each
}
