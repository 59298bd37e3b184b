// Package l10n holds the languages that Panah speaks, their digits, and the catalogues of its words.
// It refuses to pass off a translation that no native speaker has checked: every text comes with its
// state, and the caller has to show that state. It reads bytes, never files.
package l10n

// Direction is the writing direction of a language, as the dir attribute of HTML wants it.
type Direction string

// The two directions.
const (
	LeftToRight Direction = "ltr"
	RightToLeft Direction = "rtl"
)

// Language is one language of the public pages.
type Language struct {
	Code   string    // BCP 47, used in paths and in lang attributes: "fa-AF"
	Name   string    // in its own script, for the choice of languages
	Dir    Direction // writing direction
	Digits Digits    // the digits that its readers expect in running text
	File   string    // name of its catalogue without the domain: "fa_AF"
}

// English is the source language: every text exists in it, and it needs no review.
const English = "en"

// Languages lists the languages in the order in which they are offered.
// Dari is fa-AF: the code prs is mishandled by most software that has to read it.
// Urdu readers in Pakistan expect Latin digits (CLDR agrees), Persian, Dari and Pashto readers ۰–۹.
func Languages() []Language {
	return []Language{
		{Code: "fa", Name: "فارسی", Dir: RightToLeft, Digits: ExtendedArabic, File: "fa"},
		{Code: "fa-AF", Name: "دری", Dir: RightToLeft, Digits: ExtendedArabic, File: "fa_AF"},
		{Code: "ps", Name: "پښتو", Dir: RightToLeft, Digits: ExtendedArabic, File: "ps"},
		{Code: "ur", Name: "اردو", Dir: RightToLeft, Digits: Latin, File: "ur"},
		{Code: English, Name: "English", Dir: LeftToRight, Digits: Latin, File: "en"},
	}
}

// Find returns the language of a code, written exactly as in paths.
func Find(code string) (Language, bool) {
	for _, l := range Languages() {
		if l.Code == code {
			return l, true
		}
	}
	return Language{}, false
}
