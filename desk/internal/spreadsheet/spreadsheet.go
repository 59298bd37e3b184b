// Package spreadsheet reads the tables that people bring along (CSV, xlsx) and writes the tables of counts that they take away.
//
// What it reads is a stranger's: everything is bounded, formulas are not worked out, macros, links and hidden rows are left where they are, and nothing goes to the disk
// (which is why xlsx is read here and not by excelize, that spills large sheets into temporary files). What it writes has no hidden rows or sheets, and no cell that a spreadsheet
// program would run as a formula.
package spreadsheet

import (
	"bytes"
	"errors"
)

// Bounds of a table that is read.
const (
	MaxBytes   = 8 << 20 // of the file
	MaxRows    = 5000    // beside the head
	MaxColumns = 60
	MaxCell    = 20_000 // characters; what is longer is refused, not cut

	// Of all cells together. Cells of a workbook name a text by its number: without this bound, a file of some kilobytes that has one long
	// text names it 300,000 times, and fills the memory.
	maxText = 32 << 20
)

// Why a file is not read. Pages have a sentence for each.
var (
	ErrSize    = errors.New("the file is larger than 8 MB")
	ErrRows    = errors.New("the table has more than 5,000 rows")
	ErrColumns = errors.New("the table has more than 60 columns")
	ErrCell    = errors.New("a cell has more than 20,000 characters")
	ErrKind    = errors.New("the file is neither CSV nor xlsx")
	ErrOld     = errors.New("the file is an old or an encrypted workbook")
	ErrDamaged = errors.New("the file is damaged")
	ErrEmpty   = errors.New("the file has no table")
)

// A span is a cell's place in the table's text.
type span struct{ from, to int }

// A Row is a line of the file with its number there, from 1.
type Row struct {
	Line  int
	cells []span
}

// A Table is what was read. Its words lie in one piece of memory, so that Wipe can overwrite them. It prints as "[table]".
type Table struct {
	Rows      []Row
	Kind      string // csv, xlsx
	Encoding  string // of CSV: utf-8, utf-16, windows-1256
	Separator rune   // of CSV
	Hidden    int    // rows and columns of a workbook that were hidden, and not read
	Sheets    int    // of a workbook: the first one that is not hidden is read
	Macros    bool   // a workbook brought a program along; it was not looked at
	text      []byte
	width     int
}

// String hides the content.
func (*Table) String() string { return "[table]" }

// GoString hides the content.
func (*Table) GoString() string { return "[table]" }

// Width is the number of columns of the widest row.
func (t *Table) Width() int { return t.width }

// Cell is a cell's text without white space around it; "" where there is none. The string is a copy, which lives until nobody holds it any more.
func (t *Table) Cell(row, column int) string {
	if row < 0 || row >= len(t.Rows) || column < 0 || column >= len(t.Rows[row].cells) {
		return ""
	}
	s := t.Rows[row].cells[column]
	return string(bytes.TrimSpace(t.text[s.from:s.to]))
}

// Wipe overwrites what was read.
func (t *Table) Wipe() {
	clear(t.text)
	t.text, t.Rows = nil, nil
}

// add puts a row into the table; one without a word is passed over.
func (t *Table) add(line int, cells []string) error {
	last, size := -1, len(t.text)
	for i, c := range cells {
		if len(c) > MaxCell*4 {
			return ErrCell
		}
		if size += len(c); size > maxText {
			return ErrSize
		}
		if len(bytes.TrimSpace([]byte(c))) > 0 {
			last = i
		}
	}
	switch {
	case last < 0:
		return nil
	case last >= MaxColumns:
		return ErrColumns
	case len(t.Rows) > MaxRows: // the head is one more
		return ErrRows
	}
	r := Row{Line: line}
	for _, c := range cells[:last+1] {
		r.cells = append(r.cells, t.put(c))
	}
	t.width = max(t.width, last+1)
	t.Rows = append(t.Rows, r)
	return nil
}

// put stores a text. Growing leaves a copy behind that nobody can reach: it is overwritten first.
func (t *Table) put(s string) span {
	if len(t.text)+len(s) > cap(t.text) {
		bigger := make([]byte, len(t.text), 2*cap(t.text)+len(s)+4096)
		copy(bigger, t.text)
		clear(t.text)
		t.text = bigger
	}
	from := len(t.text)
	t.text = append(t.text, s...)
	return span{from, len(t.text)}
}

// Read reads a file that somebody brought, whatever its name says. data is not kept. Errors are those of this package.
func Read(data []byte) (*Table, error) {
	t := &Table{}
	var err error
	switch {
	case len(data) > MaxBytes:
		err = ErrSize
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		t.Kind = "xlsx"
		err = t.readWorkbook(data)
	case bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		err = ErrOld
	default:
		t.Kind = "csv"
		err = t.readCSV(data)
	}
	if err == nil && len(t.Rows) == 0 {
		err = ErrEmpty
	}
	if err != nil {
		t.Wipe()
		return nil, err
	}
	return t, nil
}
