// Package webfonts holds the typeface of letters and posters: Vazirmatn, under the SIL Open Font License. The files come from the npm
// package that web/package-lock.json pins, by way of tools/assets, and are not in version control. No page loads them.
package webfonts

import (
	"embed"
	"fmt"
)

//go:embed all:dist
var dist embed.FS

// Regular is the upright text weight as a TrueType file. An error says how to build what is missing.
func Regular() ([]byte, error) { return file("Regular.ttf") }

// Bold is the weight of headings as a TrueType file. An error says how to build what is missing.
func Bold() ([]byte, error) { return file("Bold.ttf") }

// Licence is the text of the SIL Open Font License that both files are under.
func Licence() ([]byte, error) { return file("OFL.txt") }

func file(name string) ([]byte, error) {
	b, err := dist.ReadFile("dist/" + name)
	if err != nil {
		return nil, fmt.Errorf("%s of the typeface was not built into this program (run make build): %w", name, err)
	}
	return b, nil
}
