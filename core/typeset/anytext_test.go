package typeset_test

import (
	"math/rand"
	"strings"
	"testing"

	"panah/core/typeset"
)

// TestAnyText: letters, marks, joiners and every sort of direction mark in any order are set without a panic, on every paper. An override once turned Arabic
// letters round so that their glyphs came in no order.
func TestAnyText(t *testing.T) {
	set, r := fonts(t), rand.New(rand.NewSource(1))
	langs, letters := []string{"fa", "en", "ps", "zz", ""}, []rune("ab ا ب ۱2(-)\n\u2067\u2069\u202E\u200Cمِلا")
	for range 60 {
		var b strings.Builder
		for range r.Intn(900) {
			b.WriteRune(letters[r.Intn(len(letters))])
		}
		text := b.String()
		cell := []typeset.Run{{Text: text}, {Text: text[:len(text)/2], Filled: true, Lang: "en"}}
		_, err := set.PDF(typeset.Document{Lang: langs[r.Intn(len(langs))], Title: text, Page: typeset.Size(r.Intn(4)), Numbered: true, Footer: cell, Blocks: []typeset.Block{
			typeset.Heading{Level: 1, Runs: cell},
			typeset.Paragraph{Runs: cell, Align: typeset.Align(r.Intn(3))},
			typeset.List{Items: [][]typeset.Run{cell}},
			typeset.Table{Rows: [][][]typeset.Run{{cell, cell}, {cell}}},
		}})
		if err != nil && !strings.Contains(err.Error(), "pages") && !strings.Contains(err.Error(), "\uFFFD") {
			t.Fatalf("%q: %v", text, err)
		}
	}
}
