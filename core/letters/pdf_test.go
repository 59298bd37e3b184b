package letters_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panah/core/l10n"
	"panah/core/letters"
	"panah/core/typeset"
	webfonts "panah/web/fonts"
)

// maxPDF is what a letter may weigh: it is copied to sticks and sent over slow lines.
const maxPDF = 100 << 10

func fonts(t testing.TB) *typeset.Fonts {
	t.Helper()
	regular, err := webfonts.Regular()
	if err != nil {
		t.Fatal(err)
	}
	bold, err := webfonts.Bold()
	if err != nil {
		t.Fatal(err)
	}
	f, err := typeset.LoadFonts(regular, bold)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// made are values as caseworkers write them: names in the letter's script and in Latin, sums, dates.
func made(t letters.Template, lang string) map[string]string {
	person := map[string]string{"en": "Gulalai K.", "fa": "گلالی ک.", "fa-AF": "گلالی ک.", "ps": "ګلالۍ ک.", "ur": "گلالئی خان"}[lang]
	place := map[string]string{"en": "Zahedan (Iran)", "fa": "زاهدان (Zahedan)", "fa-AF": "زاهدان (Zahedan)", "ps": "زاهدان (Zahedan)", "ur": "پشاور (Peshawar)"}[lang]
	paper := map[string]string{"en": "Amayesh card 18", "fa": "کارت آمایش ۱۸", "fa-AF": "کارت آمایش ۱۸", "ps": "د آمايش کارت ۱۸", "ur": "پی او آر کارڈ"}[lang]
	ended := letters.DateIn("2026-06-21", lang)
	out := map[string]string{}
	for _, f := range t.Fields {
		switch {
		case f.ID == "name" || f.ID == "child" || f.ID == "lawyer":
			out[f.ID] = person
		case f.ID == "amount":
			out[f.ID] = "12,500,000 IRR"
		case f.Kind == letters.Date:
			out[f.ID] = "2026-06-21"
		case f.Kind == letters.Number:
			out[f.ID] = "14"
		case f.Kind == letters.Rows:
			out[f.ID] = strings.Repeat(paper+" | 1405-03-31 | "+ended+" | "+t.Verdict["extended"].In(lang)+"\n", 3)
			out[f.ID] = strings.NewReplacer("[", "", "]", "", "{day}", ended).Replace(out[f.ID])
		case f.Kind == letters.Lines:
			out[f.ID] = place + "\n" + paper + ", " + ended + "\nDawn, 6 Aug 2025 https://example.org/news/por-cards?id=12"
		case f.ID == "receiver" || f.ID == "place":
			out[f.ID] = place
		default:
			out[f.ID] = person + " – " + place + ", 24/11/2026"
		}
	}
	return out
}

// wordsOf are the words of a letter in the order in which it is read.
func wordsOf(l letters.Letter) []string {
	text := l.Title + "\n"
	for _, b := range l.Blocks {
		for _, p := range letters.Pieces(b.Text) {
			text += p.Text
		}
		text += "\n"
	}
	return strings.Fields(strings.ReplaceAll(text, "|", " "))
}

// found counts the words that a reader's program finds, each as often as it is there.
func found(want []string, text string) (n int) {
	there := map[string]int{}
	for _, w := range strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\u200E' || r == '\u200F' || r == '\u061C' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, text)) {
		there[w]++
	}
	for _, w := range want {
		if there[w] > 0 {
			there[w]--
			n++
		}
	}
	return n
}

// Every kind in every language makes a PDF under 100 KB from which a reader's program takes at least 99 of 100 words. PANAH_LETTERS names a folder in which they are left, to be looked at.
func TestEveryLetterIsAFileWhoseWordsCanBeRead(t *testing.T) {
	f, dir := fonts(t), t.TempDir()
	if keep := os.Getenv("PANAH_LETTERS"); keep != "" {
		dir = keep
	}
	var total, read, largest, files int
	var slowest time.Duration
	for _, tpl := range book(t).Kinds() {
		for _, lang := range l10n.Languages() {
			l, err := letters.Fill(tpl, tpl.To[0], lang.Code, made(tpl, lang.Code), today)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			pdf, err := f.PDF(l.Document())
			if err != nil {
				t.Errorf("%s in %s: %v", tpl.Letter, lang.Code, err)
				continue
			}
			slowest, largest, files = max(slowest, time.Since(began)), max(largest, len(pdf)), files+1
			if len(pdf) > maxPDF {
				t.Errorf("%s in %s has %d bytes", tpl.Letter, lang.Code, len(pdf))
			}
			name := filepath.Join(dir, tpl.Letter+"."+lang.Code+".pdf")
			if err := os.WriteFile(name, pdf, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("pdftotext", "-enc", "UTF-8", name, "-").Output()
			if err != nil {
				t.Fatalf("pdftotext (poppler-utils, .ci/deps): %v", err)
			}
			want := wordsOf(l)
			n := found(want, string(out))
			total, read = total+len(want), read+n
			if n*100 < len(want)*99 {
				t.Errorf("%s in %s: %d of %d words are found", tpl.Letter, lang.Code, n, len(want))
			}
		}
	}
	t.Logf("%d files, %d of %d words, largest %d bytes, slowest %v", files, read, total, largest, slowest)
}

// The time of one letter, all kinds and languages in turn.
func BenchmarkPDF(b *testing.B) {
	f := fonts(b)
	var all []letters.Letter
	for _, tpl := range book(b).Kinds() {
		for _, lang := range l10n.Languages() {
			l, err := letters.Fill(tpl, tpl.To[0], lang.Code, made(tpl, lang.Code), today)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, l)
		}
	}
	i := 0
	for b.Loop() {
		if _, err := f.PDF(all[i%len(all)].Document()); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
