package seen

import (
	"testing"

	"panah/core/ledger"
)

func FuzzParse(f *testing.F) {
	f.Add(Seen{Serial: 3, Roster: [32]byte{1}, Tree: ledger.Tree{Size: 7}}.String())
	f.Add(Seen{Serial: 1}.String())
	f.Add("1 2 3 4")
	f.Add("")
	f.Fuzz(func(t *testing.T, header string) {
		s, err := Parse(header)
		if err == nil && s.String() != header {
			t.Fatalf("%q reads as %q", header, s)
		}
	})
}

func TestParseKeepsWhatStringWrote(t *testing.T) {
	want := Seen{Serial: 12, Roster: [32]byte{1, 2}, Tree: ledger.Tree{Size: 99}}
	want.Tree.Root[31] = 7
	if got, err := Parse(want.String()); err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{"", want.String() + " ", "0" + want.String(), "-" + want.String(), want.String()[:60]} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}
