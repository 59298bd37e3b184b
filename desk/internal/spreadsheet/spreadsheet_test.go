package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// cells is a table as its rows of texts.
func cells(t *Table) (all [][]string) {
	for r, row := range t.Rows {
		var line []string
		for c := range row.cells {
			line = append(line, t.Cell(r, c))
		}
		all = append(all, line)
	}
	return all
}

func in1256(t *testing.T, s string) []byte {
	t.Helper()
	b, err := charmap.Windows1256.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func in16(order binary.AppendByteOrder, mark bool, s string) (b []byte) {
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestCSVIsReadWhateverProgramWroteIt(t *testing.T) {
	want := [][]string{{"نام", "شهر"}, {"زهرا, الف", "مشهد"}}
	comma := "نام,شهر\r\n\"زهرا, الف\",مشهد\r\n"
	for _, test := range []struct {
		name, encoding string
		data           []byte
		separator      rune
	}{
		{"utf-8", "utf-8", []byte(comma), ','},
		{"with a mark", "utf-8", []byte("\ufeff" + comma), ','},
		{"semicolons", "utf-8", []byte("نام;شهر\n\"زهرا, الف\";مشهد\n"), ';'},
		{"semicolons, and commas within", "utf-8", []byte("نام;شهر\nزهرا, الف;مشهد\n"), ';'},
		{"tabs", "utf-8", []byte("نام\tشهر\nزهرا, الف\tمشهد"), '\t'},
		{"says so", "utf-8", []byte("sep=;\r\nنام;شهر\r\nزهرا, الف;مشهد\r\n"), ';'},
		{"utf-16, little", "utf-16", in16(binary.LittleEndian, true, strings.ReplaceAll(comma, "\r", "")), ','},
		{"utf-16, big", "utf-16", in16(binary.BigEndian, true, comma), ','},
		{"windows-1256", "windows-1256", in1256(t, comma), ','},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, err := Read(test.data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, cells(table)); diff != "" {
				t.Error(diff)
			}
			if table.Encoding != test.encoding || table.Separator != test.separator || table.Kind != "csv" || table.Width() != 2 {
				t.Errorf("%s, separated by %q", table.Encoding, table.Separator)
			}
		})
	}
	if table, err := Read(in16(binary.LittleEndian, false, "name,city\nZahra,Quetta\n")); err != nil || table.Encoding != "utf-16" || table.Cell(1, 1) != "Quetta" {
		t.Errorf("UTF-16 without a mark: %v", err)
	}
}

// book makes a workbook by the program that others use, not by ours.
func book(t *testing.T, edit func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	edit(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWorkbookIsRead(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		own := `yyyy"."mm"."dd`
		ownDay, err2 := f.NewStyle(&excelize.Style{CustomNumFmt: &own})
		dollars := `"day" 0.00`
		money, err3 := f.NewStyle(&excelize.Style{CustomNumFmt: &dollars})
		_, err4 := f.NewSheet("Secret")
		must(
			t, err, err2, err3, err4,
			f.SetSheetRow("Sheet1", "A1", &[]any{"Name", "Opened", "Number", "Note"}),
			f.SetSheetRow("Sheet1", "A3", &[]any{" Zahra ", 45992.0, 4512345678, "two\nlines"}),
			f.SetCellStyle("Sheet1", "B3", "B3", day),
			f.SetCellRichText("Sheet1", "A4", []excelize.RichTextRun{{Text: "زه"}, {Text: "را"}}),
			f.SetCellFloat("Sheet1", "B4", 45992.5, 4, 64), f.SetCellStyle("Sheet1", "B4", "B4", ownDay),
			f.SetCellFloat("Sheet1", "C4", 12.5, 2, 64), f.SetCellStyle("Sheet1", "C4", "C4", money),
			f.SetCellFormula("Sheet1", "D4", `WEBSERVICE("https://example.org")`),
			f.SetSheetRow("Sheet1", "A5", &[]any{"hidden away"}),
			f.SetRowVisible("Sheet1", 5, false),
			f.SetSheetRow("Secret", "A1", &[]any{"a sheet that nobody sees"}),
			f.SetSheetVisible("Secret", false),
		)
	})
	table, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Name", "Opened", "Number", "Note"}, {"Zahra", "2025-12-01", "4512345678", "two\nlines"}, {"زهرا", "2025-12-01 12:00", "12.5"}}
	if diff := cmp.Diff(want, cells(table)); diff != "" {
		t.Error(diff)
	}
	if table.Hidden != 1 || table.Sheets != 2 || table.Rows[1].Line != 3 {
		t.Errorf("hidden %d, sheets %d, line %d", table.Hidden, table.Sheets, table.Rows[1].Line)
	}
	text := table.text
	table.Wipe()
	if !bytes.Equal(text, make([]byte, len(text))) || len(text) == 0 || table.Cell(1, 0) != "" {
		t.Error("something was left in memory")
	}
}

// raw is a workbook of these rows and shared texts, written by hand.
func raw(tb testing.TB, rows, shared string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/sharedStrings.xml", `<sst>` + shared + `</sst>`},
		{"xl/worksheets/sheet1.xml", `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a workbook whose sheet unzips into n bytes.
func bomb(tb testing.TB, n int) []byte {
	tb.Helper()
	return raw(tb, strings.Repeat(" ", n)+`<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>`, "")
}

// named is a workbook of n rows, whose cells all name one text of 50,000 bytes.
func named(tb testing.TB, n int) []byte {
	tb.Helper()
	row := `<row>` + strings.Repeat(`<c t="s"><v>0</v></c>`, MaxColumns) + `</row>`
	return raw(tb, strings.Repeat(row, n), `<si><t>`+strings.Repeat("x", 50_000)+`</t></si>`)
}

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrEmpty},
		{"blank lines", []byte("\n \n,,\n"), ErrEmpty},
		{"a large file", make([]byte, MaxBytes+1), ErrSize},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), ErrKind},
		{"an old workbook", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ErrOld},
		{"half a workbook", book(t, func(*excelize.File) {})[:900], ErrDamaged},
		{"rows", []byte(strings.Repeat("a\n", MaxRows+2)), ErrRows},
		{"columns", []byte(strings.Repeat("a,", MaxColumns) + "b"), ErrColumns},
		{"a novel in a cell", []byte(strings.Repeat("a", 4*MaxCell+1)), ErrCell},
		{"a bomb", bomb(t, maxUnzipped), ErrSize},
		{"a text that is named again and again", named(t, 1000), ErrSize},
		{"columns of a workbook", book(t, func(f *excelize.File) { must(t, f.SetCellStr("Sheet1", "BI1", "x")) }), ErrColumns},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read(test.data); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	if table, err := Read(bomb(t, 10)); err != nil || table.Cell(0, 0) != "x" {
		t.Errorf("the same, small: %v", err)
	}
	if table, err := Read(named(t, 2)); err != nil || len(table.Rows) != 2 || len(table.Cell(1, MaxColumns-1)) != 50_000 {
		t.Errorf("a text that is named in two rows: %v", err)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	s := Sheet{Name: "By month", Head: []string{"Month", "New"}, Rows: [][]any{{"2026-10", 12}, {`=HYPERLINK("https://example.org")`, 0}, {"-1+1|cmd", 3.5}, {"@SUM(A1)", -4}}}
	data, err := WriteXLSX([]Sheet{s, {Name: "ماه", Head: []string{"الف"}, RTL: true}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetRows("By month", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Month", "New"}, {"2026-10", "12"}, {`'=HYPERLINK("https://example.org")`, "0"}, {"'-1+1|cmd", "3.5"}, {"'@SUM(A1)", "-4"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if kind, err := f.GetCellType("By month", "B2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a number is of type %v (%v)", kind, err)
	}
	for _, name := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(name); err != nil || !visible {
			t.Errorf("sheet %s is hidden (%v)", name, err)
		}
	}
	for line := 1; line <= 5; line++ {
		if visible, err := f.GetRowVisible("By month", line); err != nil || !visible {
			t.Errorf("row %d is hidden (%v)", line, err)
		}
	}
	if p, err := f.GetDocProps(); err != nil || p.Creator != "" || p.LastModifiedBy != "" {
		t.Errorf("the workbook says who made it: %+v (%v)", p, err)
	}
	ours, err := Read(data)
	if err != nil || ours.Cell(1, 1) != "12" || ours.Hidden != 0 {
		t.Errorf("our own reader: %v", err)
	}

	line, err := WriteCSV(s)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\ufeffMonth,New\r\n2026-10,12\r\n\"'=HYPERLINK(\"\"https://example.org\"\")\",0\r\n'-1+1|cmd,3.5\r\n'@SUM(A1),-4\r\n"; string(line) != want {
		t.Errorf("CSV: %q", line)
	}
	s.Rows = make([][]any, MaxWritten+1)
	if _, err := WriteCSV(s); !errors.Is(err, ErrWritten) {
		t.Errorf("a long table: %v", err)
	}
	if _, err := WriteXLSX([]Sheet{s}); !errors.Is(err, ErrWritten) {
		t.Errorf("a long sheet: %v", err)
	}
}

// Whatever somebody brings ends in a table within its bounds, or in one of our errors.
func FuzzRead(f *testing.F) {
	// Small, and by hand: from what it finds, go test takes away one byte after the other, for up to a minute, and counts none of these runs
	// ("0/sec"). .ci/fuzz bounds that too.
	f.Add(raw(f, `<row><c t="s"><v>0</v></c><c t="b"><v>1</v></c></row>`, `<si><t>a</t></si>`))
	f.Add([]byte("a;b\n\"c\nd\";e"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00"))
	f.Add([]byte{0xe3, 0xcd, ',', 0xe1})
	f.Add([]byte("sep=\t\n\"\"\"x\t"))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Read(data)
		if err != nil {
			for _, ours := range []error{ErrSize, ErrRows, ErrColumns, ErrCell, ErrKind, ErrOld, ErrDamaged, ErrEmpty} {
				if errors.Is(err, ours) {
					return
				}
			}
			t.Fatalf("an error that no page has words for: %v", err)
		}
		if len(table.Rows) > MaxRows+1 || table.Width() > MaxColumns || len(table.text) > maxText {
			t.Fatalf("%d rows, %d columns, %d bytes", len(table.Rows), table.Width(), len(table.text))
		}
		for r := range table.Rows {
			for c := range table.Width() {
				_ = table.Cell(r, c)
			}
		}
	})
}

// The parts of a workbook, without the zip around them that a fuzzer seldom gets right.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" s="1"><v>45000</v></c><c t="s"><v>0</v></c></row>`, `<si><r><t>a</t></r><rPh><t>b</t></rPh></si>`, `<numFmt numFmtId="170" formatCode="yyyy"/><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>`)
	f.Add(`<cols><col min="1" max="99999999" hidden="1"/></cols><row hidden="1"><c r="ZZZZZZ9" t="inlineStr"><is><t>x</t></is></c></row>`, `<si/>`, `<xf/>`)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, part := range [][2]string{
			{"xl/workbook.xml", `<workbook xmlns:r="r"><sheet r:id="1"/></workbook>`},
			{"xl/_rels/workbook.xml.rels", `<x><Relationship Id="1" Target="s.xml"/></x>`},
			{"xl/s.xml", `<w>` + sheet + `</w>`},
			{"xl/sharedStrings.xml", `<sst>` + shared + `</sst>`},
			{"xl/styles.xml", `<s>` + styles + `</s>`},
		} {
			w, err := z.Create(part[0])
			if err == nil {
				_, err = w.Write([]byte(part[1]))
			}
			must(t, err)
		}
		must(t, z.Close())
		table, err := Read(b.Bytes())
		if err == nil && (len(table.Rows) > MaxRows+1 || table.Width() > MaxColumns) {
			t.Fatalf("%d rows, %d columns", len(table.Rows), table.Width())
		}
	})
}
