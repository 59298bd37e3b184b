package casedb

import (
	"encoding/json"
	"strings"

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
		s := p.Data[:min(len(p.Data), 6*beginningLen)]
		runes := []rune(strings.ToValidUTF8(string(s), ""))
		return strings.Join(strings.Fields(string(runes[:min(len(runes), beginningLen)])), " ")
	}
	return ""
}

// parseIntake reads the stored answers.
func parseIntake(raw string) seal.Intake {
	var in seal.Intake
	if raw == "" || json.Unmarshal([]byte(raw), &in) != nil {
		return seal.Intake{}
	}
	return in
}
