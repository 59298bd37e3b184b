package names

import "testing"

func FuzzMatch(f *testing.F) {
	for _, p := range [][2]string{{"Mohammad", "محمّد"}, {"Abdul Rahman", "عبدالرحمن"}, {"ishq", "shsh"}, {"yyyy", "وووو"}, {"ال", "a"}, {"", "ء"}, {"aeiouy", "اایی"}} {
		f.Add(p[0], p[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		s, back := Match(a, b), Match(b, a)
		if s < 0 || s > 1 || back < 0 || back > 1 {
			t.Fatalf("Match(%q, %q) = %v, %v", a, b, s, back)
		}
		if keys := Keys(a); len(keys) > maxWords*2*2*maxKeys*2 {
			t.Fatalf("%d keys of %q", len(keys), a)
		}
		for _, k := range Keys(a) {
			if k == "" || len(k) > 4*maxLetters {
				t.Fatalf("a key %q of %q", k, a)
			}
		}
	})
}
