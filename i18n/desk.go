package i18n

import (
	"bytes"
	"embed"
	"fmt"

	"panah/core/l10n"
)

//go:embed desk.*.po cases.*.po consents.*.po people.*.po search.*.po duty.*.po figures.*.po moving.*.po papers.*.po reading.*.po writing.*.po printing.*.po
var deskFiles embed.FS

// rooms are the catalogues that make the caseworker's pages: one for each part of the work, so that a translator has a short file.
var rooms = [...]string{"desk", "cases", "consents", "people", "search", "duty", "figures", "moving", "papers", "reading", "writing", "printing"}

// Desk reads the words of the caseworker's pages in every language. Drafts are shown there, marked once a page: the
// staff can judge them, the people who write in cannot.
func Desk() (*l10n.Catalogue, error) {
	data := map[string][]byte{}
	for _, l := range l10n.Languages() {
		for i, room := range rooms {
			b, err := deskFiles.ReadFile(room + "." + l.File + ".po")
			if err != nil {
				return nil, fmt.Errorf("reading the desk's words of %s: %w", l.Code, err)
			}
			if i > 0 {
				_, b, _ = bytes.Cut(b, []byte("\n\n")) // its header: one is enough
			}
			data[l.Code] = append(append(data[l.Code], b...), '\n')
		}
	}
	return l10n.New(data, true)
}
