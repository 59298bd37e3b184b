package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxLogin bounds a login name, bytes.
const maxLogin = 120

// foldLogin makes one of the ways in which people type a name: without marks, case, joiners and the letters that keyboards of neighbouring languages differ in. It is part of the file
// format, and so does not follow the folding of the search: names that are folded in another way would not be found.
func foldLogin(login string) string {
	if len(login) > maxLogin || !utf8.ValidString(login) {
		return ""
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKD.String(login))) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), r == 'ـ':
		case r == 'ي', r == 'ى':
			b.WriteRune('ی')
		case r == 'ك':
			b.WriteRune('ک')
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case r >= '۰' && r <= '۹':
			b.WriteRune('0' + r - '۰')
		case unicode.IsControl(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// tagOf stands for a folded login name in seats.json.
func tagOf(salt []byte, folded string) []byte {
	h := hmac.New(sha256.New, salt)
	h.Write([]byte("panah/seat-name/v1\n" + folded))
	return h.Sum(nil)
}
