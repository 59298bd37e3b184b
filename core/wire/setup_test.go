package wire

import (
	"fmt"
	"strings"
	"testing"
)

func TestSetupCode(t *testing.T) {
	code := NewSetupCode()
	k, err := ParseSetupCode(code)
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{strings.ToUpper(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", "")} {
		if again, err := ParseSetupCode(typed); err != nil || again != k {
			t.Errorf("another spelling of the code gives another key: %v", err)
		}
	}
	if other, _ := ParseSetupCode(NewSetupCode()); other == k {
		t.Error("two codes give the same key")
	}
	for _, bad := range []string{"", "abcd", code + "0", strings.Replace(code, code[:1], "u", 1)} {
		if _, err := ParseSetupCode(bad); err == nil {
			t.Errorf("a malformed code of %d characters is taken", len(bad))
		}
	}
	if SameProof(k.RosterProof([]byte("x")), k.GateProof("x")) {
		t.Error("a request can be reflected as an answer")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); strings.Count(s, "[setup key]") != 4 {
		t.Errorf("a setup key prints: %q", s)
	}
}
