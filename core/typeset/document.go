// Package typeset makes PDF files of letters, cards and posters in the five languages of Panah: it shapes Arabic and Latin script, orders lines by UAX #9,
// breaks paragraphs, tables and pages, and writes a tagged PDF whose text comes out in the order in which it is read.
//
// It prints what it is given or nothing: a character that the typeface cannot draw is an error that names it, never an empty box. It puts no time, no
// name of a machine or person into a file, so the same document gives the same bytes; and no address that a reader's program would call.
package typeset

// Document is what one PDF file shows. Its zero values give an A4 page without page numbers.
type Document struct {
	Lang     string  // a code of l10n.Languages: "fa", "fa-AF", "ps", "ur", "en"; decides direction and digits
	Title    string  // shown by the reader's program in its title bar, so: no personal datum
	Page     Size    // paper
	Blocks   []Block // from top to bottom; page breaks come by themselves
	Footer   []Run   // one line at the foot of every page; none when empty
	Numbered bool    // page numbers at the foot, in the language's words and digits
	Margin   float64 // millimetres on every side; 0: what is usual for the paper
}

// Size is a kind of paper.
type Size int

// The papers that a document can be set on, upright.
const (
	A4     Size = iota // 210 × 297 mm
	A3                 // 297 × 420 mm
	Letter             // 8½ × 11 in
	Card               // 85 × 54 mm, lying: ISO/IEC 7810 ID-1 with half a millimetre off
)

// Align is where the lines of a paragraph stand.
type Align int

// The alignments. Start is the right edge in a language that is written from right to left.
const (
	Start Align = iota
	Center
	End
)

// Run is a piece of text in one weight. Digits are printed as they are given.
type Run struct {
	Text   string // "\n" starts a new line; tabs and other controls print as a space
	Lang   string // "" is the document's
	Bold   bool
	Filled bool // a value from outside the sentence: ordered by itself, as between FSI and PDI (UAX #9), so that it cannot turn the text around it
}

// Block is one of Heading, Paragraph, List, Table, Space, Signature, QR and Grid.
type Block interface{ block() }

// Heading names what follows and stays on its page.
type Heading struct {
	Level  int // 1 to 3
	Runs   []Run
	Align  Align
	Points float64 // size of the letters; 0: by the level and the paper
}

// Paragraph is running text.
type Paragraph struct {
	Runs   []Run
	Align  Align
	Points float64 // size of the letters; 0: by the paper
}

// List is a list of paragraphs, with dots or, when Ordered, with numbers in the document's digits.
type List struct {
	Items   [][]Run
	Ordered bool
}

// Table has its first column at the start side: right in a language written from right to left. The head is repeated on every page.
type Table struct {
	Head   [][]Run   // nil: none
	Rows   [][][]Run // every row has as many cells as the longest; missing ones are empty
	Widths []float64 // shares of the width, for each column; nil: by what the cells hold
}

// Space is white space between blocks, in millimetres. It disappears at a page break.
type Space struct{ MM float64 }

// Rule is a thin line between what does not belong together, in the middle of the page.
type Rule struct{ MM float64 } // how long it is; 0: as wide as the text

// Signature is a row of lines to sign on, each with words below it: at most three.
type Signature struct{ Under [][]Run }

// QR is a code with what can be read for it below. It never holds an address that tells somebody who scanned it.
type QR struct {
	Text string  // what the code holds
	MM   float64 // side with its white border; 0: 35
	Runs []Run   // below the code
}

// Grid is a sheet of cells of one size, as cards are printed, in the middle of the page. The first cell of a row is at the start side.
type Grid struct {
	Columns       int
	Width, Height float64 // of a cell, in millimetres
	Pad           float64 // white space inside a cell, in millimetres
	Points        float64 // size of running text in the cells; 0: by the paper
	Cut           bool    // broken lines around the cells, to cut along
	Cells         [][]Block
}

func (Grid) block()      {}
func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Table) block()     {}
func (Space) block()     {}
func (Rule) block()      {}
func (Signature) block() {}
func (QR) block()        {}
