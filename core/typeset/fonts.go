package typeset

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-text/typesetting/font"

	"panah/core/typeset/internal/sfnt"
)

// face is one weight: what shapes it and what goes into a file.
type face struct {
	name   string // PostScript name
	shapes *font.Font
	file   *sfnt.Font
	blank  uint16 // draws nothing and moves nothing: for what is read and not seen
}

// Fonts are a typeface in two weights, read once; safe for concurrent use.
type Fonts struct{ faces [2]face }

// The weights, as indices of Fonts.faces.
const (
	regularFace = 0
	boldFace    = 1
)

// LoadFonts reads two TrueType files, as webfonts.Regular and webfonts.Bold give them. The bytes are kept: they must not change.
func LoadFonts(regular, bold []byte) (*Fonts, error) {
	f := &Fonts{}
	for i, b := range [][]byte{regular, bold} {
		name := []string{"Regular", "Bold"}[i]
		file, err := sfnt.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("reading the typeface's weight %s: %w", name, err)
		}
		shapes, err := font.ParseTTF(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("reading how the typeface's weight %s joins letters: %w", name, err)
		}
		f.faces[i] = face{name: "Vazirmatn-" + name, shapes: shapes.Font, file: file}
		if err := f.faces[i].findBlank(); err != nil {
			return nil, err
		}
	}
	if f.faces[regularFace].blank != f.faces[boldFace].blank {
		return nil, errors.New("the weights of the typeface number their glyphs differently")
	}
	return f, nil
}

func (f *face) findBlank() error {
	for _, r := range []rune{nonJoiner, '\u200D', rightMark, leftMark} {
		if g, ok := f.shapes.NominalGlyph(r); ok && f.file.Blank(uint16(g)) {
			f.blank = uint16(g)
			return nil
		}
	}
	return fmt.Errorf("%s has no glyph that is empty and has no width", f.name)
}
