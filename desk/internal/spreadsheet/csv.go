package spreadsheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// readCSV reads lines of cells. Quotes that stand where they should not are taken for themselves, as spreadsheet programs do.
func (t *Table) readCSV(data []byte) error {
	text, err := t.decode(data)
	if err != nil {
		return err
	}
	defer clear(text)
	text, t.Separator = separator(text)
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = t.Separator, -1, true, true
	for {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return ErrDamaged
		}
		line, _ := r.FieldPos(0)
		if err := t.add(line, cells); err != nil {
			return err
		}
	}
}

// decode makes UTF-8 of the file. UTF-16 is known by its mark or by its zeros; what is neither that nor UTF-8 is Windows-1256, in which older programs write Persian, Urdu and Arabic.
func (t *Table) decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		t.Encoding = "utf-16"
		return wide(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		t.Encoding = "utf-16"
		return wide(data[2:], binary.BigEndian)
	case len(data) > 1 && data[0] != 0 && data[1] == 0:
		t.Encoding = "utf-16"
		return wide(data, binary.LittleEndian)
	case len(data) > 1 && data[0] == 0 && data[1] != 0:
		t.Encoding = "utf-16"
		return wide(data, binary.BigEndian)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, ErrKind // a picture, a program
	}
	if utf8.Valid(data) {
		t.Encoding = "utf-8"
		return bytes.Clone(data), nil
	}
	t.Encoding = "windows-1256"
	out, err := charmap.Windows1256.NewDecoder().Bytes(data)
	if err != nil {
		return nil, ErrKind
	}
	return out, nil
}

func wide(data []byte, order binary.ByteOrder) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, ErrDamaged
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
		if units[i] == 0 {
			return nil, ErrKind
		}
	}
	defer clear(units)
	runes := utf16.Decode(units)
	defer clear(runes)
	out := make([]byte, 0, len(data)*3/2)
	for _, r := range runes {
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// separator finds what stands between cells: what the file says in a first line "sep=;", or what the first lines have most evenly outside quotes.
func separator(text []byte) (rest []byte, found rune) {
	first, after, _ := bytes.Cut(text, []byte("\n"))
	if s := strings.TrimRight(string(first), "\r"); len(s) == 5 && strings.HasPrefix(s, "sep=") && strings.ContainsAny(s[4:], ",;\t") {
		return after, rune(s[4])
	}
	best := 0
	found = ','
	for _, sep := range []byte(",;\t") {
		if n := evenly(text, sep); n > best {
			best, found = n, rune(sep)
		}
	}
	return text, found
}

// evenly is the least number of separators in the first twenty lines that have a word: a comma inside sentences is not in every line.
func evenly(text []byte, sep byte) int {
	least, here, lines, quoted := -1, 0, 0, false
	end := func() {
		if least < 0 || here < least {
			least = here
		}
		here = 0
		lines++
	}
	word := false
	for _, b := range text {
		switch {
		case b == '"':
			quoted, word = !quoted, true
		case quoted:
		case b == sep:
			here++
		case b == '\n':
			if word {
				end()
			}
			here, word = 0, false
		case b > ' ':
			word = true
		}
		if lines == 20 {
			return least
		}
	}
	if word {
		end()
	}
	return max(least, 0)
}
