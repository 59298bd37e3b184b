package l10n

import "strings"

// Digits names a set of ten decimal digits by its digit zero.
type Digits rune

// The digit sets that people type and read here.
const (
	Latin          Digits = '0'
	Arabic         Digits = '٠' // U+0660, Arabic keyboards
	ExtendedArabic Digits = '۰' // U+06F0, Persian, Dari, Pashto and Urdu keyboards
)

// Shape writes every decimal digit of s, from whichever set, in the set d.
func (d Digits) Shape(s string) string {
	return strings.Map(func(r rune) rune {
		if v, ok := digit(r); ok {
			return rune(d) + v
		}
		return r
	}, s)
}

// FoldDigits writes every Persian or Arabic digit of s as an ASCII digit and leaves the rest alone.
func FoldDigits(s string) string { return Latin.Shape(s) }

func digit(r rune) (rune, bool) {
	for _, set := range [...]Digits{Latin, ExtendedArabic, Arabic} {
		if zero := rune(set); r >= zero && r <= zero+9 {
			return r - zero, true
		}
	}
	return 0, false
}
