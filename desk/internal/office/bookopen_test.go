package office

import (
	"testing"
	"time"

	"panah/core/wire"
	"panah/desk/internal/keyring"
	"panah/rules"
)

// FuzzUnpackBook: what desks send each other as a rulebook is unpacked within bounds, and comes back the same.
func FuzzUnpackBook(f *testing.F) {
	keys, err := keyring.Found("Legal aid of Testville")
	if err != nil {
		f.Fatal(err)
	}
	signer, ok := keys.KeeperSigner()
	if !ok {
		f.Fatal("no keeper")
	}
	src := rules.RulebookFiles()
	signed, err := wire.SignRulebook(signer, keys.Org, time.Unix(1_790_000_000, 0), src.Papers, src.Rules, src.Sources)
	if err != nil {
		f.Fatal(err)
	}
	packed, err := packBook(signed)
	if err != nil {
		f.Fatal(err)
	}
	small, err := wire.SignRulebook(signer, keys.Org, time.Unix(1_790_000_000, 0), []byte("papers: []"), []byte("rules: []"), []byte("sources: {}"))
	if err != nil {
		f.Fatal(err)
	}
	tiny, err := packBook(small)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add(tiny)
	f.Add(packed[:len(packed)/2])
	f.Add("H4sIAAAAAAAA/w==")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := unpackBook(text)
		if err != nil {
			return
		}
		if len(b.Rules)+len(b.Papers)+len(b.Sources) > wire.MaxRulebook {
			t.Fatal("more than a rulebook may have")
		}
		again, err := packBook(b)
		if err != nil {
			return // packed better than we pack
		}
		if got, err := unpackBook(again); err != nil || got != b {
			t.Fatalf("another rulebook comes back: %v", err)
		}
	})
}
