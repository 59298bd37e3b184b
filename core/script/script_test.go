package script

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"Arabic and Persian yeh, kaf", "كابلي", "کابلی"},
		{"Persian", "کابلی", "کابلی"},
		{"Pashto: five yehs are one", "ي ی ې ۍ ئ", "ی ی ی ی ی"},
		{"Pashto: gaf is a g", "ګلالۍ", "گلالی"},
		{"Pashto: its own letters stay", "پښتو ځای څوک ډېر ټول ړوند ږغ", "پښتو ځای څوک ډیر ټول ړوند ږغ"},
		{"Urdu: bari yeh, gol heh, do-chashmi heh, nun ghunna", "ہے بھائی میں", "هی بهایی مین"},
		{"Dari: heh with hamza", "نامۀ من", "نامه من"},
		{"teh marbuta", "فاطمة", "فاطمه"},
		{"alefs", "أحمد إبراهيم آمنه ٱلله", "احمد ابراهیم امنه الله"},
		{"waw and yeh with hamza", "مسؤول مسئول", "مسوول مسیول"},
		{"hamza alone", "ضياء", "ضیا"},
		{"vowel marks", "مُحَمَّد", "محمد"},
		{"tatweel", "محـــمد", "محمد"},
		{"zero-width non-joiner is a gap", "می\u200cرود", "می رود"},
		{"direction marks", "\u202bتذکره\u202c \u200fکارت\u200e", "تذکره کارت"},
		{"Persian digits", "۱۴۰۳", "1403"},
		{"Arabic digits", "٢٠٢٥", "2025"},
		{"ASCII digits in a row with Persian ones", "12۳٤", "1234"},
		{"English", "The Passport, EXPIRED!", "the passport expired"},
		{"Latin accents", "Ḥusayn Qurʾān ʿAlī Ja'far José", "husayn quran ali jafar jose"},
		{"Turkish and German", "İstanbul ışık Straße", "istanbul isik strasse"},
		{"ligature", "ﷲ ﻻ", "الله لا"},
		{"full width", "Ａ１", "a1"},
		{"punctuation of Persian", "سلام،خوبی؟", "سلام خوبی"},
		{"nothing", "…", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Fold(c.in); got != c.want {
				t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// However a compound is written, every way to ask for it finds it.
func TestCompounds(t *testing.T) {
	forms := []string{"می\u200cرود", "می رود", "میرود"}
	for _, written := range forms {
		for _, asked := range forms {
			if written == "میرود" && asked != "میرود" {
				// The glued form holds the parts only for those who ask in parts: Terms adds the glued way.
				if len(Terms(asked)[0].Ways) != 2 {
					t.Fatalf("%q is asked for in one way only", asked)
				}
			}
			if !found(t, "او به کابل "+written+" فردا", asked) {
				t.Errorf("%q does not find %q", asked, written)
			}
		}
	}
	if !found(t, "کتاب\u200cهای من", "کتابهای") || !found(t, "کتاب های من", "کتاب\u200cهای") || !found(t, "کتاب\u200cهای من", "کتاب") {
		t.Error("a plural is not found in all its spellings")
	}
	if found(t, "او رفت", "می\u200cرود") {
		t.Error("a word is found that is not there")
	}
}

func found(t *testing.T, text, query string) bool {
	t.Helper()
	words := map[string]bool{}
	for _, w := range Words(text) {
		words[w] = true
	}
	for _, term := range Terms(query) {
		any := false
		for _, way := range term.Ways {
			all := true
			for _, w := range way {
				all = all && words[w]
			}
			any = any || all
		}
		if !any {
			return false
		}
	}
	return true
}

func TestWordsOnce(t *testing.T) {
	want := []string{"کارت", "من", "می", "رود", "میرود"}
	if d := cmp.Diff(want, Words("کارت من، كارت من می\u200cرود")); d != "" {
		t.Error(d)
	}
}

func TestFindAndCut(t *testing.T) {
	text := strings.Repeat("پیش از آن چیزی بود. ", 20) + "پاسپورتم را گرفتند و كارت آمايش ندارم. " + strings.Repeat("پس از آن هم. ", 20)
	found := Find(text, []string{"پاسپورت", "کارت", "امایش"}, 10)
	var words []string
	for _, r := range found {
		words = append(words, text[r.From:r.To])
	}
	if d := cmp.Diff([]string{"پاسپورتم", "كارت", "آمايش"}, words); d != "" {
		t.Fatal(d)
	}
	part, moved, before, after := Cut(text, found, 90)
	if !before || !after || utf8.RuneCountInString(part) > 90 {
		t.Errorf("cut %q, before %v, after %v", part, before, after)
	}
	if len(moved) != 3 || part[moved[0].From:moved[0].To] != "پاسپورتم" {
		t.Errorf("marks moved to %v in %q", moved, part)
	}
	if whole, _, b, a := Cut("kurz", nil, 90); whole != "kurz" || b || a {
		t.Errorf("a short text was cut to %q", whole)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"می\u200cرود", "ﷺ", "ẞ", "İı", "K", "ﬃ", "\u0344", "\xff\xfe", "مُحَمَّد۱۲", "a\u200c\u200cb", "ᾳ", "각"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, and folded again %q", s, once, twice)
		}
		if len(once) > maxGrowth*len(s) {
			t.Fatalf("Fold of %d bytes gives %d", len(s), len(once))
		}
		if !utf8.ValidString(once) || strings.ContainsAny(once, "\x00\x01\u200c") || strings.Contains(once, "  ") {
			t.Fatalf("Fold(%q) = %q", s, once)
		}
		for _, w := range Words(s) {
			if w == "" || len(w) > MaxWord || strings.ContainsRune(w, ' ') {
				t.Fatalf("Words(%q) holds %q", s, w)
			}
		}
		for _, r := range Find(s, Words(s), 100) {
			if r.From < 0 || r.To > len(s) || r.From >= r.To {
				t.Fatalf("Find(%q) gives %v", s, r)
			}
		}
		Cut(s, Find(s, Words(s), 3), 20)
	})
}
