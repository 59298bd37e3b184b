package interop_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"io/fs"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
)

// ageVector is one file of c2sp.org/CCTV/age for an identity: what a browser could be given. Passphrases and armor are
// left to the Go test of core/seal; no letter has either.
type ageVector struct {
	name, expect, identity string
	payload                [32]byte // SHA-256 of the plaintext
	file                   []byte
}

func readVectors(t *testing.T) []ageVector {
	t.Helper()
	files, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []ageVector
	for _, f := range files {
		if v, ok := readVector(t, f.Name()); ok {
			vectors = append(vectors, v)
		}
	}
	return vectors
}

func readVector(t *testing.T, name string) (v ageVector, ok bool) {
	t.Helper()
	b, err := fs.ReadFile(agetest.Vectors, name)
	if err != nil {
		t.Fatal(err)
	}
	head, file, _ := bytes.Cut(b, []byte("\n\n"))
	v = ageVector{name: name, file: file}
	for line := range strings.Lines(string(head)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "expect":
			v.expect = value
		case "payload":
			if _, err := hex.Decode(v.payload[:], []byte(value)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		case "identity":
			v.identity = value
		case "armored", "passphrase":
			return v, false
		case "compressed":
			z, err := zlib.NewReader(bytes.NewReader(v.file))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if v.file, err = io.ReadAll(z); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	return v, v.identity != ""
}
