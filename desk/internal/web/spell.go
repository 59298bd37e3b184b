package web

import (
	"panah/core/l10n"
	"panah/core/roster"
	"panah/i18n"
)

// spell writes bytes as words: in the language of the page, and in English when that is another, for two people whose
// pages speak different languages.
func spell(b []byte, lang string) (own, english []string) {
	for _, n := range b {
		own = append(own, wordOf(lang, n))
		if lang != l10n.English {
			english = append(english, wordOf(l10n.English, n))
		}
	}
	return own, english
}

// orgWords spells a fingerprint. It takes a tenth of a second by intent.
func orgWords(org, lang string) ([]string, error) {
	b, err := roster.Words(org)
	if err != nil {
		return nil, err
	}
	own, _ := spell(b[:], lang)
	return own, nil
}

// wordOf is one word of the list of a language.
func wordOf(lang string, b byte) string { return i18n.Word(lang, b) }
