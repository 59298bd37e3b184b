// Package sfnt reads the tables of a TrueType file that a PDF needs and writes a smaller file with some of its glyphs. It draws and shapes nothing, and it
// refuses files whose outlines are not TrueType.
package sfnt

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrFont is wrapped by every complaint about a file.
var ErrFont = errors.New("no TrueType font that can be used")

// maxGlyphs bounds a file; Vazirmatn has 1,333.
const maxGlyphs = 20000

// Font is a parsed file; read-only. Lengths are in units of UnitsPerEm.
type Font struct {
	tables     map[string][]byte
	loca       []uint32 // one more than glyphs
	metrics    int      // glyphs that have an advance of their own
	UnitsPerEm int
	Glyphs     int
	Ascent     int
	Descent    int // negative
	CapHeight  int
	Box        [4]int // left, bottom, right, top of all glyphs
	Weight     int    // 400 regular, 700 bold
}

func u16(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
func i16(b []byte, at int) int { return int(int16(binary.BigEndian.Uint16(b[at:]))) }

// Parse reads a file. The bytes are kept: they must not change.
func Parse(b []byte) (*Font, error) {
	f := &Font{tables: map[string][]byte{}}
	if len(b) < 12 || binary.BigEndian.Uint32(b) != 0x00010000 {
		return nil, fmt.Errorf("%w: it does not begin like one", ErrFont)
	}
	for i := range u16(b, 4) {
		at := 12 + 16*i
		if at+16 > len(b) {
			return nil, fmt.Errorf("%w: its list of tables is cut", ErrFont)
		}
		from, size := uint64(binary.BigEndian.Uint32(b[at+8:])), uint64(binary.BigEndian.Uint32(b[at+12:]))
		if from+size > uint64(len(b)) {
			return nil, fmt.Errorf("%w: table %q is cut", ErrFont, b[at:at+4])
		}
		f.tables[string(b[at:at+4])] = b[from : from+size]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 32, "OS/2": 96, "hmtx": 4, "loca": 4, "glyf": 0} {
		if t, ok := f.tables[name]; !ok || len(t) < least {
			return nil, fmt.Errorf("%w: table %s is missing or cut", ErrFont, name)
		}
	}
	return f, f.measure()
}

// measure reads head, hhea, maxp, OS/2 and loca.
func (f *Font) measure() error {
	head, hhea, os2 := f.tables["head"], f.tables["hhea"], f.tables["OS/2"]
	f.UnitsPerEm, f.Glyphs = u16(head, 18), u16(f.tables["maxp"], 4)
	f.Ascent, f.Descent, f.metrics = i16(hhea, 4), i16(hhea, 6), u16(hhea, 34)
	f.Weight, f.CapHeight = u16(os2, 4), i16(os2, 88)
	for i := range f.Box {
		f.Box[i] = i16(head, 36+2*i)
	}
	if f.UnitsPerEm < 16 || f.UnitsPerEm > 16384 || f.Glyphs == 0 || f.Glyphs > maxGlyphs {
		return fmt.Errorf("%w: %d units, %d glyphs", ErrFont, f.UnitsPerEm, f.Glyphs)
	}
	if f.metrics == 0 || f.metrics > f.Glyphs || len(f.tables["hmtx"]) < 4*f.metrics+2*(f.Glyphs-f.metrics) {
		return fmt.Errorf("%w: its widths are cut", ErrFont)
	}
	return f.locate(i16(head, 50) == 1)
}

func (f *Font) locate(long bool) error {
	loca, wide := f.tables["loca"], 2
	if long {
		wide = 4
	}
	if len(loca) < wide*(f.Glyphs+1) {
		return fmt.Errorf("%w: its index of glyphs is cut", ErrFont)
	}
	f.loca = make([]uint32, f.Glyphs+1)
	for i := range f.loca {
		if long {
			f.loca[i] = binary.BigEndian.Uint32(loca[4*i:])
		} else {
			f.loca[i] = 2 * uint32(u16(loca, 2*i))
		}
		if int(f.loca[i]) > len(f.tables["glyf"]) || i > 0 && f.loca[i] < f.loca[i-1] {
			return fmt.Errorf("%w: glyph %d lies outside", ErrFont, i)
		}
	}
	return nil
}

// Advance is the width of a glyph; 0 for one that does not exist.
func (f *Font) Advance(gid uint16) int {
	if int(gid) >= f.Glyphs {
		return 0
	}
	return u16(f.tables["hmtx"], 4*min(int(gid), f.metrics-1))
}

func (f *Font) sideBearing(gid int) int {
	if gid < f.metrics {
		return i16(f.tables["hmtx"], 4*gid+2)
	}
	return i16(f.tables["hmtx"], 4*f.metrics+2*(gid-f.metrics))
}

func (f *Font) outline(gid int) []byte { return f.tables["glyf"][f.loca[gid]:f.loca[gid+1]] }

// Blank reports a glyph that draws nothing and moves nothing.
func (f *Font) Blank(gid uint16) bool {
	return int(gid) < f.Glyphs && f.Advance(gid) == 0 && len(f.outline(int(gid))) == 0
}
