package command

import "testing"

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		word  string
		known []string
		want  string
	}{
		{"reciept", []string{"letter", "receipt"}, `; did you mean "receipt"?`},
		{"opne", []string{"seal", "open"}, `; did you mean "open"?`},
		{"verifypages", []string{"verify", "verify-pages"}, `; did you mean "verify-pages"?`},
		{"xyzzy", []string{"seal", "open"}, ""},
		{"", []string{"o"}, ""}, // a word of one letter is near to everything
	} {
		if got := nearest(c.word, c.known); got != c.want {
			t.Errorf("nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}
