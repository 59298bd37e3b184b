package i18n

import (
	"embed"
	"fmt"

	"panah/core/l10n"
)

//go:embed sheet.*.po
var sheetFiles embed.FS

// Sheet reads the words of the custodians' printed sheets in every language. Drafts are printed beside the English text, marked.
func Sheet() (*l10n.Catalogue, error) {
	data := map[string][]byte{}
	for _, l := range l10n.Languages() {
		b, err := sheetFiles.ReadFile("sheet." + l.File + ".po")
		if err != nil {
			return nil, fmt.Errorf("reading the words of recovery sheets in %s: %w", l.Code, err)
		}
		data[l.Code] = b
	}
	return l10n.New(data, true)
}
