package seal_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
	"filippo.io/age"
	"filippo.io/age/armor"

	"panah/core/seal"
)

// vector is one file of c2sp.org/CCTV/age: keys, an empty line, an age file.
type vector struct {
	expect     string
	payload    string // hex SHA-256
	armored    bool
	identities []age.Identity
	file       []byte
}

func readVector(t *testing.T, name string) vector {
	t.Helper()
	b, err := fs.ReadFile(agetest.Vectors, name)
	if err != nil {
		t.Fatal(err)
	}
	head, file, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		t.Fatalf("%s: no body", name)
	}
	v := vector{file: file}
	for line := range strings.Lines(string(head)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "expect":
			v.expect = value
		case "payload":
			v.payload = value
		case "armored":
			v.armored = value == "yes"
		case "compressed":
			z, err := zlib.NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if v.file, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		case "passphrase":
			id, err := age.NewScryptIdentity(value)
			if err != nil {
				t.Fatal(err)
			}
			v.identities = append(v.identities, id)
		case "identity":
			ids, err := age.ParseIdentities(strings.NewReader(value))
			if err != nil {
				t.Fatal(err)
			}
			v.identities = append(v.identities, ids...)
		case "file key", "comment":
		default:
			t.Fatalf("%s: unknown key %q", name, key)
		}
	}
	return v
}

func eachVector(t *testing.T, f func(t *testing.T, name string, v vector)) {
	t.Helper()
	files, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d vectors: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(file.Name(), func(t *testing.T) { f(t, file.Name(), readVector(t, file.Name())) })
	}
}

// The age we build on is the age of the specification.
func TestStockAgeAgreesWithCCTV(t *testing.T) {
	eachVector(t, func(t *testing.T, _ string, v vector) {
		var in io.Reader = bytes.NewReader(v.file)
		if v.armored {
			in = armor.NewReader(in)
		}
		out, err := age.Decrypt(in, v.identities...)
		var plain []byte
		if err == nil {
			plain, err = io.ReadAll(out)
		}
		if (err == nil) != (v.expect == "success") {
			t.Fatalf("expected %s, got %v", v.expect, err)
		}
		if sum := sha256.Sum256(plain); v.payload != "" && hex.EncodeToString(sum[:]) != v.payload {
			t.Error("payload differs")
		}
	})
}

// No vector is a letter: none is padded to a class. Whatever the identity, Open refuses and does not panic.
func TestOpenRefusesEveryCCTVVector(t *testing.T) {
	eachVector(t, func(t *testing.T, _ string, v vector) {
		for _, id := range v.identities {
			if _, err := seal.Open(v.file, id); !errors.Is(err, seal.ErrShape) {
				t.Errorf("Open of a file that is no letter: %v", err)
			}
		}
	})
}

// With a payload of a letter's length behind it, a header passes only when it has exactly one hybrid stanza in canonical
// form. Damage inside such a stanza is for the key to find: no gate can see it.
func TestShapeOfCCTVHeaders(t *testing.T) {
	single := []string{
		"hybrid", "hybrid_bad_tag", "hybrid_currupted_enc_mlkem", "hybrid_currupted_enc_x25519", "hybrid_identity",
		"hybrid_low_order", "hybrid_no_match",
	}
	found := 0
	eachVector(t, func(t *testing.T, name string, v vector) {
		mark := bytes.Index(v.file, []byte("\n--- "))
		if mark < 0 {
			return
		}
		end := bytes.IndexByte(v.file[mark+1:], '\n')
		if end < 0 {
			return
		}
		header := v.file[:mark+1+end+1]
		whole := append(slices.Clone(header), make([]byte, seal.SealedLen(4096)-seal.HeaderLen)...)
		err := seal.CheckShape(whole)
		if want := slices.Contains(single, name); want != (err == nil) {
			t.Errorf("CheckShape: %v, want a good shape: %v", err, want)
		} else if want {
			found++
		}
		for _, id := range v.identities {
			if _, err := seal.Open(whole, id); err == nil {
				t.Error("Open opened a payload of zeros")
			}
		}
	})
	if found != len(single) {
		t.Errorf("%d hybrid headers, want %d", found, len(single))
	}
}
