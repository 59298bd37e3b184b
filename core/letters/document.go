package letters

import (
	"panah/core/typeset"
)

// neutral is the title that a file shows: nothing of what is in it.
var neutral = Words{"en": "Letter", "fa": "نامه", "fa-AF": "نامه", "ps": "لیک", "ur": "خط"}

// Document is a letter as it is printed: on A4, with page numbers, and a title that says nothing.
func (l Letter) Document() typeset.Document {
	d := typeset.Document{Lang: l.Lang, Title: neutral.In(l.Lang), Numbered: true}
	d.Blocks = append(d.Blocks, typeset.Heading{Level: 1, Runs: []typeset.Run{{Text: l.Title, Bold: true}}})
	for _, b := range l.Blocks {
		d.Blocks = append(d.Blocks, b.set()...)
	}
	return d
}

// set is a block as typeset sets it; nothing for one that was emptied.
func (b Block) set() []typeset.Block {
	lines := TextLines(b.Text)
	if len(lines) == 0 {
		return nil
	}
	switch b.Is {
	case IsHeading:
		return []typeset.Block{typeset.Heading{Level: 2, Runs: bold(runs(b.Text))}}
	case IsList, IsSteps:
		return []typeset.Block{typeset.List{Items: each(lines), Ordered: b.Is == IsSteps}}
	case IsTable:
		return []typeset.Block{table(lines), typeset.Space{MM: 2}}
	case IsBlank:
		return []typeset.Block{typeset.Paragraph{Runs: append(runs(b.Text), typeset.Run{Text: "\n" + line})}}
	case IsSign:
		var out []typeset.Block
		for len(lines) > 0 {
			n := min(len(lines), 2)
			out = append(out, typeset.Space{MM: 14}, typeset.Signature{Under: each(lines[:n])})
			lines = lines[n:]
		}
		return out
	}
	return []typeset.Block{typeset.Paragraph{Runs: runs(b.Text)}}
}

// line is room to write on by hand: most of the width of a page.
const line = "________________________________________________________________________________"

func table(lines []string) typeset.Table {
	t := typeset.Table{Head: make([][]typeset.Run, 0)}
	for i, l := range lines {
		var row [][]typeset.Run
		for _, c := range Cells(l) {
			row = append(row, runs(c))
		}
		if i > 0 {
			t.Rows = append(t.Rows, row)
			continue
		}
		for _, c := range row {
			t.Head = append(t.Head, bold(c))
		}
	}
	return t
}

func each(lines []string) (out [][]typeset.Run) {
	for _, l := range lines {
		out = append(out, runs(l))
	}
	return out
}

func runs(text string) (out []typeset.Run) {
	for _, p := range Pieces(text) {
		out = append(out, typeset.Run{Text: p.Text, Filled: p.Filled})
	}
	return out
}

func bold(runs []typeset.Run) []typeset.Run {
	for i := range runs {
		runs[i].Bold = true
	}
	return runs
}
