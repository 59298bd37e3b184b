package seal

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"panah/internal/testkit"
)

// sealVector is one line of vectors/seals.json: the worked examples of BSI TR-03137 part 1, version 2.5, annexes C to H.
type sealVector struct {
	Name       string            `json:"name"`
	Source     string            `json:"source"`
	Bytes      string            `json:"bytes"` // hexadecimal, spaces as printed
	Version    int               `json:"version"`
	Country    string            `json:"country"`
	Signer     string            `json:"signer"`
	Reference  string            `json:"reference"`
	Issued     string            `json:"issued"`
	Signed     string            `json:"signed"`
	Definition string            `json:"definition"`
	Kind       string            `json:"kind"`
	Features   map[string]string `json:"features"` // by name, or by tag in hexadecimal where it has none
}

func readSeals(t testing.TB) []sealVector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testkit.Root(), "vectors", "seals.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []sealVector
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (v sealVector) raw(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(v.Bytes, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
