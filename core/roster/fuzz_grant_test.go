package roster

import "testing"

// What is behind the signature of a keeper's desk, which may have been taken over.
func FuzzParseGrant(f *testing.F) {
	f.Add([]byte(`{"v":1,"org":"","to":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","serial":1,"text":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","epoch":1,"began":0,` +
		`"epochs":{"1":"AGE-SECRET-KEY-PQ-1QQQQ"},"members":[],"custodians":{},"gate":{},"checkpoint":""}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		g, err := parseGrant(line)
		if err == nil && (g.Epochs[g.Epoch] == nil || len(g.Epochs) > 2) {
			t.Fatal("a grant without its key, or with too many")
		}
	})
}
