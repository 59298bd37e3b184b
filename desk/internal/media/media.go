// Package media opens strangers' files beside the keys: photos, voice letters and text that came in sealed letters.
//
// Whatever it returns was written by this package: photos are decoded and encoded afresh, recordings are taken apart
// packet by packet and put into a new container, text loses what could reorder the page around it. It refuses
// everything that it does not know completely, hands nothing to another program, and keeps nothing.
package media

import "errors"

// What can be wrong with a file. Errors of Photo and Voice wrap exactly one of them; what they wrap besides is for
// the log and never quotes the file.
var (
	// ErrTooLarge: more bytes, pixels or minutes than the desk opens.
	ErrTooLarge = errors.New("the file is larger than this desk opens")
	// ErrNotPhoto: not a still JPEG, PNG or WebP picture.
	ErrNotPhoto = errors.New("not a picture that this desk knows")
	// ErrBroken: the beginning of a known picture, but it cannot be decoded to its end.
	ErrBroken = errors.New("the picture is damaged")
	// ErrNotPlayed: not one Opus track in WebM or Ogg, or damaged.
	ErrNotPlayed = errors.New("a recording we do not play")
)
