package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panah/core/wire"
)

func TestListOfWitnesses(t *testing.T) {
	want := []wire.Witness{{Key: "witness+00000000+AAAA", Cosigned: "gate\n1\nroot\n"}, {Key: "other+00000000+AAAA"}}
	b, err := json.Marshal(wire.Witnesses{Witnesses: want})
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.ParseWitnesses(b)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	many, err := json.Marshal(wire.Witnesses{Witnesses: make([]wire.Witness, wire.MaxWitnesses+1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "[]", `{"witnesses":[{"key":""}]}`, string(many), `{"witnesses":[{"key":"` + strings.Repeat("k", 600) + `"}]}`, `{"witnesses":[{"key":"k","cosigned":"` + strings.Repeat("c", 5000) + `"}]}`} {
		if _, err := wire.ParseWitnesses([]byte(bad)); err == nil {
			t.Errorf("read %.40q", bad)
		}
	}
}

func FuzzParseWitnesses(f *testing.F) {
	f.Add([]byte(`{"witnesses":[{"key":"k","cosigned":"c"}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := wire.ParseWitnesses(b)
		if err == nil && len(list) > wire.MaxWitnesses {
			t.Fatal("more witnesses than there may be")
		}
	})
}
