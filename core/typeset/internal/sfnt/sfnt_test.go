package sfnt

import (
	"bytes"
	"errors"
	"testing"

	webfonts "panah/web/fonts"
)

func font(t testing.TB) []byte {
	t.Helper()
	b, err := webfonts.Regular()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSubsetIsAFontOfItsOwn(t *testing.T) {
	f, err := Parse(font(t))
	if err != nil {
		t.Fatal(err)
	}
	var composite uint16
	for g := range f.Glyphs {
		if o := f.outline(g); len(o) > 10 && i16(o, 0) < 0 {
			composite = uint16(g)
			break
		}
	}
	if composite == 0 {
		t.Fatal("this typeface has no composite glyph: the test proves nothing")
	}
	asked := []uint16{900, composite, 42, 42}
	small, renumbered, err := f.Subset(asked)
	if err != nil {
		t.Fatal(err)
	}
	again, _, _ := f.Subset([]uint16{42, 900, composite})
	if !bytes.Equal(small, again) {
		t.Error("the order in which glyphs are asked for changes the file")
	}
	back := *f
	if sum(small) != 0xB1B0AFBA {
		t.Errorf("checksum %08X", sum(small))
	}
	got, err := parseSubset(small)
	if err != nil {
		t.Fatal(err)
	}
	if len(renumbered) <= 4 {
		t.Errorf("the parts of the composite glyph are missing: %v", renumbered)
	}
	for old, now := range renumbered {
		if got.Advance(now) != back.Advance(old) {
			t.Errorf("glyph %d: width %d, was %d", old, got.Advance(now), back.Advance(old))
		}
		want, have := back.outline(int(old)), got.outline(int(now))
		if old != composite && !bytes.Equal(want, bytes.TrimRight(have, "\x00")) && !bytes.HasPrefix(have, want) {
			t.Errorf("glyph %d: another outline", old)
		}
	}
	if err := eachComponent(got.outline(int(renumbered[composite])), func(at []byte) {
		if n := u16(at, 0); n >= got.Glyphs {
			t.Errorf("the composite glyph has a part %d of %d", n, got.Glyphs)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// parseSubset reads a subset, which has no OS/2 table.
func parseSubset(b []byte) (*Font, error) {
	f, err := Parse(b)
	if err == nil || !errors.Is(err, ErrFont) {
		return f, errors.New("a subset must not be taken for a whole font")
	}
	whole := &Font{tables: map[string][]byte{"OS/2": make([]byte, 96)}}
	for i := range u16(b, 4) {
		at := 12 + 16*i
		from, size := u16(b, at+8)<<16|u16(b, at+10), u16(b, at+12)<<16|u16(b, at+14)
		whole.tables[string(b[at:at+4])] = b[from : from+size]
	}
	return whole, whole.measure()
}

func TestGlyphsThatDoNotExist(t *testing.T) {
	f, err := Parse(font(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Subset([]uint16{60000}); !errors.Is(err, ErrFont) {
		t.Errorf("error is %v", err)
	}
	if f.Advance(60000) != 0 || f.Blank(60000) {
		t.Error("a glyph that does not exist has a width")
	}
}

func FuzzParse(f *testing.F) {
	whole := font(f)
	f.Add(whole[:400], uint16(1))
	f.Add(whole, uint16(900))
	f.Fuzz(func(t *testing.T, b []byte, gid uint16) {
		got, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrFont) {
				t.Fatal(err)
			}
			return
		}
		_, _, _ = got.Subset([]uint16{gid})
	})
}
