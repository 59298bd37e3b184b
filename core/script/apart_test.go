package script

import "testing"

func TestApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"kitten", "sitting", 3}, {"seal", "seal", 0}, {"کابل", "زابل", 1}} {
		if got, back := Apart([]rune(c.a), []rune(c.b)), Apart([]rune(c.b), []rune(c.a)); got != c.want || back != c.want {
			t.Errorf("Apart(%q, %q) = %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
