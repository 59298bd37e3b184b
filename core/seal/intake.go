package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// maxIntake bounds the intake answers, bytes of JSON.
const maxIntake = 4 << 10

// Intake are the answers of the public form; all optional. There is no field for a name, an address, or anything
// about a third person but that the letter is for them.
type Intake struct {
	Situations []string `json:"situations,omitempty"` // ids of core/pathway, "s_detained"
	Who        string   `json:"who,omitempty"`        // "me", "family"
	District   string   `json:"district,omitempty"`
	Paper      string   `json:"paper,omitempty"`   // id of rules/papers, "pk-por"
	Printed    string   `json:"printed,omitempty"` // end date as written, any calendar
	SafeTime   string   `json:"safe_time,omitempty"`
	SayWho     string   `json:"say_who,omitempty"` // "yes", "no"
	SafeWord   string   `json:"safe_word,omitempty"`
	Lang       string   `json:"lang,omitempty"` // language of the page
}

// Part writes the answers as a part of a letter.
func (in Intake) Part() (Part, error) {
	b, err := json.Marshal(in)
	if err != nil || len(b) > maxIntake {
		return Part{}, fmt.Errorf("intake answers are longer than %d bytes", maxIntake)
	}
	return Part{TypeIntake, b}, nil
}

// Intake returns the letter's intake answers; the zero Intake when it has none. Malformed answers are an error that
// wraps ErrBroken; the rest of the letter is still good.
func (l Letter) Intake() (Intake, error) {
	for _, p := range l.Parts {
		if p.Type != TypeIntake {
			continue
		}
		var in Intake
		if len(p.Data) > maxIntake || !utf8.Valid(p.Data) {
			return Intake{}, fmt.Errorf("%w: intake answers", ErrBroken)
		}
		if err := json.NewDecoder(bytes.NewReader(p.Data)).Decode(&in); err != nil {
			return Intake{}, fmt.Errorf("%w: intake answers", ErrBroken)
		}
		return in, nil
	}
	return Intake{}, nil
}
