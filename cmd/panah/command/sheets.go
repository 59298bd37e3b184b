package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"panah/desk"
)

// sheetsAdvice is said whenever sheets were written.
const sheetsAdvice = "Print the sheets, give each to another person, then delete the files: whoever reads enough of them reads the letters."

// writeSheets writes the custodians' sheets into a folder that only its owner can read. What an earlier try wrote whole is left; other files are not
// overwritten.
func writeSheets(dir string, sheets []desk.Sheet) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, bare(err))
	}
	for _, sheet := range sheets {
		name := filepath.Join(dir, sheet.FileName())
		have, err := os.ReadFile(name)
		switch {
		case err == nil && bytes.Equal(have, sheet.HTML):
			continue
		case err == nil:
			return fmt.Errorf("%s is there already and is not overwritten: it may be the only copy of an older sheet; move it away, or choose another folder with --sheets", name)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("reading %s: %w", name, bare(err))
		}
		if err := writeNew(name, sheet.HTML); err != nil {
			return err
		}
	}
	return nil
}

// orgWords is a fingerprint in words, in English and in one other language.
func orgWords(org, lang string) (string, error) {
	words, err := desk.Words(org, "en")
	if err != nil || lang == "" || lang == "en" {
		return strings.Join(words, " "), err
	}
	other, err := desk.Words(org, lang)
	return strings.Join(words, " ") + "  |  " + strings.Join(other, " "), err
}

// freshFolder makes a folder for sheets, or takes one without sheets, and tries whether it can be written.
func freshFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, bare(err))
	}
	there, err := filepath.Glob(filepath.Join(dir, "sheet-*.html"))
	if err != nil || len(there) > 0 {
		return no("%s has sheets in it already, and nothing is overwritten; choose another folder with --sheets", dir)
	}
	probe, err := os.CreateTemp(dir, ".write-*")
	if err != nil {
		return fmt.Errorf("writing into %s: %w", dir, bare(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
