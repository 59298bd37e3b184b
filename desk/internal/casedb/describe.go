package casedb

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"panah/core/seal"
)

// beginningLen is how many characters of a letter the list shows.
const beginningLen = 140

// Describe fills in what the list shows of an opened letter. Malformed answers count as none: the letter is still good.
func (e *Incoming) Describe() {
	e.Beginning = beginning(e.Letter)
	in, err := e.Letter.Intake()
	if err != nil {
		return
	}
	e.Intake = in
	if len(in.Situations) > maxSituations {
		e.Intake.Situations = in.Situations[:maxSituations]
	}
	for _, p := range e.Letter.Parts {
		if p.Type == seal.TypeIntake {
			e.IntakeRaw = string(p.Data)
			break
		}
	}
}

// maxSituations bounds what a stranger can put into a line of the list.
const maxSituations = 16

// beginning is the first line's worth of a letter.
func beginning(l seal.Letter) string {
	for _, p := range l.Parts {
		if p.Type != seal.TypeText || len(p.Data) == 0 {
			continue
		}
		return firstLine(p.Data)
	}
	return ""
}

// firstLine makes one line of the first beginningLen characters: bytes that are no UTF-8 dropped, white space made single.
func firstLine(text []byte) string {
	var b strings.Builder
	b.Grow(2 * beginningLen)
	space := false
	for n := 0; len(text) > 0 && n < beginningLen; n++ {
		r, size := utf8.DecodeRune(text)
		bad := r == utf8.RuneError && size == 1
		text = text[size:]
		switch {
		case bad:
		case unicode.IsSpace(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// parseIntake reads the stored answers.
func parseIntake(raw string) seal.Intake {
	var in seal.Intake
	if raw == "" || json.Unmarshal([]byte(raw), &in) != nil {
		return seal.Intake{}
	}
	return in
}
