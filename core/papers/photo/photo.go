// Package photo reads the machine-readable zone of a passport, card or visa from a photograph: it finds the rows of
// characters, levels them, cuts them by their pitch, matches them with the shapes of OCR-B and weighs what it saw
// against the layout and the check digits of ICAO Doc 9303.
//
// A photograph misleads. So the reader refuses to guess: where it is not sure it says [ErrNotRead], a character that it saw
// clearly is never changed to make a check digit fit, and the levelled zone is always returned for a person to
// compare. It says nothing about a paper being real or forged, keeps nothing, reads no clock and touches no network.
package photo

import (
	"errors"
	"image"
	"strings"
	"time"

	"panah/core/papers"
)

// Reading is what was read. It holds a number, a name and dates of a person: show it, do not keep it.
type Reading struct {
	// Lines are two or three lines of 30, 36 or 44 characters: A–Z, 0–9 and '<'.
	Lines []string
	// Sure has one figure for each character of Lines: how sure the reader is of it, from 0 to 1.
	Sure [][]float32
	// Zone is the part of the photograph that was read, levelled and upright, [ZonePitch] pixels for each character,
	// for a person to compare with Lines.
	Zone *image.Gray
	// MRZ is what core/papers makes of Lines. It need not be valid: a paper whose check digits are wrong is read as it
	// is printed.
	MRZ papers.MRZ
}

// ZonePitch is the width of one character in Reading.Zone, in pixels.
const ZonePitch = 20

// Why a photograph was not read.
const (
	NoZone  = "no-zone" // no rows of characters were found that could be a zone
	Small   = "small"   // the characters have too few pixels
	Blurred = "blurred" // the rows are there, but hardly a character has a shape
	Doubt   = "doubt"   // read, but not surely enough to show as a reading
)

// Errors of [Decode] and [Read], for callers that branch. Their texts say what to do next.
var (
	// ErrNotImage is returned for bytes that are no whole JPEG or PNG image.
	ErrNotImage = errors.New("photo: this file is not a photograph that can be opened; take a photograph as JPEG or PNG and choose it again")
	// ErrTooLarge is returned for an image of more than MaxPixels or a file of more than MaxBytes.
	ErrTooLarge = errors.New("photo: this photograph is too large; take it with fewer megapixels, or cut it to the page with the lines at its foot")
	// ErrNotRead is returned when nothing was read surely. The error is a *NotRead, which says why.
	ErrNotRead = errors.New("photo: the lines could not be read")
)

// NotRead is the error of a photograph that was not read; errors.Is(err, ErrNotRead) holds.
type NotRead struct {
	Reason string // NoZone, Small, Blurred or Doubt
}

// Error is one English sentence that says what to do.
func (e *NotRead) Error() string {
	next := map[string]string{
		NoZone:  "no lines of a machine-readable zone were found; take the whole page from straight above, with the lines at its foot in the picture, or type them",
		Small:   "the lines are too small in the picture; go closer, so that the page fills it, or type them",
		Blurred: "the lines are blurred; hold still, give it more light and take it again, or type them",
		Doubt:   "some characters are not clear enough to be sure; take it again without shine or shadow on the lines, or type them",
	}
	return ErrNotRead.Error() + ": " + next[e.Reason]
}

// Is makes every NotRead an ErrNotRead.
func (e *NotRead) Is(target error) bool { return target == ErrNotRead }

// Read reads the machine-readable zone in img, whichever way round the picture is. today (a day, UTC) decides centuries in
// Reading.MRZ and nothing else. The error is ErrTooLarge or a *NotRead; then the Reading is empty but for Zone, which is
// there when rows of characters were found. The same picture gives the same answer.
func Read(img image.Image, today time.Time) (Reading, error) {
	b := img.Bounds()
	if b.Dx() < leastSide || b.Dy() < leastSide/4 {
		return Reading{}, &NotRead{Reason: Small}
	}
	if err := fits(b.Dx(), b.Dy(), img.ColorModel()); err != nil {
		return Reading{}, err
	}
	found := search(newScales(newPlane(img)))
	if found.reason != "" {
		return Reading{Zone: found.zone}, &NotRead{Reason: found.reason}
	}
	v := found.verdict
	mrz, err := papers.Read(strings.Join(v.lines, "\n"), today)
	if err != nil {
		return Reading{Zone: found.zone}, &NotRead{Reason: Doubt}
	}
	return Reading{Lines: v.lines, Sure: v.sure, Zone: found.zone, MRZ: mrz}, nil
}

// leastSide is the width of the smallest picture that a zone is looked for in: 30 characters of 5 pixels.
const leastSide = 150
