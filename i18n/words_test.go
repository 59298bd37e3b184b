package i18n_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"panah/core/l10n"
	"panah/core/script"
	"panah/i18n"
)

// alphabets are the letters that a list may use. The zero-width non-joiner is part of ordinary Persian and Pashto spelling; Arabic
// ي and ك in Persian or Urdu, or Persian ه in Urdu, look alike and are typing mistakes.
var alphabets = map[string]string{
	"en":    "abcdefghijklmnopqrstuvwxyz",
	"fa":    "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئ\u200c",
	"fa-AF": "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئ\u200c",
	"ps":    "آابپتټثجځچڅحخدډذرړزژږسشښصضطظعغفقکګلمنڼوهیيېۍ\u200c",
	"ur":    "آابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھیےئؤ",
}

// alike are letters that sound alike, or nearly, over a bad line: all of a group are taken for its first.
var alike = map[string][]string{
	"en":    {"kcq", "sz", "iy"},
	"fa":    {"سثص", "زذضظژ", "تط", "هح", "قغ", "اآعئ", "کگ"},
	"fa-AF": {"سثص", "زذضظژ", "تط", "هح", "قغ", "اآعئ", "کگ"},
	"ps":    {"سثصڅ", "زذضظځ", "تطټ", "دډ", "رړ", "نڼ", "هح", "کق", "شښ", "ژږ", "اآع", "یيېۍ"},
	"ur":    {"سثص", "زذضظژ", "تطٹ", "دڈ", "رڑ", "نں", "ہحھ", "کقگ", "اآعئ", "یے", "وؤ"},
}

// heard writes a word as it may be heard: letters that sound alike are one, and one that is said twice is said once.
func heard(lang, word string) []rune {
	word = strings.NewReplacer("\u200c", "", "ph", "f").Replace(word)
	var out []rune
	for _, r := range word {
		for _, group := range alike[lang] {
			if strings.ContainsRune(group, r) {
				r, _ = utf8.DecodeRuneInString(group)
			}
		}
		if len(out) == 0 || out[len(out)-1] != r {
			out = append(out, r)
		}
	}
	return out
}

func list(t *testing.T, lang string) []string {
	t.Helper()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return i18n.WordsOf(lang, all)
}

func TestWordListsHave256WordsInTheirOwnLetters(t *testing.T) {
	for _, l := range l10n.Languages() {
		data, err := os.ReadFile("words/" + l.Code + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(data), "\n"); n != 256 || !strings.HasSuffix(string(data), "\n") {
			t.Errorf("%s has %d lines", l.Code, n)
		}
		for i, word := range list(t, l.Code) {
			if n := utf8.RuneCountInString(word); n < 2 || n > 12 {
				t.Errorf("%s, line %d: %q has %d letters", l.Code, i+1, word, n)
			}
			if at := strings.IndexFunc(word, func(r rune) bool { return !strings.ContainsRune(alphabets[l.Code], r) }); at >= 0 {
				t.Errorf("%s, line %d: %q has a letter that the language does not have: %q", l.Code, i+1, word, word[at:])
			}
		}
	}
}

func TestNoTwoWordsAreHeardAlike(t *testing.T) {
	for _, l := range l10n.Languages() {
		words := list(t, l.Code)
		for i, a := range words {
			for _, b := range words[:i] {
				if d := script.Apart(heard(l.Code, a), heard(l.Code, b)); d < 2 {
					t.Errorf("%s: %q and %q are heard alike (distance %d)", l.Code, a, b, d)
				}
				if l.Code == l10n.English && beginning(a) == beginning(b) {
					t.Errorf("%q and %q begin alike", a, b)
				}
			}
		}
	}
}

func beginning(word string) string { return word[:min(4, len(word))] }

func TestEnglishWordsAreSorted(t *testing.T) {
	// A word's line is its number on posters that hang on walls: whoever sorts a changed list moves them all. The English order is the one
	// that a changed line is noticed by.
	if words := list(t, l10n.English); !slices.IsSorted(words) {
		t.Error("the English words are not in the order of the alphabet")
	}
}

func TestWord(t *testing.T) {
	if diff := cmp.Diff([]string{"zebra", "almond"}, i18n.WordsOf("en", []byte{255, 0})); diff != "" {
		t.Error(diff)
	}
	if got := i18n.Word("fa", 0); got != "بادام" {
		t.Errorf("the first Persian word is %q", got)
	}
	if got := i18n.Word("xx", 0); got != "almond" {
		t.Errorf("a language without a list says %q", got)
	}
	if !i18n.WordsReviewed("en") || i18n.WordsReviewed("ps") {
		t.Error("drafts are taken for checked")
	}
}
