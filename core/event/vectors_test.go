package event_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"panah/core/event"
)

// vector is a row of vectors/events.json: a signed note with its hash. PANAH_WRITE_VECTORS=1 writes the file anew: a change in it is a change of the format.
type vector struct {
	Kind string `json:"kind"`
	Note string `json:"note"`
	Hash string `json:"sha256"`
}

const vectorFile = "../../vectors/events.json"

func TestVectors(t *testing.T) {
	var want []vector
	for _, v := range kindVectors() {
		e := sample()
		e.Body = v.good[0]
		s, err := event.Sign(e, key(1))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, vector{e.Body.Kind(), string(s.Note), hex.EncodeToString(s.Hash[:])})
	}
	if os.Getenv("PANAH_WRITE_VECTORS") != "" {
		b, err := json.MarshalIndent(want, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var got []vector
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d vectors, want %d", len(got), len(want))
	}
	for i, v := range got {
		if v != want[i] {
			t.Errorf("%s is written otherwise now:\n%s\n%s", v.Kind, want[i].Note, v.Note)
		}
		s, err := event.Open([]byte(v.Note))
		if err != nil || s.Body.Kind() != v.Kind || hex.EncodeToString(s.Hash[:]) != v.Hash {
			t.Errorf("%s is not believed: %v", v.Kind, err)
		}
	}
}
