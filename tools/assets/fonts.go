package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// fontFiles are what letters are set in: the name under web/fonts/dist, and where the npm package keeps it.
var fontFiles = []struct{ name, from string }{
	{"Regular.ttf", "fonts/ttf/Vazirmatn-Regular.ttf"},
	{"Bold.ttf", "fonts/ttf/Vazirmatn-Bold.ttf"},
	{"OFL.txt", "OFL.txt"}, // the licence goes wherever the fonts go
}

// buildFonts copies the typeface of letters from the npm package to web/fonts/dist. Nothing is written unless all of it is there.
func buildFonts(web string, words io.Writer) error {
	from, dist := filepath.Join(web, "node_modules", "vazirmatn"), filepath.Join(web, "fonts", "dist")
	keep := map[string]bool{".keep": true}
	bodies := map[string][]byte{}
	var problems []error
	for _, f := range fontFiles {
		body, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(f.from)))
		if err == nil && filepath.Ext(f.name) == ".ttf" && !bytes.HasPrefix(body, []byte{0, 1, 0, 0}) {
			err = fmt.Errorf("%s is no TrueType file", f.from)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("taking the typeface from npm's vazirmatn: %w", err))
			continue
		}
		bodies[f.name], keep[f.name] = body, true
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for _, f := range fontFiles {
		if err := writeWhole(filepath.Join(dist, f.name), bodies[f.name]); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
		fmt.Fprintf(words, "assets: %-5s %-11s %7d bytes\n", "fonts", f.name, len(bodies[f.name]))
	}
	return removeOthers(dist, keep)
}
