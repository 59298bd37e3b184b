package spreadsheet

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// A cell as it stands in the file.
type rawCell struct {
	column int // from 0
	kind   string
	style  int
	value  string
}

// sheet reads the cells of a sheet, row by row. Formulas are passed over: the value that the program last worked out stands beside them.
func (w *workbook) sheet(name string, t *Table) error {
	hidden := map[int]bool{} // columns
	line := 0
	return w.part(name, func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "col":
			from, to := number(attr(e, "min")), number(attr(e, "max"))
			for c := from; yes(attr(e, "hidden")) && c <= min(to, MaxColumns); c++ {
				if c > 0 && !hidden[c-1] {
					hidden[c-1] = true
					t.Hidden++
				}
			}
		case "row":
			line++
			if n := number(attr(e, "r")); n > 0 {
				line = n
			}
			cells, err := w.row(d, hidden)
			if err != nil {
				return err
			}
			if yes(attr(e, "hidden")) {
				t.Hidden++
				return nil
			}
			return t.add(line, cells)
		}
		return nil
	})
}

// row reads to the end of a row.
func (w *workbook) row(d *xml.Decoder, hidden map[int]bool) ([]string, error) {
	var cells []string
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.EndElement:
			if x.Name.Local == "row" {
				return cells, nil
			}
		case xml.StartElement:
			if x.Name.Local != "c" {
				continue
			}
			c := rawCell{column: len(cells), kind: attr(x, "t"), style: number(attr(x, "s"))}
			if at, ok := columnOf(attr(x, "r")); ok {
				c.column = at
			}
			if c.value, err = content(d); err != nil {
				return nil, err
			}
			text := w.text(c)
			if text == "" || hidden[c.column] {
				continue
			}
			if c.column >= MaxColumns {
				return nil, ErrColumns
			}
			for len(cells) <= c.column {
				cells = append(cells, "")
			}
			cells[c.column] = text
		}
	}
}

// content reads to the end of a cell: its value (v), or its own text (is).
func content(d *xml.Decoder) (string, error) {
	var value string
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch x := token.(type) {
		case xml.EndElement:
			if x.Name.Local == "c" {
				return value, nil
			}
		case xml.StartElement:
			switch x.Name.Local {
			case "v":
				var s string
				if err := d.DecodeElement(&s, &x); err != nil {
					return "", err
				}
				value = s
			case "is":
				if value, err = rich(d); err != nil {
					return "", err
				}
			default:
				if err := d.Skip(); err != nil {
					return "", err
				}
			}
			if len(value) > MaxCell*4 {
				return "", ErrCell
			}
		}
	}
}

// text is what a person sees in the cell, as far as it matters for a list: days as 2026-11-24, numbers without rounding.
func (w *workbook) text(c rawCell) string {
	switch c.kind {
	case "s":
		if n, err := strconv.Atoi(c.value); err == nil && n >= 0 && n < len(w.shared) {
			return w.shared[n]
		}
		return ""
	case "inlineStr", "str", "d":
		return c.value
	case "b":
		return map[bool]string{true: "TRUE", false: "FALSE"}[c.value == "1"]
	case "e":
		return ""
	}
	f, err := strconv.ParseFloat(c.value, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return c.value
	}
	if c.style >= 0 && c.style < len(w.dates) && w.dates[c.style] && f > 0 && f < 2_958_466 { // 31 December 9999
		return w.day(f)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// day writes a number of days. Those before March 1900 are a day off, as in the programs that write them.
func (w *workbook) day(f float64) string {
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if w.base {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := math.Floor(f)
	at := epoch.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round((f-whole)*24*60)) * time.Minute)
	if f == whole {
		return at.Format("2006-01-02")
	}
	return at.Format("2006-01-02 15:04")
}

// columnOf reads the letters of "AB12".
func columnOf(ref string) (int, bool) {
	n := 0
	for _, r := range ref {
		if r < 'A' || r > 'Z' {
			break
		}
		n = n*26 + int(r-'A') + 1
		if n > 1<<14 {
			return 1 << 14, true
		}
	}
	return n - 1, n > 0
}

// number is a small number; 0 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<21 {
		return 0
	}
	return n
}

// styles finds those whose numbers are days: built-in formats (18.8.30) and own ones that name a year, a month or a day.
func (w *workbook) styles() error {
	own := map[int]bool{}
	inside := false
	return w.part("xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if len(own) < maxStyles {
				own[number(attr(e, "numFmtId"))] = daily(attr(e, "formatCode"))
			}
		case "cellXfs":
			inside = true
		case "cellStyles", "dxfs":
			inside = false
		case "xf":
			if inside && len(w.dates) < maxStyles {
				id := number(attr(e, "numFmtId"))
				w.dates = append(w.dates, id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58 || own[id])
			}
		}
		return nil
	})
}

// daily reports whether a number format shows a day: y, d or a month beside them, outside quotes and brackets.
func daily(code string) bool {
	quoted, bracket := false, false
	for i, r := range strings.ToLower(code) {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '[' && !quoted:
			bracket = true
		case r == ']' && !quoted:
			bracket = false
		case (r == 'y' || r == 'd') && !quoted && !bracket && (i == 0 || code[i-1] != '\\'):
			return true
		}
	}
	return false
}
