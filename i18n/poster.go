package i18n

import (
	"embed"
	"fmt"

	"panah/core/l10n"
)

//go:embed poster.*.po
var posterFiles embed.FS

// PosterVersion is printed on rights cards, so that an old card can be told from a new one: raise it with every change of poster.*.po.
const PosterVersion = "1, 2026-11-24"

// Poster reads the words that posters and rights cards are printed with, in every language, drafts too: whoever prints them is told which are drafts.
func Poster() (*l10n.Catalogue, error) {
	data := map[string][]byte{}
	for _, l := range l10n.Languages() {
		b, err := posterFiles.ReadFile("poster." + l.File + ".po")
		if err != nil {
			return nil, fmt.Errorf("reading the words of posters in %s: %w", l.Code, err)
		}
		data[l.Code] = b
	}
	return l10n.New(data, true)
}
