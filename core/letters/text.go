package letters

import (
	"strings"
	"unicode"

	"panah/core/event"
)

// Marks around a filled-in value: UAX #9, first strong isolate and its end. They travel with the text, through editing too.
const (
	fsi = "\u2068"
	pdi = "\u2069"
)

// A Block is a piece of a letter that is filled in: Text as of the Part's kind, filled-in values between FSI and PDI.
type Block struct {
	Is   string
	Text string
}

// A Piece of text: a filled-in value, a gap where one is missing, or neither.
type Piece struct {
	Text   string
	Filled bool
	Gap    bool
}

// Isolated is a value that cannot turn the text around it. Direction marks in it are dropped: a stranger's words do not reorder ours.
func Isolated(value string) string { return fsi + WithoutMarks(value) + pdi }

// WithoutMarks is text without the characters that change the direction of what stands beside them, and without controls but line ends.
func WithoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\u200E', r == '\u200F', r == '\u061C':
			return -1
		case r != '\n' && unicode.IsControl(r):
			return -1
		case r == '\u2028', r == '\u2029':
			return '\n'
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// gap is a missing value: its label, and room to write.
func gap(label string) string { return fsi + "[" + label + ": ________]" + pdi }

// Pieces parts a text at its filled-in values. Marks that have no partner are dropped.
func Pieces(text string) (out []Piece) {
	for text != "" {
		i := strings.Index(text, fsi)
		if i < 0 {
			return plain(out, text)
		}
		out = plain(out, text[:i])
		text = text[i+len(fsi):]
		j := strings.Index(text, pdi)
		if j < 0 {
			return plain(out, text)
		}
		value := WithoutMarks(text[:j])
		if value != "" {
			out = append(out, Piece{Text: value, Filled: true, Gap: strings.HasPrefix(value, "[") && strings.HasSuffix(value, "________]")})
		}
		text = text[j+len(pdi):]
	}
	return out
}

func plain(out []Piece, s string) []Piece {
	s = WithoutMarks(s)
	if s == "" {
		return out
	}
	return append(out, Piece{Text: s})
}

// Cells parts the row of a table.
func Cells(row string) []string {
	cells := strings.Split(row, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// TextLines are the lines of a list or table that hold something.
func TextLines(text string) (out []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Keep is the blocks as an event keeps them: without numbers.
func Keep(blocks []Block) (kept []event.LetterBlock, blanked bool) {
	for _, b := range blocks {
		text, some := WithoutNumbers(b.Text)
		kept, blanked = append(kept, event.LetterBlock{Is: b.Is, Text: text}), blanked || some
	}
	return kept, blanked
}

// Kept is the blocks of an event; one of a kind that this version does not know is text.
func Kept(blocks []event.LetterBlock) (out []Block) {
	for _, b := range blocks {
		is := b.Is
		if !known(is) {
			is = IsText
		}
		out = append(out, Block{is, b.Text})
	}
	return out
}

func known(is string) bool {
	for _, k := range blockKinds {
		if k == is {
			return true
		}
	}
	return false
}
