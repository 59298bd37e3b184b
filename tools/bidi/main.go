// Command bidi writes core/bidi/tables.go from the Unicode Character Database, as Debian's package unicode-data installs it.
//
// Run it from tools/:
//
//	go run ./bidi              reads /usr/share/unicode, writes ../core/bidi/tables.go
//
// The same database gives the same file; a test holds the committed file to it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bidi:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("bidi", flag.ContinueOnError)
	from := flags.String("ucd", "/usr/share/unicode", "folder of the Unicode Character Database")
	to := flags.String("o", "../core/bidi/tables.go", "file to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := generate(*from)
	if err != nil {
		return err
	}
	return os.WriteFile(*to, text, 0o644)
}

// generate is the text of tables.go for the database in dir.
func generate(dir string) ([]byte, error) {
	classes, version, err1 := readClasses(filepath.Join(dir, "extracted", "DerivedBidiClass.txt"))
	mirrors, err2 := readMirrors(filepath.Join(dir, "BidiMirroring.txt"))
	brackets, err3 := readBrackets(filepath.Join(dir, "BidiBrackets.txt"))
	same, err4 := readSame(filepath.Join(dir, "UnicodeData.txt"), brackets)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, fmt.Errorf("reading the database (apt-get install unicode-data): %w", err)
	}
	return source(version, classes, mirrors, brackets, same)
}
