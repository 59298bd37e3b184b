package web

import (
	"panah/core/l10n"
	"panah/i18n"
)

// A poster is the organisation's eight words in one language, for walls and cards: the public page shows the same ones where a letter is sealed.
type poster struct {
	l10n.Language
	Words []string
	Draft bool // nobody has checked this language's list: the public page may show English in its place
}

// posters are the words in every language, in the order in which languages are offered.
func posters(numbers []byte) (all []poster) {
	for _, l := range l10n.Languages() {
		all = append(all, poster{Language: l, Words: i18n.WordsOf(l.Code, numbers), Draft: !i18n.WordsReviewed(l.Code)})
	}
	return all
}
