package sheet

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"panah/core/l10n"
	"panah/i18n"
)

func madeUp(tb testing.TB, needed, of int, lang string) Sheet {
	tb.Helper()
	id, _ := newKey(tb)
	return Sheet{
		Name: "نور <Legal> & Aid", Org: "0123456789abcdefghjk", Words: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, Letter: 'b', Needed: needed, Of: of,
		Made: time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC), Gate: "https://help.example.org", Lang: lang, Identity: id,
	}
}

// The page says the same key three times over (groups, QR, and what they are read back to) and asks nobody for anything.
func TestPageIsWholeByItself(t *testing.T) {
	for _, lang := range []string{"", "fa", "fa-AF", "ps", "ur"} {
		s := madeUp(t, 2, 3, lang)
		page, err := s.HTML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.HTML()
		if err != nil || !bytes.Equal(page, again) {
			t.Errorf("%s: the same sheet gave another page (%v)", lang, err)
		}
		var typed string
		for _, m := range regexp.MustCompile(`<code class="group">([^<]+)<`).FindAllSubmatch(page, -1) {
			typed += string(m[1]) + " "
		}
		got, err := Read(typed)
		if err != nil || got.String() != s.Identity.String() {
			t.Errorf("%s: the groups on the page do not give the key: %v", lang, err)
		}
		text := html.UnescapeString(string(page))
		for _, want := range []string{
			s.Name, "0123 4567 89ab cdef ghjk", "<svg", "2026-11-23", "Recovery sheet B", "One of 3 sheets. Any 2 of them",
			"panah desk recover --gate https://help.example.org --org 0123456789abcdefghjk",
			"curl -fsS -o epoch-ab.age https://help.example.org/recovery/epoch-ab.age",
			"age -d -i a.txt epoch-ab.age | age -d -i b.txt > epoch.txt",
			"epoch-ab.age, epoch-bc.age",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not on the page", lang, want)
			}
		}
		if regexp.MustCompile(`(?i)<script|src=|href=|url\(`).Match(page) || bytes.Contains(page, []byte("<Legal>")) {
			t.Errorf("%s: the page fetches, runs or quotes something raw", lang)
		}
		if lang != "" && (!strings.Contains(text, `lang="`+lang+`" dir="rtl"`) || !strings.Contains(text, `class="draft"`)) {
			t.Errorf("%s: its words are not there, or not marked as a draft", lang)
		}
		if strings.Contains(text, "{") && regexp.MustCompile(`\{[a-z]+\}`).MatchString(text[strings.Index(text, "<body"):]) {
			t.Errorf("%s: a placeholder was not filled", lang)
		}
	}
}

func TestSheetsOfFive(t *testing.T) {
	s := madeUp(t, 3, 5, "")
	commands, files := s.stock()
	if commands[1] != "age -d -i a.txt epoch-abc.age | age -d -i b.txt | age -d -i c.txt > epoch.txt" || len(strings.Split(files, ", ")) != 6 {
		t.Errorf("got %q and %q", commands, files)
	}
}

func TestSheetDoesNotPrintItsKey(t *testing.T) {
	s := madeUp(t, 2, 3, "")
	if p := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(p, "AGE-SECRET") {
		t.Errorf("printed %q", p)
	}
	if s.FileName() != "sheet-b.html" {
		t.Error(s.FileName())
	}
}

// In a line of Arabic letters a date keeps its order and numbers have the reader's digits.
func TestNumbersOfASheet(t *testing.T) {
	page, err := madeUp(t, 2, 3, "fa").HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\u20662026-11-23\u2069", "\u2066۳\u2069", "Made on 2026-11-23."} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the sheet lacks %q", want)
		}
	}
}

// Every sentence is there in every language, checked or not.
func TestWordsAreWhole(t *testing.T) {
	words, err := i18n.Sheet()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range l10n.Languages() {
		for _, id := range words.IDs() {
			if !words.Has(l.Code, id) {
				t.Errorf("%s lacks %s", l.Code, id)
			}
		}
	}
}
