package media

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"lines":             {"one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"},
		"override":          {"file\u202Egpj.exe\u202C", "filegpj.exe"},
		"isolates":          {"\u2066a\u2069\u2067b\u2068", "ab"},
		"persian joiners":   {"می\u200cخواهم ک\u200dک", "می\u200cخواهم ک\u200dک"},
		"marks":             {"\u200eabc\u200f\u061c", "\u200eabc\u200f\u061c"},
		"controls":          {"a\x00b\x1b[31mc\x7fd\u0085e", "ab[31mcde"},
		"hidden":            {"a\u2028b\ufeffc\U000E0041d\ufff9e", "abcde"},
		"not UTF-8":         {"a\xffb\xc3", "a\ufffdb\ufffd"},
		"cr at the end":     {"a\r", "a\n"},
		"markup stays text": {"<b>", "<b>"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Text([]byte(c.in)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if n := utf8.RuneCountInString(Text([]byte(strings.Repeat("پ", MaxText+5)))); n != MaxText {
		t.Errorf("%d characters", n)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("سلام\r\n\u202eabc\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := Text(data)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxText || Text([]byte(got)) != got {
			t.Errorf("%q", got)
		}
	})
}
