package poster_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"panah/core/l10n"
	"panah/core/poster"
	"panah/core/typeset"
	"panah/i18n"
	"panah/internal/testkit/scanner"
	webfonts "panah/web/fonts"
)

func setting(t testing.TB) (*typeset.Fonts, *l10n.Catalogue) {
	t.Helper()
	regular, err1 := webfonts.Regular()
	bold, err2 := webfonts.Bold()
	words, err3 := i18n.Poster()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	f, err := typeset.LoadFonts(regular, bold)
	if err != nil {
		t.Fatal(err)
	}
	return f, words
}

var five = []string{"fa", "fa-AF", "ps", "ur", "en"}

func order(kind poster.Kind, page typeset.Size) poster.Order {
	return poster.Order{
		Kind: kind, Langs: five, Officials: "fa", Address: "https://help.example.org", SMS: "+98 21 5550 0199", Name: "Lantern Legal Aid (made up)",
		Page: page, Version: i18n.PosterVersion,
	}
}

// printed writes an order to a file of the test and gives its name.
func printed(t *testing.T, o poster.Order) string {
	t.Helper()
	f, words := setting(t)
	b, err := poster.PDF(f, words, o)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "poster.pdf")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "qpdf", "--check", name)
	return name
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}

func TestTheCodeOnThePaperHoldsTheAddressAndNothingElse(t *testing.T) {
	for page, dpi := range map[typeset.Size]int{typeset.A4: 80, typeset.A3: 60, typeset.Card: 200} {
		if got := scanner.Code(t, printed(t, order(poster.Poster, page)), dpi); got != "https://help.example.org" {
			t.Errorf("paper %d: the code says %q", page, got)
		}
	}
}

func TestAPosterIsOnePageInEveryLanguage(t *testing.T) {
	for _, page := range []typeset.Size{typeset.A4, typeset.A3} {
		for _, langs := range [][]string{five, {"ps"}, {"en", "ur"}} {
			o := order(poster.Poster, page)
			o.Langs = langs
			name := printed(t, o)
			if info := run(t, "pdfinfo", name); !strings.Contains(info, "Pages:           1\n") {
				t.Errorf("paper %d, %v: %s", page, langs, info)
			}
			text := run(t, "pdftotext", name, "-")
			for _, want := range []string{"help.example.org", "Lantern Legal Aid", "+98 21 5550 0199"} {
				if !strings.Contains(text, want) {
					t.Errorf("paper %d, %v lacks %q", page, langs, want)
				}
			}
			_, words := setting(t)
			for _, l := range langs {
				w, _ := words.Text(l, "poster.headline")
				if !strings.Contains(text, w.Text) {
					t.Errorf("paper %d lacks the headline in %s", page, l)
				}
			}
		}
	}
}

// TestReadFromThreeMetres: five minutes of arc, 4.4 mm from there, is what a good eye just reads; the headline is more than half as large again.
func TestReadFromThreeMetres(t *testing.T) {
	const capital = 0.711 // of the size, by the typeface's OS/2 table
	for page, least := range map[typeset.Size]float64{typeset.A4: 7, typeset.A3: 10} {
		name := printed(t, order(poster.Poster, page))
		largest := 0.0
		// pdftotext -bbox gives the height of a line's box: ascender and descender, 1.5625 of the size.
		for _, line := range strings.Split(run(t, "pdftotext", "-bbox", name, "-"), "\n") {
			if strings.Contains(line, ">papers<") {
				largest = attr(t, line, "yMax") - attr(t, line, "yMin")
			}
		}
		if mm := largest / 1.5625 * capital * 25.4 / 72; mm < least {
			t.Errorf("paper %d: capitals of the headline are %.1f mm high, less than %.0f", page, mm, least)
		} else {
			t.Logf("paper %d: capitals of the headline are %.1f mm high", page, mm)
		}
	}
}

// TestEightWords: a poster carries the words by which people know the true page, and stays one page.
func TestEightWords(t *testing.T) {
	o := order(poster.Poster, typeset.A4)
	o.Words = map[string][]string{}
	for _, l := range five {
		o.Words[l] = i18n.WordsOf("en", []byte{1, 2, 3, 4, 5, 6, 7, 8})
	}
	name := printed(t, o)
	if info := run(t, "pdfinfo", name); !strings.Contains(info, "Pages:           1\n") {
		t.Error(info)
	}
	if text := run(t, "pdftotext", name, "-"); strings.Count(text, strings.Join(o.Words["en"], " ")) != len(five) {
		t.Errorf("the words are not on it once for each language: %s", text)
	}
}

func TestRightsCards(t *testing.T) {
	name := printed(t, order(poster.RightsCard, typeset.A4))
	if info := run(t, "pdfinfo", name); !strings.Contains(info, "Pages:           1\n") {
		t.Error(info)
	}
	text := run(t, "pdftotext", name, "-")
	if strings.Contains(text, "Lantern") {
		t.Error("a rights card must not name an organisation: whoever takes it from the holder learns whom the holder knows")
	}
	if !strings.Contains(text, "I do not sign what I cannot read.") || strings.Count(text, i18n.PosterVersion) < 10 {
		t.Errorf("the cards say: %s", text)
	}
	card := order(poster.RightsCard, typeset.Card)
	card.Langs, card.Officials, card.Address = []string{"ps"}, "en", ""
	if info := run(t, "pdfinfo", printed(t, card)); !strings.Contains(info, "Pages:           2\n") || !strings.Contains(info, "240.94 x 153.07") {
		t.Error(info)
	}
}

func TestMistakesSayWhatToDo(t *testing.T) {
	f, words := setting(t)
	for name, change := range map[string]func(*poster.Order){
		"kind":      func(o *poster.Order) { o.Kind = "flyer" },
		"lang":      func(o *poster.Order) { o.Langs = []string{"fa", "fa"} },
		"officials": func(o *poster.Order) { o.Kind, o.Officials = poster.RightsCard, "de" },
		"size":      func(o *poster.Order) { o.Page = typeset.Letter },
		"sms":       func(o *poster.Order) { o.SMS = "call me" },
		"name":      func(o *poster.Order) { o.Name = strings.Repeat("x", 81) },
		"address":   func(o *poster.Order) { o.Address = "https://help.example.org/?from=poster7" },
	} {
		o := order(poster.Poster, typeset.A4)
		change(&o)
		_, err := poster.PDF(f, words, o)
		var wrong *poster.Mistake
		if !errors.As(err, &wrong) || wrong.Field != name || len(wrong.Text) < 15 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, a := range []string{"", "help.example.org", "http://help.example.org", "https://me@help.example.org", "https://help.example.org/#x", "https://"} {
		o := order(poster.Poster, typeset.A4)
		if o.Address = a; o.Check() == nil {
			t.Errorf("address %q is taken", a)
		}
	}
}

func TestDraftsAreNamed(t *testing.T) {
	_, words := setting(t)
	o := order(poster.RightsCard, typeset.A4)
	o.Langs = []string{"en"}
	if got := poster.Drafts(words, o); len(got) != 1 || got[0] != "fa" {
		t.Errorf("drafts: %v", got)
	}
}

func attr(t *testing.T, line, name string) float64 {
	t.Helper()
	_, rest, ok := strings.Cut(line, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	x, err := strconv.ParseFloat(value, 64)
	if !ok || err != nil {
		t.Fatalf("no %s in %s", name, line)
	}
	return x
}

// TestPictures writes the pictures of docs/pictures that `make pictures` asks for.
func TestPictures(t *testing.T) {
	for name, o := range map[string]poster.Order{"poster": order(poster.Poster, typeset.A4), "rights-cards": order(poster.RightsCard, typeset.A4)} {
		dir := os.Getenv("PANAH_PICTURES")
		if dir == "" {
			dir = t.TempDir()
		}
		run(t, "pdftoppm", "-r", "84", "-gray", "-png", "-singlefile", printed(t, o), filepath.Join(dir, name))
	}
}
