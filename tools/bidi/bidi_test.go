package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestCommittedTablesAreTheDatabase(t *testing.T) {
	want, err := generate("/usr/share/unicode")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../core/bidi/tables.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("core/bidi/tables.go is not what this database gives: run `go run ./bidi` in tools/ and the tests of core/bidi")
	}
}

func TestABrokenDatabaseIsNamed(t *testing.T) {
	if _, err := generate(t.TempDir()); err == nil || !strings.Contains(err.Error(), "unicode-data") {
		t.Errorf("error is %v", err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/extracted", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/extracted/DerivedBidiClass.txt", []byte("# DerivedBidiClass-99.0.0.txt\n0041 ; L\n0042\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := generate(dir); err == nil || !strings.Contains(err.Error(), "DerivedBidiClass.txt:3") {
		t.Errorf("error is %v", err)
	}
}
