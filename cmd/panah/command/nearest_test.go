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

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"kitten", "sitting", 3}, {"seal", "seal", 0}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
