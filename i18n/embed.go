// Package i18n holds the translations, as gettext PO files that translators edit with their own tools
// (Weblate, Poedit). An entry marked fuzzy has not been checked by a native speaker; core/l10n never shows it as final.
package i18n

import (
	"embed"
	"fmt"

	"panah/core/l10n"
	"panah/core/pathway"
)

//go:embed intake.*.po
var files embed.FS

// Intake is the prefix of every id of the public pages' catalogue.
const Intake = "intake."

// Catalogue reads the texts of the public pages in every language. With drafts, unchecked translations are
// shown, marked as such; without, English stands in their place.
func Catalogue(drafts bool) (*l10n.Catalogue, error) {
	data := map[string][]byte{}
	for _, l := range l10n.Languages() {
		b, err := files.ReadFile("intake." + l.File + ".po")
		if err != nil {
			return nil, fmt.Errorf("reading the words of %s: %w", l.Code, err)
		}
		data[l.Code] = b
	}
	return l10n.New(data, drafts)
}

// Situations picks the notes of the choices under "what is happening?", in the catalogue's order.
func Situations(c *l10n.Catalogue) []pathway.Note {
	var notes []pathway.Note
	for _, id := range c.IDs() {
		if len(id) > len(Intake)+2 && id[len(Intake):len(Intake)+2] == "s_" {
			notes = append(notes, pathway.Note{Situation: id[len(Intake):], Text: c.Note(id)})
		}
	}
	return notes
}
