package i18n

import (
	"embed"
	"fmt"

	"panah/core/l10n"
)

//go:embed desk.*.po
var deskFiles embed.FS

// Desk reads the words of the caseworker's pages in every language. Drafts are shown there, marked once a page: the
// staff can judge them, the people who write in cannot.
func Desk() (*l10n.Catalogue, error) {
	data := map[string][]byte{}
	for _, l := range l10n.Languages() {
		b, err := deskFiles.ReadFile("desk." + l.File + ".po")
		if err != nil {
			return nil, fmt.Errorf("reading the desk's words of %s: %w", l.Code, err)
		}
		data[l.Code] = b
	}
	return l10n.New(data, true)
}
