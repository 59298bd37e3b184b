package typeset_test

import (
	"bytes"
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"panah/core/typeset"
	webfonts "panah/web/fonts"
)

// letters are every letter of the Pashto and Urdu alphabets and of Persian, with the marks and signs that letters use.
const letters = "ا آ أ ؤ إ ئ ء ب پ ت ټ ٹ ث ج چ ح خ څ ځ د ډ ڈ ذ ر ړ ڑ ز ژ ږ س ش ښ ص ض ط ظ ع غ ف ق ک ك ګ گ ل م ن ڼ ں و ه ہ ھ ة ۀ ۂ ۃ ی ي ى ې ۍ ے ۓ " +
	"هٔ مَ مِ مُ مّ مً ۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 0123456789 ، ؛ ؟ ۔ « » ٫ ٬ ٪ – — … ( ) [ ] / @ & # + = € " +
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz áčéğıİñöşüž نمی\u200Cشود"

func TestEveryLetterIsDrawnAndComesBack(t *testing.T) {
	f := fonts(t)
	for _, bold := range []bool{false, true} {
		var blocks []typeset.Block
		for _, l := range strings.Fields(letters) {
			blocks = append(blocks, typeset.Paragraph{Runs: []typeset.Run{{Text: l, Bold: bold}}})
		}
		b, err := f.PDF(typeset.Document{Lang: "ps", Title: "letters", Blocks: blocks})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Fields(spoken(tool(t, "pdftotext", pdfFile(t, b), "-")))
		for _, l := range strings.Fields(letters) {
			if !slices.Contains(got, l) {
				t.Errorf("bold %t: %s (%U) does not come back", bold, l, []rune(l))
			}
		}
	}
}

func TestWhatCannotBeDrawnIsNamed(t *testing.T) {
	b, err := fonts(t).PDF(typeset.Document{Lang: "fa", Blocks: []typeset.Block{
		typeset.Paragraph{Runs: []typeset.Run{{Text: "نام: 漢"}, {Text: "Ἀ", Filled: true, Bold: true}}},
		typeset.Table{Rows: [][][]typeset.Run{{{{Text: "🙂 漢"}}}}},
	}})
	var missing *typeset.MissingError
	if !errors.As(err, &missing) || b != nil {
		t.Fatalf("%d bytes, error %v", len(b), err)
	}
	if want := []rune{'Ἀ', '漢', '🙂'}; !slices.Equal(missing.Characters, want) {
		t.Errorf("named %q", missing.Characters)
	}
	if !strings.Contains(err.Error(), "漢 (U+6F22)") || !strings.Contains(err.Error(), "print the page from the browser") {
		t.Errorf("it says: %v", err)
	}
}

func TestSameDocumentSameBytesAndNothingThatTellsWhereOrWhen(t *testing.T) {
	one, err1 := fonts(t).PDF(sample("fa"))
	two, err2 := fonts(t).PDF(sample("fa"))
	if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
		t.Fatalf("%v %v, the same: %t", err1, err2, bytes.Equal(one, two))
	}
	info := tool(t, "pdfinfo", pdfFile(t, one))
	for _, never := range []string{"Creator:", "Producer:", "CreationDate:", "ModDate:", "Author:", "JavaScript:      yes"} {
		if strings.Contains(info, never) {
			t.Errorf("the file tells %s:\n%s", never, info)
		}
	}
	for _, want := range []string{"درخواست توقف اجرای دستور خروج", "Tagged:          yes", "Pages:           2", "PDF version:     1.7", "A4"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, info)
		}
	}
	if bytes.Contains(one, []byte("/URI")) || bytes.Contains(one, []byte("/AA")) || bytes.Contains(one, []byte("/OpenAction")) {
		t.Error("the file can call somebody")
	}
}

func TestFilesAreWhatTheyShouldBe(t *testing.T) {
	f := fonts(t)
	for lang := range wordings() {
		b, err := f.PDF(sample(lang))
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 100<<10 {
			t.Errorf("%s: %d bytes", lang, len(b))
		}
		name := pdfFile(t, b)
		tool(t, "qpdf", "--check", name)
		for _, line := range strings.Split(tool(t, "pdffonts", name), "\n")[2:] {
			if line != "" && !regexp.MustCompile(`^[A-Z]{6}\+Vazirmatn-(Regular|Bold) +CID TrueType +Identity-H +yes yes yes`).MatchString(line) {
				t.Errorf("%s: font %q", lang, line)
			}
		}
		plain := tool(t, "qpdf", "--qdf", "--object-streams=disable", name, "-")
		for _, want := range []string{"/Marked true", "/DisplayDocTitle true", "/Lang (" + lang + ")", "/S /H1", "/S /LBody", "/S /THead", "/S /TD", "/Scope /Column", "/S /Span", "/Lang (en)"} {
			if lang == "en" && want == "/S /Span" {
				continue
			}
			if !strings.Contains(plain, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
	}
}

// TestStructureReadsAloud: what a screen reader is told, in the order of the structure.
func TestStructureReadsAloud(t *testing.T) {
	d := typeset.Document{Lang: "fa", Title: "t", Blocks: []typeset.Block{
		typeset.Heading{Level: 1, Runs: []typeset.Run{{Text: "نامه"}}},
		typeset.Paragraph{Runs: []typeset.Run{{Text: "شمارهٔ "}, {Text: "12-34", Filled: true}, {Text: " برای "}, {Text: "Ms. Smith", Lang: "en"}, {Text: " است."}}},
		typeset.List{Items: [][]typeset.Run{{{Text: "یک"}}}},
	}}
	b, err := fonts(t).PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	name := pdfFile(t, b)
	// poppler shows tags in order, but text as it is drawn; what is read aloud is in ActualText.
	got, at := tool(t, "pdfinfo", "-struct-text", name), 0
	for _, want := range []string{"Document", "H1", "P (block)", "Span", "Span", "Ms. Smith", "Span", "L (block)", "LI", "Lbl", "•", "LBody"} {
		n := strings.Index(got[at:], want)
		if n < 0 {
			t.Fatalf("%q is not there or too early:\n%s", want, got)
		}
		at += n + len(want)
	}
	said := actualTexts(t, name)
	for _, want := range []string{"نامه", "شمارهٔ 12-34 برای ", " است.", "یک"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not read aloud: %q", want, said)
		}
	}
}

// actualTexts are the texts that the structure of a file gives for its elements.
func actualTexts(t *testing.T, name string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`/ActualText <feff([0-9a-f]*)>`).FindAllStringSubmatch(tool(t, "qpdf", "--qdf", "--object-streams=disable", name, "-"), -1) {
		var units []uint16
		for i := 0; i+4 <= len(m[1]); i += 4 {
			u, err := strconv.ParseUint(m[1][i:i+4], 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			units = append(units, uint16(u))
		}
		all = append(all, string(utf16.Decode(units)))
	}
	return all
}

func TestPages(t *testing.T) {
	f := fonts(t)
	var blocks []typeset.Block
	for range 70 {
		blocks = append(blocks, typeset.Paragraph{Runs: []typeset.Run{{Text: "یک بند."}}}, typeset.Heading{Level: 2, Runs: []typeset.Run{{Text: "سرخط"}}},
			typeset.Paragraph{Runs: []typeset.Run{{Text: "و سپس این"}}})
	}
	table := typeset.Table{Head: [][]typeset.Run{{{Text: "سرستون"}}, {{Text: "دوم"}}}}
	for range 90 {
		table.Rows = append(table.Rows, [][]typeset.Run{{{Text: "خانه"}}})
	}
	long := typeset.Table{Rows: [][][]typeset.Run{{{{Text: strings.Repeat("واژه ", 3000)}}}}}
	b, err := f.PDF(typeset.Document{Lang: "fa", Blocks: append(blocks, table, long), Numbered: true})
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimSuffix(tool(t, "pdftotext", pdfFile(t, b), "-"), "\f"), "\f")
	words, heads := 0, 0
	for i, p := range pages {
		p = spoken(p)
		lines := strings.Fields(strings.TrimSpace(p))
		if i > 0 && !strings.Contains(p, "از") {
			t.Errorf("page %d has no number", i+1)
		}
		if at := strings.Index(p, "صفحه"); strings.HasSuffix(strings.TrimSpace(p[:max(at, 0)]), "سرخط") {
			t.Errorf("page %d ends in a heading", i+1)
		}
		if strings.Contains(p, "خانه") {
			if !strings.Contains(p, "سرستون") {
				t.Errorf("page %d: the table goes on without its head", i+1)
			}
			heads++
		}
		for _, w := range lines {
			if w == "واژه" {
				words++
			}
		}
	}
	if words != 3000 || heads < 2 {
		t.Errorf("%d words of the long cell, %d pages with the table", words, heads)
	}
	if last := spoken(pages[len(pages)-1]); !strings.Contains(last, "صفحهٔ") {
		t.Errorf("the last page: %s", last)
	}
}

func TestPapers(t *testing.T) {
	for paper, want := range map[typeset.Size]string{typeset.A4: "595.28 x 841.89", typeset.A3: "841.89 x 1190.55", typeset.Letter: "612 x 792", typeset.Card: "240.94 x 153.07"} {
		b, err := fonts(t).PDF(typeset.Document{Lang: "en", Page: paper, Blocks: []typeset.Block{typeset.Paragraph{Runs: []typeset.Run{{Text: "x"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		if info := tool(t, "pdfinfo", pdfFile(t, b)); !strings.Contains(info, want) {
			t.Errorf("paper %d: %s", paper, info)
		}
	}
}

func TestFontsThatAreNone(t *testing.T) {
	regular, err := webfonts.Regular()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{nil, []byte("<html>"), regular[:5000]} {
		if _, err := typeset.LoadFonts(regular, b); err == nil || !strings.Contains(err.Error(), "Bold") {
			t.Errorf("error is %v", err)
		}
	}
}

// FuzzPDF: any text in any language either is a file that qpdf finds nothing wrong with, or an error; it never panics and never hangs.
func FuzzPDF(f *testing.F) {
	set := fonts(f)
	for lang, w := range wordings() {
		f.Add(lang, w.why, w.until, uint8(0))
	}
	f.Add("fa", "\u2067\u202Eab\u2069(\n\n)\u200C", "\u2069\u2069 x\r\n", uint8(3))
	f.Add("fa", "\u202Dمِلا \u202Eمِلا ab", "لا\u202D", uint8(1))
	f.Add("ps", strings.Repeat("ښ", 400), strings.Repeat("W", 400), uint8(3))
	n := 0
	f.Fuzz(func(t *testing.T, lang, text, value string, page uint8) {
		if len(text)+len(value) > 4000 {
			return
		}
		cell := []typeset.Run{{Text: text}, {Text: value, Filled: true, Lang: "en"}}
		b, err := set.PDF(typeset.Document{Lang: lang, Title: text, Page: typeset.Size(page % 4), Numbered: true, Footer: cell, Blocks: []typeset.Block{
			typeset.Heading{Level: 1, Runs: cell},
			typeset.Paragraph{Runs: cell, Align: typeset.Align(page % 3)},
			typeset.List{Items: [][]typeset.Run{cell}},
			typeset.Table{Rows: [][][]typeset.Run{{cell, cell}, {cell}}},
		}})
		if n++; err == nil && n%64 == 0 {
			if out, err := exec.Command("qpdf", "--check", pdfFile(t, b)).CombinedOutput(); err != nil {
				t.Fatalf("%s", out)
			}
		}
	})
}

func BenchmarkLetter(b *testing.B) {
	f := fonts(b)
	size := 0
	for b.Loop() {
		out, err := f.PDF(sample("fa"))
		if err != nil {
			b.Fatal(err)
		}
		size = len(out)
	}
	b.ReportMetric(float64(size), "bytes/letter")
}
