// Package webdesk holds what a caseworker's browser loads besides the pages: one style sheet and one small module. The
// built part comes from tools/assets and is not in version control.
package webdesk

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Assets is the built folder: manifest.json ("desk.css" → "desk.1a2b3c4d5e.css") and the hashed files. It holds no
// manifest when nothing was built.
func Assets() fs.FS {
	s, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only when "dist" is no valid path
	}
	return s
}
