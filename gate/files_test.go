package gate_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// files reads every file under dir.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a running gate has just removed it
		}
		out[path] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
