// Command assets builds what browsers load from a gate and from a desk, and fetches the typeface of letters.
//
// Run it from tools/:
//
//	go run ./assets            web/{gate,desk}/dist: hashed files, .br and .gz beside each, manifest.json;
//	                           web/fonts/dist: the typeface of letters with its licence
//	go run ./assets -tests     web/.tests: one bundle for each *.test.ts, for node's own test runner, and interop.ts
//
// The same sources and the same web/package-lock.json give the same bytes: no time, no path and no host name goes
// in. That is what lets `panah gate verify-pages` compare what a gate serves with what a release holds. It refuses
// to build half: a missing entry is an error, never an empty file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(args []string, words io.Writer) error {
	flags := flag.NewFlagSet("assets", flag.ContinueOnError)
	flags.SetOutput(words)
	root := flags.String("root", "..", "folder that holds web/")
	tests := flags.Bool("tests", false, "bundle the *.test.ts files for node instead of building dist/")
	out := flags.String("out", "", "with -tests: the folder for the bundles, emptied first (default web/.tests)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	abs, err := filepath.Abs(*root)
	if err != nil {
		return fmt.Errorf("finding %s: %w", *root, err)
	}
	web := filepath.Join(abs, "web")
	if err := ensureModules(web, words); err != nil {
		return err
	}
	if *tests {
		if *out == "" {
			*out = filepath.Join(web, ".tests")
		}
		return buildTests(web, *out)
	}
	var problems []error
	for _, side := range []side{gateSide, deskSide} {
		problems = append(problems, buildSide(web, side, words))
	}
	return errors.Join(append(problems, buildFonts(web, words))...)
}
