// Package webgate holds what browsers load from a gate: the built scripts and style sheet, and the icons that the
// pages draw inline. The built part comes from tools/assets and is not in version control.
package webgate

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed icons/*.svg
var icons embed.FS

//go:embed src/words.json
var words []byte

//go:embed src/check.json
var checkWords []byte

// CheckWords is the same list for the script of the check, whose page carries no others.
func CheckWords() []byte { return checkWords }

// Words is the JSON list of the catalogue ids (without "intake.") that the scripts show. The pages carry exactly these.
func Words() []byte { return words }

// Assets is the built folder: manifest.json and the hashed files with their .br and .gz beside them. It holds no
// manifest when nothing was built.
func Assets() fs.FS { return sub(dist, "dist") }

// Icons holds one SVG file for each icon, named as the phrase catalogue names them.
func Icons() fs.FS { return sub(icons, "icons") }

func sub(f embed.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // only when dir is no valid path: it is a constant above
	}
	return s
}
