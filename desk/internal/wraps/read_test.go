package wraps_test

import (
	"encoding/json"
	"testing"
)

// readBody reads a wrap by the letter of docs/formats-keys.md, section 7, not by the code under test.
func readBody(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	var body struct {
		Letters []struct {
			ID  string `json:"id"`
			Key []byte `json:"key"`
		} `json:"letters"`
	}
	if err := json.Unmarshal(b, &body); err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, l := range body.Letters {
		out[l.ID] = l.Key
	}
	return out
}
