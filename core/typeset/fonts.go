package typeset

import "errors"

// Fonts are a typeface in two weights, read once; safe for concurrent use.
type Fonts struct{}

// LoadFonts reads two TrueType files, as webfonts.Regular and webfonts.Bold give them.
func LoadFonts(regular, bold []byte) (*Fonts, error) { return &Fonts{}, nil }

// PDF sets a document. The same document gives the same bytes.
func (f *Fonts) PDF(d Document) ([]byte, error) { return nil, errors.New("typeset: not written yet") }
