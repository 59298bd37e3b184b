package desk

import (
	"fmt"

	"panah/core/l10n"
	"panah/core/recovery"
	"panah/core/roster"
	"panah/i18n"
)

// Words are the eight words of a fingerprint in a language. They take a tenth of a second to compute.
func Words(org, lang string) ([]string, error) {
	numbers, err := roster.Words(org)
	if err != nil {
		return nil, err
	}
	return i18n.WordsOf(lang, numbers[:]), nil
}

// SixWords are the words that two desks compare, in a language.
func SixWords(numbers [6]byte, lang string) []string { return i18n.WordsOf(lang, numbers[:]) }

// CheckSplit refuses numbers of sheets that an organisation cannot have.
func CheckSplit(needed, of int) error { return recovery.CheckNumbers(needed, of) }

// CheckLanguage refuses a language that there are no words in.
func CheckLanguage(lang string) error {
	if _, ok := l10n.Find(lang); !ok {
		return fmt.Errorf("there is no language %q; choose one of en, fa, fa-AF, ps, ur", lang)
	}
	return nil
}
