// Package receipt makes and reads receipt codes, and derives from a code everything that its mailbox needs.
//
// It refuses to hand out a code that its check digit does not confirm, and its types do not print: a code
// leaves a [Code] only through [Code.Reveal]. Formats: docs/formats.md, section 1.
package receipt

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Digits is the number of digits in a code: 19 random ones and a check digit.
const Digits = 20

// maxInput bounds what Parse reads: 20 digits, generously spaced and marked.
const maxInput = 400

// What can be wrong with a typed code. Parse wraps them; callers branch with errors.Is to choose a sentence.
var (
	ErrLength    = errors.New("digits are missing, or there are too many")
	ErrCharacter = errors.New("a code has only digits")
	ErrCheck     = errors.New("one of the digits is wrong")
)

// A Code is a well-formed receipt code. The zero Code is not one. It prints as "[receipt code]".
type Code struct{ digits string }

// New draws a code from random, which must be a cryptographic source.
func New(random io.Reader) (Code, error) {
	digits, err := DrawDigits(random, Digits)
	if err != nil {
		return Code{}, fmt.Errorf("drawing a receipt code: %w", err)
	}
	return Code{digits}, nil
}

// DrawDigits draws n−1 random digits and appends their check digit.
func DrawDigits(random io.Reader, n int) (string, error) {
	digits := make([]byte, 0, n)
	var buf [32]byte
	for len(digits) < n-1 {
		if _, err := io.ReadFull(random, buf[:]); err != nil {
			return "", err
		}
		for _, b := range buf {
			// 250 is the largest multiple of ten in a byte; above it, digits 0–5 would come up more often.
			if b < 250 && len(digits) < n-1 {
				digits = append(digits, '0'+b%10)
			}
		}
	}
	return string(append(digits, '0'+damm(digits))), nil
}

// Parse reads a code as people type it: ASCII, Persian or Arabic digits, with spaces, hyphens and direction
// marks anywhere. The error wraps [ErrCharacter], [ErrLength] or [ErrCheck] and never quotes the input.
func Parse(s string) (Code, error) {
	digits, err := ReadDigits(s, Digits)
	return Code{digits}, err
}

// ReadDigits reads n digits, the last of them a check digit, as Parse does.
func ReadDigits(s string, n int) (string, error) {
	if len(s) > maxInput {
		return "", fmt.Errorf("%w: a code has %d digits, this is longer", ErrLength, n)
	}
	digits := make([]byte, 0, n)
	for _, r := range s {
		d, ok := foldDigit(r)
		switch {
		case ok:
			digits = append(digits, d)
		case !ignorable(r):
			return "", ErrCharacter
		}
	}
	if len(digits) != n {
		return "", fmt.Errorf("%w: a code has %d digits, here are %d", ErrLength, n, len(digits))
	}
	if damm(digits) != 0 {
		return "", ErrCheck
	}
	return string(digits), nil
}

// foldDigit maps an ASCII, Arabic-Indic or Persian digit to its ASCII byte.
func foldDigit(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), true
	case r >= 0x0660 && r <= 0x0669:
		return byte(r-0x0660) + '0', true
	case r >= 0x06F0 && r <= 0x06F9:
		return byte(r-0x06F0) + '0', true
	}
	return 0, false
}

// ignorable tells the characters that keyboards and copying put between digits.
func ignorable(r rune) bool {
	switch {
	case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '-' || r == 0xA0 || r == 0x202F || r == 0xFEFF:
		return true
	case r >= 0x2009 && r <= 0x2015: // thin spaces, joiners, marks and hyphens
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// Reveal returns the 20 ASCII digits.
func (c Code) Reveal() string { return c.digits }

// Grouped returns the code in groups of four, "1234 5678 9012 3456 7890": what a person is shown.
func (c Code) Grouped() string {
	var b strings.Builder
	for i := 0; i < len(c.digits); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(c.digits[i:min(i+4, len(c.digits))])
	}
	return b.String()
}

// IsZero reports whether c is no code at all.
func (c Code) IsZero() bool { return c.digits == "" }

// String hides the code.
func (c Code) String() string { return "[receipt code]" }

// GoString hides the code.
func (c Code) GoString() string { return c.String() }

// MarshalJSON refuses: a code goes nowhere that is not written for it.
func (c Code) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a receipt code is not written to JSON")
}
