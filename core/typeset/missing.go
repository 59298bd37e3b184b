package typeset

import (
	"fmt"
	"slices"
	"strings"
)

// MissingError says which characters of a document the typeface cannot draw. Nothing was printed.
type MissingError struct{ Characters []rune } // in order, each once

// Error names every character, and what to do.
func (e *MissingError) Error() string {
	named := make([]string, 0, len(e.Characters))
	for _, r := range e.Characters {
		named = append(named, fmt.Sprintf("%c (U+%04X)", r, r))
	}
	return "these characters cannot be printed: " + strings.Join(named, ", ") +
		". Write them in Latin, Persian, Dari, Pashto or Urdu letters, or print the page from the browser instead"
}

func (s *shaper) complaint() error {
	if len(s.missing) == 0 {
		return nil
	}
	e := &MissingError{}
	for r := range s.missing {
		e.Characters = append(e.Characters, r)
	}
	slices.Sort(e.Characters)
	return e
}
