package casedb

import (
	"strings"
	"testing"
)

func TestFirstLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		" \n\t ":                    "",
		"  one\n\ntwo \u00a0three ": "one two three",
		"bad \xff\xfe bytes":        "bad bytes",
		"\ufffd stays":              "\ufffd stays",
		strings.Repeat("ب", 200):    strings.Repeat("ب", beginningLen),
		strings.Repeat("x ", 200):   strings.TrimSpace(strings.Repeat("x ", beginningLen/2)),
	} {
		if got := firstLine([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
