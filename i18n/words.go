package i18n

import (
	"embed"
	"strings"

	"panah/core/l10n"
)

//go:embed words/*.txt
var wordFiles embed.FS

// Word is the word that stands for a byte in a language's list: of an organisation's eight words, and of the six that two desks
// compare. The same byte means the same thing in every language, so that people with different languages compare by meaning.
// A language without a list gets English.
func Word(lang string, b byte) string { return wordList(lang)[b] }

// WordsOf are the words of bytes, in their order.
func WordsOf(lang string, bytes []byte) []string {
	list := wordList(lang)
	words := make([]string, len(bytes))
	for i, b := range bytes {
		words[i] = list[b]
	}
	return words
}

// WordsReviewed reports whether a native speaker has checked a language's list. Public pages show another list only
// where drafts are shown, marked as such.
func WordsReviewed(lang string) bool { return lang == l10n.English }

// wordList reads the 256 words of a language. The files are part of the program and words_test.go checks them, so that
// nothing can be missing here.
func wordList(lang string) []string {
	data, err := wordFiles.ReadFile("words/" + lang + ".txt")
	if err != nil {
		data, _ = wordFiles.ReadFile("words/" + l10n.English + ".txt")
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
