package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

// Bounds of a workbook (ECMA-376, part 1, 18.2 to 18.8). A table within MaxBytes, MaxRows and MaxColumns stays far below them.
const (
	maxEntries  = 2000
	maxUnzipped = 64 << 20 // of all parts that are read, together
	maxStyles   = 20_000
	maxStrings  = 400_000
)

// A workbook is the parts of a file that are being read.
type workbook struct {
	parts  map[string]*zip.File
	budget int64    // bytes that may still be unzipped
	shared []string // texts that cells name by number
	dates  []bool   // styles whose numbers are days
	base   bool     // days count from 1904
}

// readWorkbook reads the first sheet that is not hidden.
func (t *Table) readWorkbook(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return ErrDamaged
	}
	if len(z.File) > maxEntries {
		return ErrDamaged
	}
	w := &workbook{parts: map[string]*zip.File{}, budget: maxUnzipped}
	for _, f := range z.File {
		name := strings.TrimPrefix(f.Name, "/")
		t.Macros = t.Macros || path.Base(name) == "vbaProject.bin"
		w.parts[name] = f
	}
	if w.parts["xl/workbook.xml"] == nil {
		if w.parts["EncryptedPackage"] != nil {
			return ErrOld
		}
		return ErrKind
	}
	sheet, err := w.first(t)
	if err != nil {
		return err
	}
	if err := w.strings(); err != nil {
		return err
	}
	if err := w.styles(); err != nil {
		return err
	}
	defer clear(w.shared)
	return w.sheet(sheet, t)
}

// part walks over the elements of a part, calling f at each beginning. A part that is missing has none.
func (w *workbook) part(name string, f func(*xml.Decoder, xml.StartElement) error) error {
	file := w.parts[name]
	if file == nil {
		return nil
	}
	r, err := file.Open()
	if err != nil {
		return ErrDamaged
	}
	defer r.Close()
	left := &bounded{r: r, left: &w.budget}
	d := xml.NewDecoder(left)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, ErrDamaged }
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, ErrSize):
			return ErrSize
		case err != nil:
			return ErrDamaged
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := f(d, start); err != nil {
				return fault(err)
			}
		}
	}
}

// fault keeps our own errors and makes those of the XML reader ErrDamaged: they quote the file.
func fault(err error) error {
	for _, ours := range []error{ErrSize, ErrRows, ErrColumns, ErrCell, ErrKind, ErrDamaged} {
		if errors.Is(err, ours) {
			return ours
		}
	}
	return ErrDamaged
}

// A bounded reader ends a file that unzips into more than it may.
type bounded struct {
	r    io.Reader
	left *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, ErrSize
	}
	if int64(len(p)) > *b.left {
		p = p[:*b.left]
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	return n, err
}

// attr is the value of an attribute, whatever its name space.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func yes(value string) bool { return value == "1" || value == "true" }

// first finds the part of the first sheet that is not hidden.
func (w *workbook) first(t *Table) (string, error) {
	id := ""
	err := w.part("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			w.base = yes(attr(e, "date1904"))
		case "sheet":
			t.Sheets++
			if state := attr(e, "state"); id == "" && state != "hidden" && state != "veryHidden" {
				id = relation(e)
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if id == "" {
		return "", ErrEmpty
	}
	name := ""
	err = w.part("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) error {
		// A relation that leads out of the file is not one of its sheets.
		if e.Name.Local == "Relationship" && attr(e, "Id") == id && attr(e, "TargetMode") != "External" {
			name = attr(e, "Target")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(name, "/") {
		name = path.Join("xl", name)
	}
	name = strings.TrimPrefix(path.Clean(name), "/")
	if w.parts[name] == nil {
		return "", ErrDamaged
	}
	return name, nil
}

// relation is the sheet's attribute r:id, not its sheetId.
func relation(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

// strings reads the shared texts. Phonetic guides (rPh) are not part of them.
func (w *workbook) strings() error {
	return w.part("xl/sharedStrings.xml", func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		if len(w.shared) >= maxStrings {
			return ErrSize
		}
		s, err := rich(d)
		w.shared = append(w.shared, s)
		return err
	})
}

// rich reads the texts (t) up to the end of the element that the decoder stands in.
func rich(d *xml.Decoder) (string, error) {
	var b strings.Builder
	depth, in, guide := 1, 0, 0
	for depth > 0 {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch x := token.(type) {
		case xml.StartElement:
			depth++
			if x.Name.Local == "rPh" && guide == 0 {
				guide = depth
			}
			if x.Name.Local == "t" && in == 0 {
				in = depth
			}
		case xml.EndElement:
			if depth == in {
				in = 0
			}
			if depth == guide {
				guide = 0
			}
			depth--
		case xml.CharData:
			if in > 0 && guide == 0 {
				if b.Len()+len(x) > MaxCell*4 {
					return "", ErrCell
				}
				b.Write(x)
			}
		}
	}
	return b.String(), nil
}
