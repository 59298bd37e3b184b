// Package barcode reads square codes from photographs on the desk: QR, Data Matrix and Aztec, with gozxing
// (docs/adr/papers.md). What a code holds is bytes and, where they are text, text: it is shown and never followed. An
// address in a code is not opened, not made a link, and nothing is sent anywhere.
//
// PDF417 and codes of one line are not read here.
package barcode

import (
	"errors"
	"image"
	"unicode"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/aztec"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// ErrNone is returned when no code was read. Its text says what to do.
var ErrNone = errors.New("barcode: no square code could be read; take the code alone, straight from above, so that it fills half of the picture and all of its edge is seen")

// Kind is the symbology of a code.
type Kind string

// The kinds that are read.
const (
	QR         Kind = "QR"
	DataMatrix Kind = "Data Matrix"
	Aztec      Kind = "Aztec"
)

// Code is what a code holds. It may name a person: show it, do not keep it.
type Code struct {
	Kind  Kind
	Bytes []byte // exactly as they were put in; nil where the code declares a character set that has no bytes of its own here
	Text  string // "" when the bytes are no text that can be shown
}

// Read reads the first code that it finds in img: QR, then Data Matrix, then Aztec, whichever way round. It returns ErrNone
// when there is none. Pictures of more than a million and a half pixels are looked at smaller.
func Read(img image.Image) (Code, error) {
	if b := img.Bounds(); b.Dx() < leastSide || b.Dy() < leastSide {
		return Code{}, ErrNone
	}
	found, err := Code{}, ErrNone
	views(img, func(v view) bool {
		for _, r := range readers() {
			if c, ok := r.read(v); ok {
				found, err = c, nil
				return false
			}
		}
		return true
	})
	return found, err
}

// leastSide is smaller than any code that a camera could have seen.
const leastSide = 20

// reader is one symbology.
type reader struct {
	kind    Kind
	decoder gozxing.Reader
	look    look // what it looks at besides the whole picture; entire: nothing
}

func readers() []reader {
	return []reader{
		{QR, qrcode.NewQRCodeReader(), entire},
		{DataMatrix, datamatrix.NewDataMatrixReader(), part},
		{Aztec, aztec.NewAztecReader(), turned},
	}
}

// read looks for one code in a view, with both ways to tell black from white. A panic in the library is a code that was
// not read.
func (r reader) read(v view) (c Code, ok bool) {
	if v.look != entire && v.look != r.look {
		return Code{}, false
	}
	defer func() {
		if recover() != nil {
			c, ok = Code{}, false
		}
	}()
	// ISO 8859-1 makes each byte one character, so that bytes come out as they went in.
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true, gozxing.DecodeHintType_CHARACTER_SET: "ISO-8859-1"}
	source := gozxing.NewLuminanceSourceFromImage(v.image)
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			continue
		}
		if result, err := r.decoder.Decode(bitmap, hints); err == nil {
			return code(r.kind, result), true
		}
	}
	return Code{}, false
}

// code takes the content out of a result.
func code(kind Kind, result *gozxing.Result) Code {
	c := Code{Kind: kind}
	text := result.GetText()
	c.Bytes = latin1(text)
	if c.Bytes == nil {
		// The code declares a character set of its own (ECI): the text is decoded, the bytes are in its segments.
		segments, _ := result.GetResultMetadata()[gozxing.ResultMetadataType_BYTE_SEGMENTS].([][]byte)
		for _, s := range segments {
			c.Bytes = append(c.Bytes, s...)
		}
		c.Text = shown(text)
		return c
	}
	c.Text = shown(string(c.Bytes))
	return c
}

// latin1 is text as bytes, one for each character; nil when a character has none.
func latin1(text string) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil
		}
		out = append(out, byte(r))
	}
	return out
}

// shown is text that a page can show, or "".
func shown(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' && !unicode.Is(unicode.Cf, r) {
			return ""
		}
	}
	return s
}
