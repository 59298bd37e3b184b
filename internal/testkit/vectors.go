package testkit

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write vectors/ and golden files anew instead of comparing with them")

// Updating reports whether the test run was asked to write vectors anew (go test -update).
func Updating() bool { return *update }

// Root returns the folder of the module.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Vectors compares got, as JSON, with vectors/<name>, the file that the TypeScript tests read too. With -update it
// writes the file. got is a slice or struct that encodes the same way on every run.
func Vectors(t testing.TB, name string, got any) {
	t.Helper()
	b := encode(t, got)
	path := filepath.Join(Root(), "vectors", name)
	if *update {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading vectors (go test -update writes them): %v", err)
	}
	if diff := cmp.Diff(string(want), string(b)); diff != "" {
		t.Errorf("vectors/%s is not what the code gives (-file +code):\n%s", name, diff)
	}
}

// ReadVectors decodes vectors/<name> into v and fails on a key that v does not know.
func ReadVectors(t testing.TB, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(Root(), "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("vectors/%s: %v", name, err)
	}
}

// WriteVectors writes vectors/<name>: for vectors that hold fresh randomness and so cannot be compared. It fails
// unless the run was asked to update.
func WriteVectors(t testing.TB, name string, v any) {
	t.Helper()
	if !*update {
		t.Fatalf("writing vectors/%s without -update", name)
	}
	if err := os.WriteFile(filepath.Join(Root(), "vectors", name), encode(t, v), 0o644); err != nil {
		t.Fatal(err)
	}
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
