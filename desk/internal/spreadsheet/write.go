package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// MaxWritten bounds the rows of a table that is written: sums need few, and a list of people would not fit by accident.
const MaxWritten = 2000

// ErrWritten says that a table has more rows than sums need.
var ErrWritten = errors.New("the table has more rows than a table of counts has")

// A Sheet is a table of sums to be taken away. Cells are string, int or float64.
type Sheet struct {
	Name string // at most 31 characters
	Head []string
	Rows [][]any
	RTL  bool
}

// Guard puts an apostrophe before a text that a spreadsheet program could take for a formula (CWE-1236). A number below zero is a number and never comes here.
func Guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

// WriteXLSX writes sheets as a workbook that says of its origin nothing but what its cells say.
func WriteXLSX(sheets []Sheet) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetDocProps(&excelize.DocProperties{Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"}); err != nil {
		return nil, fmt.Errorf("writing a workbook: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("writing a workbook: %w", err)
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.Name)
		} else {
			_, err = f.NewSheet(s.Name)
		}
		if err == nil {
			err = fill(f, s, bold)
		}
		if err != nil {
			return nil, fmt.Errorf("writing a sheet: %w", err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("writing a workbook: %w", err)
	}
	return b.Bytes(), nil
}

func fill(f *excelize.File, s Sheet, bold int) error {
	if len(s.Rows) > MaxWritten {
		return ErrWritten
	}
	if err := f.SetSheetView(s.Name, 0, &excelize.ViewOptions{RightToLeft: &s.RTL}); err != nil {
		return err
	}
	for c, h := range s.Head {
		if err := put(f, s.Name, c, 0, h); err != nil {
			return err
		}
	}
	if err := f.SetRowStyle(s.Name, 1, 1, bold); err != nil {
		return err
	}
	if err := f.SetColWidth(s.Name, "A", "A", 34); err != nil {
		return err
	}
	for r, row := range s.Rows {
		for c, v := range row {
			if err := put(f, s.Name, c, r+1, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func put(f *excelize.File, sheet string, column, row int, v any) error {
	at, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case string:
		return f.SetCellStr(sheet, at, Guard(x))
	case int:
		return f.SetCellInt(sheet, at, int64(x))
	case float64:
		return f.SetCellFloat(sheet, at, x, 1, 64)
	}
	return fmt.Errorf("a cell of type %T", v)
}

// WriteCSV writes one table, in UTF-8 with the mark that spreadsheet programs look for, lines ended as RFC 4180 says.
func WriteCSV(s Sheet) ([]byte, error) {
	if len(s.Rows) > MaxWritten {
		return nil, ErrWritten
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	line := make([]string, 0, len(s.Head))
	for _, h := range s.Head {
		line = append(line, Guard(h))
	}
	if err := w.Write(line); err != nil {
		return nil, fmt.Errorf("writing CSV: %w", err)
	}
	for _, row := range s.Rows {
		line = line[:0]
		for _, v := range row {
			switch x := v.(type) {
			case string:
				line = append(line, Guard(x))
			case float64:
				line = append(line, fmt.Sprintf("%.1f", x))
			default:
				line = append(line, fmt.Sprint(x))
			}
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("writing CSV: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
