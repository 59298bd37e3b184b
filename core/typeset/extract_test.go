package typeset_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/typeset"
)

// tool runs a program of poppler or another that .ci/deps installs; without it the test fails.
func tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s %s: %v %s", name, strings.Join(args, " "), err, complaints.String())
	}
	return string(out)
}

func pdfFile(t testing.TB, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// spoken takes out what orders text and is not part of any word.
func spoken(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200E' || r == '\u200F' || r == '\u061C' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069':
			return -1
		case r == '\f':
			return '\n'
		}
		return r
	}, s)
}

// words are the words of a document in the order in which it is read, without what stands at the foot of pages.
func words(blocks []typeset.Block) (all []string) {
	runs := func(rs []typeset.Run) {
		text := ""
		for _, r := range rs {
			text += r.Text
		}
		all = append(all, strings.Fields(spoken(text))...)
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case typeset.Heading:
			runs(b.Runs)
		case typeset.Paragraph:
			runs(b.Runs)
		case typeset.List:
			for _, i := range b.Items {
				runs(i)
			}
		case typeset.Table:
			for _, row := range append([][][]typeset.Run{b.Head}, b.Rows...) {
				for _, c := range row {
					runs(c)
				}
			}
		case typeset.Signature:
			for _, u := range b.Under {
				runs(u)
			}
		}
	}
	return all
}

// inOrder is how many of want come in got in the same order: the longest common subsequence.
func inOrder(want, got []string) int {
	row := make([]int, len(got)+1)
	for _, w := range want {
		diagonal := 0
		for j, g := range got {
			above := row[j+1]
			if w == g {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return row[len(got)]
}

func TestTextComesOutInTheOrderOfReading(t *testing.T) {
	f := fonts(t)
	for lang := range wordings() {
		d := sample(lang)
		b, err := f.PDF(d)
		if err != nil {
			t.Fatal(err)
		}
		want := words(d.Blocks)
		out := tool(t, "pdftotext", pdfFile(t, b), "-")
		got := strings.Fields(spoken(out))
		n := inOrder(want, got)
		t.Logf("%s: %d of %d words (%.1f %%) in order", lang, n, len(want), 100*float64(n)/float64(len(want)))
		if n*100 < len(want)*99 {
			t.Errorf("%s: only %d of %d words come out in order:\n%s", lang, n, len(want), cmp.Diff(want, got))
		}
	}
}
